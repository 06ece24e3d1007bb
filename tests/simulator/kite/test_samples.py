"""Replies have the keys and the JSON types of the samples that Zerodha publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.kite.rehearsal import Rehearsal, rehearse

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def samples(real_data: Path) -> Path:
    """Zerodha's sample replies; skips the test where there are none."""
    folder = real_data / "fixtures" / "kite_mocks"
    if not folder.is_dir():
        pytest.skip("no sample replies: ../shared/data/fixtures/kite_mocks is not beside this checkout")
    return folder


def kind(value: Any) -> str:
    """The JSON type: whole and broken numbers are the same."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return type(value).__name__


def shape(value: Any, path: str = "") -> dict[str, set[str]]:
    """JSON types by path; the elements of a list share one path."""
    found = {path: {kind(value)}}
    parts: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        parts = [(f"{path}.{name}", part) for name, part in value.items()]
    elif isinstance(value, list):
        parts = [(f"{path}[]", part) for part in value]
    for name, part in parts:
        for below, kinds in shape(part, name).items():
            found.setdefault(below, set()).update(kinds)
    return found


def differences(ours: Any, theirs: Any) -> list[str]:
    """What is missing, what is more, and what has another type; null fits everything."""
    mine, sample = shape(ours), shape(theirs)
    lines = [f"missing {path}" for path in sample.keys() - mine.keys()]
    lines += [f"more {path}" for path in mine.keys() - sample.keys()]
    for path in mine.keys() & sample.keys():
        mine_kinds, their_kinds = mine[path] - {"NoneType"}, sample[path] - {"NoneType"}
        if mine_kinds and their_kinds and not mine_kinds <= their_kinds:
            lines.append(f"type {path}: {mine_kinds} instead of {their_kinds}")
    return sorted(lines)


async def traded(client: Rehearsal) -> tuple[str, dict[str, Any]]:
    """Buy a lot, change and cancel a second order; returns the first one's id, and an order to ask about."""
    listed = client.call_near()
    last = client.server.venue.market.snapshot(listed.token, client.server.clock.now()).last / 100
    order_id = await client.place(listed, "BUY", price=f"{last + 3:.2f}", tag="sample")
    other = await client.place(listed, "BUY", price=f"{last - 3:.2f}")
    await client.call("PUT", f"/orders/regular/{other}", data={"price": f"{last - 4:.2f}"})
    await client.call("DELETE", f"/orders/regular/{other}")
    await client.wait(1)
    asked = {
        "exchange": "NFO",
        "tradingsymbol": listed.symbol,
        "transaction_type": "BUY",
        "variety": "regular",
        "product": "MIS",
        "order_type": "LIMIT",
        "quantity": listed.lot_size,
        "price": last,
    }
    return order_id, asked


INSTRUMENT = "NSE:INFY"
MORE_OF_TODAY = [
    # The sample of the history is of 2017: today's rows have the fields of today's order book.
    *(f"more [].{name}" for name in (
        "account_id", "exchange_update_timestamp", "guid", "market_protection", "meta", "status_message_raw",
        "tags", "tags[]", "validity_ttl",
    )),
]  # fmt: skip
NOT_HERE = [
    # Other kinds of orders, which this exchange does not have, and the terminal of a desktop program.
    *(f"missing [].{name}" for name in (
        "auction_number", "meta.iceberg", "meta.iceberg.leg", "meta.iceberg.leg_quantity",
        "meta.iceberg.legs", "meta.iceberg.remaining_quantity", "meta.iceberg.total_quantity", "terminal_id",
    )),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "method", "path", "allowed"),
    [
        ("profile", "GET", "/user/profile", []),
        ("margins", "GET", "/user/margins", []),
        ("orders", "GET", "/orders", NOT_HERE),
        ("order_info", "GET", "/orders/{order_id}", MORE_OF_TODAY),
        ("positions", "GET", "/portfolio/positions", []),
        ("quote", "GET", f"/quote?i={INSTRUMENT}", []),
        ("ohlc", "GET", f"/quote/ohlc?i={INSTRUMENT}", []),
        ("ltp", "GET", f"/quote/ltp?i={INSTRUMENT}", []),
        ("order_margins", "POST", "/margins/orders", []),
        ("basket_margins", "POST", "/margins/basket?consider_positions=true", []),
        ("order_response", "POST", "/orders/regular", []),
    ],
)
def test_a_reply_has_the_shape_of_the_sample(
    samples: Path, name: str, method: str, path: str, allowed: list[str]
) -> None:
    theirs = json.loads((samples / f"{name}.json").read_text())["data"]
    given: list[Any] = []

    async def story(client: Rehearsal) -> None:
        order_id, asked = await traded(client)
        body: dict[str, Any] = {}
        if method == "POST":
            body = {"json": [asked]} if "margins" in path else {"data": {k: str(v) for k, v in asked.items()}}
        given.append(await client.call(method, path.format(order_id=order_id), **body))

    rehearse(story)
    assert differences(given[0], theirs) == sorted(allowed)


@pytest.mark.parametrize(("name", "oi"), [("historical_minute", "0"), ("historical_oi", "1")])
def test_candles_have_the_shape_of_the_sample(samples: Path, name: str, oi: str) -> None:
    theirs = json.loads((samples / f"{name}.json").read_text())["data"]["candles"]

    async def story(client: Rehearsal) -> None:
        path = f"/instruments/historical/{client.call_near().token}/minute"
        query = {"from": "2026-12-02 09:15:00", "to": "2026-12-02 09:20:00", "oi": oi}
        ours = (await client.get(path, params=query))["candles"]
        assert [kind(value) for value in ours[0]] == [kind(value) for value in theirs[0]]
        assert [len(row[0]) for row in ours] == [len(theirs[0][0])] * len(ours)

    rehearse(story)


def test_an_order_update_has_the_shape_of_the_postback(samples: Path) -> None:
    theirs = json.loads((samples / "postback.json").read_text())
    told: list[Any] = []

    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            await traded(client)
            async for message in socket:
                if '"order"' in str(message.data):
                    told.append(json.loads(message.data)["data"])
                    return

    rehearse(story)
    more = ("account_id", "modified", "tags", "tags[]", "validity_ttl")
    assert differences(told[0], theirs) == sorted(f"more .{name}" for name in more)


def test_the_instruments_file_has_the_columns_of_the_sample(samples: Path) -> None:
    header = (samples / "instruments_all.csv").read_text().splitlines()[0].split(",")

    async def story(client: Rehearsal) -> None:
        assert list((await client.instruments("/instruments"))[0]) == header

    rehearse(story)
