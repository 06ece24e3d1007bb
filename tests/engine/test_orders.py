"""Our own order book: states that stick, fills that only grow, tags that are never used twice."""

from __future__ import annotations

import pytest

from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.order import ApprovedOrder, OrderReport, OrderRequest, OrderState, Role
from ninefifteen.engine.orders import Order, OrderBook, Shape

SHARE = Instrument(name="C", symbol="C", kind="CE", lot_size=10, tick=5)


def an_order(tag: str = "x1", side: str = "BUY", **changes: object) -> Order:
    given: dict[str, object] = {
        "tag": tag,
        "role": Role.ENTRY if side == "BUY" else Role.PROTECT,
        "strategy": "s",
        "instrument": SHARE,
        "side": side,
        "quantity": 100,
        "type": "LIMIT",
        "limit": 5_000,
    } | changes
    return Order(ApprovedOrder(OrderRequest(**given), 7))  # type: ignore[arg-type]


def word(status: str, filled: int = 0, average: int = 0, **changes: object) -> OrderReport:
    given: dict[str, object] = {
        "order_id": "id",
        "tag": "x1",
        "status": OrderState(status),
        "quantity": 100,
        "filled": filled,
        "average": average,
        "limit": 5_000,
    } | changes
    return OrderReport(**given)  # type: ignore[arg-type]


def test_filled_quantity_never_falls_when_reports_arrive_out_of_order():
    order = an_order()
    assert order.report(word("open", 60, 4_990))
    assert not order.report(word("open", 20, 4_980))
    assert (order.filled, order.average) == (60, 4_990)


def test_a_final_state_is_sticky_but_fills_told_later_still_count():
    order = an_order()
    order.report(word("cancelled"))
    assert not order.report(word("open"))
    assert order.state is OrderState.CANCELLED
    assert order.report(word("complete", 40, 4_990))
    assert (order.state, order.filled) == (OrderState.CANCELLED, 40)


def test_a_fill_without_a_price_is_valued_at_the_limit_until_the_price_comes():
    order = an_order()
    assert order.report(word("complete", 100, 0))
    assert order.average == 5_000
    assert not order.report(word("complete", 100, 0))
    assert order.report(word("complete", 100, 4_950))
    assert order.average == 4_950


def test_a_fill_without_price_or_limit_is_valued_at_the_limit_we_asked_for():
    order = an_order()
    order.report(word("complete", 100, 0, limit=0))
    assert order.average == 5_000


def test_a_report_tells_the_id_an_answer_did_not():
    order = an_order()
    order.lost(9)
    assert order.unknown_since == 9
    order.report(word("open"))
    assert order.order_id == "id"
    assert order.unknown_since is None


def test_an_order_lost_twice_is_unknown_since_the_first_time():
    order = an_order()
    order.lost(9)
    order.lost(12)
    assert order.unknown_since == 9
    order.state = OrderState.SENDING
    order.lost(15)
    assert order.unknown_since == 9


def test_an_order_with_an_id_cannot_be_lost():
    order = an_order()
    order.accepted("id")
    order.lost(9)
    assert order.state is OrderState.ACKED


def test_acceptance_of_a_final_order_changes_nothing():
    order = an_order()
    order.refused("no")
    order.accepted("id")
    assert (order.state, order.order_id) == (OrderState.REJECTED, "")


def test_acceptance_of_a_working_order_does_not_set_it_back():
    order = an_order()
    order.report(word("open"))
    order.accepted("id")
    assert order.state is OrderState.OPEN


def test_a_refusal_after_a_fill_is_not_believed():
    order = an_order()
    order.report(word("open", 10, 4_990))
    order.refused("no")
    assert order.state is OrderState.OPEN


def test_unknown_and_parked_buys_count_as_exposure_in_full():
    book = OrderBook()
    for number, state in enumerate((OrderState.UNKNOWN, OrderState.PARKED, OrderState.OPEN)):
        book.add(an_approved(f"x{number}")).state = state
    assert book.exposure() == 3 * 100 * 5_000
    book.by_tag["x0"].state = OrderState.REJECTED
    book.by_tag["x2"].filled = 40
    assert book.exposure() == (100 + 60) * 5_000


def an_approved(tag: str, side: str = "BUY") -> ApprovedOrder:
    return ApprovedOrder(an_order(tag, side).request, 7)


def test_sells_are_no_exposure():
    book = OrderBook()
    book.add(an_approved("x1", "SELL"))
    assert book.exposure() == 0


def test_a_tag_is_never_used_twice():
    book = OrderBook()
    book.add(an_approved("x1"))
    with pytest.raises(ValueError, match="used before"):
        book.add(an_approved("x1"))


def test_tags_are_short_new_and_name_epoch_and_role():
    book = OrderBook()
    tags = [book.new_tag(740_000, Role.ENTRY) for _ in range(2_000)]
    assert len(set(tags)) == 2_000
    assert all(len(tag) == 11 and tag.isalnum() and tag.startswith("x00") for tag in tags)
    book.epoch = 7
    assert book.new_tag(740_000, Role.PROTECT).startswith("x07")
    assert OrderBook().new_tag(740_001, Role.ENTRY) != tags[0]


def test_the_shape_is_what_was_asked_while_the_answer_is_under_way_else_what_was_reported():
    order = an_order(side="SELL", type="SL", trigger=4_000, limit=3_000)
    assert order.shape == Shape("SL", 100, 3_000, 4_000)
    order.report(word("trigger_pending", limit=3_000, trigger=4_000))
    order.modify(Shape("LIMIT", 100, 3_500), 11)
    assert order.shape == Shape("LIMIT", 100, 3_500)
    order.report(word("trigger_pending", limit=3_000, trigger=4_000))
    assert order.shape == Shape("SL", 100, 3_000, 4_000)
    order.report(word("open", limit=3_500, trigger=4_000))
    assert order.shape == Shape("LIMIT", 100, 3_500)
