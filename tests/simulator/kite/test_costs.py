"""What an order would need and cost, by Kite's addresses for margins and charges."""

from __future__ import annotations

from typing import Any

import pytest

from ninefifteen.domain.charges import charges
from ninefifteen.simulator.market import Listed
from tests.simulator.kite.rehearsal import Rehearsal, rehearse


def asked(listed: Listed, side: str = "BUY", **fields: Any) -> dict[str, Any]:
    """An order to be reckoned with, at Rs 20."""
    order = {
        "exchange": "NFO",
        "tradingsymbol": listed.symbol,
        "transaction_type": side,
        "variety": "regular",
        "product": "MIS",
        "order_type": "LIMIT",
        "quantity": listed.lot_size,
        "price": 20,
    }
    return order | fields


def test_a_bought_option_needs_its_premium_and_costs_what_the_rules_say() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        (row,) = await client.call("POST", "/margins/orders", json=[asked(listed)])
        assert row["option_premium"] == row["total"] == 20 * listed.lot_size
        exact = charges(client.server.venue.day.rates, 2000 * listed.lot_size, 0, 1)
        assert row["charges"]["total"] == pytest.approx(exact.total_paise / 100, abs=0.01)
        assert row["charges"]["brokerage"] == 20
        assert row["charges"]["transaction_tax"] == 0
        parts = (
            "transaction_tax",
            "exchange_turnover_charge",
            "sebi_turnover_charge",
            "brokerage",
            "stamp_duty",
        )
        summed = sum(row["charges"][part] for part in parts) + row["charges"]["gst"]["total"]
        assert summed == pytest.approx(row["charges"]["total"], abs=1e-5)

    rehearse(story)


def test_without_a_price_the_last_one_counts() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        last = client.server.venue.market.snapshot(listed.token, client.server.clock.now()).last
        order = asked(listed, order_type="MARKET", price=0)
        (row,) = await client.call("POST", "/margins/orders", json=[order])
        assert row["total"] == pytest.approx(last / 100 * listed.lot_size)

    rehearse(story)


def test_a_sell_of_what_is_not_held_needs_the_whole_strike_value() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        (row,) = await client.call("POST", "/margins/orders", json=[asked(listed, "SELL")])
        assert row["total"] == row["span"] == listed.strike / 100 * listed.lot_size
        assert row["charges"]["transaction_tax"] > 0

    rehearse(story)


def test_a_basket_adds_up_and_a_contract_note_tells_each_orders_charges() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        orders = [asked(listed), asked(listed, quantity=2 * listed.lot_size)]
        basket = await client.call("POST", "/margins/basket?consider_positions=true", json=orders)
        assert basket["final"]["total"] == sum(row["total"] for row in basket["orders"])
        assert basket["charges"]["brokerage"] == 40
        bought = asked(listed, order_id="1", average_price=12.35)
        (note,) = await client.call("POST", "/charges/orders", json=[bought])
        assert (note["price"], note["quantity"]) == (12.35, listed.lot_size)
        exact = charges(client.server.venue.day.rates, 1235 * listed.lot_size, 0, 1)
        assert note["charges"]["total"] == pytest.approx(exact.total_paise / 100, abs=0.01)
        (by_mean,) = await client.call("POST", "/charges/orders", json=[bought | {"average_price": 12.3456}])
        assert by_mean["price"] == 12.35

    rehearse(story)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}",
        b"[1]",
        b'[{"exchange":"NSE","tradingsymbol":"INFY","transaction_type":"BUY","quantity":1}]',
        b'[{"tradingsymbol":"X"}]',
    ],
)
def test_a_body_that_is_no_list_of_options_is_an_input_error(body: bytes) -> None:
    async def story(client: Rehearsal) -> None:
        for path in ("/margins/orders", "/margins/basket", "/charges/orders"):
            no = await client.no("POST", path, data=body)
            assert (no.status, no.error_type) == (400, "InputException")
            await client.wait(0.2)

    rehearse(story)


@pytest.mark.parametrize(
    "fields",
    [
        {"transaction_type": "HOLD"},
        {"quantity": "1"},
        {"quantity": 1.5},
        {"quantity": True},
        {"quantity": -1},
        {"quantity": 10**12},
        {"price": "20"},
        {"price": -1},
        {"price": 1e15},
    ],
)
def test_a_figure_that_cannot_be_is_an_input_error(fields: dict[str, Any]) -> None:
    async def story(client: Rehearsal) -> None:
        no = await client.no("POST", "/margins/orders", json=[asked(client.call_near(), **fields)])
        assert (no.status, no.error_type) == (400, "InputException")

    rehearse(story)
