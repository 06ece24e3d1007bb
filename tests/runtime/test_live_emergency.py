"""A line that holds something outlives its disk: exits leave, entries do not, and every step is kept."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ninefifteen.domain.effects import Cancel, Effect, ReadOrders
from ninefifteen.domain.events import EndOfData, OrderRefused
from ninefifteen.runtime.live import NOT_WRITTEN
from tests.runtime.live_stage import OPEN, Aside, Disk, Gate, RealClock, Stage, fails, order

CANCEL = Cancel("t1", "id1")
READ = ReadOrders()


def pushed(stage: Stage, count: int) -> Stage:
    """So many events wait."""
    for _ in range(count):
        stage.pushed.push(EndOfData(OPEN))
    return stage


def sent(disk: Disk) -> list[str]:
    """What was asked of the broker."""
    return [line for line in disk.told if line[:5] != "write" and line != "durable"]


def full(disk: Disk) -> None:
    """From now on the disk takes nothing."""
    disk.broken = fails


def test_while_something_is_held_exits_go_on_leaving_without_a_disk() -> None:
    disk, aside = Disk(), Aside()
    full(disk)
    stage = pushed(Stage([CANCEL], [order("t2", "SELL")], (), disk=disk, aside=aside), 3)
    stage.engine.exposed = True
    assert stage.run() == "the record", "the day was lived to its end"
    assert sent(disk) == ["cancel t1", "SELL t2"]
    (alarm,) = stage.alarms
    assert alarm.startswith(
        "the journal cannot be written (No space left on device): nothing enters any more"
    )
    assert stage.line.disk.problem is not None
    assert aside.kept == [1, 2, 3]


def test_an_entry_that_cannot_be_written_is_not_sent_and_the_engine_hears_so() -> None:
    disk, aside = Disk(), Aside()
    full(disk)
    stage = pushed(Stage([order("t1"), CANCEL], (), disk=disk, aside=aside), 1)
    stage.engine.exposed = True
    stage.run()
    assert sent(disk) == ["cancel t1"]
    assert stage.taken[1] == OrderRefused(OPEN, "t1", NOT_WRITTEN)


def test_with_nothing_held_the_day_stops_at_once() -> None:
    disk = Disk()
    full(disk)
    stage = pushed(Stage([CANCEL], (), (), disk=disk, aside=Aside()), 3)
    with pytest.raises(OSError, match="No space left"):
        stage.run()
    assert len(stage.taken) == 1
    assert stage.alarms == []


def test_as_soon_as_nothing_is_held_any_more_it_stops() -> None:
    disk = Disk()
    full(disk)
    stage = Stage([CANCEL], [READ], (), disk=disk, aside=Aside(), ends=99)
    stage.engine.exposed = True
    stage.runner.watch(lambda event, effects: setattr(stage.engine, "exposed", len(stage.taken) < 2))
    with pytest.raises(OSError, match="No space left"):
        pushed(stage, 3).run()
    assert len(stage.taken) == 3


def test_a_disk_that_works_again_gets_everything_and_entries_leave_again() -> None:
    disk, aside = Disk(), Aside()
    full(disk)
    answers: list[list[Effect]] = [[CANCEL], [order("t2", "SELL")], [order("t3")]]
    stage = pushed(Stage(*answers, disk=disk, aside=aside), 3)
    stage.engine.exposed = True

    def mended(event: object, effects: object) -> None:
        if len(stage.taken) == 2:
            disk.broken = lambda: None

    stage.runner.watch(mended)
    stage.run()
    assert sent(disk) == ["cancel t1", "SELL t2", "BUY t3"]
    assert stage.alarms[1:] == ["the journal can be written again, and holds everything"]
    assert aside.kept[:2] == [1, 2]


def test_steps_that_neither_place_takes_wait_in_memory_for_the_next_try() -> None:
    disk, aside = Disk(), Aside()
    full(disk)
    aside.full = True
    stage = pushed(Stage([CANCEL], [READ], [READ], disk=disk, aside=aside), 3)
    stage.engine.exposed = True
    pool = stage.line.disk

    def room(event: object, effects: object) -> None:
        if len(stage.taken) == 2:
            assert pool._aside is not None
            pool._aside.submit(lambda: None).result(5)
            aside.full = False

    stage.runner.watch(room)
    stage.run()
    assert aside.kept == [1, 2, 3]


def test_a_sync_that_fails_while_something_is_held_is_told_and_the_exit_leaves() -> None:
    disk, aside = Disk(fails), Aside()
    stage = pushed(Stage([CANCEL], (), disk=disk, aside=aside), 2)
    stage.engine.exposed = True
    stage.run()
    assert sent(disk) == ["cancel t1"]
    assert aside.kept == [1, 2]


def test_an_exit_that_did_not_wait_for_a_slow_disk_is_kept_aside_and_told_once() -> None:
    gate, aside = Gate(), Aside()
    disk = Disk(gate, gate)
    stage = Stage([CANCEL], [order("t2", "SELL")], (), disk=disk, clock=RealClock(), aside=aside)

    async def live() -> None:
        for _ in range(2):
            stage.pushed.push(EndOfData(0))
        running = asyncio.create_task(stage.line.run())
        while "SELL t2" not in disk.told:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)
        assert "durable" not in disk.told
        gate.open.set()
        stage.pushed.push(EndOfData(0))
        await running

    asyncio.run(live())
    assert stage.line.disk.late_syncs == 2
    assert stage.alarms == ["the disk is slow: an exit left without waiting for it any longer"]
    assert aside.kept == [1, 2]
    assert stage.line.disk.problem is None


def test_the_disk_s_threads_end_with_the_line() -> None:
    disk = Disk()
    full(disk)
    stage = pushed(Stage([CANCEL], disk=disk, aside=Aside()), 1)
    stage.engine.exposed = True
    stage.run()
    assert not [one.name for one in threading.enumerate() if one.name.startswith(("journal", "emergency"))]
