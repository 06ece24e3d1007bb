"""The life of an order: answers, changes, the close, the account, and the proofs of flatness."""

from __future__ import annotations

from datetime import date, time

import pytest

from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import (
    Chains,
    ChangeAnswered,
    DayClosed,
    OrderAccepted,
    OrderRefused,
    OrdersRead,
    OrderUpdate,
    PreOpen,
)
from ninefifteen.domain.instants import at
from ninefifteen.domain.market import CallRow, ChainFacts
from ninefifteen.domain.order import ApprovedOrder, OrderState
from ninefifteen.ports.broker import Broker
from ninefifteen.ports.source import Source
from ninefifteen.simulator.orders import Account, HeldOrder, ImpossibleState, Shape
from tests.simulator.exchange_desk import CALL, CLOSE, DAY, LOT, OPEN, Desk, refused, report


def test_an_exchange_is_a_broker_and_a_source() -> None:
    exchange = Desk().exchange
    broker: Broker = exchange
    source: Source = exchange
    assert (broker.read_orders, source.next_at) == (exchange.read_orders, exchange.next_at)


def test_an_approved_order_is_accepted_with_an_id_and_then_reported() -> None:
    desk = Desk()
    request = desk.request("BUY", 10_000, tag="xAA1")
    desk.exchange.submit(OPEN, ApprovedOrder(request, OPEN))
    accepted, update = desk.drain()
    assert accepted == OrderAccepted(at=OPEN, tag="xAA1", order_id="261202000000001")
    assert isinstance(update, OrderUpdate)
    assert (update.report.tag, update.report.status) == ("xAA1", OrderState.OPEN)
    assert (update.report.quantity, update.report.limit, update.report.average) == (LOT, 10_000, 0)


def test_ids_count_on_through_rejected_orders_but_not_through_refused_requests() -> None:
    desk = Desk()
    desk.buy(10_000, quantity=1)  # refused: no order
    desk.sell(10_000)  # rejected: short
    desk.buy(10_000)
    assert [(o.order_id[-2:], o.status) for o in desk.exchange.orders_of_day()] == [
        ("01", OrderState.REJECTED),
        ("02", OrderState.OPEN),
    ]


def test_the_history_keeps_every_state_with_its_instant() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000, size=LOT)
    order_id = report(desk.buy(10_000, 2 * LOT)).order_id
    desk.wait(1)
    desk.quote(9_950, 10_000, size=LOT)
    seen = [(when - OPEN, r.status, r.filled) for when, r in desk.exchange.history(order_id)]
    assert seen == [
        (0, OrderState.OPEN, 0),
        (0, OrderState.OPEN, LOT),
        (1_000_000_000, OrderState.COMPLETE, 2 * LOT),
    ]


def test_reading_the_orders_brings_the_whole_book_of_the_day() -> None:
    desk = Desk()
    desk.buy(9_000)
    desk.exchange.read_orders(OPEN + 5)
    (read,) = desk.drain()
    assert read == OrdersRead(at=OPEN + 5, ok=True, reports=desk.exchange.orders_of_day())


def test_a_cancel_is_answered_and_makes_the_order_final() -> None:
    desk = Desk()
    order_id = report(desk.buy(10_000)).order_id
    answer, update = desk.cancel(order_id)
    assert answer == ChangeAnswered(at=OPEN, tag="t", change="cancel", taken=True)
    assert isinstance(update, OrderUpdate)
    assert update.report.status is OrderState.CANCELLED
    assert desk.exchange.is_flat()


def test_a_cancel_keeps_what_was_filled() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000, size=LOT)
    done = report(desk.cancel(report(desk.buy(10_000, 3 * LOT)).order_id))
    assert (done.status, done.filled) == (OrderState.CANCELLED, LOT)
    assert not desk.exchange.is_flat()


def test_a_modification_gives_the_order_its_whole_new_shape_and_may_fill_it() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000)
    order_id = report(desk.buy(9_900)).order_id
    answer, update = desk.modify(order_id, 10_050, 2 * LOT)
    assert answer == ChangeAnswered(at=OPEN, tag="t", change="modify", taken=True)
    assert isinstance(update, OrderUpdate)
    assert (update.report.quantity, update.report.filled, update.report.average) == (2 * LOT, 2 * LOT, 10_000)


def test_the_protective_stop_becomes_the_exit_by_a_modification() -> None:
    desk = Desk()
    desk.hold()
    order_id = report(desk.stop(9_000, 6_500)).order_id
    desk.quote(10_800, 10_850, last=10_800)
    done = report(desk.modify(order_id, 10_800))
    assert (done.order_id, done.status, done.average) == (order_id, OrderState.COMPLETE, 10_800)
    assert desk.exchange.is_flat()


def test_a_stop_can_be_moved_and_keeps_waiting() -> None:
    desk = Desk()
    desk.hold()
    order_id = report(desk.stop(9_000, 6_500)).order_id
    moved = report(desk.modify(order_id, 7_000, order_type="SL", trigger=9_500))
    assert (moved.status, moved.trigger, moved.limit) == (OrderState.TRIGGER_PENDING, 9_500, 7_000)


def test_a_working_order_claims_cash_and_units_and_gives_them_back() -> None:
    desk = Desk(cash=LOT * 10_000)
    order_id = report(desk.buy(10_000)).order_id
    assert (desk.exchange.cash, desk.exchange.free_cash) == (LOT * 10_000, 0)
    assert "Insufficient funds" in refused(desk.buy(5))
    assert report(desk.modify(order_id, 9_995)).limit == 9_995, "its own claim does not count against it"
    desk.cancel(order_id)
    assert desk.exchange.free_cash == LOT * 10_000


def test_a_sell_credits_the_cash_and_two_sells_cannot_share_the_same_units() -> None:
    desk = Desk()
    desk.hold()
    order_id = report(desk.stop(9_000, 6_500)).order_id
    assert "short position of 250" in refused(desk.sell(10_500))
    desk.quote(10_000, 10_050, last=10_000)
    desk.modify(order_id, 10_000)
    assert desk.exchange.cash == desk.exchange.free_cash == 10_000_000


def test_day_orders_lapse_after_the_close_and_never_fill_again() -> None:
    desk = Desk()
    order_id = report(desk.buy(9_000)).order_id
    desk.now = CLOSE
    desk.quote(9_500, 9_600)
    assert desk.drain() == [], "the close itself still belongs to the session"
    desk.wait(1)
    desk.quote(8_000, 8_100)
    done = report(desk.drain())
    assert (done.order_id, done.status, done.filled) == (order_id, OrderState.CANCELLED, 0)
    assert "lapsed" in done.message


def test_a_request_after_the_close_finds_the_orders_lapsed() -> None:
    desk = Desk()
    order_id = report(desk.buy(9_000)).order_id
    desk.now = CLOSE + 1
    lapse, answer = desk.cancel(order_id)
    assert isinstance(lapse, OrderUpdate)
    assert isinstance(answer, ChangeAnswered)
    assert (lapse.at, answer.taken) == (CLOSE + 1, False)


def test_the_closed_day_lets_everything_lapse_stops_included() -> None:
    desk = Desk()
    desk.hold()
    desk.stop(9_000, 6_500)
    desk.exchange.observe(DayClosed(at=CLOSE))
    assert report(desk.drain()).status is OrderState.CANCELLED
    desk.exchange.observe(DayClosed(at=CLOSE))
    assert desk.drain() == []


def test_contracts_become_known_from_the_chains_the_feed_brings() -> None:
    desk = Desk()
    rows = (
        CallRow("ITC 2026-12-29 400 CE", 40_000, 1, 1, 500),
        CallRow("ITC 2026-12-29 410 CE", 41_000, 1, 1, 500),
    )
    chain = ChainFacts(
        symbol="ITC",
        expiry=date(2026, 12, 29),
        lot_size=1_725,
        tick=5,
        calls=rows[:1],
        call_oi=1,
        put_oi=1,
        freeze_quantity=60_000,
        band_high=2_000,
    )
    desk.exchange.observe(Chains(at=at(DAY, time(9, 14)), chains=(chain,)))
    listed, unlisted = (
        CALL.__class__(name=r.name, symbol="ITC", kind="CE", lot_size=1, tick=1) for r in rows
    )
    assert report(desk.buy(500, 1_725, instrument=listed)).status is OrderState.OPEN
    assert "outside the day's circuit limits" in refused(desk.buy(2_005, 1_725, instrument=listed))
    assert "does not exist" in refused(desk.buy(500, 1_725, instrument=unlisted))


def test_other_events_pass_without_effect() -> None:
    desk = Desk()
    desk.exchange.observe(PreOpen(at=OPEN, exchange_at=OPEN, final=True, rows=()))
    assert desk.drain() == []


def test_trades_sum_to_what_the_orders_say_and_cash_is_the_premium_paid_and_received() -> None:
    desk = Desk()
    desk.quote(9_950, 10_000, size=LOT, more_asks=((10_050, LOT),))
    desk.buy(10_050, 2 * LOT)
    desk.quote(10_800, 10_850, size=2 * LOT, last=10_800)
    desk.sell(10_800, 2 * LOT)
    first, second, third = desk.exchange.trades_of_day()
    assert [t.trade_id for t in (first, second, third)] == ["00000001", "00000002", "00000003"]
    assert (third.side, third.name, third.at, third.order_id[-1]) == ("SELL", CALL.name, OPEN, "2")
    assert desk.exchange.cash - 10_000_000 == LOT * (2 * 10_800 - 10_000 - 10_050)


def _order() -> HeldOrder:
    return HeldOrder("1", "t", "c", Shape(side="BUY", type="LIMIT", quantity=500, limit=100))


def test_an_order_holds_its_own_invariants() -> None:
    order = _order()
    with pytest.raises(ImpossibleState):
        order.fill(501, 100)
    order.fill(250, 100)
    with pytest.raises(ImpossibleState):
        order.reshape(Shape(side="BUY", type="LIMIT", quantity=250, limit=100))
    order.fill(250, 100)
    with pytest.raises(ImpossibleState):
        order.move(OrderState.CANCELLED)
    with pytest.raises(ImpossibleState):
        order.fill(1, 100)
    with pytest.raises(ImpossibleState):
        order.reshape(Shape(side="BUY", type="LIMIT", quantity=750, limit=100))
    assert order.report().status is OrderState.COMPLETE


def test_an_account_is_never_short_and_never_overdrawn() -> None:
    account = Account(1_000)
    with pytest.raises(ImpossibleState):
        account.settle("c", "SELL", 1, 100)
    with pytest.raises(ImpossibleState):
        account.settle("c", "BUY", 11, 100)
    account.settle("c", "BUY", 10, 100)
    assert (account.cash, account.positions) == (0, {"c": 10})


def test_the_same_calls_give_the_same_answers() -> None:
    def day() -> tuple[object, ...]:
        desk = Desk()
        desk.hold()
        order_id = report(desk.stop(9_000, 6_500)).order_id
        desk.exchange.modify(
            OPEN, Modify(tag="t", order_id=order_id, order_type="LIMIT", quantity=1, limit=1)
        )
        desk.exchange.cancel(OPEN, Cancel(tag="t", order_id=order_id))
        events = desk.drain()
        assert not any(isinstance(event, OrderRefused) for event in events)
        return (*events, *desk.exchange.orders_of_day(), *desk.exchange.trades_of_day())

    assert day() == day()
