"""The people of this dashboard: users in the store, and the one of a demo."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import msgspec

from ninefifteen.domain.instants import MINUTE, Instant
from ninefifteen.web.models.common import Role

from .second_factor import new_secret, step_of
from .sessions import Entry, Sessions, digest_of
from .store import Store

DEMO = "demo"
"""Name of the person a demo's link logs in; nobody else can have it."""
_PENDING: Instant = 10 * MINUTE


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is logged in, and through which session."""

    name: str
    role: Role
    demo: bool
    totp: bool
    digest: str
    place: str
    since: Instant

    @property
    def source(self) -> str:
        """How commands and the audit log call this person."""
        return f"dashboard:{self.name}"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A user as the store keeps it."""

    name: str
    role: Role
    password: str
    since: Instant
    totp: str | None


class People:
    """Users and who of them is logged in. Raises sqlite3.Error where the store cannot be written."""

    def __init__(self, store: Store, clock: Callable[[], Instant]) -> None:
        self._store, self._clock = store, clock
        self.sessions = Sessions(store, clock)
        self._pending: dict[str, tuple[str, Instant]] = {}

    @property
    def first_run(self) -> bool:
        """Whether there is no user yet."""
        return self._store.row("SELECT 1 FROM users LIMIT 1") is None

    def who(self, token: str | None) -> Who | None:
        """Whose session this cookie is; None without one that holds."""
        return None if not token else self.who_by(digest_of(token))

    def who_by(self, digest: str, *, touch: bool = True) -> Who | None:
        """The same by the hash of the token."""
        found = self.sessions.find_digest(digest, touch=touch)
        if found is None:
            return None
        entry, kept = found
        if not kept:
            return _who(entry, "operator", demo=True, totp=False)
        person = self.person(entry.name)
        if person is None:
            return None
        return _who(entry, person.role, demo=False, totp=person.totp is not None)

    def person(self, name: str) -> Person | None:
        """The user of that name."""
        row = self._store.row("SELECT name, role, password, since, totp FROM users WHERE name = ?", (name,))
        if row is None:
            return None
        return Person(name=row[0], role=cast("Role", row[1]), password=row[2], since=row[3], totp=row[4])

    def everybody(self) -> list[Person]:
        """All users by name."""
        names = [row[0] for row in self._store.rows("SELECT name FROM users ORDER BY name")]
        found = [self.person(name) for name in names]
        return [person for person in found if person is not None]

    def add_first(self, name: str, password: str) -> bool:
        """Make the first user, an admin; False when somebody was quicker. `password` is its hash."""
        statement = (
            "INSERT INTO users (name, role, password, since) SELECT ?, 'admin', ?, ?"
            " WHERE NOT EXISTS (SELECT 1 FROM users)"
        )
        return self._store.change(statement, (name, password, self._clock())) == 1

    def add(self, name: str, role: Role, password: str) -> bool:
        """Make a user; False when the name is taken."""
        statement = "INSERT OR IGNORE INTO users (name, role, password, since) VALUES (?, ?, ?, ?)"
        return name != DEMO and self._store.change(statement, (name, role, password, self._clock())) == 1

    def remove(self, name: str) -> bool:
        """Take a user away with every session; False for nobody, and for the last admin."""
        statement = (
            "DELETE FROM users WHERE name = ? AND (role <> 'admin'"
            " OR (SELECT COUNT(*) FROM users WHERE role = 'admin') > 1)"
        )
        return self._store.change(statement, (name,)) == 1

    def new_password(self, name: str, password: str) -> None:
        """Keep another hash."""
        self._store.change("UPDATE users SET password = ? WHERE name = ?", (password, name))

    # ----------------------------------------------------------------------------------- the second factor

    def begin_totp(self, name: str) -> str:
        """A new secret that counts once a code of it was given, within ten minutes."""
        secret = new_secret()
        self._pending[name] = (secret, self._clock())
        return secret

    def confirm_totp(self, name: str, code: str) -> bool:
        """Whether the code proves that the app has the new secret, which is kept then."""
        secret, at = self._pending.get(name, ("", 0))
        now = self._clock()
        step = step_of(secret, code, now) if secret and now - at < _PENDING else None
        if step is None:
            return False
        del self._pending[name]
        return (
            self._store.change(
                "UPDATE users SET totp = ?, totp_step = ? WHERE name = ?", (secret, step, name)
            )
            == 1
        )

    def proves(self, name: str, code: str) -> bool:
        """Whether this is a code of this person's second factor that was not used before; it is now."""
        person = self.person(name)
        if person is None or person.totp is None:
            return False
        step = step_of(person.totp, code, self._clock())
        if step is None:
            return False
        statement = "UPDATE users SET totp_step = ? WHERE name = ? AND totp_step < ?"
        return self._store.change(statement, (step, name, step)) == 1

    # -------------------------------------------------------------------------------------- known addresses

    def came_from(self, name: str, address: str) -> None:
        """Remember that this person has logged in from there."""
        self._store.change("INSERT OR REPLACE INTO known VALUES (?, ?, ?)", (name, address, self._clock()))

    def knows(self, name: str, address: str) -> bool:
        """Whether this person has logged in from there before."""
        found = self._store.row("SELECT 1 FROM known WHERE name = ? AND address = ?", (name, address))
        return found is not None


def _who(entry: Entry, role: Role, *, demo: bool, totp: bool) -> Who:
    return Who(
        name=entry.name,
        role=role,
        demo=demo,
        totp=totp,
        digest=entry.digest,
        place=entry.place,
        since=entry.since,
    )
