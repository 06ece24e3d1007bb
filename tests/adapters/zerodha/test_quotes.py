"""Quotes: batches, keys, both stamps, and nothing believed of a reply that is wrong in one row."""

from __future__ import annotations

import asyncio
import copy
import json
from datetime import date, time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ninefifteen.adapters.zerodha.errors import Down, LoggedOut
from ninefifteen.adapters.zerodha.quotes import BATCH, QuoteRow, quote_row, quotes
from ninefifteen.domain.instants import at
from tests.adapters.zerodha.anything import ANYTHING, spoiled
from tests.adapters.zerodha.fake_kite import FakeClient, in_turn, mock
from tests.adapters.zerodha.scripted_server import scripted, success

DAY = date(2026, 11, 23)
CALL: dict[str, Any] = {
    "instrument_token": 15_000_066,
    "timestamp": "2026-11-23 09:15:02",
    "last_trade_time": "2026-11-23 09:15:01",
    "last_price": 45.5,
    "volume": 1200,
    "oi": 90_000,
    "lower_circuit_limit": 0.05,
    "upper_circuit_limit": 181.3,
    "ohlc": {"open": 44, "high": 46.15, "low": 43.9, "close": 41.2},
    "depth": {
        "buy": [{"price": 45.4, "quantity": 300, "orders": 2}, {"price": 45.35, "quantity": 75, "orders": 1}],
        "sell": [{"price": 45.6, "quantity": 150, "orders": 1}, {"price": 0, "quantity": 0, "orders": 0}],
    },
}


def read(client: FakeClient, keys: list[str]) -> dict[str, QuoteRow]:
    return asyncio.run(quotes(client.as_client(), keys))


def row(**changes: object) -> QuoteRow:
    return quote_row(json.dumps(CALL | changes).encode())


def test_a_quote_is_read_in_paise_units_and_instants() -> None:
    assert row() == QuoteRow(
        token=15_000_066,
        stamped_at=at(DAY, time(9, 15, 2)),
        traded_at=at(DAY, time(9, 15, 1)),
        last=4550,
        volume=1200,
        oi=90_000,
        open=4400,
        high=4615,
        low=4390,
        close=4120,
        lower_circuit=5,
        upper_circuit=18130,
        bids=((4540, 300), (4535, 75)),
        asks=((4560, 150),),
    )


def test_an_index_has_neither_depth_nor_volume() -> None:
    prices = {"open": 24000.1, "high": 24010, "low": 23990, "close": 23950.05}
    index = {"instrument_token": 256265, "last_price": 24012.35, "ohlc": prices}
    found = quote_row(json.dumps(index).encode())
    assert (found.last, found.bids, found.asks, found.volume) == (2401235, (), (), 0)
    assert (found.stamped_at, found.traded_at) == (0, 0)


def test_a_contract_that_never_traded_has_no_time_of_a_trade() -> None:
    assert row(last_trade_time=None).traded_at == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"last_price": -1},
        {"last_price": "NaN"},
        {"last_price": None},
        {"last_price": 1e300},
        {"volume": -5},
        {"volume": 10**15},
        {"oi": 1.5},
        {"timestamp": "yesterday"},
        {"ohlc": {"open": 1, "high": 1, "low": 1}},
        {"depth": {"buy": [{"price": 1}], "sell": []}},
        {"instrument_token": "1"},
    ],
)
def test_a_row_that_cannot_be_true_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        row(**changes)


def test_keys_are_asked_in_batches_that_are_right_by_every_document() -> None:
    keys = [f"NFO:ACME26DEC{strike}CE" for strike in range(2 * BATCH + 1)]
    client = FakeClient({"GET /quote": dict.fromkeys(keys, CALL)})
    assert list(read(client, [*keys, keys[0]])) == keys
    assert [len(given[0]) for _, given in client.asked] == [250, 250, 1]
    assert {given[1] for _, given in client.asked} == {"quote"}


def test_a_key_the_broker_does_not_know_is_missing() -> None:
    client = FakeClient({"GET /quote": {"NSE:ACME": CALL, "NSE:STRANGER": CALL}})
    assert list(read(client, ["NSE:ACME", "NSE:GONE"])) == ["NSE:ACME"]


def test_nothing_is_asked_about_nothing() -> None:
    assert read(FakeClient(), []) == {}


def test_one_wrong_row_makes_the_reply_worthless_and_names_itself() -> None:
    client = FakeClient({"GET /quote": {"NSE:ACME": CALL, "NSE:ODD": CALL | {"last_price": -1}}})
    with pytest.raises(Down, match="malformed quote of NSE:ODD: a negative price"):
        read(client, ["NSE:ACME", "NSE:ODD"])


def test_what_the_transport_says_goes_through() -> None:
    client = FakeClient({"GET /quote": in_turn({"A": CALL}, LoggedOut("the session is dead"))})
    with pytest.raises(LoggedOut):
        read(client, ["A"] + [f"B{n}" for n in range(BATCH)])


def test_keys_with_an_ampersand_or_a_space_arrive_whole() -> None:
    async def story() -> tuple[dict[str, QuoteRow], str]:
        async with scripted(success({"NSE:M&M": CALL, "NSE:NIFTY 50": CALL})) as server:
            client = server.client()
            found = await quotes(client, ["NSE:M&M", "NSE:NIFTY 50"])
            await client.close()
            return found, server.asked[0].target

    found, target = asyncio.run(story())
    assert list(found) == ["NSE:M&M", "NSE:NIFTY 50"]
    assert parse_qsl(urlsplit(target).query) == [("i", "NSE:M&M"), ("i", "NSE:NIFTY 50")]


@given(ANYTHING)
def test_any_json_at_all_is_a_quote_or_a_plain_error(value: object) -> None:
    only_value_errors(json.dumps(value).encode())


@given(spoiled(CALL))
def test_a_quote_with_anything_put_into_it_is_a_quote_or_a_plain_error(value: object) -> None:
    only_value_errors(json.dumps(value).encode())


@given(some.binary())
def test_bytes_that_are_no_json_are_a_plain_error(raw: bytes) -> None:
    only_value_errors(raw)


def only_value_errors(raw: bytes) -> None:
    try:
        found = quote_row(raw)
    except ValueError:
        return
    assert found.last >= 0
    assert all(price > 0 < quantity for price, quantity in (*found.bids, *found.asks))


@pytest.mark.real_data
def test_zerodha_s_own_sample_is_read(real_data: Path) -> None:
    sample = mock(real_data, "quote.json")
    found = read(FakeClient({"GET /quote": copy.deepcopy(sample)}), ["NSE:INFY"])["NSE:INFY"]
    assert found == QuoteRow(
        token=408065,
        stamped_at=at(date(2021, 6, 8), time(15, 45, 56)),
        traded_at=at(date(2021, 6, 8), time(15, 45, 52)),
        last=141295,
        volume=7360198,
        oi=0,
        open=139600,
        high=142175,
        low=139555,
        close=138965,
        lower_circuit=125070,
        upper_circuit=152860,
        bids=(),
        asks=((141295, 5191),),
    )
