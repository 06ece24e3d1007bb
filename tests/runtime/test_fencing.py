"""Behind a fence: whoever was overtaken sends and writes nothing, and may still look."""

from __future__ import annotations

import pytest

from ninefifteen.domain.effects import Cancel, Modify, Submit
from ninefifteen.domain.events import EndOfData
from ninefifteen.runtime.fencing import Fenced, FencedBroker, FencedJournal
from ninefifteen.runtime.live import LiveLine
from tests.runtime.live_stage import OPEN, Disk, Stage, World, order

MODIFY = Modify("t1", "id1", "LIMIT", 75, 4_500)


class Gate:
    """A fence that stands until it is taken."""

    def __init__(self) -> None:
        self.held = True

    def holds(self) -> bool:
        return self.held


def test_while_the_fence_holds_everything_passes() -> None:
    told: list[str] = []
    broker = FencedBroker(World(told), Gate())
    broker.submit(OPEN, order("t1").order)
    broker.modify(OPEN, MODIFY)
    broker.cancel(OPEN, Cancel("t1", "id1"))
    broker.read_orders(OPEN)
    broker.read_positions(OPEN)
    assert told == ["BUY t1", "modify t1", "cancel t1", "read", "read_positions"]


def test_once_overtaken_no_write_leaves_and_reads_do() -> None:
    told: list[str] = []
    gate = Gate()
    broker = FencedBroker(World(told), gate)
    gate.held = False
    with pytest.raises(Fenced, match="nothing leaves here any more"):
        broker.submit(OPEN, order("t1").order)
    with pytest.raises(Fenced):
        broker.modify(OPEN, MODIFY)
    with pytest.raises(Fenced):
        broker.cancel(OPEN, Cancel("t1", "id1"))
    broker.read_orders(OPEN)
    broker.read_positions(OPEN)
    assert told == ["read", "read_positions"]


def test_once_overtaken_nothing_is_written() -> None:
    disk, gate = Disk(), Gate()
    journal = FencedJournal(disk, gate)
    assert not journal.write(EndOfData(OPEN), ())
    gate.held = False
    for write in (journal.write, journal.record):
        with pytest.raises(Fenced):
            write(EndOfData(OPEN), ())
    assert disk.told == ["write EndOfData"]
    journal.make_durable()
    journal.close()
    assert disk.told == ["write EndOfData", "durable"]


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_line_that_was_overtaken_ends_and_sends_neither_entry_nor_exit(side: str) -> None:
    disk, gate = Disk(), Gate()
    submit = order("t1", side)  # type: ignore[arg-type]
    assert isinstance(submit, Submit)
    stage = Stage([submit], disk=disk)
    stage.runner.journal = FencedJournal(disk, gate)
    stage.line = LiveLine(stage.runner, stage.pushed, stage.clock, precise=(0, 0), idle=stage.idle)
    stage.pushed.push(EndOfData(OPEN))
    gate.held = False
    with pytest.raises(Fenced):
        stage.run()
    assert disk.told == []
