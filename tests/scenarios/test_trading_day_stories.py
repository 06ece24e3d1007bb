"""Whole days with a hand-written market and the real exchange: what a trader would tell of them."""

from __future__ import annotations

from typing import Any

import pytest

from ninefifteen.domain import events as ev
from ninefifteen.domain.order import OrderState
from ninefifteen.simulator.listing import calls_of
from tests.engine.builders import LOT, NEXT, chain, clock
from tests.scenarios.stories import Story


def flat(story: Story) -> bool:
    return story.exchange.is_flat() and story.record.flat


def test_the_call_rises_to_its_target_and_is_sold_there():
    story = Story().opens().quiet("09:15:01", "09:40:00", 5_000, 5_050)
    story.book("09:40:00", 5_420, 5_470).book("09:40:01", 5_420, 5_470).play()
    assert (story.trade.entry, story.trade.exit, story.trade.exit_reason) == (5_000, 5_420, "target")
    assert [order.status for order in story.orders] == [OrderState.COMPLETE] * 2
    assert flat(story)


def test_the_target_is_touched_for_a_moment_only_and_the_exit_follows_the_bid_down():
    story = Story().opens().quiet("09:15:01", "09:40:00", 5_000, 5_050)
    story.book("09:40:00", 5_420, 5_470).book("09:40:00.05", 5_200, 5_250)
    story.quiet("09:40:01", "09:41:00", 5_200, 5_250, every=1).play()
    assert (story.trade.exit_reason, story.trade.exit) == ("target", 5_200)
    assert flat(story)


def test_the_stop_at_the_exchange_sells_without_us():
    story = Story().opens().quiet("09:15:01", "10:00:00", 5_000, 5_050)
    story.book("10:00:00", 4_200, 4_250, last=4_220).play()
    assert (story.trade.exit_reason, story.trade.exit) == ("stop", 4_200)
    assert len(story.orders) == 2
    assert flat(story)


def test_the_price_gaps_through_the_stops_limit_and_is_followed():
    """From Rs 50 to Rs 20 at once: the stop at 42.30 with its limit at 24.30 triggers and cannot fill."""
    story = Story().opens().quiet("09:15:01", "10:00:00", 5_000, 5_050)
    story.quiet("10:00:00", "10:01:00", 2_000, 2_050, every=1).play()
    assert story.trade.exit_reason == "stop"
    assert story.trade.exit < 2_430
    assert story.trade.exit_at is not None
    assert story.trade.exit_at < clock("10:00:20")
    assert flat(story)


def test_the_square_off_comes_at_ten_past_three():
    story = Story().opens().quiet("09:15:01", "15:11:00", 5_000, 5_050).play()
    assert story.trade.exit_reason == "time"
    assert story.trade.exit_at is not None
    assert clock("15:10:00") < story.trade.exit_at < clock("15:10:01")
    assert story.record.alarms == 0
    assert flat(story)


def test_the_book_is_empty_at_the_square_off_and_somebody_is_called_until_it_comes_back():
    story = Story().opens().quiet("09:15:01", "15:10:00", 5_000, 5_050)
    story.book("15:09:59.5", 0, 0, last=5_000).quiet("15:16:00", "15:17:00", 4_900, 4_950, every=1).play()
    assert story.trade.exit_reason == "time"
    assert story.record.alarms >= 3
    assert flat(story)


def test_nothing_is_offered_at_the_limit_and_the_entry_is_cancelled_at_the_cutoff():
    story = Story().opens()
    story.book("09:15:00.25", 5_150, 5_200).quiet("09:15:01", "09:16:00", 5_150, 5_200, every=1).play()
    assert (story.record.status, story.record.reason) == ("no_trade", "not_filled")
    assert [order.status for order in story.orders] == [OrderState.CANCELLED]
    assert story.orders[0].limit == 5_100
    assert flat(story)


def test_two_lots_come_one_by_one_and_the_stop_grows_with_them():
    story = Story(strategy={"lots": 2}, risk={"max_daily_loss": "6000"}).opens(size=LOT)
    story.book("09:15:02", 4_960, 5_010, size=LOT).quiet("09:15:05", "09:30:00", 5_000, 5_050)
    story.book("09:30:00", 5_500, 5_550).book("09:30:01", 5_500, 5_550).play()
    assert story.trade.quantity == 2 * LOT
    assert story.trade.buy_value == LOT * (5_000 + 5_050)  # the second lot met our resting limit
    assert story.orders[1].quantity == 2 * LOT
    assert flat(story)


def test_one_of_two_lots_is_all_there_is_and_it_is_managed():
    story = Story(strategy={"lots": 2}, risk={"max_daily_loss": "6000"}).opens(size=LOT)
    story.book("09:15:00.4", 5_150, 5_200).quiet("09:15:01", "09:30:00", 5_150, 5_200, every=2)
    story.book("09:30:00", 5_500, 5_550).book("09:30:01", 5_500, 5_550).play()
    assert (story.trade.quantity, story.trade.exit_reason) == (LOT, "target")
    assert story.orders[0].status is OrderState.CANCELLED
    assert story.orders[1].quantity == LOT
    assert flat(story)


def test_the_first_candidate_is_too_wide_and_the_second_is_bought():
    story = Story().opens(4_500, 5_000).stocks("09:15:09").book("09:15:09.5", 4_450, 4_500, name=NEXT)
    story.stocks("09:15:11").book("09:15:11.1", 4_450, 4_500, name=NEXT)
    story.book("09:15:20", 5_000, 5_050, name=NEXT).book("09:15:21", 5_000, 5_050, name=NEXT).play()
    assert story.trade.instrument.name == NEXT
    assert story.record.pick == 1
    assert story.exchange.is_flat()


def test_somebody_halts_while_the_entry_is_on_its_way():
    story = Story().opens().somebody(ev.Halted(clock("09:15:00.21"), "sms", "stop"))
    story.quiet("09:15:01", "09:16:00", 4_950, 5_000, every=1).play()
    assert flat(story)
    assert all(order.status in (OrderState.COMPLETE, OrderState.CANCELLED) for order in story.orders)
    assert [trade.exit_reason for trade in story.record.trades] == ["halt"]


@pytest.mark.parametrize("minute", ["09:16", "12:00", "15:09"])
def test_somebody_halts_while_the_call_is_held(minute: str):
    story = Story().opens().quiet("09:15:01", "15:30:00", 5_000, 5_050)
    story.somebody(ev.Halted(clock(f"{minute}:30"), "file", "enough")).play()
    assert story.trade.exit_reason == "halt"
    assert story.trade.exit_at is not None
    assert story.trade.exit_at < clock(f"{minute}:31")
    assert flat(story)


def test_the_account_has_not_enough_money_and_nothing_is_sent():
    story = Story(cash=1_200_000).opens().play()
    assert story.record.trades == ()
    assert story.orders == ()


def test_the_exchange_refuses_the_entry_and_there_is_no_second_one():
    """Its contract list allows less in one order than ours says."""
    story = Story().opens().quiet("09:15:01", "09:16:00", 4_950, 5_000, every=1).play("09:14:30")
    story.exchange.list_instruments(calls_of(chain("AAA", freeze_quantity=LOT - 1)))
    story.play()
    assert (story.record.reason, story.record.orders) == ("order_refused", 1)
    assert story.orders == ()


def test_the_loss_limit_is_reached_before_the_stop():
    """A wide spread: sold at the bid the day's limit is reached while the middle is above the stop."""
    story = Story(risk={"max_daily_loss": "2500"}).opens()
    story.quiet("09:15:01", "09:30:00", 5_000, 5_050)
    story.runner.engine.state.net_today -= 20_000
    story.quiet("09:30:00", "09:31:00", 4_100, 4_220, every=1).play()
    assert story.trade.exit_reason == "risk"
    assert flat(story)


def test_two_strategies_trade_one_after_the_other_and_both_end_flat():
    both: dict[str, Any] = {"opening_range": {"enabled": True}, "risk": {"max_daily_loss": "9000"}}
    story = Story(**both).opens().quiet("09:15:01", "09:20:00", 5_000, 5_050)
    story.book("09:20:00", 5_420, 5_470).book("09:20:01", 5_420, 5_470)
    story.stocks("09:21:00", AAA=103_300).stocks("09:31:00", AAA=103_500).book("09:31:01", 5_200, 5_250)
    story.quiet("09:31:02", "15:11:00", 5_200, 5_250).play()
    assert [(t.strategy, t.exit_reason) for t in story.record.trades] == [
        ("nine_fifteen", "target"),
        ("opening_range", "time"),
    ]
    assert flat(story)


def test_a_trailing_stop_gives_back_what_the_market_gave():
    story = Story(strategy={"trail_pct": 8, "target_pct": 50}).opens()
    story.quiet("09:15:01", "09:20:00", 5_000, 5_050).quiet("09:20:00", "09:25:00", 6_000, 6_050)
    story.quiet("09:25:00", "09:26:00", 5_450, 5_500, every=1).play()
    assert story.trade.exit_reason == "stop"
    assert story.trade.exit >= 5_400
    assert flat(story)


def test_a_stop_outside_price_protection_at_its_trigger_is_replaced_at_once():
    """The last prices collapse within the protection's window: the exchange cancels the triggered stop."""
    story = Story(strategy={"min_working_stop_pct": 0, "max_over_model_pct": 0}).opens(
        9_950, 10_000, last=9_980
    )
    story.quiet("09:15:01", "09:59:00", 9_950, 10_000, every=5)
    story.book("10:00:00", 20_000, 20_050, last=20_000)
    story.quiet("10:00:01", "10:02:00", 5_000, 5_050, every=1).play()
    assert flat(story)
