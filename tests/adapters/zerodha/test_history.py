"""Candles: windows no longer than allowed, no seam between them, nothing believed of a wrong reply."""

from __future__ import annotations

import asyncio
import json
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ninefifteen.adapters.zerodha.errors import Down, Refused
from ninefifteen.adapters.zerodha.history import DAYS, Candle, Interval, candle_row, candles, windows
from ninefifteen.domain.instants import MINUTE, SECOND, Instant, at
from tests.adapters.zerodha.anything import ANYTHING
from tests.adapters.zerodha.fake_kite import FakeClient, in_turn, mock

DAY = date(2026, 11, 23)
OPEN = at(DAY, time(9, 15))
MINUTES = "GET /instruments/historical/15000066/minute"
DAILY = "GET /instruments/historical/15000066/day"


def read(
    client: FakeClient, first: Instant, last: Instant, interval: Interval = "minute"
) -> tuple[Candle, ...]:
    return asyncio.run(candles(client.as_client(), 15_000_066, interval, first, last))


def test_candles_are_read_in_paise_and_units_with_open_interest_where_given() -> None:
    rows = [["2026-11-23T09:15:00+0530", 44, 46.15, 43.9, 45.5, 1200, 90000]]
    rows.append(["2026-11-23T09:16:00+0530", 45.5, 45.5, 45.5, 45.5, 0])
    client = FakeClient({MINUTES: {"candles": rows}})
    assert read(client, OPEN, OPEN + 2 * MINUTE) == (
        Candle(OPEN, 4400, 4615, 4390, 4550, 1200, 90_000),
        Candle(OPEN + MINUTE, 4550, 4550, 4550, 4550, 0, None),
    )
    ((_, (params, family)),) = client.asked
    assert family == "historical"
    assert dict(params) == {
        "from": "2026-11-23 09:15:00",
        "to": "2026-11-23 09:17:00",
        "continuous": "0",
        "oi": "1",
    }


def test_a_long_span_is_asked_for_in_parts_and_put_together_without_a_seam() -> None:
    first, last = at(date(2016, 1, 1), time(9, 15)), at(DAY, time(15, 30))
    old = ["2020-01-01T00:00:00+0530", 1, 2, 1, 2, 10, 0]
    seam = ["2021-06-23T00:00:00+0530", 2, 3, 2, 3, 10, 0]
    new = ["2026-11-23T00:00:00+0530", 3, 4, 3, 4, 10, 0]
    client = FakeClient({DAILY: in_turn({"candles": [old, seam]}, {"candles": [seam, new]})})
    found = read(client, first, last, "day")
    assert [candle.close for candle in found] == [200, 300, 400]
    spans = [dict(params) for _, (params, _) in client.asked]
    assert [(span["from"], span["to"]) for span in spans] == [
        ("2016-01-01 09:15:00", "2021-06-23 09:14:59"),
        ("2021-06-23 09:15:00", "2026-11-23 15:30:00"),
    ]


@given(some.sampled_from(sorted(DAYS)), some.integers(0, 3000), some.integers(0, 86_399))
def test_windows_cover_the_span_once_and_none_is_too_long(interval: Any, days: int, seconds: int) -> None:
    last = OPEN + (days * 86_400 + seconds) * SECOND
    spans = list(windows(interval, OPEN, last))
    assert spans[0][0] == OPEN
    assert spans[-1][1] == last
    assert all(end - start < DAYS[interval] * 86_400 * SECOND for start, end in spans)
    assert all(after[0] == before[1] + SECOND for before, after in pairwise(spans))


def test_a_span_that_ends_before_it_begins_asks_nothing() -> None:
    assert read(FakeClient(), OPEN, OPEN - SECOND) == ()


@pytest.mark.parametrize(
    "row",
    [
        ["2026-11-23T09:15:00+0530", 44, 43, 42, 44, 1],
        ["2026-11-23T09:15:00+0530", 44, 46, 45, 46, 1],
        ["2026-11-23T09:15:00+0530", -1, 1, -1, 1, 1],
        ["2026-11-23T09:15:00+0530", 1, 1, 1, 1],
        ["2026-11-23T09:15:00+0530", 1, 1, 1, 1, -1],
        ["", 1, 1, 1, 1, 1],
        ["soon", 1, 1, 1, 1, 1],
        {"at": "2026-11-23T09:15:00+0530"},
        None,
    ],
)
def test_a_candle_that_cannot_be_true_makes_the_reply_worthless(row: object) -> None:
    with pytest.raises(Down, match="malformed candles of instrument 15000066: "):
        read(FakeClient({MINUTES: {"candles": [row]}}), OPEN, OPEN)


def test_candles_out_of_order_are_not_believed() -> None:
    row = ["2026-11-23T09:15:00+0530", 1, 1, 1, 1, 1]
    with pytest.raises(Down, match="out of order"):
        read(FakeClient({MINUTES: {"candles": [row, row]}}), OPEN, OPEN)


def test_what_the_transport_says_goes_through() -> None:
    with pytest.raises(Refused, match="no such token"):
        read(FakeClient({MINUTES: Refused("no such token", "input")}), OPEN, OPEN)


@given(ANYTHING | some.lists(ANYTHING, min_size=6, max_size=8))
def test_any_json_at_all_is_a_candle_or_a_plain_error(value: object) -> None:
    try:
        found = candle_row(json.dumps(value).encode())
    except ValueError:
        return
    assert 0 <= found.low <= found.high


@pytest.mark.real_data
def test_zerodha_s_own_samples_are_read(real_data: Path) -> None:
    minutes = read(FakeClient({MINUTES: mock(real_data, "historical_minute.json")}), OPEN, OPEN)
    assert minutes[0] == Candle(
        at(date(2017, 12, 15), time(9, 15)), 170450, 170500, 169925, 170280, 2499, None
    )
    assert len(minutes) == 6
    with_interest = read(FakeClient({MINUTES: mock(real_data, "historical_oi.json")}), OPEN, OPEN)
    assert [candle.oi for candle in with_interest][::5] == [13667775, 13777050]
