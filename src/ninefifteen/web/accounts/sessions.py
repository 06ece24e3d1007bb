"""Sessions: a random token in the browser's cookie, and here only its hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import suppress

import msgspec

from ninefifteen.domain.instants import MINUTE, Instant

from .store import Row, Store

IDLE: Instant = 12 * 60 * MINUTE
"""A session nobody used for so long has ended."""
LONGEST: Instant = 7 * 24 * 60 * MINUTE
"""And so has one that began so long ago."""
_TOUCH: Instant = MINUTE
_BYTES = 32
_ALL = "SELECT digest, name, place, since, used FROM sessions"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One session. `digest` stands for its token; `place`: kind of browser and address."""

    digest: str
    name: str
    place: str
    since: Instant
    used: Instant


class Sessions:
    """Sessions of users, in the store; those of a demo, in memory only."""

    def __init__(self, store: Store, clock: Callable[[], Instant]) -> None:
        self._store, self._clock = store, clock
        self._passing: dict[str, Entry] = {}

    def begin(self, name: str, place: str, *, kept: bool = True) -> str:
        """A new session; returns its token. One that is not `kept` ends with this process."""
        token, now = secrets.token_urlsafe(_BYTES), self._clock()
        entry = Entry(digest=digest_of(token), name=name, place=place, since=now, used=now)
        if kept:
            self._sweep(now)
            self._store.change(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", (entry.digest, name, place, now, now)
            )
        else:
            self._passing[entry.digest] = entry
        return token

    def find_digest(self, digest: str, *, touch: bool = True) -> tuple[Entry, bool] | None:
        """The session whose token has this hash, and whether it is kept; None when there is none.

        To `touch` is to use it: it lives on.
        """
        now = self._clock()
        entry, kept = self._passing.get(digest), False
        if entry is None:
            row = self._store.row(
                "SELECT digest, name, place, since, used FROM sessions WHERE digest = ?", (digest,)
            )
            if row is None:
                return None
            kept = True
            entry = Entry(digest=row[0], name=row[1], place=row[2], since=row[3], used=row[4])
        if not _lives(entry, now):
            self.end(digest)
            return None
        if touch and now - entry.used >= _TOUCH:
            self._touch(entry, now, kept=kept)
        return entry, kept

    def of(self, name: str) -> list[Entry]:
        """The living sessions of one person, the newest first."""
        rows = self._store.rows(
            "SELECT digest, name, place, since, used FROM sessions WHERE name = ?", (name,)
        )
        kept = [Entry(digest=row[0], name=row[1], place=row[2], since=row[3], used=row[4]) for row in rows]
        now = self._clock()
        both = [*kept, *(entry for entry in self._passing.values() if entry.name == name)]
        return sorted((one for one in both if _lives(one, now)), key=lambda one: -one.since)

    def end(self, digest: str) -> None:
        """This session is over."""
        self._passing.pop(digest, None)
        self._store.change("DELETE FROM sessions WHERE digest = ?", (digest,))

    def end_all(self, name: str, *, but: str = "") -> None:
        """Every session of this person is over, except the one of this digest."""
        for digest, entry in list(self._passing.items()):
            if entry.name == name and digest != but:
                del self._passing[digest]
        self._store.change("DELETE FROM sessions WHERE name = ? AND digest <> ?", (name, but))

    def _sweep(self, now: Instant) -> None:
        """Forget sessions that have ended."""
        self._store.change("DELETE FROM sessions WHERE used < ? OR since < ?", (now - IDLE, now - LONGEST))

    def _touch(self, entry: Entry, now: Instant, *, kept: bool) -> None:
        if not kept:
            self._passing[entry.digest] = msgspec.structs.replace(entry, used=now)
            return
        with suppress(sqlite3.Error):  # a full disk ends a session early, never a request
            self._store.change("UPDATE sessions SET used = ? WHERE digest = ?", (now, entry.digest))


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def csrf_of(token: str) -> str:
    """What every POST of this session has to carry; nobody finds it without the token."""
    return hmac.new(token.encode("utf-8", "replace"), b"ninefifteen csrf", hashlib.sha256).hexdigest()


def _entry(row: Row) -> Entry:
    return Entry(digest=row[0], name=row[1], place=row[2], since=row[3], used=row[4])


def _lives(entry: Entry, now: Instant) -> bool:
    return now - entry.used < IDLE and now - entry.since < LONGEST
