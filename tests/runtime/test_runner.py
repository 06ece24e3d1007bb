"""The runner: the market sees an event, the engine decides, the journal keeps, then the ports act."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import date

import pytest

from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Cancel, Effect, Modify, Submit
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.order import ApprovedOrder
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.recovery import JournalDiffers, relive
from ninefifteen.runtime.runner import Runner
from tests.engine.builders import LOT, Desk

Call = tuple[str, object]


class World:
    """A feed, a broker and a journal that write down what reaches them."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def ask_pre_open(self, at: Instant) -> None:
        self.calls.append(("ask_pre_open", at))

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:
        self.calls.append(("ask_chains", (symbols, expiry)))

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        self.calls.append(("subscribe", names))

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        self.calls.append(("unsubscribe", names))

    def subscribe_stocks(self, at: Instant) -> None:
        self.calls.append(("subscribe_stocks", at))

    def submit(self, at: Instant, order: ApprovedOrder) -> None:
        self.calls.append(("submit", order.request.tag))

    def modify(self, at: Instant, change: Modify) -> None:
        self.calls.append(("modify", change.tag))

    def cancel(self, at: Instant, change: Cancel) -> None:
        self.calls.append(("cancel", change.tag))

    def read_orders(self, at: Instant) -> None:
        self.calls.append(("read_orders", at))

    def read_positions(self, at: Instant) -> None:
        self.calls.append(("read_positions", at))

    def record(self, event: ev.Event, effects: Sequence[Effect]) -> None:
        self.calls.append(("record", type(event).__name__))

    def write(self, event: ev.Event, effects: Sequence[Effect]) -> bool:
        self.calls.append(("write", type(event).__name__))
        return False

    def make_durable(self) -> None:
        self.calls.append(("make_durable", None))

    def close(self) -> None:
        self.calls.append(("close", None))

    def observe(self, event: ev.Event) -> None:
        self.calls.append(("observe", type(event).__name__))

    def witness(self, event: ev.Event, effects: Sequence[Effect]) -> None:
        self.calls.append(("witness", type(event).__name__))

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.calls]


def line(world: World, desk: Desk, *, journal: bool = True) -> Runner:
    """A fresh engine of the same settings between these ports."""
    engine = Desk(desk.facts).engine
    return Runner(
        engine=engine,
        inbox=Inbox(()),
        feed=world,
        broker=world,
        journal=world if journal else None,
        observers=(world.observe,),
    )


def a_day() -> Desk:
    """A day with every kind of effect: entered, followed, cancelled, held, left, closed."""
    desk = Desk().entering().go("09:15:02").quote(4_970, 5_020).go("09:15:03").report("open")
    desk.go("09:15:30").report("complete", LOT).accept().report("trigger_pending")
    desk.wait(1).quote(5_500, 5_510).report("complete", LOT, average=5_500)
    desk.step(ev.DayClosed(desk.now))
    return desk


def test_every_effect_goes_to_the_port_it_is_meant_for():
    desk, world = a_day(), World()
    runner = line(world, desk)
    for event in desk.events:
        runner.take(event)
    expected = {"ask_pre_open", "ask_chains", "subscribe", "unsubscribe", "subscribe_stocks", "submit"}
    expected |= {"modify", "cancel", "read_orders", "read_positions", "observe", "record"}
    assert expected == set(world.kinds())
    assert runner.record is not None
    assert runner.record.status == "traded"
    assert runner.events == len(desk.events)


def test_an_order_is_journaled_before_it_is_sent_and_seen_by_the_market_before_that():
    desk, world = a_day(), World()
    runner = line(world, desk)
    runner.watch(world.witness)
    for event in desk.events:
        world.calls.clear()
        effects = runner.take(event)
        if any(isinstance(effect, Submit) for effect in effects):
            kinds = world.kinds()
            assert kinds[:2] == ["observe", "record"]
            assert kinds.index("record") < kinds.index("submit") < kinds.index("witness")


def test_a_journal_that_cannot_write_keeps_the_order_from_leaving():
    class Full(World):
        def record(self, event: ev.Event, effects: Sequence[Effect]) -> None:
            if any(isinstance(effect, Submit) for effect in effects):
                raise OSError("disk full")

    desk, world = a_day(), Full()
    runner = line(world, desk)
    with pytest.raises(OSError, match="disk full"):
        deque(map(runner.take, desk.events), maxlen=0)
    assert "submit" not in world.kinds()


def test_a_journal_that_cannot_write_never_keeps_a_sale_from_leaving():
    class Filling(World):
        def record(self, event: ev.Event, effects: Sequence[Effect]) -> None:
            if any(isinstance(e, Submit) and e.order.request.side == "SELL" for e in effects):
                raise OSError("disk full")

    desk, world = a_day(), Filling()
    runner = line(world, desk)
    with pytest.raises(OSError, match="disk full"):
        deque(map(runner.take, desk.events), maxlen=0)
    assert world.kinds().count("submit") == 2


def test_a_journal_that_cannot_write_keeps_an_entry_from_paying_more_but_no_change_of_a_sell():
    class Full(World):
        def record(self, event: ev.Event, effects: Sequence[Effect]) -> None:
            if any(isinstance(effect, Modify) for effect in effects):
                raise OSError("disk full")

    desk, world, refused = a_day(), Full(), 0
    runner = line(world, desk)
    changed = [effect.tag for effect in desk.told if isinstance(effect, Modify)]
    assert {tag[-1] for tag in changed} == {"e", "p"}
    for event in desk.events:
        try:
            runner.take(event)
        except OSError:
            refused += 1
    assert refused == len(changed)
    assert [call[1] for call in world.calls if call[0] == "modify"] == [t for t in changed if t[-1] == "p"]


def test_timers_the_engine_asks_for_come_back_through_the_inbox():
    desk, world = a_day(), World()
    runner = line(world, desk, journal=False)
    runner.inbox.put(desk.events[0])
    runner.take_next()
    assert runner.take_next() == ev.TimerFired(runner.inbox.now, "nine_fifteen:scan")
    assert "ask_pre_open" in world.kinds()


def test_a_relived_day_is_neither_journaled_nor_told_again():
    desk, world = Desk().watching(), World()
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    runner = line(world, desk)
    runner.watch(world.witness)
    for event in desk.events:
        if not isinstance(event, ev.TimerFired | ev.Halted):
            runner.inbox.schedule(event)
    fresh = Desk(desk.facts).engine
    lived = [(event, fresh.step(event)) for event in desk.events]
    assert relive(runner, lived) == 1
    assert {"record", "witness"}.isdisjoint(world.kinds())
    assert runner.engine.state.halted is not None


def test_the_number_of_the_next_restart_counts_those_in_the_journal():
    desk = Desk().open()
    desk.step(ev.Restarted(desk.now, 1))
    desk.step(ev.Restarted(desk.now, 2))
    fresh = Desk(desk.facts).engine
    lived = [(event, fresh.step(event)) for event in desk.events]
    runner = line(World(), desk)
    runner.inbox.put(desk.events[0])
    assert relive(runner, lived) == 3


@pytest.mark.parametrize("fault", ["another event", "nothing waits", "other effects"])
def test_a_journal_this_program_would_not_have_written_is_refused(fault: str):
    desk = Desk().open()
    runner = line(World(), desk)
    if fault != "nothing waits":
        runner.inbox.put(ev.EndOfData(desk.now) if fault == "another event" else desk.events[0])
    with pytest.raises(JournalDiffers, match="step 1"):
        relive(runner, [(desk.events[0], ())])
