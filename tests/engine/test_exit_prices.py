"""The price of an exit: a stale one decides nothing, a refused one is not asked again, a stuck order goes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.instants import MINUTE
from ninefifteen.domain.order import OrderState
from ninefifteen.engine.exit_price import exit_price

from .builders import CALL, LOT, Desk, chain

STOP_LIMIT = 4_255 - 1_800


def halted(desk: Desk) -> Desk:
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    return desk


def silent(minutes: int = 10) -> Desk:
    """A stop rests, and the feed has been dead for minutes."""
    return Desk().holding().wait(minutes * 60)


def limits(desk: Desk) -> list[int]:
    return [change.limit for change in desk.all(ef.Modify)]


def played(desk: Desk, seconds: int, lowest: Callable[[], int], *, quoted: bool = False) -> Desk:
    """The broker takes every change and order at `lowest()` or above and refuses those below."""
    for _ in range(seconds * 2):
        order = desk.exit
        rests = desk.word("open" if order.trigger == 0 else "trigger_pending", 0, order, limit=order.limit)
        rests = msgspec.structs.replace(rests, trigger=order.trigger)
        if order.state is OrderState.MODIFYING and order.asked.limit >= lowest():
            desk.report("open", 0, order)
        elif order.state is OrderState.MODIFYING:
            desk.refuse_change(order=order).read(rests)
        elif order.state is OrderState.CANCELLING:
            desk.report("cancelled", 0, order)
        elif order.state is OrderState.SENDING and order.asked.limit >= lowest():
            desk.accept(order).report("open", 0, order)
        elif order.state is OrderState.SENDING:
            desk.refuse("price", order)
        if quoted:
            desk.quote(2_750, 2_800)
        desk.wait(0.5)
    return desk


def writes(desk: Desk) -> int:
    return sum(len(desk.all(kind)) for kind in (ef.Submit, ef.Modify, ef.Cancel))


# ---- a stale price


def test_a_halt_without_a_feed_starts_at_the_limit_of_the_stop_and_goes_down_from_there():
    desk = halted(silent())
    assert limits(desk) == [STOP_LIMIT]
    for _ in range(40):
        desk.report("open", 0, desk.exit).wait(1)
    asked = limits(desk)
    assert asked == sorted(asked, reverse=True)
    assert len(set(asked)) > 8
    assert asked[-1] < STOP_LIMIT // 2


def test_down_the_ladder_ends_at_the_low_of_the_days_band():
    desk = Desk().watching(chain("AAA", band_low=2_003, band_high=60_000)).quote(4_950, 5_000).accept()
    desk.report("complete", LOT, average=5_000).accept().report("trigger_pending").wait(600)
    halted(desk)
    for _ in range(60):
        desk.report("open", 0, desk.exit).wait(1)
    assert min(limits(desk)) == limits(desk)[-1] == 2_005


def test_the_last_bid_is_tried_for_some_seconds_while_it_is_younger_than_a_minute():
    desk = halted(Desk().holding().quote(4_900, 4_950).wait(20))
    assert limits(desk) == [4_850]
    for _ in range(8):
        desk.report("open", 0, desk.exit).wait(1)
    assert limits(desk)[1:4] == [4_750, 4_605, 4_410]
    assert limits(desk)[4] <= STOP_LIMIT


def test_a_book_without_a_bid_does_not_hide_the_bid_before_it():
    desk = halted(Desk().holding().quote(4_900, 4_950).wait(1).quote(0, 4_950))
    assert limits(desk) == [4_850]


def test_a_fresh_last_price_without_any_bid_keeps_the_exit_inside_price_protection():
    desk = halted(silent().quote(0, 4_950, last=4_900))
    assert limits(desk) == [2_900]


def test_where_no_band_is_known_a_tenth_of_the_limit_is_the_end():
    desk = halted(silent())
    for _ in range(60):
        desk.report("open", 0, desk.exit).wait(1)
    assert limits(desk)[-1] == min(limits(desk)) == 245


def test_an_exit_on_a_fresh_book_is_what_it_was():
    desk = halted(Desk().holding().wait(600).quote(4_900, 4_950).wait(3))
    assert limits(desk) == [4_850]


def test_the_square_off_without_a_feed_is_not_above_the_stop_either():
    desk = Desk().holding().go("15:10:00")
    assert limits(desk) == [STOP_LIMIT]


def test_a_feed_that_comes_back_is_followed_again():
    desk = halted(silent()).report("open").wait(1.1).report("open").quote(3_000, 3_050).wait(1)
    assert limits(desk)[-1] == 2_910


# ---- a refused price


def test_after_a_refusal_the_next_price_is_higher_and_the_third_is_taken():
    desk = played(halted(silent()), 4, lambda: 3_000)
    assert limits(desk)[:3] == [STOP_LIMIT, 2_765, 3_460]
    assert desk.exit.limit >= 3_000
    assert not desk.all(ef.Cancel)


def test_a_price_that_is_refused_for_hours_costs_few_writes_and_is_told_each_minute():
    desk = played(halted(Desk().holding().wait(600).quote(2_750, 2_800)), 30, lambda: 2_796, quoted=True)
    assert 2_796 <= desk.exit.limit <= 2_900
    assert desk.exit.state is OrderState.OPEN
    before = writes(desk), len(desk.alerts())
    played(desk, 7_200, lambda: 2_796, quoted=True)
    assert writes(desk) - before[0] <= 40
    assert len(desk.alerts()) - before[1] >= 118
    assert all(CALL in text for text in desk.alerts()[1:])


def test_the_market_that_comes_into_the_range_is_sold_to_at_once():
    desk = played(halted(Desk().holding().wait(600).quote(2_750, 2_800)), 15, lambda: 2_796, quoted=True)
    desk.wait(60).report("open", 0, desk.exit).quote(3_400, 3_450).wait(60)
    assert limits(desk)[-1] > 2_900


def test_a_new_reason_to_be_out_asks_once_more_for_the_price_that_was_refused_long_ago():
    desk = played(halted(Desk().holding().wait(600).quote(2_750, 2_800)), 900, lambda: 2_796, quoted=True)
    before = len(limits(desk))
    desk.quote(2_750, 2_800).step(ev.Flattened(desk.now, "cli", "now"))
    assert len(limits(desk)) == before + 1
    assert limits(desk)[-1] < 2_750
    played(desk, 1, lambda: 2_000)
    assert desk.exit.limit == limits(desk)[-1]


def test_a_new_reason_to_be_out_costs_few_writes_where_the_price_is_refused_again():
    desk = played(halted(Desk().holding().wait(600).quote(2_750, 2_800)), 900, lambda: 2_796, quoted=True)
    before = writes(desk)
    desk.quote(2_750, 2_800).step(ev.Flattened(desk.now, "cli", "now"))
    played(desk, 900, lambda: 2_796, quoted=True)
    assert 2_796 <= desk.exit.limit <= 2_900
    assert writes(desk) - before <= 10


def test_an_order_rejected_for_its_price_is_sent_at_another_one():
    desk = Desk().entering().report("complete", LOT, average=5_000).wait(600).refuse("trigger")
    first = desk.exit.request.limit
    desk.refuse("price").wait(0.5)
    second = desk.exit.request.limit
    desk.refuse("price").wait(0.5)
    assert first < second < desk.exit.request.limit


def test_a_price_beyond_everything_known_begins_below_again():
    desk = Desk().entering().report("complete", LOT, average=5_000).wait(600).refuse("trigger")
    asked = []
    for _ in range(8):
        asked.append(desk.exit.request.limit)
        desk.refuse("no").wait(10)
    assert max(asked) <= desk.position.target
    assert asked.count(STOP_LIMIT) >= 2


# ---- inside band and protection, whatever is changed


def risen(desk: Desk) -> Desk:
    """An exit rests at the limit of the stop; since then the last price has risen far above it."""
    halted(desk).report("open", 0, desk.exit)
    return desk.quote(0, 9_000, last=8_900)


def test_an_exit_that_grows_with_a_late_fill_moves_inside_the_protection_of_now():
    desk = Desk(strategy={"lots": 2}, risk={"max_daily_loss": "6000"}).entering()
    desk.report("open", LOT, average=5_000).accept().report("trigger_pending").wait(600)
    risen(desk).report("complete", 2 * LOT, desk.entry, average=5_000)
    change = desk.all(ef.Modify)[-1]
    assert (change.quantity, change.limit) == (2 * LOT, 5_340)


def test_a_refused_price_does_not_drive_the_exit_above_the_days_band():
    desk = Desk().watching(chain("AAA", band_low=5, band_high=5_003)).quote(4_950, 5_000).accept()
    desk.report("complete", LOT, average=5_000).wait(600).refuse("trigger")
    for _ in range(12):
        desk.refuse("no").wait(10)
    assert desk.position.target > 5_003
    assert max(submit.order.request.limit for submit in desk.all(ef.Submit)[1:]) == 5_000


# ---- a stuck order


def stuck(desk: Desk) -> Desk:
    """Every change is refused, and the stop rests as it did."""
    order = desk.exit
    for _ in range(8):
        if order.state is OrderState.MODIFYING:
            desk.refuse_change(order=order)
            desk.read(desk.word("trigger_pending", 0, order, limit=STOP_LIMIT, trigger=4_255))
            desk.quote(4_900, 4_950)
        desk.wait(0.5)
    return desk


def test_three_refused_changes_are_followed_by_a_cancel_and_one_new_sell():
    desk = halted(Desk().holding().wait(1).quote(4_900, 4_950))
    old = stuck(desk).exit
    assert len(desk.all(ef.Modify)) == 3
    assert desk.all(ef.Cancel) == [ef.Cancel(old.tag, old.order_id)]
    assert desk.exit is old
    desk.quote(4_900, 4_950).report("cancelled", 0, old)
    assert desk.exit is not old
    assert (desk.exit.request.type, desk.exit.request.quantity) == ("LIMIT", LOT)
    assert desk.exit.request.limit < 4_900
    assert [text for text in desk.alerts() if CALL in text and "replacing it" in text]


def test_an_order_being_replaced_is_not_cancelled_again_when_more_is_bought():
    desk = Desk(strategy={"lots": 2}, risk={"max_daily_loss": "6000"}).entering()
    desk.report("open", LOT, average=5_000).accept().report("trigger_pending").wait(1).quote(4_900, 4_950)
    old = stuck(halted(desk)).exit
    assert old.state is OrderState.CANCELLING
    before = writes(desk)
    desk.report("complete", 2 * LOT, desk.entry, average=5_000)
    assert writes(desk) == before
    desk.report("cancelled", 0, old)
    assert desk.exit.request.quantity == 2 * LOT


def test_books_that_show_it_as_it_was_do_not_cancel_it_over_and_over():
    desk = halted(Desk().holding().wait(1).quote(4_900, 4_950))
    old = stuck(desk).exit
    before = len(desk.all(ef.Cancel))
    for _ in range(6):
        desk.read(desk.word("trigger_pending", 0, old, limit=STOP_LIMIT, trigger=4_255)).wait(0.15)
    assert len(desk.all(ef.Cancel)) - before <= 1


def test_a_limit_that_can_no_longer_be_changed_is_replaced_within_seconds_when_the_market_falls():
    desk = halted(Desk().holding().wait(1).quote(4_900, 4_950)).report("open")
    order = desk.exit
    for second in range(12):
        desk.quote(4_800 - 20 * second, 4_850).wait(0.5)
        if order.state is OrderState.MODIFYING:
            desk.refuse_change(order=order).read(desk.word("open", 0, order, limit=order.limit, trigger=0))
        desk.wait(0.5)
    assert order.state is OrderState.CANCELLING
    desk.quote(4_500, 4_550).report("cancelled", 0, order)
    assert desk.exit.request.limit < 4_500


def test_the_tick_that_is_tried_goes_up_where_the_one_below_was_refused():
    desk = halted(Desk().holding().wait(1).quote(4_900, 4_950)).report("open")
    assert desk.run.leaving is not None
    desk.run.leaving.refused_limit, desk.run.leaving.refused_at = 4_845, desk.now
    desk.run.leaving.refusals = desk.run.leaving.in_a_row = 2
    desk.quote(4_850, 4_900)
    assert exit_price(desk.engine.state, desk.run, desk.position, 0) == 4_850 + 5


def test_a_cancel_that_is_refused_too_is_followed_by_a_change_at_a_slow_pace():
    desk = halted(Desk().holding().wait(1).quote(4_900, 4_950))
    old = stuck(desk).exit
    before = writes(desk)
    for _ in range(600):
        if old.state in (OrderState.CANCELLING, OrderState.MODIFYING):
            desk.refuse_change("cancel" if old.state is OrderState.CANCELLING else "modify", old)
            desk.read(desk.word("trigger_pending", 0, old, limit=STOP_LIMIT, trigger=4_255))
        desk.wait(1)
    assert len(desk.all(ef.Cancel)) > 2
    assert len(desk.all(ef.Modify)) > 4
    assert writes(desk) - before <= 40
    assert len(desk.all(ef.Submit)) == 2


def test_a_refused_change_in_the_slow_steps_is_tried_again_after_a_second():
    desk = halted(Desk().holding().wait(1).quote(4_900, 4_950))
    while desk.run.leaving is not None and desk.run.leaving.step <= 9:
        desk.report("open", 0, desk.exit).quote(4_900, 4_950).wait(0.5)
    desk.quote(4_500, 4_550).wait(9)
    desk.quote(4_500, 4_550).wait(1)
    order, before = desk.exit, len(desk.all(ef.Modify))
    assert order.state is OrderState.MODIFYING
    desk.refuse_change(order=order).read(desk.word("open", 0, order, limit=order.limit)).wait(1.1)
    assert len(desk.all(ef.Modify)) == before + 1


def test_a_refused_change_of_an_entry_or_of_a_stop_that_only_guards_replaces_nothing():
    desk = Desk().entering().refuse_change()
    desk.report("complete", LOT, desk.entry, average=5_000).accept().report("trigger_pending")
    for _ in range(5):
        desk.refuse_change(order=desk.exit)
    assert not desk.wait(5).all(ef.Cancel)


def test_an_exit_in_doubt_is_told_each_minute_with_its_contract():
    desk = halted(Desk().holding().wait(1).quote(4_900, 4_950))
    desk.wait(MINUTE * 5 // 10**9)
    told = [text for text in desk.alerts() if text.startswith(CALL) and "still held" in text]
    assert 4 <= len(told) <= 5
