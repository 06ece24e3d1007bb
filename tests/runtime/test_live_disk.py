"""The live line and the disk: entries wait for it, exits not for long, and no failure is passed over."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ninefifteen.domain.effects import Cancel
from ninefifteen.domain.events import EndOfData, Paused
from tests.patience import PATIENCE_S
from tests.runtime.live_stage import OPEN, Disk, Gate, RealClock, Stage, fails, order

CANCEL = Cancel("t1", "id1")


def test_an_entry_leaves_only_when_the_disk_has_it_and_the_loop_lives_on_meanwhile() -> None:
    gate = Gate()
    disk = Disk(gate)
    stage = Stage([order("t1")], (), disk=disk)
    stage.pushed.push(EndOfData(OPEN))

    async def live() -> list[str]:
        running = asyncio.create_task(stage.line.run())
        await asyncio.sleep(0.35)  # longer than an exit would wait
        stage.pushed.push(Paused(OPEN, "user", "waits for its turn"))
        meanwhile = list(disk.told)
        assert stage.clock.inside == 1
        gate.open.set()
        await running
        return meanwhile

    assert asyncio.run(live()) == ["write EndOfData"]
    assert disk.told == ["write EndOfData", "durable", "BUY t1", "write Paused"]
    assert stage.clock.inside == 0
    assert stage.line.disk.late_syncs == 0
    assert all(name.startswith("journal") for name in disk.threads)


@pytest.mark.parametrize("where", ["write", "sync"])
def test_an_entry_never_leaves_when_the_disk_fails_and_what_else_was_asked_does(where: str) -> None:
    disk = Disk(*[fails] * (where == "sync"))
    if where == "write":
        disk.broken = fails
    stage = Stage([order("t1"), CANCEL, order("t2", "SELL")], disk=disk)
    stage.pushed.push(EndOfData(OPEN))
    with pytest.raises(OSError, match="No space left"):
        stage.run()
    assert [line for line in disk.told if line[:5] != "write"] == ["cancel t1", "SELL t2"]


def test_an_exit_leaves_after_a_quarter_of_a_second_whatever_the_disk_does() -> None:
    gate = Gate()
    disk = Disk(gate)
    stage = Stage([order("t1", "SELL")], (), disk=disk, clock=RealClock())

    async def live() -> float:
        stage.pushed.push(EndOfData(0))
        running = asyncio.create_task(stage.line.run())
        began = asyncio.get_running_loop().time()
        while "SELL t1" not in disk.told:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.002)
        took = asyncio.get_running_loop().time() - began
        assert "durable" not in disk.told
        gate.open.set()
        stage.pushed.push(EndOfData(0))
        await running
        return took

    assert 0.2 < asyncio.run(live()) < PATIENCE_S / 2  # the disk would take longer
    assert stage.line.disk.late_syncs == 1
    assert disk.told.count("durable") == 1, "the day ends when the disk has everything"


def test_with_a_quick_disk_an_exit_waits_for_it() -> None:
    disk = Disk()
    stage = Stage([order("t1", "SELL")], disk=disk)
    stage.pushed.push(EndOfData(OPEN))
    stage.run()
    assert disk.told == ["write EndOfData", "durable", "SELL t1"]
    assert stage.line.disk.late_syncs == 0


def test_two_durable_steps_in_a_row_are_each_waited_for() -> None:
    disk = Disk()
    stage = Stage([order("t1")], [CANCEL], [order("t2", "SELL")], disk=disk)
    for _ in range(3):
        stage.pushed.push(EndOfData(OPEN))
    stage.run()
    requests = ["BUY t1", "cancel t1", "SELL t2"]
    expected = [[f"write {EndOfData.__name__}", "durable", request] for request in requests]
    assert disk.told == [line for step in expected for line in step]


@pytest.mark.parametrize("known_before", [True, False])
def test_a_sync_that_failed_when_nobody_waited_any_more_keeps_the_next_entry_from_leaving(
    known_before: bool,
) -> None:
    """The system reports a failed sync once: the next one succeeds and has stored nothing of the first."""
    gate = Gate()

    def fails_late() -> None:
        gate()
        fails()

    disk = Disk(fails_late)
    stage = Stage([CANCEL], [order("t1")], disk=disk)
    stage.pushed.push(EndOfData(OPEN))

    async def live() -> None:
        running = asyncio.create_task(stage.line.run())
        while "cancel t1" not in disk.told:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)
        if known_before:
            gate.open.set()
            await asyncio.sleep(0.05)
        stage.pushed.push(EndOfData(OPEN))
        await asyncio.sleep(0.05)
        gate.open.set()
        await running

    with pytest.raises(OSError, match="No space left"):
        asyncio.run(live())
    assert "BUY t1" not in disk.told
    assert stage.line.disk.late_syncs == 1


def test_a_sync_that_fails_behind_the_last_step_is_not_passed_over() -> None:
    gate = Gate()

    def fails_late() -> None:
        gate()
        fails()

    stage = Stage([CANCEL], disk=Disk(fails_late))
    stage.pushed.push(EndOfData(OPEN))
    threading.Timer(0.4, gate.open.set).start()
    with pytest.raises(OSError, match="No space left"):
        stage.run()
    assert "cancel t1" in stage.told


def test_without_a_journal_orders_leave_at_once() -> None:
    stage = Stage([order("t1")])
    stage.pushed.push(EndOfData(OPEN))
    stage.run()
    assert stage.told == ["BUY t1"]
