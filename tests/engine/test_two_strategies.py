"""Two strategies on one day: they share the trades, the cash and the loss limit, and nothing else."""

from __future__ import annotations

from typing import Any

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.candidate import Candidate
from ninefifteen.engine.exposure import loss_left
from ninefifteen.engine.state import Phase, Run
from ninefifteen.strategies.nine_fifteen import NineFifteen

from .builders import CALL, LOT, Desk, chain, facts, settings

BOTH: dict[str, Any] = {"opening_range": {"enabled": True}, "risk": {"max_daily_loss": "9000"}}


def both(**changes: dict[str, Any]) -> Desk:
    merged: dict[str, Any] = {name: BOTH.get(name, {}) | changes.get(name, {}) for name in {*BOTH, *changes}}
    return Desk(**merged)


def second(desk: Desk) -> Run:
    return desk.engine.state.by_strategy["opening_range"]


def ranged(desk: Desk, high: int = 103_200) -> Desk:
    """The first quarter of an hour of the stocks, with this high."""
    desk.go("09:15:00").stocks().go("09:20:00").stocks(AAA=high)
    return desk.go("09:29:59").stocks().go("09:30:00").stocks()


def breaks_out(desk: Desk, bid: int = 4_950, ask: int = 5_000) -> Desk:
    return desk.wait(1).stocks(AAA=103_300).quote(bid, ask)


def test_the_second_strategy_buys_when_the_stock_leaves_its_range():
    desk = ranged(both().armed())
    desk.quote(4_950, 5_000)
    assert second(desk).wait_reason == "inside_range"
    breaks_out(desk)
    assert [s.order.request.strategy for s in desk.new(ef.Submit)] == ["opening_range"]


def test_both_hold_the_same_contract_each_with_its_own_stop_and_target():
    desk = both().watching().quote(4_950, 5_000).accept().report("complete", LOT, average=5_000)
    desk.accept().report("trigger_pending")
    breaks_out(ranged(desk))
    desk.accept().report("complete", LOT, average=5_000)
    (submit,) = desk.new(ef.Submit)
    assert submit.order.request.instrument.name == CALL
    assert not desk.alerts()
    desk.accept().report("trigger_pending")
    desk.wait(1).quote(5_500, 5_550)
    assert len(desk.new(ef.Modify)) == 2
    one, two = (run.exit_tag for run in desk.engine.state.runs)
    orders = desk.engine.state.orders.by_tag
    desk.report("complete", LOT, orders[one], average=5_500)
    assert second(desk).trade is None
    desk.report("complete", LOT, orders[two], average=5_500)
    record = desk.record
    assert [trade.strategy for trade in record.trades] == ["nine_fifteen", "opening_range"]
    assert record.flat


def test_they_share_the_number_of_trades():
    desk = both(risk={"max_trades": 1}).watching().quote(4_950, 5_000).accept().report("complete", LOT)
    desk.accept().report("trigger_pending")
    breaks_out(ranged(desk))
    assert second(desk).done_reason == "max_trades"


def test_the_second_may_only_risk_what_the_first_leaves():
    """7,000 a day, and the first may lose 3,800 at its stop: the second one's stop is tightened for it."""
    desk = (
        both(risk={"max_daily_loss": "7000"})
        .watching()
        .quote(4_950, 5_000)
        .accept()
        .report("complete", LOT, average=5_000)
    )
    desk.accept().report("trigger_pending")
    first = desk.position.plan
    assert first is not None
    breaks_out(ranged(desk))
    plan = second(desk).plan
    assert plan is not None
    assert plan.tightened
    assert second(desk).phase is Phase.ENTERING
    assert first.loss_at_stop + plan.loss_at_stop <= 700_000


def test_the_second_waits_when_too_little_is_left_for_it():
    desk = both(risk={"max_daily_loss": "5000"}).watching().quote(4_950, 5_000).accept()
    desk.report("complete", LOT, average=5_000).accept().report("trigger_pending")
    breaks_out(ranged(desk))
    assert second(desk).wait_reason == "risk_too_large"


def test_an_entry_still_open_counts_with_its_planned_loss():
    desk = both(risk={"max_daily_loss": "5000"}).watching().quote(4_950, 5_000).accept().report("open")
    breaks_out(ranged(desk))
    assert second(desk).wait_reason == "risk_too_large"


def test_an_open_loss_beyond_the_plan_counts_as_it_is():
    desk = both(risk={"max_daily_loss": "12000"}).watching().quote(4_950, 5_000).accept()
    desk.report("complete", LOT, average=5_000).accept().report("trigger_pending")
    ranged(desk).quote(4_950, 5_000)
    planned = loss_left(desk.engine.state, second(desk))
    desk.wait(0.1).quote(1_000, 1_010)
    assert loss_left(desk.engine.state, second(desk)) < planned - 500_000


def test_they_share_the_cash():
    desk = both()
    desk.facts = facts(free_cash=2_000_000)
    desk.watching().quote(4_950, 5_000).accept().report("complete", LOT, average=5_000)
    desk.accept().report("trigger_pending")
    breaks_out(ranged(desk))
    assert second(desk).wait_reason == "free_cash"
    assert len(desk.all(ef.Submit)) == 2, "the entry and its stop"


def test_the_loss_limit_is_reached_by_both_together():
    desk = both(opening_range={"stop_pct": 30}, risk={"max_daily_loss": "9000"}).watching()
    desk.quote(4_950, 5_000).accept().report("complete", LOT, average=5_000).accept().report(
        "trigger_pending"
    )
    breaks_out(ranged(desk))
    desk.accept().report("complete", LOT, average=5_000).accept().report("trigger_pending")
    desk.engine.state.net_today -= 450_000
    desk.wait(1).quote(4_100, 4_120)
    assert all(run.leaving is None for run in desk.engine.state.runs)
    desk.wait(1).quote(4_100, 4_120)
    assert [run.leaving.reason for run in desk.engine.state.runs if run.leaving] == ["risk", "risk"]


def test_a_position_without_a_two_sided_book_yet_counts_with_its_plan_only():
    desk = both().watching().quote(4_950, 5_000).accept().report("complete", LOT, average=5_000)
    assert not desk.engine.state.marks.keys() - {CALL}
    desk.accept().report("trigger_pending").wait(1).quote(0, 4_000)
    assert desk.run.leaving is None


def test_a_late_start_knows_no_range():
    desk = both()
    desk.now = desk.facts.open_at + 20 * 60 * 10**9
    desk.open().go(desk.now)
    assert desk.reason() == "late_start"
    desk.pre_open().chains()
    assert second(desk).phase is Phase.WATCHING
    breaks_out(desk)
    assert second(desk).wait_reason == "no_range"


def test_a_range_seen_only_in_part_is_none():
    desk = both()
    desk.now = desk.facts.open_at + 10 * 60 * 10**9
    desk.open().go(desk.now).pre_open().chains().stocks().go("09:30:00").stocks()
    breaks_out(desk)
    assert second(desk).wait_reason == "range_incomplete"


def test_a_breakout_that_is_not_filled_in_half_a_minute_is_cancelled():
    desk = breaks_out(ranged(both().armed())).accept().report("open")
    desk.wait(29)
    assert not desk.all(ef.Cancel)
    desk.wait(1)
    assert desk.all(ef.Cancel)


def test_near_its_last_entry_the_window_ends_first():
    desk = ranged(both(opening_range={"last_entry": "09:30:10"}).armed())
    breaks_out(desk).accept().report("open").go("09:30:10")
    assert desk.all(ef.Cancel)


def test_stocks_without_a_price_make_no_bar():
    desk = both().watching().stocks(AAA=0)
    state = desk.engine.state
    assert state.stock_prices[0] == 103_000
    assert [b.close for b in state.stock_bars["AAA"]] == [103_000]


def test_the_pre_open_asked_twice_is_ranked_once_each():
    desk = both().open().go("09:14:00")
    assert len(desk.all(ef.AskPreOpen)) == 2
    desk.pre_open().pre_open()
    assert len(desk.all(ef.AskChains)) == 2


class Other(NineFifteen):
    """A strategy that wants one chain only."""

    name = "other"

    def wanted(self, ranked: tuple[Candidate, ...]) -> tuple[str, ...]:
        return ("BBB",)


def test_each_strategy_waits_for_its_own_chains():
    chosen = settings()
    desk = Desk(strategies=[NineFifteen(chosen), Other(chosen)]).open().go("09:14:00").pre_open()
    desk.step(ev.Chains(desk.now, (chain("BBB"),)))
    assert [run.phase for run in desk.engine.state.runs] == [Phase.SCANNING, Phase.ARMED]
    desk.chains()
    assert [run.phase for run in desk.engine.state.runs] == [Phase.ARMED, Phase.ARMED]
