"""Orders over Kite's addresses, from the form to the fill, against the simulated exchange."""

from __future__ import annotations

from typing import Any

import pytest

from ninefifteen.simulator.kite.refusing import error_of
from ninefifteen.simulator.market import Listed
from ninefifteen.simulator.words import codes, refusal
from tests.simulator.kite.rehearsal import CASH, Rehearsal, frames, moment, rehearse

PLACED = ["PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING", "OPEN"]


async def best(client: Rehearsal, listed: Listed) -> tuple[float, float]:
    """Best bid and ask in rupees; the clock goes on until there are both."""
    while True:
        await client.wait(1)
        quote = (await client.get("/quote", params={"i": f"NFO:{listed.symbol}"}))[f"NFO:{listed.symbol}"]
        bid, ask = (quote["depth"][side][0]["price"] for side in ("buy", "sell"))
        if bid and ask:
            return bid, ask


def status(messages: list[Any]) -> str | None:
    """The order status in the last of a ticker's messages."""
    orders = [one for one in messages if isinstance(one, dict) and one["type"] == "order"]
    return orders[-1]["data"]["status"] if orders else None


async def bought(client: Rehearsal, listed: Listed) -> float:
    """Buy a lot, whatever the ask becomes on the way; returns the price paid."""
    _, ask = await best(client, listed)
    row = await client.order(await client.place(listed, "BUY", price=f"{ask + 3:.2f}"))
    assert row["status"] == "COMPLETE"
    return float(row["average_price"])


def test_a_buy_at_the_ask_is_complete_with_its_whole_history_trade_and_position() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        _, ask = await best(client, listed)
        order_id = await client.place(listed, "BUY", price=f"{ask + 3:.2f}", tag="one order")
        assert order_id.startswith("261202")
        assert await client.statuses(order_id) == [*PLACED, "COMPLETE"]
        row = await client.order(order_id)
        ask = row["average_price"]
        assert ask < row["price"]
        assert (row["tag"], row["tags"]) == ("one order", ["one order"])
        assert (row["filled_quantity"], row["pending_quantity"]) == (listed.lot_size, 0)
        assert row["tradingsymbol"] == listed.symbol
        (trade,) = await client.get(f"/orders/{order_id}/trades")
        assert (trade["order_id"], trade["quantity"], trade["average_price"]) == (
            order_id,
            listed.lot_size,
            ask,
        )
        assert await client.get("/trades") == [trade]
        await client.wait(0.5)
        (position,) = (await client.get("/portfolio/positions"))["net"]
        assert (position["quantity"], position["average_price"]) == (listed.lot_size, ask)
        await client.wait(0.5)
        funds = await client.get("/user/margins/equity")
        assert funds["net"] == pytest.approx(CASH / 100 - ask * listed.lot_size)
        assert funds["utilised"]["debits"] == pytest.approx(ask * listed.lot_size)
        assert funds["utilised"]["option_premium"] == pytest.approx(ask * listed.lot_size)
        assert funds["available"]["opening_balance"] == CASH / 100

    rehearse(story)


def test_a_buy_below_the_market_rests_claims_its_cash_and_is_cancelled() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        bid, _ = await best(client, listed)
        price = bid - 1
        order_id = await client.place(listed, "BUY", price=f"{price:.2f}")
        assert await client.statuses(order_id) == PLACED
        assert (await client.order(order_id))["pending_quantity"] == listed.lot_size
        funds = await client.get("/user/margins")
        assert funds["equity"]["net"] == pytest.approx(CASH / 100 - price * listed.lot_size)
        assert funds["commodity"]["net"] == 0
        await client.wait(0.2)
        await client.call("DELETE", f"/orders/regular/{order_id}")
        assert await client.statuses(order_id) == [*PLACED, "CANCEL PENDING", "CANCELLED"]
        row = await client.order(order_id)
        # As in Zerodha's own sample, the pending quantity of a cancelled order stays what it was.
        assert (row["status"], row["cancelled_quantity"], row["pending_quantity"]) == (
            "CANCELLED",
            listed.lot_size,
            listed.lot_size,
        )
        again = await client.no("DELETE", f"/orders/regular/{order_id}")
        assert (again.status, again.error_type) == (400, "OrderException")
        assert "already CANCELLED" in again.message

    rehearse(story)


def test_a_modified_order_goes_through_its_states_and_takes_the_new_price() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        bid, ask = await best(client, listed)
        order_id = await client.place(listed, "BUY", price=f"{bid - 1:.2f}")
        await client.wait(0.2)
        form = {"order_type": "LIMIT", "price": str(ask), "quantity": str(listed.lot_size)}
        await client.call("PUT", f"/orders/regular/{order_id}", data=form)
        changed = ["MODIFY VALIDATION PENDING", "MODIFY PENDING", "MODIFIED"]
        statuses = await client.statuses(order_id)
        assert statuses[:7] == [*PLACED, *changed]
        row = await client.order(order_id)
        assert (row["price"], row["modified"]) == (ask, True)
        rows = await client.get(f"/orders/{order_id}")
        assert [r["price"] for r in rows[:7]] == [pytest.approx(bid - 1)] * 7

    rehearse(story)


def test_a_stop_waits_is_moved_and_is_cancelled() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        paid = await bought(client, listed)
        trigger, limit = round(paid * 0.6), round(paid * 0.5)
        stop = await client.place(
            listed, "SELL", order_type="SL", trigger_price=str(trigger), price=str(limit), product="NRML"
        )
        assert await client.statuses(stop) == [*PLACED[:3], "TRIGGER PENDING"]
        row = await client.order(stop)
        assert (row["order_type"], row["trigger_price"], row["product"]) == ("SL", trigger, "NRML")
        await client.call("PUT", f"/orders/regular/{stop}", data={"trigger_price": str(trigger + 1)})
        moved = await client.order(stop)
        assert (moved["trigger_price"], moved["price"], moved["status"]) == (
            trigger + 1,
            limit,
            "TRIGGER PENDING",
        )
        short = await client.refusal(listed, "SELL", order_type="SL", trigger_price="1", price="2")
        assert (short.error_type, "Limit price" in short.message) == ("InputException", True)
        # To a limit order at the market: it sells.
        bid, _ = await best(client, listed)
        await client.call(
            "PUT", f"/orders/regular/{stop}", data={"order_type": "LIMIT", "price": f"{bid / 2:.0f}"}
        )
        row = await client.order(stop)
        assert (row["order_type"], row["trigger_price"]) == ("LIMIT", 0)

    rehearse(story)


def test_a_stop_is_triggered_by_the_market_and_the_ticker_hears_of_it() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        paid = await bought(client, listed)
        form = {"order_type": "SL", "trigger_price": f"{paid - 1:.2f}", "price": f"{paid * 0.8:.0f}"}
        stop = await client.place(listed, "SELL", **form)
        orders = client.server.venue.desk.orders
        async with client.ticker() as socket:
            for _ in range(3600):
                if orders[stop].state.status == "COMPLETE":
                    break
                await client.wait(1)
            told = await frames(socket, until=lambda got: status(got[-1:]) == "COMPLETE")
        assert told[-1]["data"]["order_id"] == stop
        assert told[-1]["data"]["user_id"] == "RH0001"
        statuses = await client.statuses(stop)
        assert statuses[:4] == [*PLACED[:3], "TRIGGER PENDING"]
        assert statuses[-1] == "COMPLETE"
        row = await client.order(stop)
        assert (row["order_type"], row["filled_quantity"]) == ("SL", listed.lot_size)

    rehearse(story)


def test_orders_are_filled_by_the_quotes_that_tickers_see() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        bid, _ = await best(client, listed)
        order_id = await client.place(listed, "BUY", price=str(bid))
        desk, market = client.server.venue.desk, client.server.venue.market
        order = desk.orders[order_id]
        for _ in range(2000):
            if order.state.filled:
                break
            await client.advance(market.next_at() or moment("15:40:00"))
        state = order.state
        assert state.filled
        quote = market.quote(listed.token, state.at)
        assert quote is not None
        assert quote.at == state.at
        assert 0 < quote.ask <= round(bid * 100)
        assert desk.tokens() == {listed.token}

    rehearse(story)


def test_what_the_risk_desk_refuses_gets_an_id_and_ends_rejected() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        _, ask = await best(client, listed)
        order_id = await client.place(listed, "BUY", price=str(ask))
        assert await client.statuses(order_id) == [*PLACED[:2], "REJECTED"]
        row = await client.order(order_id)
        assert row["status_message"].startswith("Insufficient funds. Required margin is")
        assert (row["exchange_order_id"], row["exchange_timestamp"], row["pending_quantity"]) == (
            None,
            None,
            0,
        )

    rehearse(story, cash=1000)


@pytest.mark.parametrize(
    ("fields", "error_type", "words"),
    [
        ({"tradingsymbol": "INFY99DEC1CE"}, "InputException", "expired or does not exist"),
        ({"exchange": "NSE", "tradingsymbol": "INFY"}, "InputException", "only options can be ordered"),
        ({"transaction_type": "HOLD"}, "InputException", "Invalid `transaction_type`: HOLD."),
        ({"order_type": ""}, "InputException", "Missing or empty field `order_type`"),
        ({"product": "CNC"}, "InputException", "Invalid `product`"),
        ({"quantity": "65.0"}, "InputException", "Invalid `quantity`"),
        ({"quantity": "1"}, "InputException", "must be a multiple of the lot size"),
        ({"quantity": "400000"}, "InputException", "freeze quantity"),
        ({"price": "free"}, "InputException", "Invalid `price`"),
        ({"price": "nan"}, "InputException", "Invalid `price`"),
        ({"price": "10.001"}, "InputException", "Invalid `price`"),
        ({"price": "10.01"}, "InputException", "not a multiple of the tick size"),
        ({"tag": "x" * 21}, "InputException", "Invalid `tag`"),
        ({"validity": "IOC"}, "InputException", "Invalid `validity`"),
        ({"disclosed_quantity": "5"}, "InputException", "disclosed_quantity"),
        ({"iceberg_legs": "2"}, "InputException", "iceberg_legs"),
        ({"autoslice": "true"}, "InputException", "autoslice"),
        (
            {"order_type": "MARKET"},
            "InputException",
            "Market orders without market protection are not allowed",
        ),
        ({"order_type": "MARKET", "market_protection": "0"}, "InputException", "without market protection"),
        ({"order_type": "MARKET", "market_protection": "true"}, "InputException", "expected decimal"),
        ({"order_type": "MARKET", "market_protection": "101"}, "InputException", "up to 100"),
        ({"order_type": "SL-M", "trigger_price": "1"}, "InputException", "without market protection"),
        (
            {"order_type": "SL", "trigger_price": "9999", "price": "9998"},
            "OrderException",
            "Trigger price 9999.00 for a stoploss SELL order must be below",
        ),
    ],
)
def test_a_mistake_in_the_form_is_refused_in_words_and_leaves_no_order(
    fields: dict[str, str], error_type: str, words: str
) -> None:
    async def story(client: Rehearsal) -> None:
        no = await client.refusal(client.call_near(), "SELL", **({"price": "10"} | fields))
        assert (no.status, no.error_type) == (400, error_type)
        assert words in no.message
        assert await client.get("/orders") == []

    rehearse(story)


@pytest.mark.parametrize("body", [b"%FF%FE=1", b"a=%ff", "\u20b9=1".encode(), b"no form at all", b""])
def test_a_body_that_is_no_order_is_an_input_error(body: bytes) -> None:
    async def story(client: Rehearsal) -> None:
        for kind in ("application/x-www-form-urlencoded", "application/json", "multipart/form-data"):
            headers = {**client.headers, "Content-Type": kind}
            no = await client.no("POST", "/orders/regular", data=body, headers=headers)
            assert (no.status, no.error_type) == (400, "InputException")

    rehearse(story)


def test_other_varieties_and_unknown_orders_are_refused() -> None:
    async def story(client: Rehearsal) -> None:
        assert "amo" in (await client.no("POST", "/orders/amo", data={"a": "b"})).message
        for method, path in (("PUT", "/orders/regular/9"), ("DELETE", "/orders/amo/9"), ("GET", "/orders/9")):
            no = await client.no(method, path)
            assert (no.status, no.error_type) == (400, "OrderException")

    rehearse(story)


def test_before_the_open_and_after_the_close_orders_are_refused() -> None:
    async def story(client: Rehearsal) -> None:
        no = await client.refusal(client.call_near(), "BUY", price="10")
        assert (no.status, no.error_type) == (400, "OrderException")
        assert no.message.startswith("Markets are")

    rehearse(story, start="09:14:59")
    rehearse(story, start="15:45:00")


@pytest.mark.parametrize(("protection", "tag"), [("-1", None), ("2", "mktp:2.00"), ("7.5", "mktp:7.50")])
def test_a_protected_market_order_goes_to_the_book_as_a_limit(protection: str, tag: str | None) -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        await bought(client, listed)
        last = client.server.venue.market.snapshot(listed.token, client.server.clock.now()).last / 100
        order_id = await client.place(listed, "SELL", order_type="MARKET", market_protection=protection)
        row = await client.order(order_id)
        assert row["order_type"] == "LIMIT"
        assert 0.9 * last < row["price"] <= last
        assert row["tags"][0] == "mktp"
        assert tag is None or row["tags"][1] == tag

    rehearse(story)


def test_a_protected_stop_is_a_stop_with_a_limit() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        paid = await bought(client, listed)
        trigger = round(paid / 2)
        order_id = await client.place(
            listed, "SELL", order_type="SL-M", trigger_price=str(trigger), market_protection="10"
        )
        row = await client.order(order_id)
        assert (row["order_type"], row["price"]) == ("SL", pytest.approx(trigger * 0.9, abs=0.05))
        form = {"order_type": "SL-M", "trigger_price": str(trigger), "market_protection": "20"}
        await client.call("PUT", f"/orders/regular/{order_id}", data=form)
        assert (await client.order(order_id))["price"] == pytest.approx(trigger * 0.8, abs=0.05)
        no = await client.no("PUT", f"/orders/regular/{order_id}", data={"order_type": "GUESS"})
        assert "Invalid `order_type`" in no.message

    rehearse(story)


def test_orders_from_an_unregistered_address_are_refused_and_nothing_else() -> None:
    async def story(client: Rehearsal) -> None:
        no = await client.refusal(client.call_near(), "BUY", price="10")
        assert (no.status, no.error_type) == (403, "PermissionException")
        assert no.message.startswith("No IPs configured for this app.")
        for method in ("PUT", "DELETE"):
            assert (await client.no(method, "/orders/regular/1")).message == no.message
        assert await client.get("/orders") == []
        await client.get("/portfolio/positions")

    rehearse(story, static_ip=False)


@pytest.mark.parametrize("code", codes())
def test_every_refusal_of_the_exchange_has_its_error(code: str) -> None:
    names = (
        "tag", "length", "writes", "type", "name", "expiry", "quantity", "lot", "freeze", "field", "price",
        "tick", "trigger", "last", "limit", "side", "relation", "low", "high", "reference", "bound",
        "required", "available", "sellable", "short", "order_id", "status", "modifications", "filled",
    )  # fmt: skip
    words = refusal(code, **{name: f"<{name}>" for name in names})
    listed = Listed(
        token=1, exchange_token=1, symbol="SYMBOL", root="R", exchange="NFO", segment="NFO-OPT", kind="CE",
        tick=5, lot_size=1, label="<name>",
    )  # fmt: skip
    error = error_of(words.words, listed)
    expected = {
        "too_many_requests": ("NetworkException", 429),
        "market_not_open": ("OrderException", 400),
        "market_closed": ("OrderException", 400),
        "trigger_last": ("OrderException", 400),
        "unknown_order": ("OrderException", 400),
        "final_order": ("OrderException", 400),
        "modifications": ("OrderException", 400),
        "limit_to_stop": ("OrderException", 400),
        "quantity_filled": ("OrderException", 400),
    }
    if words.before_order:
        assert (error.error_type, error.status) == expected.get(code, ("InputException", 400))
    assert "<name>" not in error.message
