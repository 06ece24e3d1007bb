"""The emergency core as equalities: what a look at the broker asks for, and when it is over."""

from __future__ import annotations

from typing import Any

import pytest

from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import OrderState
from ninefifteen.engine.emergency import BUDGET
from ninefifteen.engine.emergency_acts import Line, Move, Pull, Send, in_words
from ninefifteen.engine.emergency_prices import Shown
from tests.engine.emergencies import (
    BID,
    CALL,
    DONE,
    GONE,
    OPEN,
    PRODUCT,
    STOP,
    T0,
    bought,
    emergency,
    reading,
    stake,
    stop,
)

BUY_LIVES = bought(state=OPEN, filled=0)


def move(limit: int, quantity: int = 400, order_id: str = "2") -> Move:
    return Move(order_id=order_id, name=CALL, product=PRODUCT, quantity=quantity, limit=limit)


def pull(order_id: str) -> Pull:
    return Pull(order_id=order_id, name=CALL)


def send(limit: int, quantity: int = 400, number: str = "b", side: Any = "SELL") -> Send:
    tag = f"x07aaafaa{number}r"
    return Send(tag=tag, name=CALL, product=PRODUCT, side=side, quantity=quantity, limit=limit)


# ------------------------------------------------------------------------------------------- the stop rests


def test_the_resting_stop_becomes_a_limit_under_the_bid() -> None:
    core = emergency()
    assert core.look(reading(0, bought(), stop(), held=(stake(),), shown=BID)) == (move(9900),)


def test_each_second_it_goes_a_step_further_and_no_sooner() -> None:
    core, rests = emergency(), stop()
    limits = []
    for tenths in range(46):
        for act in core.look(reading(tenths / 10, bought(), rests, held=(stake(),), shown=BID)):
            assert isinstance(act, Move)
            limits.append((tenths / 10, act.limit))
            rests = stop(state=OPEN, stop=False, limit=act.limit)
    assert limits == [(0, 9900), (1, 9700), (2, 9400), (3, 9000)]


def test_after_eight_steps_it_follows_the_price_every_ten_seconds() -> None:
    core, moved, bid = emergency(), [], 10_000
    for second in range(40):
        bid -= 100
        shown = Shown(bid=bid)
        if core.look(reading(second, bought(), stop(), held=(stake(),), shown=shown)):
            moved.append(second)
    assert moved == [0, 1, 2, 3, 4, 5, 6, 7, 8, 18, 28, 38]


def test_what_has_been_sold_by_hand_is_not_sold_again() -> None:
    core = emergency()
    assert core.look(reading(0, bought(), stop(), held=(stake(150),), shown=BID)) == (move(9900, 150),)


def test_it_shrinks_at_once_when_some_is_sold_by_hand_while_it_leaves() -> None:
    core = emergency()
    core.look(reading(0, bought(), stop(), held=(stake(),), shown=BID))
    leaves = stop(state=OPEN, stop=False, limit=9900)
    assert core.look(reading(0.2, bought(), leaves, held=(stake(150),), shown=BID)) == (move(9700, 150),)


def test_a_stop_over_nothing_is_cancelled() -> None:
    core = emergency()
    assert core.look(reading(0, bought(), stop(), held=(stake(0),), shown=BID)) == (pull("2"),)


def test_a_fill_of_the_order_under_way_counts_into_its_whole_quantity() -> None:
    core = emergency()
    sold = stop(state=OPEN, stop=False, filled=100, limit=12_000)
    assert core.look(reading(0, bought(), sold, held=(stake(300),), shown=BID)) == (move(9900, 400),)


def test_an_order_that_is_already_under_the_bid_is_left_alone() -> None:
    core = emergency()
    gapped = stop(state=OPEN, stop=False, limit=4550)
    assert core.look(reading(0, bought(), gapped, held=(stake(),), shown=BID)) == ()


# -------------------------------------------------------------------------------------------- our own buys


def test_an_open_buy_is_cancelled_again_each_second_until_it_is_gone() -> None:
    core = emergency()
    acts = [core.look(reading(tenths / 10, BUY_LIVES)) for tenths in range(21)]
    assert [number for number, found in enumerate(acts) if found] == [0, 10, 20]
    assert acts[0] == (pull("1"),)
    for second in range(3, 30):
        core.look(reading(second, BUY_LIVES))
    assert core.look(reading(31, BUY_LIVES)) == ()


def test_a_half_filled_buy_is_cancelled_and_its_fills_are_sold() -> None:
    core = emergency()
    half = bought(state=OPEN, filled=150)
    assert core.look(reading(0, half, held=(stake(150),), shown=BID)) == (pull("1"),)
    assert core.look(reading(1, half, held=(stake(150),), shown=BID)) == (pull("1"), send(9900, 150))


# --------------------------------------------------------------------------------------- a sell of its own


def test_a_naked_position_is_sold_when_for_a_second_no_sell_has_shown_itself() -> None:
    core = emergency()
    naked = (bought(),)
    assert core.look(reading(0, *naked, held=(stake(),), shown=BID)) == ()
    assert core.look(reading(0.9, *naked, held=(stake(),), shown=BID)) == ()
    assert core.look(reading(1, *naked, held=(stake(),), shown=BID)) == (send(9900),)


def test_a_sending_without_an_answer_is_looked_up_and_never_sent_again() -> None:
    core = emergency()
    core.look(reading(0, bought(), held=(stake(),), shown=BID))
    acts = core.look(reading(1, bought(), held=(stake(),), shown=BID))
    (sent,) = acts
    assert isinstance(sent, Send)
    core.answered(sent, "unknown")
    for second in range(2, 119):
        assert core.look(reading(second, bought(), held=(stake(),), shown=BID)) == ()
    assert list(core.sent) == [sent.tag]
    late = stop(order_id="9", state=OPEN, stop=False, limit=9900, tag=sent.tag)
    (follows,) = core.look(reading(119, bought(), late, held=(stake(),), shown=BID))
    assert follows == move(9700, order_id="9")
    assert core.sent == {}


def test_a_sending_taken_but_not_yet_shown_counts_as_living() -> None:
    core = emergency()
    core.look(reading(0, bought(), held=(stake(),), shown=BID))
    acts = core.look(reading(1, bought(), held=(stake(),), shown=BID))
    core.answered(acts[0], "taken")
    assert core.look(reading(2, bought(), held=(stake(),), shown=BID)) == ()


@pytest.mark.parametrize(
    ("answer", "seconds"), [("refused", [1, 2, 3, 13, 23]), ("not_sent", [*range(1, 9)])]
)
def test_a_refused_sell_is_tried_anew_at_the_nearest_price_with_pauses(
    answer: Any, seconds: list[int]
) -> None:
    core, sent, tags = emergency(), [], set()
    for second in range(seconds[-1] + 1):
        for act in core.look(reading(second, bought(), held=(stake(),), shown=BID)):
            assert isinstance(act, Send)
            assert act.limit == 9900
            sent.append(second)
            tags.add(act.tag)
            core.answered(act, answer)
    assert sent == seconds
    assert len(tags) == len(sent)


def test_a_tag_that_the_book_shows_is_never_used_again() -> None:
    core = emergency()
    before = bought(tag="x07aaafaabr")
    core.look(reading(0, before, held=(stake(),), shown=BID))
    assert core.look(reading(1, before, held=(stake(),), shown=BID)) == (send(9900, number="c"),)


def test_two_living_sells_of_ours_become_one_before_anything_is_moved() -> None:
    core = emergency()
    second = stop(order_id="3", tag="x06aaaaaacp", quantity=200)
    both = (bought(), stop(), second)
    assert core.look(reading(0, *both, held=(stake(),), shown=BID)) == (pull("3"),)
    gone = stop(order_id="3", tag="x06aaaaaacp", quantity=200, state=GONE)
    assert core.look(reading(1, bought(), stop(), gone, held=(stake(),), shown=BID)) == (move(9900),)


# ------------------------------------------------------------------------------------- changes that fail


def test_an_order_that_refuses_two_changes_is_cancelled_and_another_follows() -> None:
    core = emergency()
    for second in range(2):
        (act,) = core.look(reading(second, bought(), stop(), held=(stake(),), shown=BID))
        assert act == move(9900)
        core.answered(act, "refused")
    assert core.look(reading(2, bought(), stop(), held=(stake(),), shown=BID)) == (pull("2"),)
    ended = stop(state=GONE)
    assert core.look(reading(3, bought(), ended, held=(stake(),), shown=BID)) == ()
    assert core.look(reading(4, bought(), ended, held=(stake(),), shown=BID)) == (send(9900),)


def test_a_change_without_an_answer_is_simply_asked_again() -> None:
    core = emergency()
    (act,) = core.look(reading(0, bought(), stop(), held=(stake(),), shown=BID))
    core.answered(act, "unknown")
    assert core.look(reading(1, bought(), stop(), held=(stake(),), shown=BID)) == (move(9700),)


def test_the_last_two_modifications_of_an_order_are_left_to_the_human() -> None:
    core = emergency()
    used = stop(modifications=BUDGET - 1)
    assert core.look(reading(0, bought(), used, held=(stake(),), shown=BID)) == (move(9900),)
    assert core.look(reading(1, bought(), used, held=(stake(),), shown=BID)) == (pull("2"),)


# -------------------------------------------------------------------------------------------- what is proof


def flat(seconds: float, *lines: Line) -> Any:
    return reading(seconds, bought(), *(lines or (stop(state=DONE, filled=400),)), held=(stake(0),))


def test_flat_is_proved_by_two_looks_two_seconds_apart() -> None:
    core = emergency()
    assert core.look(flat(0)) == ()
    assert not core.proved
    assert core.next_at == T0 + 2 * SECOND
    core.look(flat(1.9))
    assert not core.over(T0 + 2 * SECOND)
    core.look(flat(2))
    assert core.proved
    assert core.over(T0)


def test_a_reading_that_fails_between_begins_the_proof_anew() -> None:
    core = emergency()
    core.look(flat(0))
    core.failed(T0 + SECOND, "no answer in time")
    core.look(flat(2))
    assert not core.proved
    core.look(flat(4))
    assert core.proved


def test_an_account_without_an_order_of_ours_is_flat_as_far_as_we_go() -> None:
    core = emergency()
    for seconds in (0, 2):
        core.look(reading(seconds, held=(stake(75, name="OTHER"),)))
    assert core.proved
    assert [one.name for one in core.foreign] == ["OTHER"]


def test_an_empty_book_proves_nothing_where_the_engine_last_told_that_it_holds() -> None:
    core = emergency(expected=True)
    for seconds in range(19):
        assert core.look(reading(seconds)) == ()
    assert "the order book has no order of ours" in core.doubt
    assert not core.over(T0 + 120 * SECOND)
    core.failed(T0 + 19 * SECOND, "no answer")
    assert core.over(T0 + 120 * SECOND)
    assert not core.over(T0 + 119 * SECOND)
    assert not core.proved


def test_an_order_that_has_vanished_from_the_book_makes_the_reading_worthless() -> None:
    core = emergency()
    core.look(reading(0, bought(), stop(), held=(stake(),), shown=BID))
    assert core.look(reading(1, bought(), held=(stake(),), shown=BID)) == ()
    assert core.doubt == "the order book lacks order 2, which it has shown before"


def test_positions_that_lack_what_we_have_traded_are_not_read_as_flat() -> None:
    core = emergency()
    assert core.look(reading(0, bought(), stop(state=DONE, filled=400))) == ()
    assert core.doubt == f"the positions lack {CALL}, which our orders have traded today"


def test_nothing_is_over_before_anything_was_looked_at() -> None:
    core = emergency()
    assert not core.over(T0)
    assert (core.foreign, core.foreign_orders) == ((), ())


# ------------------------------------------------------------------------------------------- others' things


def test_a_foreign_position_and_a_foreign_order_are_told_and_not_touched() -> None:
    core = emergency()
    theirs = stop(order_id="8", tag="", name="OTHER", limit=100)
    other = stake(75, name="OTHER")
    assert core.look(reading(0, bought(), theirs, stop(), held=(stake(500), other), shown=BID)) == (
        move(9900),
    )
    assert [(one.name, one.net) for one in core.foreign] == [(CALL, 100), ("OTHER", 75)]
    assert [line.order_id for line in core.foreign_orders] == ["8"]


def test_a_short_of_our_contract_is_told_and_never_touched() -> None:
    core = emergency()
    for seconds in (0, 2, 4):
        assert core.look(reading(seconds, bought(), stop(state=DONE, filled=400), held=(stake(-400),))) == ()
    assert [held.net for held in core.short] == [-400]
    assert not core.proved


def test_units_that_somebody_is_selling_by_hand_are_left_to_that_order() -> None:
    core = emergency()
    by_hand = stop(order_id="8", tag="", state=OPEN, stop=False, limit=12_000, quantity=150)
    assert core.look(reading(0, bought(), by_hand, stop(), held=(stake(),), shown=BID)) == (move(9900, 250),)
    by_hand = stop(order_id="8", tag="", state=OPEN, stop=False, limit=12_000)
    assert core.look(reading(1, bought(), by_hand, stop(), held=(stake(),), shown=BID)) == ()


def test_everything_closes_longs_and_shorts_of_others_and_cancels_their_orders() -> None:
    core = emergency(everything=True)
    theirs = stop(order_id="8", tag="")
    short = stake(-50, name="FUT", last=20_000)
    acts = core.look(reading(0, theirs, held=(stake(), short), shown=BID))
    assert acts == (pull("8"),)
    acts = core.look(reading(1, stop(order_id="8", tag="", state=GONE), held=(stake(), short), shown=BID))
    assert acts == (
        Send(tag="x07aaafaabr", name="FUT", product=PRODUCT, side="BUY", quantity=50, limit=20_200),
    )
    ended = stop(order_id="8", tag="", state=GONE)
    short = stake(0, name="FUT")
    covers = bought(50, order_id="10", name="FUT", tag="x07aaafaabr")
    acts = core.look(reading(2, ended, covers, held=(stake(), short), shown=BID))
    assert acts == (send(9900, number="c"),)


def test_everything_waits_for_a_living_order_of_others_that_closes() -> None:
    core = emergency(everything=True)
    half = stop(200, order_id="8", tag="")
    core.look(reading(0, half, held=(stake(),), shown=BID))
    assert core.look(reading(1, half, held=(stake(),), shown=BID)) == (pull("8"), send(9900, 200))


# ------------------------------------------------------------------------------------------------- no prices


def test_without_quotes_it_goes_down_in_steps_from_the_last_price() -> None:
    core, moved, rests = emergency(), [], stop(limit=100_000)
    for second in range(8):
        for act in core.look(reading(second, bought(), rests, held=(stake(),))):
            assert isinstance(act, Move)
            moved.append(act.limit)
    assert moved == [9900, 9700, 9400, 9000, 8500, 8000, 7000, 6000]


def test_without_any_price_but_our_own_it_goes_by_that() -> None:
    core = emergency()
    assert core.look(reading(0, bought(), stop(), held=(stake(last=0),))) == (move(9900),)


def test_without_any_price_at_all_nothing_is_sent_or_moved() -> None:
    core = emergency(everything=True)
    priceless = stake(last=0)
    unpriced = stop(limit=0)
    for second in range(3):
        assert core.look(reading(second, held=(priceless,))) == ()
    assert emergency().look(reading(0, bought(limit=0), unpriced, held=(priceless,))) == ()


# ----------------------------------------------------------------------------------------------- small things


def test_a_pending_order_lives_and_a_final_one_has_nothing_open() -> None:
    assert stop(state=OrderState.PENDING).living
    assert stop(state=STOP).open == 400
    assert stop(state=GONE).open == 0


def test_acts_in_words() -> None:
    assert in_words(pull("2")) == f"cancel order 2 of {CALL}"
    assert in_words(move(9905)) == f"order 2 of {CALL} to 400 at limit Rs 99.05"
    assert in_words(send(9900)) == f"SELL 400 {CALL} at limit Rs 99.00, tag x07aaafaabr"
