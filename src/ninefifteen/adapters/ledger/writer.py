"""Bringing the ledger up to the journals: as often as wanted, from wherever it was, to the same rows."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, delete, insert, select

from ninefifteen.adapters.journal import JournalTail, journals, judge_tail
from ninefifteen.errors import BadInput

from .database import prepare
from .day_rows import DayRows, Key, key_columns
from .schema import OF_A_DAY, days, projection

_EDGE = 4096
"""Bytes at the beginning and before the end of what was read that say which file it was."""


class _Day:
    """One journal being followed: where its reading stands, what it has come to, how much is stored."""

    def __init__(self, path: Path, inode: int) -> None:
        self.tail = JournalTail(path)
        self.rows = DayRows(path.name, self.tail.header)
        self.inode = inode
        self.stored_bytes = 0

    def read(self) -> None:
        """Take in the steps that have appeared."""
        for step in self.tail.more():
            self.rows.apply(step)


class Ledger:
    """The projection of one folder of journals into one database. The folder is only read."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        """Make the tables where missing; raises BadInput for a ledger of another version."""
        prepare(engine)
        self._engine = engine
        self._folder = folder
        self._days: dict[str, _Day] = {}
        self._seen: dict[str, tuple[int, ...]] = {}
        self._names: set[str] | None = None

    def catch_up(self, *, thorough: bool = False) -> list[str]:
        """Take in every step the ledger does not have yet; returns a line for each unreadable journal.

        Journals whose file has not changed since the last look are skipped; `thorough` looks at all of
        them and judges what lies behind the last whole step. One transaction a journal. Raises
        sqlalchemy.exc.SQLAlchemyError; what was not stored is stored by the next call.
        """
        complaints = []
        paths = journals(self._folder)
        for path in paths:
            try:
                self._catch_up(path, thorough=thorough)
            except FileNotFoundError:
                continue  # moved aside just now: the next look finds it under its new name
            except BadInput as refusal:
                complaints.append(str(refusal))
        self._forget_all_but({path.name for path in paths})
        return complaints

    def rebuild(self) -> list[str]:
        """Empty the ledger and project every journal anew, to the same rows; otherwise as `catch_up`."""
        with self._engine.begin() as connection:
            for table in (projection, *OF_A_DAY):
                connection.execute(delete(table))
        self._days.clear()
        self._seen.clear()
        return self.catch_up(thorough=True)

    def _catch_up(self, path: Path, *, thorough: bool) -> None:
        stat = path.stat()
        stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if not thorough and self._seen.get(path.name) == stamp:
            return
        tail = self._take_in(path, stat.st_ino, stat.st_size)
        if thorough:
            judge_tail(path, tail.offset, tail.steps)
        self._seen[path.name] = stamp

    def _take_in(self, path: Path, inode: int, size: int) -> JournalTail:
        """Bring the ledger up to this journal; returns where its reading ended."""
        day = self._days.get(path.name)
        if day is None or day.inode != inode or day.tail.offset > size:
            whole = self._stored_whole(path)
            if whole is not None:
                return whole
            day = self._days[path.name] = _Day(path, inode)
        day.read()
        if day.stored_bytes != day.tail.offset:
            self._store(path, day)
        return day.tail

    def _stored_whole(self, path: Path) -> JournalTail | None:
        """The end of a journal of which the ledger has every step, found without reading it all."""
        with self._engine.connect() as connection:
            known = connection.execute(select(projection).filter_by(source_file=path.name)).first()
        if known is None or _identity(path, known.bytes) != known.identity:
            return None
        rest = JournalTail(path, known.bytes, known.steps)
        grown = next(rest.more(), None) is not None or rest.offset != known.bytes
        return None if grown else rest

    def _store(self, path: Path, day: _Day) -> None:
        name = path.name
        with self._engine.begin() as connection:
            if day.stored_bytes:
                _write_changed(connection, name, day.rows)
            else:
                _write_all(connection, name, day.rows)
            connection.execute(delete(projection).filter_by(source_file=name))
            state = {"steps": day.tail.steps, "bytes": day.tail.offset}
            identity = _identity(path, day.tail.offset)
            connection.execute(insert(projection).values(source_file=name, identity=identity, **state))
        day.stored_bytes = day.tail.offset
        day.rows.changed.clear()

    def _forget_all_but(self, names: set[str]) -> None:
        """Drop synthetic days whose file is gone: set aside under another name, or removed on purpose.

        The rows of a real day stay even without their file: they may be all that is left of it.
        """
        if names == self._names:
            return
        with self._engine.begin() as connection:
            synthetic = connection.execute(select(days.c.source_file).where(days.c.synthetic)).scalars()
            for gone in set(synthetic) - names:
                for table in (projection, *OF_A_DAY):
                    connection.execute(delete(table).filter_by(source_file=gone))
        for gone in set(self._days) - names:
            del self._days[gone]
        self._names = names


def _write_all(connection: Connection, name: str, rows: DayRows) -> None:
    for table in OF_A_DAY:
        connection.execute(delete(table).filter_by(source_file=name))
        found = rows.all_rows(table)
        if found:
            connection.execute(insert(table), found)


def _write_changed(connection: Connection, name: str, rows: DayRows) -> None:
    for table, key in sorted(rows.changed, key=_by_table):
        keys = dict(zip(key_columns(table), key, strict=True))
        connection.execute(delete(table).filter_by(source_file=name, **keys))
        row = rows.row(table, key)
        if row is not None:
            connection.execute(insert(table), [row])


def _by_table(change: tuple[Table, Key]) -> tuple[str, str]:
    return change[0].name, repr(change[1])


def _identity(path: Path, size: int) -> str:
    """Tells a journal from another of the same name: its header, its length and its last bytes read."""
    with path.open("rb") as file:
        first = file.read(min(size, _EDGE))
        file.seek(max(size - _EDGE, 0))
        last = file.read(min(size, _EDGE))
    return sha256(b"%d:%b:%b" % (size, first, last)).hexdigest()
