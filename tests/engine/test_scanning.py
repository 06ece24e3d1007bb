"""The scan: what decides, what must not, and what a day without a selection says."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.market import PreOpenRow
from ninefifteen.engine.state import Phase
from ninefifteen.engine.strategy import ScanView
from ninefifteen.strategies.nine_fifteen import NineFifteen

from .builders import CALL, EXPIRY, NEXT, THIRD, Desk, chain, clock, facts, pre_open, settings


def codes(desk: Desk) -> list[str]:
    return [candidate.code for candidate in desk.run.selection.candidates]


def test_the_scan_asks_ranks_asks_for_chains_and_subscribes_to_what_may_be_bought():
    desk = Desk().open().go("09:14:00")
    assert desk.new(ef.AskPreOpen)
    desk.pre_open()
    assert desk.new(ef.AskChains) == [ef.AskChains(("AAA", "BBB", "CCC"), EXPIRY)]
    desk.chains()
    assert desk.new(ef.Subscribe) == [ef.Subscribe((CALL, NEXT, THIRD))]
    assert desk.new(ef.SubscribeStocks)
    assert desk.run.phase is Phase.ARMED


def test_the_plan_is_announced_with_its_three_losses():
    desk = Desk().armed()
    text = next(n.text for n in desk.new(ef.Note) if n.kind == "plan")
    assert "(tightened)" in text
    assert "planned loss Rs" in text
    assert "whole premium Rs" in text
    assert desk.run.plan is not None
    assert desk.run.plan.loss_at_stop < desk.run.plan.loss_at_stop_limit < desk.run.plan.loss_of_premium


@pytest.mark.parametrize(
    "wrong",
    [
        {"final": False},
        {"exchange_at": clock("09:11:59")},
        {"exchange_at": clock("09:14:00") - 86_400 * SECOND},
    ],
    ids=["indicative", "before matching", "yesterday's"],
)
def test_pre_open_prices_that_are_not_final_and_of_today_are_asked_for_again(wrong: dict[str, Any]):
    desk = Desk().open().go("09:14:00")
    desk.pre_open(**wrong)
    assert not desk.all(ef.AskChains)
    desk.go("09:14:05")
    assert len(desk.all(ef.AskPreOpen)) == 2
    desk.pre_open().chains()
    assert desk.run.phase is Phase.ARMED


def test_a_second_answer_changes_nothing():
    desk = Desk().open().go("09:14:00").pre_open().pre_open()
    assert len(desk.all(ef.AskChains)) == 1
    desk.chains().chains()
    assert len(desk.all(ef.Subscribe)) == 1


def test_without_any_pre_open_price_there_is_no_candidate():
    desk = Desk().open().go("09:14:00").pre_open(())
    assert desk.reason() == "no_candidate"


def test_when_nothing_passes_the_day_has_its_table_and_no_trade():
    desk = Desk().armed(*(chain(symbol, put_oi=0) for symbol in ("AAA", "BBB", "CCC")))
    assert desk.reason() == "no_candidate"
    assert codes(desk) == ["pcr_out_of_range"] * 3
    record = desk.record
    assert (record.status, record.reason, record.pick) == ("no_trade", "no_candidate", None)
    assert record.shadow == "AAA"


def test_chains_that_nobody_asked_for_are_not_taken_for_the_answer():
    desk = Desk().open().go("09:14:00").pre_open()
    desk.step(ev.Chains(desk.now, (chain("AAA"),)))
    assert desk.run.phase is Phase.SCANNING
    assert desk.chains().run.phase is Phase.ARMED


def test_a_selection_that_is_ready_late_opens_its_window_at_once():
    desk = Desk().open().go("09:14:00").pre_open().go("09:15:12").chains()
    assert desk.run.phase is Phase.WATCHING
    assert desk.stocks().quote(4_950, 5_000).new(ef.Submit)


def test_a_selection_that_is_not_ready_by_the_cutoff_says_what_it_waited_for():
    desk = Desk().open().go("09:14:00").go("09:15:30")
    assert desk.reason() == "not_ready"
    desk.pre_open().chains()
    assert not desk.all(ef.AskChains)


def test_chains_that_do_not_come_by_the_cutoff_are_named():
    desk = Desk().open().go("09:14:00").pre_open().go("09:15:30")
    assert desk.reason() == "not_ready"
    assert "chains and open interest" in desk.all(ef.Note)[-1].text


def test_a_start_after_the_cutoff_never_enters():
    desk = Desk()
    desk.now = clock("09:15:31")
    desk.open().go("09:20:00").stocks().quote(4_950, 5_000)
    assert desk.reason() == "late_start"
    assert not desk.all(ef.Submit)
    assert desk.engine.finished


def test_a_start_inside_the_window_scans_at_once_and_may_still_enter():
    desk = Desk()
    desk.now = clock("09:15:05")
    desk.open().go("09:15:06").pre_open().chains().stocks().quote(4_950, 5_000)
    assert desk.run.phase is Phase.ENTERING


def test_a_special_session_is_not_traded_and_ends_at_once():
    desk = Desk().open(special=True)
    assert desk.engine.finished
    record = desk.record
    assert (record.status, record.reason, record.flat) == ("no_trade", "special_session", True)


def test_fatal_missing_data_end_the_day_with_their_reason():
    desk = Desk().open().go("09:14:00")
    desk.step(ev.NoData(desk.now, "no_pre_open"))
    record = desk.record
    assert (record.status, record.reason) == ("no_data", "no_pre_open")
    desk.pre_open().chains().go("09:15:00").stocks().quote(4_950, 5_000)
    assert not desk.all(ef.Submit)


def test_missing_prices_leave_the_selection_and_stand_in_place_of_a_trade():
    desk = Desk().open().go("09:14:00").pre_open()
    desk.step(ev.NoData(desk.now, "no_opening_snapshot", fatal=False))
    desk.chains().go("09:15:00").stocks().quote(4_950, 5_000)
    assert not desk.all(ef.Submit)
    record = desk.record
    assert (record.status, record.reason, record.pick) == ("no_data", "no_opening_snapshot", 0)


def test_missing_data_after_the_selection_end_the_strategy():
    desk = Desk().watching()
    desk.step(ev.NoData(desk.now, "no_quotes", fatal=False))
    assert desk.engine.finished
    assert desk.record.reason == "no_quotes"


def test_missing_data_do_not_let_go_of_a_position():
    desk = Desk().holding()
    desk.step(ev.NoData(desk.now, "no_quotes", fatal=False))
    assert desk.run.phase is Phase.HOLDING
    assert not desk.engine.finished


def test_a_candidate_above_the_position_limit_is_unaffordable():
    desk = Desk(risk={"max_position_value": "12000"}).armed(chain("BBB", {"price": 3_000}))
    assert codes(desk)[:2] == ["unaffordable", "ok"]


def test_a_candidate_above_the_free_cash_is_unaffordable():
    desk = Desk(facts(free_cash=1_225_000)).armed()
    assert codes(desk) == ["unaffordable", "ok", "ok"]
    assert "free cash" in desk.run.selection.candidates[0].detail


def test_a_candidate_whose_loss_cannot_fit_fails():
    desk = Desk(risk={"max_daily_loss": "75"}, strategy={"min_working_stop_pct": 0}).armed()
    assert codes(desk) == ["risk_too_large"] * 3
    assert "no stop fits" in desk.run.selection.candidates[0].detail


def test_a_working_stop_nearer_than_the_noise_fails():
    desk = Desk(risk={"max_daily_loss": "1000"}).armed()
    assert codes(desk) == ["risk_too_large"] * 3
    assert "10 % needed" in desk.run.selection.candidates[0].detail


def test_refuse_fails_a_candidate_that_tighten_would_take():
    assert codes(Desk().armed())[0] == "ok"
    desk = Desk(risk={"when_stop_exceeds_limit": "refuse"}).armed()
    assert codes(desk)[0] == "risk_too_large"
    roomy = Desk(risk={"when_stop_exceeds_limit": "refuse", "max_daily_loss": "5000"}).armed()
    assert codes(roomy)[0] == "ok"
    assert roomy.run.plan is not None
    assert not roomy.run.plan.tightened


class NoContract(NineFifteen):
    """A strategy that calls a stock good without naming a contract."""

    def scan(self, view: ScanView, ignore: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
        return view.ranked


def test_a_strategy_that_names_no_contract_buys_nothing():
    desk = Desk(strategies=[NoContract(settings())]).armed()
    assert desk.reason() == "no_candidate"


def test_prices_without_a_previous_close_are_not_ranked():
    rows = (*pre_open(), PreOpenRow("ZZZ", 100, 0), PreOpenRow("YYY", 0, 100))
    desk = Desk().open().scan(rows=rows)
    assert [c.symbol for c in desk.run.ranked] == ["AAA", "BBB", "CCC"]


def test_a_day_without_strategies_says_so():
    desk = Desk(strategies=[]).open()
    assert not desk.engine.finished
    assert desk.record.reason == "no_strategy"


def test_events_do_not_go_back_in_time():
    desk = Desk().open()
    with pytest.raises(ValueError, match="time goes forward"):
        desk.engine.step(ev.EndOfData(desk.now - 1))


def test_nothing_is_asked_of_a_day_that_was_never_opened():
    with pytest.raises(RuntimeError, match="no day has been opened"):
        Desk().quote(1, 2)


def test_the_square_off_time_of_the_settings_overrides_the_sessions():
    desk = Desk(strategy={"exit_at": time(14, 0)}).open()
    assert desk.run.hours.exit_at == clock("14:00:00")
