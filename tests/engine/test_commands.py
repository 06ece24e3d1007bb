"""Halt, pause, resume, flatten, and the restart: in every phase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.order import OrderState
from ninefifteen.engine import Engine
from ninefifteen.engine.state import Phase
from ninefifteen.strategies.nine_fifteen import NineFifteen

from .builders import CALL, EXPIRY, LOT, NEXT, THIRD, Desk

TWO_LOTS: dict[str, Any] = {"strategy": {"lots": 2}, "risk": {"max_daily_loss": "6000"}}


def halt(desk: Desk) -> Desk:
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    return desk


def flatten(desk: Desk) -> Desk:
    desk.step(ev.Flattened(desk.now, "dashboard", "enough"))
    return desk


def restart(desk: Desk, epoch: int = 1) -> Desk:
    desk.step(ev.Restarted(desk.now, epoch))
    return desk


BEFORE_THE_ENTRY: list[Callable[[], Desk]] = [
    lambda: Desk().open(),
    lambda: Desk().open().go("09:14:00"),
    lambda: Desk().armed(),
    lambda: Desk().watching(),
]


@pytest.mark.parametrize("story", BEFORE_THE_ENTRY, ids=["idle", "scanning", "armed", "watching"])
@pytest.mark.parametrize(("command", "reason"), [(halt, "halted"), (flatten, "flattened")])
def test_before_the_entry_a_stop_means_no_trade_today(
    story: Callable[[], Desk], command: Callable[[Desk], Desk], reason: str
):
    desk = command(story())
    assert desk.reason() == reason
    desk.pre_open().chains().go(max(desk.now, desk.facts.open_at)).stocks().quote(4_950, 5_000)
    assert not desk.all(ef.Submit)
    assert desk.record.reason == reason


@pytest.mark.parametrize(
    ("command", "reason", "why"), [(halt, "halted", "halt"), (flatten, "flattened", "manual")]
)
class TestWhileTheEntryIsOut:
    """A stop while an order of ours may still fill."""

    def test_an_open_entry_is_cancelled(self, command: Callable[[Desk], Desk], reason: str, why: str):
        desk = command(Desk().entering())
        assert desk.new(ef.Cancel)
        desk.report("cancelled", limit=5_050)
        assert desk.reason() == reason

    def test_an_entry_on_its_way_is_cancelled_when_it_is_known(
        self, command: Callable[[Desk], Desk], reason: str, why: str
    ):
        desk = command(Desk().watching().quote(4_950, 5_000))
        assert not desk.all(ef.Cancel)
        assert desk.accept().new(ef.Cancel)

    def test_a_fill_on_its_way_is_sold_at_once(self, command: Callable[[Desk], Desk], reason: str, why: str):
        desk = command(Desk().entering()).report("complete", LOT)
        (submit,) = desk.new(ef.Submit)
        assert (submit.order.request.side, submit.order.request.type) == ("SELL", "LIMIT")
        desk.accept().report("complete", LOT, average=4_900)
        assert desk.run.trade is not None
        assert desk.run.trade.exit_reason == why

    def test_a_partly_filled_entry_is_cancelled_and_its_part_sold(
        self, command: Callable[[Desk], Desk], reason: str, why: str
    ):
        desk = Desk(**TWO_LOTS).entering().report("open", LOT).accept().report("trigger_pending")
        command(desk)
        assert desk.new(ef.Cancel)
        assert [(m.order_type, m.quantity) for m in desk.new(ef.Modify)] == [("LIMIT", LOT)]

    def test_a_position_is_left(self, command: Callable[[Desk], Desk], reason: str, why: str):
        desk = command(Desk().holding().wait(1).quote(4_950, 5_000))
        (change,) = desk.new(ef.Modify)
        assert (change.order_type, change.limit) == ("LIMIT", 4_900)
        desk.report("complete", LOT, average=4_950)
        assert desk.run.trade is not None
        assert desk.run.trade.exit_reason == why


def test_more_bought_after_the_halt_is_sold_with_the_rest():
    desk = halt(Desk(**TWO_LOTS).entering().report("open", LOT).accept().report("trigger_pending"))
    desk.report("open", 0, desk.exit)
    desk.report("cancelled", 2 * LOT, desk.entry)
    assert desk.all(ef.Modify)[-1].quantity == 2 * LOT
    assert desk.all(ef.Modify)[-1].limit == desk.exit.asked.limit


def test_more_bought_before_the_exit_is_out_waits_for_the_exits_id():
    desk = halt(Desk(**TWO_LOTS).entering()).report("open", LOT)
    desk.report("cancelled", 2 * LOT, desk.entry)
    assert not desk.all(ef.Modify)
    desk.accept(desk.exit).report("open", 0, desk.exit).wait(1.1)
    assert desk.all(ef.Modify)[-1].quantity == 2 * LOT


def test_a_halt_is_latched_and_said_once():
    desk = halt(halt(Desk().watching()))
    assert len(desk.alerts()) == 1
    desk.step(ev.Resumed(desk.now, "dashboard", "please"))
    assert desk.engine.state.halted is not None


def test_a_halt_during_an_exit_lets_the_exit_go_on():
    desk = halt(Desk().holding().wait(1).quote(5_400, 5_450))
    assert not desk.new(ef.Modify)
    assert desk.run.leaving is not None
    assert desk.run.leaving.reason == "target"


def test_a_halt_after_the_trade_changes_nothing():
    desk = halt(Desk().holding().report("complete", LOT, average=4_200))
    assert not desk.new(ef.Modify)
    assert desk.record.status == "traded"


def test_a_pause_guards_what_is_held():
    desk = Desk().holding()
    desk.step(ev.Paused(desk.now, "telegram", "lunch"))
    assert desk.wait(1).quote(5_400, 5_450).new(ef.Modify)


# ---- restarts


@pytest.mark.parametrize("story", BEFORE_THE_ENTRY, ids=["idle", "scanning", "armed", "watching"])
def test_a_day_restarted_before_its_entry_goes_on_to_one_entry(story: Callable[[], Desk]):
    desk = restart(story())
    assert {t.timer for t in desk.new(ef.StartTimer)} >= {"nine_fifteen:cutoff", "nine_fifteen:exit"}
    if desk.run.phase is Phase.IDLE:
        desk.go("09:14:00")
    if desk.run.phase is Phase.SCANNING:
        assert desk.new(ef.AskPreOpen)
        desk.pre_open().chains()
    desk.go("09:15:00").stocks().quote(4_950, 5_000)
    assert len(desk.all(ef.Submit)) == 1


def test_a_restart_while_the_chains_were_asked_for_asks_again():
    desk = restart(Desk().open().go("09:14:00").pre_open())
    assert desk.new(ef.AskChains) == [ef.AskChains(("AAA", "BBB", "CCC"), EXPIRY)]


def test_market_data_are_asked_for_again_where_they_are_still_needed():
    assert restart(Desk().watching()).new(ef.Subscribe) == [ef.Subscribe((CALL, NEXT, THIRD))]
    assert restart(Desk().holding()).new(ef.Subscribe) == [ef.Subscribe((CALL,))]
    assert not restart(Desk().watching().go("09:15:30")).new(ef.Subscribe)


def test_an_entry_in_flight_at_the_crash_is_looked_up_and_never_sent_again():
    desk = restart(Desk().watching().quote(4_950, 5_000))
    assert desk.new(ef.ReadOrders)
    assert desk.entry.state is OrderState.UNKNOWN
    desk.quote(4_950, 5_000).wait(2).quote(4_950, 5_000)
    assert len(desk.all(ef.Submit)) == 1
    desk.read(desk.word("complete", LOT))
    assert desk.run.phase is Phase.HOLDING


def test_an_accepted_entry_is_read_after_the_restart():
    desk = restart(Desk().entering())
    assert desk.new(ef.ReadOrders)
    desk.read(desk.word("complete", LOT, desk.entry))
    assert desk.exit.request.type == "SL"


def test_a_stop_in_flight_at_the_crash_is_not_sent_twice():
    desk = restart(Desk().entering().report("complete", LOT))
    desk.wait(1)
    assert len(desk.all(ef.Submit)) == 2
    desk.read(desk.word("trigger_pending", 0, desk.exit))
    assert desk.run.phase is Phase.HOLDING


def test_an_exit_in_flight_at_the_crash_is_read_and_asked_again_if_it_never_left():
    desk = restart(Desk().holding().wait(1).quote(5_400, 5_450))
    desk.read(desk.word("trigger_pending", limit=2_430, trigger=4_230))
    assert desk.all(ef.Modify)[-1].order_type == "LIMIT"
    assert len(desk.all(ef.Submit)) == 2


def test_a_restart_after_the_cutoff_does_not_enter():
    desk = Desk().watching()
    desk.now += 60 * 10**9
    restart(desk).go(desk.now).stocks().quote(4_950, 5_000)
    assert not desk.all(ef.Submit)
    assert desk.reason() == "not_filled"


def test_a_halt_survives_the_restart():
    desk = restart(halt(Desk().holding().wait(1).quote(4_950, 5_000)))
    assert desk.engine.state.halted is not None
    assert desk.run.leaving is not None


def test_tags_after_a_restart_name_its_epoch():
    desk = restart(Desk().watching(), epoch=3).quote(4_950, 5_000)
    assert desk.entry.tag.startswith("x03")


STORIES: list[Callable[[], Desk]] = [
    *BEFORE_THE_ENTRY,
    lambda: Desk().entering(),
    lambda: Desk().holding(),
    lambda: restart(Desk().holding()).wait(5).quote(5_400, 5_450).report("complete", LOT),
    lambda: halt(Desk().entering()).report("complete", LOT),
]


@pytest.mark.parametrize("story", STORIES)
def test_the_same_events_give_the_same_effects_byte_for_byte(story: Callable[[], Desk]):
    desk = story()
    again = Engine(desk.settings, [NineFifteen(desk.settings)])
    effects = [effect for event in desk.events for effect in again.step(event)]
    assert msgspec.json.encode(effects) == msgspec.json.encode(desk.told)
