"""The entry: one intent, in its window, on a good quote, followed twice, cancelled and proved."""

from __future__ import annotations

import msgspec
import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.events import Paused, Resumed
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import OrderState
from ninefifteen.engine.state import Phase
from ninefifteen.engine.strategy import ScanView
from ninefifteen.strategies.nine_fifteen import NineFifteen

from .builders import CALL, LOT, NEXT, THIRD, Desk, chain, clock, settings


def test_the_first_acceptable_quote_enters_at_the_ask_with_the_collar():
    desk = Desk().watching().quote(4_950, 5_000)
    (submit,) = desk.new(ef.Submit)
    request = submit.order.request
    assert (request.side, request.type, request.quantity, request.limit) == ("BUY", "LIMIT", LOT, 5_050)
    assert desk.new(ef.Unsubscribe) == [ef.Unsubscribe((NEXT, THIRD))]


def test_nothing_leaves_before_the_opening():
    desk = Desk().armed().go("09:14:59").stocks().quote(4_950, 5_000)
    assert not desk.all(ef.Submit)


def test_a_quote_that_waits_when_the_window_opens_is_looked_at():
    desk = Desk().armed().go("09:14:59")
    desk.go("09:15:00").quote(4_950, 5_000)
    assert desk.run.wait_reason == "no_stock_price"
    desk.go("09:15:01").stocks()
    assert desk.quote(4_950, 5_000).new(ef.Submit)


def test_a_quote_stamped_before_the_open_is_no_quote_of_today():
    desk = Desk().watching().quote(4_950, 5_000, exchange_at=clock("09:14:59"))
    assert desk.run.wait_reason == "stale_quote"
    assert CALL not in desk.engine.state.quotes
    assert not desk.all(ef.Submit)


def test_a_quote_older_than_three_seconds_decides_nothing():
    desk = Desk().watching().wait(5).stocks().quote(4_950, 5_000, exchange_at=clock("09:15:01"))
    assert desk.run.wait_reason == "stale_quote"
    assert desk.quote(4_950, 5_000, exchange_at=clock("09:15:02")).new(ef.Submit)


def test_stock_prices_older_than_three_seconds_decide_nothing():
    desk = Desk().watching().wait(4).quote(4_950, 5_000)
    assert desk.run.wait_reason == "no_stock_price"


def test_stock_prices_of_before_the_open_are_none():
    desk = Desk().armed().stocks().go("09:15:00").quote(4_950, 5_000)
    assert desk.run.wait_reason == "no_stock_price"


@pytest.mark.parametrize(("bid", "ask"), [(0, 5_000), (4_950, 0), (0, 0)])
def test_a_one_sided_book_does_not_enter(bid: int, ask: int):
    assert Desk().watching().quote(bid, ask).run.wait_reason == "one_sided"


def test_a_spread_above_the_limit_of_its_middle_waits():
    desk = Desk().watching().quote(4_870, 5_000)
    assert desk.run.wait_reason == "spread"
    assert desk.quote(4_880, 5_000).new(ef.Submit)


def test_a_spread_above_a_third_of_the_target_waits():
    desk = Desk(strategy={"target_pct": 4, "max_charge_share": 0}).watching().quote(4_920, 5_000)
    assert desk.run.wait_reason == "spread"
    assert desk.quote(4_940, 5_000).new(ef.Submit)


def test_a_spread_above_a_third_of_the_working_stop_waits():
    changed = {"max_spread_pct": 0, "target_pct": 50, "min_working_stop_pct": 0}
    desk = Desk(strategy=changed).watching().quote(4_700, 5_000)
    assert desk.run.wait_reason == "spread"


def test_the_working_stop_is_tested_again_on_the_quote():
    near = Desk(risk={"max_daily_loss": "1350"}).watching().quote(4_950, 5_000)
    assert near.run.wait_reason == "risk_too_large"


def test_a_quote_that_leaves_no_stop_at_all_waits():
    desk = Desk(risk={"max_daily_loss": "120"}, strategy={"min_working_stop_pct": 0, "max_spread_pct": 0})
    desk.watching().quote(4_500, 5_000)
    assert desk.run.wait_reason == "risk_too_large"
    assert not desk.all(ef.Submit)


def test_an_ask_far_above_the_model_is_overpriced():
    desk = Desk().watching().quote(5_350, 5_400)
    assert desk.run.wait_reason == "overpriced"
    unlimited = Desk(strategy={"max_over_model_pct": 0}).watching().quote(5_350, 5_400)
    assert unlimited.new(ef.Submit)


@pytest.mark.parametrize("price", [100_000, 104_100, 101_900])
def test_a_stock_that_has_moved_away_is_not_bought(price: int):
    desk = Desk().watching().stocks(AAA=price).quote(4_950, 5_000)
    assert desk.run.wait_reason == "moved_away"


def test_without_the_move_test_the_stock_must_only_stay_above_its_previous_close():
    desk = Desk(strategy={"max_move_pct": 0}).watching().stocks(AAA=100_005)
    assert desk.quote(4_950, 5_000).new(ef.Submit)


def test_the_limit_stays_inside_price_protection_and_the_band():
    capped = Desk(strategy={"collar_pct": 40, "max_over_model_pct": 0, "min_working_stop_pct": 0})
    capped.watching(chain("AAA", band_low=5, band_high=5_200)).quote(4_950, 5_000)
    assert capped.entry.request.limit == 5_200
    wide = Desk(strategy={"collar_pct": 40, "max_over_model_pct": 0, "min_working_stop_pct": 0})
    assert wide.watching().quote(4_950, 5_000).entry.request.limit <= 4_874 + 2_000


def test_quotes_of_other_contracts_do_not_matter():
    assert not Desk().watching().quote(4_950, 5_000, name=NEXT).all(ef.Submit)


def test_the_next_prepared_candidate_is_tried_after_its_time():
    desk = Desk().watching().quote(4_000, 5_000).go("09:15:09.999")
    assert desk.run.candidate is not None
    assert desk.run.candidate.symbol == "AAA"
    desk.go("09:15:10")
    assert "AAA had no acceptable quote (spread): trying BBB" in desk.new(ef.Note)[0].text
    assert desk.run.plan is not None
    assert desk.run.plan.instrument.name == NEXT
    desk.stocks().quote(4_950, 5_000)
    assert not desk.new(ef.Submit)
    assert desk.quote(4_450, 4_500, name=NEXT).new(ef.Submit)


def test_a_quote_the_next_candidate_already_has_is_used_at_once():
    desk = Desk().watching().go("09:15:09").stocks().quote(4_450, 4_500, name=NEXT)
    assert not desk.new(ef.Submit)
    desk.go("09:15:10")
    assert desk.entry.request.instrument.name == NEXT
    assert desk.record.pick == 1


def test_the_last_prepared_candidate_stays_until_the_cutoff():
    desk = Desk(entry={"cutoff": "09:16:00"}).watching().go("09:15:59")
    assert desk.run.candidate is not None
    assert desk.run.candidate.symbol == "CCC"
    desk.go("09:16:00")
    assert desk.reason() == "not_filled"


def test_without_prepared_candidates_there_is_no_next():
    desk = Desk(strategy={"prepared_candidates": 0}).watching().go("09:15:20")
    assert "next_candidate" not in {note.kind for note in desk.all(ef.Note)}


def test_the_next_timer_after_the_entry_does_nothing():
    desk = Desk().entering().go("09:15:11")
    assert desk.run.index == 0


def test_at_the_bell_the_model_price_with_the_collar_leaves_sharp():
    desk = Desk(entry={"when": "bell"}).armed().go("09:15:00")
    (submit,) = desk.new(ef.Submit)
    assert submit.order.request.limit == 4_925
    assert submit.order.approved_at == clock("09:15:00")


@pytest.mark.parametrize(("lost", "reason"), [(190_000, "not_filled"), (196_000, "risk_too_large")])
def test_at_the_bell_the_stop_is_tested_again_on_what_is_left_of_the_day(lost: int, reason: str):
    desk = Desk(entry={"when": "bell"}).armed()
    desk.engine.state.net_today -= lost
    desk.go("09:15:30")
    assert not desk.all(ef.Submit)
    assert desk.reason() == reason


# ---- following


def test_the_entry_follows_the_ask_at_most_twice_three_seconds_apart():
    desk = Desk().entering()
    desk.wait(1).quote(4_970, 5_020)
    assert not desk.all(ef.Modify)
    desk.go("09:15:03")
    assert [m.limit for m in desk.all(ef.Modify)] == [5_075]
    desk.report("open").quote(4_990, 5_040).go("09:15:05.9")
    assert len(desk.all(ef.Modify)) == 1
    desk.quote(4_990, 5_040).go("09:15:06")
    assert [m.limit for m in desk.all(ef.Modify)] == [5_075, 5_095]
    desk.report("open").go("09:15:08").quote(5_010, 5_060).go("09:15:12")
    assert len(desk.all(ef.Modify)) == 2


def test_the_entry_is_never_followed_beyond_two_percent_over_the_first_ask():
    desk = Desk().entering().go("09:15:02").quote(5_300, 5_350).go("09:15:03")
    assert [m.limit for m in desk.all(ef.Modify)] == [5_100]


def test_a_lower_ask_is_not_followed_down():
    desk = Desk().entering().go("09:15:02").quote(4_850, 4_900).go("09:15:03")
    assert not desk.all(ef.Modify)


@pytest.mark.parametrize("ask", [0, 5_020])
def test_without_a_fresh_ask_the_entry_waits_and_tries_again(ask: int):
    desk = Desk().entering().quote(4_900, ask)
    desk.go("09:15:05")
    if not ask:
        assert not desk.all(ef.Modify)
    desk.quote(4_970, 5_020).go("09:15:06")
    assert desk.all(ef.Modify)


def test_an_order_that_is_not_known_to_be_open_is_followed_later():
    desk = Desk().watching().quote(4_950, 5_000).accept()
    desk.go("09:15:02").quote(4_970, 5_020).go("09:15:03")
    assert not desk.all(ef.Modify)
    desk.report("open").go("09:15:05").quote(4_970, 5_020).go("09:15:06")
    assert desk.all(ef.Modify)


def test_the_entry_is_not_raised_above_what_a_position_may_cost():
    desk = Desk(risk={"max_position_value": "12650"}).entering().go("09:15:02").quote(4_970, 5_020)
    assert not desk.go("09:15:03").all(ef.Modify)


def test_the_raised_limit_counts_as_exposure_before_the_broker_confirms():
    desk = Desk().entering().go("09:15:02").quote(4_970, 5_020).go("09:15:03")
    assert desk.engine.state.orders.exposure() == LOT * 5_075


def test_with_no_modifications_allowed_the_entry_stands_still():
    desk = Desk(entry={"max_modifications": 0}).entering().go("09:15:02").quote(4_970, 5_020)
    assert not desk.go("09:15:10").all(ef.Modify)


# ---- the cutoff


def test_nothing_enters_after_the_cutoff():
    desk = Desk().watching().go("09:15:30")
    assert desk.reason() == "not_filled"
    desk.stocks().quote(4_950, 5_000)
    assert not desk.all(ef.Submit)
    assert desk.engine.finished


def test_an_unfilled_entry_is_cancelled_at_the_cutoff_and_done_when_proved():
    desk = Desk().entering().go("09:15:30")
    assert desk.all(ef.Cancel) == [ef.Cancel(desk.entry.tag, "id1")]
    assert desk.run.phase is Phase.ENTERING
    desk.report("cancelled", limit=5_050)
    assert desk.reason() == "not_filled"
    assert desk.engine.finished


def test_a_cancel_whose_answer_is_lost_is_read_and_asked_again():
    desk = Desk().entering().go("09:15:30").wait(1)
    assert desk.new(ef.ReadOrders)
    desk.read(desk.word("open", order=desk.entry))
    assert len(desk.all(ef.Cancel)) == 2
    desk.wait(1).read(desk.word("cancelled", order=desk.entry))
    assert desk.reason() == "not_filled"
    desk.wait(60)
    assert len(desk.all(ef.Cancel)) == 2


def test_a_cancel_of_which_nothing_is_heard_is_asked_again_after_five_seconds():
    desk = Desk().entering().go("09:15:30").wait(4)
    assert len(desk.all(ef.Cancel)) == 1
    assert len(desk.wait(1.5).all(ef.Cancel)) == 2


def test_a_refused_cancel_is_read_not_repeated_at_once():
    desk = Desk().entering().go("09:15:30").refuse_change("cancel")
    assert desk.new(ef.ReadOrders)
    desk.read(desk.word("open", order=desk.entry))
    assert len(desk.all(ef.Cancel)) == 1
    assert len(desk.wait(1).all(ef.Cancel)) == 2


def test_an_entry_that_cannot_be_cancelled_calls_somebody_and_slows_down():
    desk = Desk().entering().go("09:15:30")
    for _ in range(30):
        desk.wait(1).read(desk.word("open", order=desk.entry))
    assert len(desk.alerts()) == 1
    assert "cannot be cancelled" in desk.alerts()[0]
    assert len(desk.all(ef.Cancel)) <= 5 + 3


def test_a_fill_while_the_cancel_was_under_way_is_kept_and_guarded():
    desk = Desk().entering().go("09:15:30").report("complete", LOT)
    assert desk.run.phase is Phase.HOLDING
    assert desk.exit.request.type == "SL"


def test_an_entry_still_on_its_way_at_the_cutoff_is_cancelled_when_it_is_known():
    desk = Desk().watching().go("09:15:29").stocks().quote(3_960, 4_000, name=THIRD).go("09:15:30")
    assert not desk.all(ef.Cancel)
    desk.accept()
    assert desk.new(ef.Cancel)


def test_an_entry_refused_by_the_exchange_is_the_only_one_of_the_day():
    desk = Desk().watching().quote(4_950, 5_000).refuse("outside the protection range")
    assert desk.reason() == "order_refused"
    desk.wait(1).stocks().quote(4_950, 5_000)
    assert len(desk.all(ef.Submit)) == 1


def test_an_order_the_exchange_rejects_after_giving_it_an_id_ends_the_day():
    desk = Desk().watching().quote(4_950, 5_000).accept().report("rejected", message="RMS: funds")
    assert desk.reason() == "order_refused"


def test_a_pause_holds_the_entry_back_until_it_is_lifted():
    desk = Desk().watching()
    desk.step(Paused(desk.now, "dashboard", "wait"))
    desk.quote(4_950, 5_000)
    assert desk.run.wait_reason == "paused"
    desk.step(Resumed(desk.now, "dashboard", "go on"))
    assert desk.quote(4_950, 5_000).new(ef.Submit)


def test_a_pause_until_the_cutoff_is_the_days_reason():
    desk = Desk().armed()
    desk.step(Paused(desk.now, "dashboard", "not today"))
    desk.go("09:15:30")
    assert desk.reason() == "paused"


def test_a_pause_cancels_an_entry_that_is_open():
    desk = Desk().entering()
    desk.step(Paused(desk.now, "dashboard", "wait"))
    assert desk.new(ef.Cancel)
    desk.go(desk.now + 4 * SECOND)
    assert not desk.all(ef.Modify)
    assert desk.entry.state is OrderState.CANCELLING


class NoModel(NineFifteen):
    """A strategy that knows no model price."""

    def scan(self, view: ScanView, ignore: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
        return tuple(msgspec.structs.replace(c, model=0) for c in super().scan(view, ignore))


def test_without_a_model_price_the_limit_is_the_ask_with_the_collar():
    desk = Desk(strategies=[NoModel(settings())]).watching().quote(5_950, 6_000)
    assert desk.entry.request.limit == 6_060
