"""When requests arrive and answers come: latency, order, and nothing by chance that was not passed in."""

from __future__ import annotations

from random import Random

import pytest

from ninefifteen.domain.effects import Cancel
from ninefifteen.domain.events import ChangeAnswered, Event, OrderAccepted, OrderUpdate
from ninefifteen.domain.instants import MILLISECOND
from ninefifteen.domain.order import OrderState
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import DepthFills
from ninefifteen.simulator.wire import Latency
from tests.simulator.exchange_desk import CALL, CLOSE, DAY, OPEN, Desk, limits_on, report

MS = MILLISECOND
SLOW = Latency(30 * MS, 20 * MS)


def test_an_answer_takes_the_way_there_and_back() -> None:
    desk = Desk(latency=SLOW)
    desk.exchange.request(OPEN, desk.request("BUY", 10_000))
    assert desk.exchange.next_at() == OPEN + 50 * MS
    accepted, update = desk.drain()
    assert (accepted.at, update.at) == (OPEN + 50 * MS, OPEN + 50 * MS)
    assert isinstance(accepted, OrderAccepted)


def test_an_order_meets_the_market_of_its_arrival_and_not_of_its_sending() -> None:
    desk = Desk(latency=SLOW)
    desk.quote(9_950, 10_000)
    desk.exchange.request(OPEN, desk.request("BUY", 10_500))
    desk.now += 29 * MS
    desk.quote(10_350, 10_400)
    assert report(desk.drain()).average == 10_400


def test_a_request_arriving_at_the_instant_of_a_quote_meets_the_market_before_it() -> None:
    desk = Desk(latency=SLOW)
    desk.quote(9_950, 10_000)
    desk.exchange.request(OPEN, desk.request("BUY", 10_500))
    desk.now += 30 * MS
    desk.quote(10_350, 10_400)
    assert report(desk.drain()).average == 10_000


def test_a_fill_is_known_one_way_after_the_quote_that_made_it() -> None:
    desk = Desk(latency=SLOW)
    desk.buy(10_000)
    desk.wait(1)
    desk.quote(9_950, 10_000)
    assert desk.exchange.next_at() == desk.now + 20 * MS
    assert report(desk.drain()).status is OrderState.COMPLETE


def test_an_answer_brought_forward_by_the_market_comes_first() -> None:
    desk = Desk(latency=SLOW)
    order_id = report(desk.buy(10_000)).order_id
    desk.wait(1)
    desk.exchange.cancel(desk.now, Cancel(tag="t", order_id=order_id))
    assert desk.exchange.next_at() == desk.now + 50 * MS
    desk.now += 5 * MS
    desk.quote(9_950, 10_000)
    assert desk.exchange.next_at() == desk.now + 20 * MS
    filled, answer = desk.drain()
    assert isinstance(filled, OrderUpdate)
    assert isinstance(answer, ChangeAnswered)
    assert not answer.taken, "filled before the cancel arrived"


def test_nothing_is_under_way_in_the_beginning() -> None:
    exchange = Desk().exchange
    assert exchange.next_at() is None
    with pytest.raises(IndexError):
        exchange.pop()


def _jittery(seed: int) -> list[Event]:
    exchange = Exchange(
        open_at=OPEN,
        close_at=CLOSE,
        fills=DepthFills(),
        free_cash=10**12,
        limits=limits_on(DAY),
        latency=Latency(30 * MS, 20 * MS, 100 * MS),
        chance=Random(seed),
    )
    exchange.list_instruments([CALL])
    desk = Desk()
    for step in range(8):
        exchange.request(OPEN + step * 10 * MS, desk.request("BUY", 10_000 + 5 * step))
    events = []
    while exchange.next_at() is not None:
        due = exchange.next_at()
        event = exchange.pop()
        assert event.at == due
        events.append(event)
    arrivals = [exchange.history(order.order_id)[0][0] for order in exchange.orders_of_day()]
    assert arrivals == sorted(arrivals)
    return events


def test_jitter_comes_from_the_generator_alone_and_keeps_everything_in_order() -> None:
    events = _jittery(7)
    assert events == _jittery(7)
    assert [e.at for e in events] != [e.at for e in _jittery(8)]
    assert [e.at for e in events] == sorted(e.at for e in events)
    assert [e.tag[-1] for e in events if isinstance(e, OrderAccepted)] == list("12345678")
    assert len({e.at for e in events}) > 1
    assert events[0].at >= OPEN + 50 * MS
    assert events[-1].at <= OPEN + 70 * MS + 250 * MS


def test_jitter_without_a_generator_is_refused() -> None:
    with pytest.raises(ValueError, match="seeded generator"):
        Desk(latency=Latency(0, 0, 1))


def test_orders_lapse_at_the_close_even_if_only_a_request_arrives_after_it() -> None:
    desk = Desk(latency=SLOW)
    order_id = report(desk.buy(9_000)).order_id
    desk.now = CLOSE - 1
    desk.exchange.cancel(desk.now, Cancel(tag="t", order_id=order_id))
    due = desk.exchange.next_at()
    events = desk.drain()
    assert [event.at for event in events] == [due, due]
    assert isinstance(events[0], OrderUpdate)
    assert "lapsed" in events[0].report.message
