"""The day's session: kept in the home, checked before it is believed, watched while it is used.

Kite kills every token at 06:00 the next morning, and earlier when the user logs in to another Kite
app or logs out (documentation, "user"). A token made before 06:00 dies the same morning, so only one
made after 06:00 of today is of use today.
"""

from __future__ import annotations

import asyncio
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import msgspec

from ninefifteen.domain.instants import SECOND, Instant, clock_of, day_of, from_datetime, to_datetime
from ninefifteen.domain.secret import SecretText
from ninefifteen.ports.wall import WallClock

from .account import profile
from .client import KiteClient
from .errors import BrokerProblem, LoggedOut
from .secret import fits_a_header, one_line
from .session_file import TOKENS_DIE_AT, Stored, dies_at

PROBE_EVERY: Instant = 60 * SECOND
DOUBTED_EVERY: Instant = 2 * SECOND
"""Between two probes when somebody doubts the session; so many doubts cost no more than this."""

_AGAIN = "run `ninefifteen login`"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Session(msgspec.Struct, frozen=True):
    """A login of one user; `date` is the trading day it belongs to, `logged_in_at` an instant."""

    broker: str
    user_id: str
    date: date
    access_token: SecretText
    logged_in_at: Instant

    @property
    def valid_until(self) -> Instant:
        """06:00 (IST) of the morning at which the broker kills the token."""
        return dies_at(self.logged_in_at)


def session_of(user_id: str, access_token: str, now: Instant) -> Session:
    """The session of a login made at `now`; it belongs to the day on whose evening it still lives.

    Raises LoggedOut when the texts can be no user and token.
    """
    if not user_id or not fits_a_header(access_token):
        raise LoggedOut(f"Zerodha: the login brought no token that can be used: {_AGAIN}")
    early = clock_of(now) < TOKENS_DIE_AT
    day = day_of(now) - timedelta(days=1) if early else day_of(now)
    return Session("zerodha", user_id, day, SecretText(access_token), now)


def save_session(path: Path, session: Session) -> None:
    """Write the file, whole or not at all, readable by its owner only. Raises OSError."""
    stored = Stored(
        session.broker,
        session.user_id,
        session.date,
        session.access_token.reveal(),
        to_datetime(session.logged_in_at),
    )
    # mkstemp makes the file 0600 from the start: there is no moment at which others could read it.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(stored), indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load_session(path: Path, now: Instant, user_id: str | None = None) -> Session:
    """The session kept at `path`, if it is of today and of `user_id` (None: of whomever).

    A file that others can read is closed to them. Raises LoggedOut with one clear line when there is
    no file, it cannot be read, or it is of another day, user or broker.
    """
    try:
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            path.chmod(0o600)
        stored = msgspec.json.decode(path.read_bytes(), type=Stored)
        logged_in_at = from_datetime(stored.logged_in_at)
        session = session_of(stored.user_id, stored.access_token, logged_in_at)
    except FileNotFoundError:
        raise LoggedOut(f"Zerodha: nobody has logged in yet: {_AGAIN}") from None
    except OSError as error:
        raise LoggedOut(f"{path}: cannot be read ({error.strerror}): {_AGAIN}") from None
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):  # the calendar has ends, too
        raise LoggedOut(f"{path}: is damaged: {_AGAIN}") from None
    if stored.broker != "zerodha":
        raise LoggedOut(f"{path}: is of {one_line(stored.broker)}, not of zerodha: {_AGAIN}")
    check_user(session.user_id, user_id)
    today = day_of(now)
    if day_of(logged_in_at) != today or session.date != stored.date:
        raise LoggedOut(f"Zerodha: the last login is of {stored.date}, today is {today}: {_AGAIN}")
    if session.date != today:
        died = "was made before 06:00, and the broker kills it then"
        raise LoggedOut(f"Zerodha: today's login {died}: {_AGAIN} after 06:00")
    return session


async def session_from_token(client: KiteClient, access_token: SecretText, user_id: str | None) -> Session:
    """The session of a token that the user wrote down (`BROKER_ACCESS_TOKEN`), believed only if it works.

    It works when today's profile call succeeds, for `user_id` where one is given. The client uses it
    from then on. Raises LoggedOut, Refused, Down, or BadInput for a text that can be no token.
    """
    client.use(access_token)
    found = await profile(client)
    check_user(found.user_id, user_id)
    return session_of(found.user_id, access_token.reveal(), client.clock.now())


async def session_of_today(
    client: KiteClient, path: Path, user_id: str | None, written_down: SecretText | None
) -> Session:
    """Today's session: the one kept at `path`, else that of the token written down in `.env`.

    The client uses it from then on; the broker has been asked who it is, so it was alive just now.
    Raises LoggedOut when neither can be used, else as `session_from_token`.
    """
    try:
        session = load_session(path, client.clock.now(), user_id)
    except LoggedOut:
        if written_down is None:
            raise
        return await session_from_token(client, written_down, user_id)
    client.use(session.access_token)
    check_user((await profile(client)).user_id, session.user_id)
    return session


async def watch_session(
    client: KiteClient, user_id: str, report: Callable[[Instant, BrokerProblem | None], None]
) -> None:
    """Ask once a minute of the client's clock whether the session lives, and report every answer.

    A login on another Kite app kills the token without a word; this is how we notice. Where somebody
    has set `client.doubted`, it is asked at once, but not more often than `DOUBTED_EVERY`, until
    there is an answer. `report` gets the instant of the answer and the problem, None for none. Returns
    after a LoggedOut, which is final; runs until cancelled otherwise.
    """
    clock, doubt = client.clock, client.doubted
    asked = clock.now()
    while True:
        await _until_asked(clock, asked, doubt)
        asked, doubted = clock.now(), doubt.is_set()
        doubt.clear()
        problem: BrokerProblem | None = None
        try:
            check_user((await profile(client)).user_id, user_id)
        except BrokerProblem as found:
            problem = found
        report(clock.now(), problem)
        if isinstance(problem, LoggedOut):
            return
        if doubted and problem is not None:
            doubt.set()  # the broker has not said that the session lives


async def _until_asked(clock: WallClock, asked: Instant, doubt: asyncio.Event) -> None:
    """Return when the session is to be asked for again that was asked for at `asked`."""

    async def routine() -> None:
        await clock.sleep_until(asked + PROBE_EVERY)

    async def doubted() -> None:
        await doubt.wait()

    if not doubt.is_set():
        waits = [asyncio.create_task(routine()), asyncio.create_task(doubted())]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in done:
                wait.result()
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
    await clock.sleep_until(asked + DOUBTED_EVERY)


def check_user(found: str, wanted: str | None) -> None:
    """Raises LoggedOut when somebody else than `wanted` (None: whoever) is logged in."""
    if wanted is not None and found != wanted:
        raise LoggedOut(
            f"Zerodha: {one_line(found)} is logged in, but BROKER_USER_ID is {one_line(wanted)}: "
            f"{_AGAIN} as that user, or change .env"
        )


def forget_session(path: Path) -> None:
    """Delete the kept session, so that a token known to be dead is not tried again."""
    with suppress(FileNotFoundError):
        path.unlink()
