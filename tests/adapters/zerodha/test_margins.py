"""Margins and charges: what is asked, what is read, and a refusal that is an answer."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from ninefifteen.adapters.zerodha.client import KiteClient
from ninefifteen.adapters.zerodha.errors import Down, LoggedOut, Refused
from ninefifteen.adapters.zerodha.margins import (
    Charges,
    Executed,
    OrderMargin,
    Planned,
    basket_margin,
    charges,
    margin_for,
    order_margins,
)
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.order import OrderRequest, Role
from tests.adapters.zerodha.anything import ANYTHING
from tests.adapters.zerodha.fake_kite import FakeClient, mock

COSTS: dict[str, Any] = {
    "transaction_tax": 1.67109375,
    "transaction_tax_type": "stt",
    "exchange_turnover_charge": 1.336875,
    "sebi_turnover_charge": 0.00267375,
    "brokerage": 20,
    "stamp_duty": 0.1,
    "gst": {"igst": 3.84, "cgst": 0, "sgst": 0, "total": 3.84},
    "total": 26.951761275,
}
ROW: dict[str, Any] = {
    "type": "equity",
    "tradingsymbol": "ACME26NOV262.5CE",
    "exchange": "NFO",
    "span": 0,
    "exposure": 0,
    "option_premium": 3420,
    "additional": 0,
    "bo": 0,
    "cash": 0,
    "var": 0,
    "pnl": {"realised": 0, "unrealised": 0},
    "leverage": 1,
    "charges": COSTS,
    "total": 3420,
}
PLANNED = Planned(
    exchange="NFO", symbol="ACME26NOV262.5CE", side="BUY", type="LIMIT", quantity=75, limit=4560
)
STOP = Planned(
    exchange="NFO", symbol="ACME26NOV262.5CE", side="SELL", type="SL", quantity=75, limit=3005, trigger=3195
)
EXECUTED = Executed(
    order_id="1",
    exchange="NFO",
    symbol="ACME26NOV262.5CE",
    side="BUY",
    type="LIMIT",
    quantity=75,
    average=4555,
)
REQUEST = OrderRequest(
    tag="x01abcdefge",
    role=Role.ENTRY,
    strategy="nine_fifteen",
    instrument=Instrument(name="ACME26NOV262.5CE", symbol="ACME", kind="CE", lot_size=75, tick=5),
    side="BUY",
    quantity=75,
    type="LIMIT",
    limit=4560,
)


def ask(replies: dict[str, Any], what: Callable[[KiteClient], Any]) -> tuple[Any, Any]:
    """The answer, and the body that was sent."""
    client = FakeClient(replies)
    found = asyncio.run(what(client.as_client()))
    ((_, body),) = client.asked
    return found, body


def test_the_margin_of_an_order_is_read_in_paise() -> None:
    found, body = ask({"POST /margins/orders": [ROW]}, lambda client: order_margins(client, [PLANNED]))
    assert found == (
        OrderMargin(
            exchange="NFO",
            symbol="ACME26NOV262.5CE",
            span=0,
            exposure=0,
            option_premium=342_000,
            additional=0,
            var=0,
            total=342_000,
            charges=Charges(
                transaction_tax=167,
                exchange_turnover=134,
                sebi=0,
                brokerage=2000,
                stamp_duty=10,
                gst=384,
                total=2695,
            ),
        ),
    )
    assert body == [
        {
            "exchange": "NFO",
            "tradingsymbol": "ACME26NOV262.5CE",
            "transaction_type": "BUY",
            "variety": "regular",
            "product": "MIS",
            "order_type": "LIMIT",
            "quantity": 75,
            "price": 45.6,
            "trigger_price": 0,
        }
    ]


def test_orders_together_block_less() -> None:
    basket = {"initial": ROW | {"total": 96504.975}, "final": ROW | {"total": -12.345}, "orders": [ROW, ROW]}
    replies = {
        "POST /margins/basket?consider_positions=true": basket,
        "POST /margins/basket?consider_positions=false": basket,
    }
    found, body = ask(replies, lambda client: basket_margin(client, [PLANNED, STOP]))
    assert (found.initial, found.final, len(found.orders)) == (9_650_498, -1235, 2)
    assert body[1]["trigger_price"] == 31.95
    alone, _ = ask(replies, lambda client: basket_margin(client, [PLANNED, STOP], positions="ignore"))
    assert alone == found


def test_charges_are_those_of_a_filled_order() -> None:
    note = {"tradingsymbol": "ACME26NOV262.5CE", "quantity": 75, "price": 45.55, "charges": COSTS}
    found, body = ask({"POST /charges/orders": [note]}, lambda client: charges(client, [EXECUTED]))
    assert found[0].total == 2695
    assert (body[0]["order_id"], body[0]["average_price"], body[0]["order_type"]) == ("1", 45.55, "LIMIT")


def test_what_an_order_would_block_is_a_number() -> None:
    found, body = ask(
        {"POST /margins/orders": [ROW]}, lambda client: margin_for(client, REQUEST, product="NRML")
    )
    assert found == 342_000
    assert body[0]["product"] == "NRML"


def test_a_product_that_cannot_be_had_is_an_answer() -> None:
    no = Refused("Zerodha: MIS is blocked for this contract", "input")
    found, _ = ask({"POST /margins/orders": no}, lambda client: margin_for(client, REQUEST))
    assert found is no


@pytest.mark.parametrize("problem", [LoggedOut("the session is dead"), Down("no answer in time")])
def test_a_session_or_a_line_that_is_dead_is_none(problem: Exception) -> None:
    with pytest.raises(type(problem)):
        ask({"POST /margins/orders": problem}, lambda client: margin_for(client, REQUEST))


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [ROW, ROW],
        [ROW | {"tradingsymbol": "OTHER"}],
        [ROW | {"total": 1e99}],
        [ROW | {"charges": None}],
        {},
    ],
)
def test_an_answer_about_something_else_is_not_believed(rows: Any) -> None:
    with pytest.raises(Down, match="malformed"):
        ask({"POST /margins/orders": rows}, lambda client: order_margins(client, [PLANNED]))


@given(ANYTHING)
def test_any_json_at_all_is_an_answer_or_a_plain_problem(value: Any) -> None:
    replies = {
        "POST /margins/orders": json.dumps(value).encode(),
        "POST /margins/basket?consider_positions=true": json.dumps(value).encode(),
        "POST /charges/orders": json.dumps(value).encode(),
    }
    for what in (
        lambda client: order_margins(client, [PLANNED]),
        lambda client: basket_margin(client, [PLANNED]),
        lambda client: charges(client, [EXECUTED]),
    ):
        with pytest.raises(Down):
            ask(replies, what)


@pytest.mark.real_data
class TestZerodhaSOwnSamples:
    """Sample replies that the broker publishes."""

    def test_the_margin_of_an_order_does_not_hold_its_charges(self, real_data: Path) -> None:
        sample = mock(real_data, "order_margins.json")
        planned = [
            Planned(exchange="NSE", symbol="INFY", side="BUY", type="LIMIT", quantity=1, limit=149_800)
        ]
        found, _ = ask(
            {"POST /margins/orders": copy.deepcopy(sample)}, lambda client: order_margins(client, planned)
        )
        assert (found[0].total, found[0].var, found[0].charges.total) == (149_800, 149_800, 179)

    def test_a_basket_is_read(self, real_data: Path) -> None:
        sample = mock(real_data, "basket_margins.json")
        planned = [
            Planned(
                exchange="NFO", symbol=row["tradingsymbol"], side="BUY", type="LIMIT", quantity=75, limit=100
            )
            for row in sample["orders"]
        ]
        replies = {"POST /margins/basket?consider_positions=true": copy.deepcopy(sample)}
        found, _ = ask(replies, lambda client: basket_margin(client, planned))
        assert (found.initial, found.final) == (9_650_498, 3_478_673)
