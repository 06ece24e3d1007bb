"""Coming in: passwords, codes and one-time keys, each try counted and written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from ninefifteen.domain.instants import Instant
from ninefifteen.web.audit import Audit
from ninefifteen.web.errors import Refused

from .limits import Key, Limits
from .once import OnceKey, plain_code
from .passwords import Passwords
from .people import DEMO, People, Person, Who

_FREE = {"address": 20, "name": 10, "both": 5, "proof": 5, "setup": 10}
"""Failures that cost nothing: of an address, of a name from addresses it never used, of the two together,
of somebody who is logged in and asked for a code or password again, and of set-up codes from an address."""
_Proof = Literal["password", "code", "new code"]


class Door:
    """The ways in. Every method raises Refused with 401, 403, 409, 422 or 429."""

    def __init__(self, people: People, audit: Audit, clock: Callable[[], Instant]) -> None:
        self.people, self._audit = people, audit
        self.passwords = Passwords()
        self._limits = Limits(clock)
        self.setup: OnceKey | None = None
        self.link: OnceKey | None = None

    def close(self) -> None:
        """Let go of the thread of the passwords."""
        self.passwords.close()

    async def log_in(self, name: str, password: str, totp: str | None, place: Place) -> str:
        """Check name, password and, where one is set up, the second factor; returns a new session's token."""
        keys = self._keys(name, place.address)
        self._slowed(keys, name, place)
        person = self.people.person(name)
        fits = await self.passwords.fits(password, None if person is None else person.password)
        if person is None or not fits:
            self._wrong(keys, name, place, "name or password is wrong")
            raise Refused(401, "wrong", "name or password is wrong")
        if person.totp is not None:
            self._second(person, totp, keys, place)
        self._limits.forget(key for key, _ in keys)
        self.people.came_from(name, place.address)
        return self._begin(person.name, place)

    async def first(self, code: str, name: str, password: str, place: Place) -> str:
        """Make the first user with the set-up code; returns its session's token."""
        if not self.people.first_run:
            raise Refused(409, "not_first", "there are users already: log in")
        if name == DEMO:
            raise Refused(422, "name", f"{DEMO} is taken: choose another name")
        keys: list[tuple[Key, int]] = [(("setup", place.address), _FREE["setup"])]
        self._slowed(keys, name, place)
        if self.setup is None or not self.setup.fits(plain_code(code)):
            self._wrong(keys, name, place, "wrong set-up code")
            raise Refused(401, "setup_code", "this is not the set-up code that the terminal shows")
        kept = await self.passwords.hashed(password)
        if not self.people.add_first(name, kept):
            raise Refused(409, "not_first", "somebody was quicker: log in")
        self.setup.use_up()
        self.people.came_from(name, place.address)
        self._audit.tell("user", None, f"{name} is the first user, an admin", where=place.words)
        return self._begin(name, place)

    def enter(self, key: str, place: Place) -> str:
        """Log the person of a demo in by its link; returns a session's token that ends with this process."""
        if self.link is None or not place.loopback or not self.link.fits(key):
            self._audit.tell("login_refused", None, "a link that does not hold", where=place.words)
            raise Refused(403, "link", "this link was used or is another run's", "see the terminal")
        self.link.use_up()
        return self._begin(DEMO, place, kept=False)

    async def ask_again(self, who: Who, password: str) -> None:
        """Make sure of the password of somebody who is logged in."""
        keys = self._slow_proof("password", who)
        person = self.people.person(who.name)
        fits = await self.passwords.fits(password, None if person is None or who.demo else person.password)
        if not fits:
            self._limits.failed(key for key, _ in keys)
            self._audit.tell("refused", who, "the password is wrong")
            raise Refused(403, "wrong", "the password is wrong")
        self._limits.forget(key for key, _ in keys)

    def prove(self, who: Who, code: str | None) -> None:
        """Make sure of the second factor of somebody who is logged in, now: each code counts once."""
        if not who.totp:
            fix = "set up the second factor in the settings of your user" if not who.demo else None
            raise Refused(403, "second_factor", "this needs a second factor, and none is set up", fix)
        if not code:
            raise Refused(403, "second_factor", "this needs a code of your authenticator app")
        keys = self._slow_proof("code", who)
        if not self.people.proves(who.name, code):
            self._limits.failed(key for key, _ in keys)
            self._audit.tell("refused", who, "the code is wrong or was used")
            text = "this code is wrong or was used before: take the next one"
            raise Refused(403, "second_factor", text)
        self._limits.forget(key for key, _ in keys)

    def confirm(self, who: Who, code: str) -> None:
        """Make the second factor count whose set-up was begun, with a code of it."""
        keys = self._slow_proof("new code", who)
        if not self.people.confirm_totp(who.name, code):
            self._limits.failed(key for key, _ in keys)
            fix = "look at the clock of your phone, or begin again"
            raise Refused(403, "wrong", "this code does not fit", fix)
        self._limits.forget(key for key, _ in keys)
        self._audit.tell("user", who, "has set up a second factor; every other session has ended")

    def _second(self, person: Person, totp: str | None, keys: list[tuple[Key, int]], place: Place) -> None:
        if not totp:
            raise Refused(403, "second_factor", "this user needs a code of the authenticator app")
        if not self.people.proves(person.name, totp):
            self._wrong(keys, person.name, place, "the code is wrong or was used")
            raise Refused(403, "second_factor", "this code is wrong or was used before: take the next one")

    def _begin(self, name: str, place: Place, *, kept: bool = True) -> str:
        token = self.people.sessions.begin(name, place.words, kept=kept)
        self._audit.tell("login", None, f"{name} has logged in", name=name, where=place.words)
        return token

    def _keys(self, name: str, address: str) -> list[tuple[Key, int]]:
        """Where somebody has been before, only wrong tries for this name from there slow him."""
        both: tuple[Key, int] = (("both", name, address), _FREE["both"])
        if self.people.knows(name, address):
            return [both]
        return [both, (("address", address), _FREE["address"]), (("name", name), _FREE["name"])]

    def _slow_proof(self, kind: _Proof, who: Who) -> list[tuple[Key, int]]:
        """Each kind has a count of its own: who has the password may not guess codes by giving it again."""
        keys: list[tuple[Key, int]] = [(("proof", kind, who.name), _FREE["proof"])]
        self._refuse_early(keys)
        return keys

    def _slowed(self, keys: Iterable[tuple[Key, int]], name: str, place: Place) -> None:
        try:
            self._refuse_early(keys)
        except Refused:
            self._audit.tell("login_refused", None, "too early", name=name[:32], where=place.words)
            raise

    def _refuse_early(self, keys: Iterable[tuple[Key, int]]) -> None:
        wait = self._limits.wait_s(keys)
        if wait:
            early = Refused(429, "wait", f"too many wrong tries: wait {wait} s", None)
            early.headers["retry-after"] = str(wait)
            raise early

    def _wrong(self, keys: list[tuple[Key, int]], name: str, place: Place, why: str) -> None:
        self._limits.failed(key for key, _ in keys)
        self._audit.tell("login_refused", None, why, name=name[:32], where=place.words)


class Place:
    """Where a request comes from: `address`, and in words with the kind of browser."""

    def __init__(self, address: str, browser: str, *, loopback: bool) -> None:
        self.address, self.loopback = address, loopback
        self.words = f"{browser}, {address}"
