"""Orders placed by the official client are the orders the exchange holds: book, history, trades, money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ninefifteen.domain.charges import UNITS_PER_PAISA, charges
from ninefifteen.domain.instants import to_datetime
from ninefifteen.domain.order import OrderReport
from ninefifteen.simulator.market import Listed
from tests.official.official import OfficialClient, moment, official_client, rupees
from tests.simulator.kite.rehearsal import CASH, Rehearsal, rehearse

REGULAR = "regular"


def an_order(listed: Listed, side: str, **changes: Any) -> dict[str, Any]:
    """The arguments of `place_order` for one lot."""
    fields = {
        "exchange": listed.exchange,
        "tradingsymbol": listed.symbol,
        "transaction_type": side,
        "quantity": listed.lot_size,
        "product": "MIS",
        "order_type": "LIMIT",
        "validity": "DAY",
    }
    return fields | changes


async def bid_and_ask(client: Rehearsal, listed: Listed) -> tuple[int, int]:
    """Best prices in paise, once the contract has two of them."""
    while True:
        await client.wait(1)
        shown = client.server.venue.market.snapshot(listed.token, client.server.clock.now())
        if shown.bids[0][0] and shown.asks[0][0]:
            return shown.bids[0][0], shown.asks[0][0]


async def buy(client: Rehearsal, official: OfficialClient, listed: Listed, **changes: Any) -> str:
    """Buy a lot at the ask; returns the id of the order."""
    _, ask = await bid_and_ask(client, listed)
    order = an_order(listed, "BUY", price=rupees(ask)) | changes
    return str(await official.rest("place_order", REGULAR, **order))


def held(client: Rehearsal, order_id: str) -> OrderReport:
    """The order as the exchange itself has it."""
    reports = client.server.venue.desk.exchange.orders_of_day()
    return next(report for report in reports if report.order_id == order_id)


def check_row(row: dict[str, Any], report: OrderReport, listed: Listed) -> None:
    """A row of the book says what the exchange holds."""
    waiting = report.quantity - report.filled if report.status != "COMPLETE" else 0
    assert {name: row[name] for name in (
        "order_id", "status", "quantity", "filled_quantity", "pending_quantity", "price", "trigger_price",
        "average_price", "tradingsymbol", "exchange", "instrument_token",
    )} == {
        "order_id": report.order_id,
        "status": report.status.replace("_", " ").upper(),
        "quantity": report.quantity,
        "filled_quantity": report.filled,
        "pending_quantity": waiting,
        "price": rupees(report.limit),
        "trigger_price": rupees(report.trigger),
        "average_price": rupees(report.average),
        "tradingsymbol": listed.symbol,
        "exchange": "NFO",
        "instrument_token": listed.token,
    }  # fmt: skip


def test_a_limit_order_is_placed_modified_and_cancelled_and_the_book_tells_each_state() -> None:
    async def story(client: Rehearsal) -> None:
        exchange, listed = client.server.venue.desk.exchange, client.call_near()
        async with official_client(client.server.ready()) as official:
            bid, _ = await bid_and_ask(client, listed)
            low = bid - 100
            placed_at = client.server.clock.now()
            order = an_order(listed, "BUY", price=rupees(low), tag="first of the day")
            order_id = await official.rest("place_order", REGULAR, **order)
            (row,) = await official.rest("orders")
            check_row(row, held(client, order_id), listed)
            assert row["status"] == "OPEN"
            assert (row["order_timestamp"], row["tag"]) == (moment(placed_at), "first of the day")
            assert row["exchange_timestamp"] == moment(placed_at)
            assert row["exchange_order_id"]
            assert exchange.free_cash == CASH - low * listed.lot_size

            await client.wait(2)
            changes = {"price": rupees(low - 5), "quantity": 2 * listed.lot_size}
            assert await official.rest("modify_order", REGULAR, order_id, **changes) == order_id
            (row,) = await official.rest("orders")
            check_row(row, held(client, order_id), listed)
            assert (held(client, order_id).limit, row["quantity"]) == (low - 5, 2 * listed.lot_size)

            await client.wait(2)
            cancelled_at = client.server.clock.now()
            assert await official.rest("cancel_order", REGULAR, order_id) == order_id
            (row,) = await official.rest("orders")
            check_row(row, held(client, order_id), listed)
            assert row["status"] == "CANCELLED"
            assert row["cancelled_quantity"] == 2 * listed.lot_size
            assert row["exchange_timestamp"] == moment(cancelled_at)
            # The one stamp of a row that the official client leaves a text.
            assert row["exchange_update_timestamp"] == f"{to_datetime(cancelled_at):%Y-%m-%d %H:%M:%S}"
            assert exchange.free_cash == CASH
            history = await official.rest("order_history", order_id)
            assert [state["status"] for state in history] == [
                "PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING", "OPEN",
                "MODIFY VALIDATION PENDING", "MODIFY PENDING", "MODIFIED", "OPEN",
                "CANCEL PENDING", "CANCELLED",
            ]  # fmt: skip
            assert history[0]["order_timestamp"] == moment(placed_at)
            assert history[-1]["order_timestamp"] == moment(cancelled_at)

    rehearse(story)


def test_a_fill_is_a_trade_a_position_and_cash_that_is_gone() -> None:
    async def story(client: Rehearsal) -> None:
        exchange, listed = client.server.venue.desk.exchange, client.call_near()
        async with official_client(client.server.ready()) as official:
            order_id = await buy(client, official, listed)
            bought_at = client.server.clock.now()
            (row,) = await official.rest("orders")
            check_row(row, held(client, order_id), listed)
            assert row["status"] == "COMPLETE"
            trades = await official.rest("trades")
            assert await official.rest("order_trades", order_id) == trades
            fills = exchange.trades_of_day()
            assert [
                (t["trade_id"], t["order_id"], t["quantity"], t["average_price"], t["transaction_type"])
                for t in trades
            ] == [(f.trade_id, f.order_id, f.quantity, rupees(f.price), f.side) for f in fills]
            assert {trade["tradingsymbol"] for trade in trades} == {listed.symbol}
            assert [trade["fill_timestamp"] for trade in trades] == [moment(bought_at)] * len(fills)
            assert [trade["exchange_timestamp"] for trade in trades] == [moment(bought_at)] * len(fills)
            assert len(trades[0]["order_timestamp"]) == len("09:20:01")
            paid = sum(fill.quantity * fill.price for fill in fills)

            await client.wait(5)
            last = client.server.venue.market.snapshot(listed.token, client.server.clock.now()).last
            positions = await official.rest("positions")
            (position,) = positions["net"]
            assert positions["day"] == [position]
            assert position["quantity"] == exchange.net(listed.label) == listed.lot_size
            assert position["last_price"] == rupees(last)
            assert position["average_price"] == pytest.approx(paid / listed.lot_size / 100)
            assert position["buy_value"] == rupees(paid)
            assert position["pnl"] == pytest.approx(rupees(listed.lot_size * last - paid))
            funds = await official.rest("margins", "equity")
            assert funds["net"] == rupees(CASH - paid) == rupees(exchange.cash)
            assert funds["utilised"]["option_premium"] == rupees(paid)

    rehearse(story)


def test_a_stop_waits_for_its_trigger_and_a_stop_turned_limit_sells_what_is_held() -> None:
    async def story(client: Rehearsal) -> None:
        exchange, listed = client.server.venue.desk.exchange, client.call_near()
        async with official_client(client.server.ready()) as official:
            await buy(client, official, listed)
            bid, _ = await bid_and_ask(client, listed)
            stop = {"order_type": "SL", "trigger_price": rupees(bid // 2), "price": rupees(bid // 2 - 50)}
            stop = {name: round(v, 1) if isinstance(v, float) else v for name, v in stop.items()}
            order_id = await official.rest("place_order", REGULAR, **an_order(listed, "SELL", **stop))
            row = (await official.rest("orders"))[-1]
            check_row(row, held(client, order_id), listed)
            assert (row["status"], row["order_type"]) == ("TRIGGER PENDING", "SL")
            assert row["trigger_price"] == stop["trigger_price"]

            bid, _ = await bid_and_ask(client, listed)
            limit = {"order_type": "LIMIT", "price": rupees(bid)}
            await official.rest("modify_order", REGULAR, order_id, **limit)
            row = (await official.rest("orders"))[-1]
            check_row(row, held(client, order_id), listed)
            assert (row["status"], row["order_type"]) == ("COMPLETE", "LIMIT")
            assert exchange.net(listed.label) == 0
            (position,) = (await official.rest("positions"))["net"]
            assert (position["quantity"], position["sell_quantity"]) == (0, listed.lot_size)

    rehearse(story)


def test_a_protected_market_order_becomes_a_limit_that_says_so() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        async with official_client(client.server.ready()) as official:
            await bid_and_ask(client, listed)
            order = an_order(listed, "BUY", order_type="MARKET", market_protection=2)
            last = client.server.venue.market.snapshot(listed.token, client.server.clock.now()).last
            order_id = await official.rest("place_order", REGULAR, **order)
            (row,) = await official.rest("orders")
            check_row(row, held(client, order_id), listed)
            assert row["order_type"] == "LIMIT"
            assert row["tags"] == ["mktp", "mktp:2.00"]
            assert last * 1.01 < held(client, order_id).limit <= last * 1.02

    rehearse(story)


def test_margins_and_charges_are_those_of_the_rules_and_the_account() -> None:
    async def story(client: Rehearsal) -> None:
        listed, rates = client.call_near(), client.server.venue.day.rates
        async with official_client(client.server.ready()) as official:
            order = an_order(listed, "BUY", variety=REGULAR, price=12.35, trigger_price=0)
            value = listed.lot_size * 1235
            exact = charges(rates, value, 0, 1)
            (alone,) = await official.rest("order_margins", [order])
            assert (alone["option_premium"], alone["total"]) == (rupees(value), rupees(value))
            shown = alone["charges"]
            units = 100 * UNITS_PER_PAISA
            for name, part in (
                ("transaction_tax", exact.stt), ("exchange_turnover_charge", exact.exchange),
                ("sebi_turnover_charge", exact.sebi), ("brokerage", exact.brokerage),
                ("stamp_duty", exact.stamp), ("total", exact.total),
            ):  # fmt: skip
                assert shown[name] == pytest.approx(float(Decimal(part) / units), abs=1e-6), name
            assert shown["gst"]["total"] == pytest.approx(float(Decimal(exact.gst) / units), abs=1e-6)

            basket = await official.rest("basket_order_margins", [order, order], mode="compact")
            assert basket["final"]["total"] == rupees(2 * value)
            assert basket["orders"] == [alone, alone]

            traded = [
                an_order(listed, side, variety=REGULAR, order_id="1", average_price=20.0)
                for side in ("BUY", "SELL")
            ]
            bought, sold = await official.rest("get_virtual_contract_note", traded)
            value = listed.lot_size * 2000
            for note, exact in ((bought, charges(rates, value, 0, 1)), (sold, charges(rates, 0, value, 1))):
                assert note["charges"]["total"] == pytest.approx(
                    float(Decimal(exact.total) / units), abs=1e-6
                )
                assert (note["tradingsymbol"], note["price"]) == (listed.symbol, 20)

    rehearse(story)
