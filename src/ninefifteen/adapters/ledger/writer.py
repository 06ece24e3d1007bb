"""Bringing the ledger up to the journals: as often as wanted, from wherever it was, to the same rows."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, delete, insert, or_, select
from sqlalchemy.exc import DataError

from ninefifteen.adapters.journal import JournalTail, journals, judge_tail
from ninefifteen.errors import BadInput

from .database import place_of, writing
from .day_rows import DayRows, Key, key_columns
from .identity import NOBODY, Owner, claim
from .migrate import prepare
from .schema import OF_A_DAY, days, projection

_EDGE = 4096
"""Bytes at the beginning and before the end of what was read that say which file it was."""


_State = tuple[int, int, str]
"""How far a journal is in the ledger: a row of `projection` without its key."""


_STATE = ("steps", "bytes", "identity")


class _Day:
    """One journal being followed: where its reading stands, what it has come to, how much is stored."""

    def __init__(self, path: Path, inode: int) -> None:
        self.tail = JournalTail(path)
        self.rows = DayRows(path.name, self.tail.header)
        self.rehearsal = self.tail.header.rehearsal
        self.inode = inode
        self.stored: _State | None = None

    def read(self) -> None:
        """Take in the steps that have appeared."""
        for step in self.tail.more():
            self.rows.apply(step)


class Ledger:
    """The projection of one folder of journals into one database. The folder is only read."""

    def __init__(self, engine: Engine, folder: Path, owner: Owner = NOBODY) -> None:
        """Bring the tables up to this program; raises BadInput for a newer or somebody else's ledger."""
        self._engine = engine
        self._folder = folder
        self._owner = owner
        self._days: dict[str, _Day] = {}
        self._seen: dict[str, tuple[int, ...]] = {}
        self._names: set[str] | None = None
        self.stored = 0
        """How often something was stored: whether there is progress."""
        self.reopen()

    def reopen(self) -> None:
        """Look anew at a database that was gone: it need not hold what it was told. Raises as `Ledger`."""
        prepare(self._engine)
        with writing(self._engine) as connection:
            claim(connection, self._owner)
        self._seen.clear()
        self._names = None
        for day in self._days.values():
            day.stored = None

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
        with writing(self._engine) as connection:
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
        if day.stored is None or day.stored[1] != day.tail.offset:
            self._store(path, day)
        return day.tail

    def _stored_whole(self, path: Path) -> JournalTail | None:
        """The end of a journal of which the ledger has every step, found without reading it all."""
        with self._engine.connect() as connection:
            known = _state(connection, path.name)
        if known is None:
            return None
        steps, size, identity = known
        if _identity(path, size) != identity:
            return None
        rest = JournalTail(path, size, steps)
        grown = next(rest.more(), None) is not None or rest.offset != size
        return None if grown else rest

    def _store(self, path: Path, day: _Day) -> None:
        """Rows and place in one transaction. Where the ledger is not as it was left, every row anew."""
        name = path.name
        new = (day.tail.steps, day.tail.offset, _identity(path, day.tail.offset))
        try:
            with writing(self._engine) as connection:
                claim(connection, self._owner._replace(rehearsal=day.rehearsal))
                if day.stored is not None and _state(connection, name) == day.stored:
                    _write_changed(connection, name, day.rows)
                else:
                    _write_all(connection, name, day.rows)
                connection.execute(delete(projection).filter_by(source_file=name))
                state = dict(zip(_STATE, new, strict=True))
                connection.execute(insert(projection).values(source_file=name, **state))
        except BadInput as refusal:
            raise BadInput(f"{path}: {refusal}") from None
        except (DataError, OverflowError):
            where = place_of(self._engine.url)
            raise BadInput(
                f"{path}: holds a number too large for the ledger {where}: this day is not in it as it ended"
            ) from None
        day.stored = new
        day.rows.changed.clear()
        self.stored += 1

    def _forget_all_but(self, names: set[str]) -> None:
        """Drop invented days whose file is gone: set aside under another name, or removed on purpose.

        The rows of a real day stay even without their file: they may be all that is left of it.
        """
        if names == self._names:
            return
        invented = select(days.c.source_file).where(or_(days.c.synthetic, days.c.rehearsal))
        with writing(self._engine) as connection:
            for gone in set(connection.execute(invented).scalars()) - names:
                for table in (projection, *OF_A_DAY):
                    connection.execute(delete(table).filter_by(source_file=gone))
        for gone in set(self._days) - names:
            del self._days[gone]
        self._names = names


def _state(connection: Connection, name: str) -> _State | None:
    columns = [projection.c[column] for column in _STATE]
    found = connection.execute(select(*columns).filter_by(source_file=name)).first()
    return None if found is None else (found[0], found[1], found[2])


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
