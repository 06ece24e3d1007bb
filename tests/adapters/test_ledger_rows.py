"""What gets into the rows: days at a broker, commands with their id, words and numbers no database likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ninefifteen.adapters.journal import FileJournal, journal_name
from ninefifteen.adapters.ledger import schema
from ninefifteen.adapters.ledger.writer import Ledger
from ninefifteen.domain.events import (
    DayOpened,
    Flattened,
    Halted,
    OrderRefused,
    OrderUpdate,
    PositionsRead,
    Reconnected,
    Restarted,
    Unlocked,
)
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import OrderState, Role
from tests.adapters.journal_days import DAY, OPEN, Steps, a_day, header, morning, order, report, write
from tests.adapters.ledgers import Databases, dump, rows
from tests.engine.builders import facts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def a_day_at_a_broker(every: int) -> Steps:
    """Begun, stopped, taken up again with a reading of what is held, halted and unlocked by command."""
    return (
        (DayOpened(OPEN - 90 * SECOND, facts(reconcile_every=every)), ()),
        *morning(),
        (Reconnected(OPEN + 8), ()),
        (Restarted(OPEN + 9, epoch=2), ()),
        (PositionsRead(OPEN + 10, ok=True, holdings=()), ()),
        (Halted(OPEN + 11, "cli", "looks odd", "c-1"), ()),
        (Unlocked(OPEN + 12, "dashboard", "checked", "c-2"), ()),
        (Flattened(OPEN + 13, "telegram", "enough"), ()),
    )


@pytest.mark.parametrize("at_broker", [True, False])
def test_a_rehearsal_at_a_broker_is_marked_as_both(
    database: Databases, folder: Path, at_broker: bool
) -> None:
    head = header(None, rehearsal=True)
    path = write(folder / journal_name(DAY, rehearsal=True), a_day_at_a_broker(at_broker * 10 * SECOND), head)
    assert Ledger(database(), folder).catch_up(thorough=True) == []
    (day,) = rows(database(), schema.days)
    assert (day["source_file"], day["at_broker"], day["rehearsal"], day["synthetic"]) == (
        path.name, at_broker, True, False,
    )  # fmt: skip
    for table in (schema.orders, schema.fills, schema.commands, schema.alarms):
        found = rows(database(), table)
        assert found
        assert all(row["rehearsal"] for row in found)


def test_every_command_is_told_with_the_id_it_was_sent_under(database: Databases, folder: Path) -> None:
    write(folder / journal_name(DAY, 7), a_day_at_a_broker(0))
    Ledger(database(), folder).catch_up()
    columns = ("command", "source", "reason", "command_id")
    told = [tuple(row[column] for column in columns) for row in rows(database(), schema.commands)]
    assert told == [
        ("halt", "cli", "looks odd", "c-1"),
        ("unlock", "dashboard", "checked", "c-2"),
        ("flatten", "telegram", "enough", ""),
    ]


def test_words_of_a_broker_that_no_database_takes_as_they_are_do_not_stop_the_ledger(
    database: Databases, folder: Path
) -> None:
    steps = ((OrderRefused(OPEN + 1, "NF1", "no\x00funds \U0001f4a5 नहीं"), ()),)
    write(folder / journal_name(DAY, 7), (*morning()[:2], *steps))
    assert Ledger(database(), folder).catch_up() == []
    assert rows(database(), schema.orders)[0]["message"] == "no\ufffdfunds \U0001f4a5 नहीं"


def test_a_number_that_no_database_takes_is_told_and_the_other_days_are_taken_in(
    database: Databases, folder: Path
) -> None:
    huge = OrderUpdate(OPEN + 2, report("NF1", "9", OrderState.COMPLETE, 10**30, 4560))
    asked = (OrderUpdate(OPEN, report("x", "1", OrderState.OPEN, 0, 0)), (order("NF1", Role.ENTRY, 4600),))
    path = write(folder / "2026-11-20.synthetic-1.journal", (asked, (huge, ())), header(1))
    write(folder / journal_name(DAY, 7), a_day())
    ledger = Ledger(database(), folder)
    for _ in range(2):
        (line,) = ledger.catch_up(thorough=True)
        assert line.startswith(f"{path}: holds a number too large for the ledger ")
        assert "secret" not in line
    assert [day["source_file"] for day in rows(database(), schema.days)] == [journal_name(DAY, 7)]


def test_two_writers_of_one_ledger_come_to_the_same_rows_without_a_hole(
    database: Databases, folder: Path
) -> None:
    """One that is behind writes over one that is ahead; the one ahead notices and writes every row anew."""
    name, steps = journal_name(DAY, 7), a_day()
    ahead, behind = Ledger(database(), folder), Ledger(database(), folder)
    with FileJournal.create(folder / name, header()) as journal:

        def go_on(begin: int, end: int) -> None:
            for event, effects in steps[begin:end]:
                journal.record(event, effects)
            journal.flush()

        go_on(0, 5)
        behind.catch_up()
        go_on(5, 9)
        ahead.catch_up()
        # Read before the other one stored, stored only now: everything of steps 5 to 9 is gone again.
        slow = behind._days[name]
        slow.stored = None
        behind._store(folder / name, slow)
        go_on(9, len(steps))
    ahead.catch_up()
    followed = dump(database())
    Ledger(database("anew"), folder).catch_up()
    assert followed == dump(database("anew"))
