"""History, trades and positions: typed rows, or one line that says what was malformed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from ninefifteen.adapters.zerodha.errors import Down
from ninefifteen.adapters.zerodha.portfolio import (
    PositionRow,
    Positions,
    order_history,
    position_row,
    positions,
    trades,
)
from ninefifteen.domain.order import OrderState
from tests.adapters.zerodha.anything import ANYTHING, spoiled
from tests.adapters.zerodha.fake_kite import FakeClient, mock
from tests.adapters.zerodha.kite_rows import ORDER_ID, order, trade

HELD: dict[str, Any] = {
    "tradingsymbol": "ACME26NOV262.5CE",
    "exchange": "NFO",
    "instrument_token": 258,
    "product": "MIS",
    "quantity": 75,
    "overnight_quantity": 0,
    "multiplier": 1,
    "average_price": 45.5333,
    "last_price": 44.5,
    "pnl": -77.5,
    "buy_quantity": 75,
    "buy_value": 3415.0,
    "sell_quantity": 0,
    "sell_value": 0,
}


def read(net: list[Any], day: list[Any]) -> Positions:
    client = FakeClient({"GET /portfolio/positions": {"net": net, "day": day}})
    return asyncio.run(positions(client.as_client()))


def test_a_position_is_read_in_units_and_paise() -> None:
    expected = PositionRow(
        token=258,
        exchange="NFO",
        symbol="ACME26NOV262.5CE",
        product="MIS",
        quantity=75,
        overnight=0,
        average=4553,
        last=4450,
        bought=75,
        sold=0,
        buy_value=341_500,
        sell_value=0,
        pnl=-7750,
    )
    assert read([HELD], [HELD]) == Positions((expected,), (expected,))


def test_what_is_held_of_a_contract_counts_all_products() -> None:
    found = read([HELD, HELD | {"product": "NRML", "quantity": -25}, HELD | {"exchange": "BFO"}], [])
    assert found.held("NFO", "ACME26NOV262.5CE") == 50
    assert found.held("NFO", "OTHER") == 0


@pytest.mark.parametrize(
    "changes", [{"quantity": None}, {"average_price": -1}, {"pnl": 1e99}, {"exchange": 5}]
)
def test_a_position_that_cannot_be_true_is_not_believed(changes: dict[str, object]) -> None:
    with pytest.raises(Down, match="malformed net position: "):
        read([HELD | changes], [])
    with pytest.raises(Down, match="malformed day position: "):
        read([], [HELD | changes])


def test_the_history_of_an_order_is_its_states_in_order() -> None:
    client = FakeClient({f"GET /orders/{ORDER_ID}": [order(status="OPEN PENDING"), order()]})
    rows = asyncio.run(order_history(client.as_client(), ORDER_ID))
    assert [row.state for row in rows] == [OrderState.PENDING, OrderState.OPEN]


def test_trades_of_the_day_or_of_one_order() -> None:
    fills = [trade("1", 25, 45.5)]
    client = FakeClient(
        {"GET /trades": fills, f"GET /orders/{ORDER_ID}/trades": [*fills, trade("2", 50, 45.55)]}
    )
    assert [row.quantity for row in asyncio.run(trades(client.as_client()))] == [25]
    assert [row.quantity for row in asyncio.run(trades(client.as_client(), ORDER_ID))] == [25, 50]


def test_a_wrong_row_makes_the_reply_worthless() -> None:
    client = FakeClient({"GET /trades": [{}], f"GET /orders/{ORDER_ID}": [order(), None]})
    with pytest.raises(Down, match="malformed trade: "):
        asyncio.run(trades(client.as_client()))
    with pytest.raises(Down, match=f"malformed history of order {ORDER_ID}: "):
        asyncio.run(order_history(client.as_client(), ORDER_ID))


@given(ANYTHING | spoiled(HELD))
def test_any_json_at_all_is_a_position_or_a_plain_error(value: object) -> None:
    try:
        found = position_row(json.dumps(value).encode())
    except ValueError:
        return
    assert found.average >= 0


@pytest.mark.real_data
def test_zerodha_s_own_sample_is_read(real_data: Path) -> None:
    sample = mock(real_data, "positions.json")
    found = read(sample["net"], sample["day"])
    assert (len(found.net), len(found.day)) == (len(sample["net"]), len(sample["day"]))
    lead, gold, _ = found.net[:3]
    assert (lead.quantity, lead.average, lead.buy_value) == (1, 16105, 16_105_000)
    assert (gold.quantity, gold.overnight, gold.pnl, gold.sell_value) == (0, 3, 80_100, 9_336_000)
    assert found.day[0].quantity == -3
