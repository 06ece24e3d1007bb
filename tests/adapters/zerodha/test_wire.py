"""A binary frame says what the exchange put into it, in exact numbers, and damage never becomes a price."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ninefifteen.adapters.zerodha.packets import Level, Tick
from ninefifteen.adapters.zerodha.wire import Ticks, decode
from ninefifteen.domain.instants import SECOND, at, to_datetime
from tests.adapters.zerodha.kite_frames import INFY, NIFTY, frame, full, index, ltp, official, quote

DAY = date(2026, 11, 23)
OPEN_AT = at(DAY, clock(9, 15))
CLOSE_AT = at(DAY, clock(15, 30))
BELL = OPEN_AT // SECOND


# ------------------------------------------------------------------------------------------ what it says


def test_a_heartbeat_is_a_frame_without_packets() -> None:
    for beat in (b"", b"\x00", b"\xff"):
        ticks = decode(beat)
        assert (len(ticks), ticks.damaged, ticks.rows(), ticks.as_dicts()) == (0, 0, [], [])
        assert ticks.last.tolist() == []
        assert ticks.bid_prices.shape == (5, 0)


def test_a_full_packet_has_every_figure_in_its_place() -> None:
    (tick,) = decode(frame(full(INFY, 157_370, BELL - 1, BELL + 2))).rows()
    assert tick == Tick(
        token=INFY,
        mode="full",
        index=False,
        divisor=100,
        last=157_370,
        last_quantity=7,
        average=157_037,
        volume=1_192_471,
        bought=256_443,
        sold=363_009,
        open=11,
        high=22,
        low=5,
        close=20,
        traded_at=OPEN_AT - SECOND,
        exchange_at=OPEN_AT + 2 * SECOND,
        oi=500,
        oi_high=600,
        oi_low=400,
        bids=tuple(Level(100 - n, 10 + n, 1 + n) for n in range(5)),
        asks=tuple(Level(101 + n, 20 + n, 6 + n) for n in range(5)),
    )


def test_an_index_has_its_prices_in_an_order_of_its_own_and_a_signed_change() -> None:
    (tick,) = decode(frame(index(NIFTY, 2_600_000, -4_215, BELL))).rows()
    assert (tick.mode, tick.index) == ("full", True)
    assert (tick.open, tick.high, tick.low, tick.close) == (11, 22, 5, 20)
    assert (tick.change, tick.exchange_at, tick.traded_at) == (-4_215, OPEN_AT, 0)
    (short,) = decode(frame(index(NIFTY, 2_600_000, 17))).rows()
    assert (short.mode, short.index, short.change, short.exchange_at) == ("quote", True, 17, 0)


def test_figures_that_a_packet_does_not_carry_are_zero_and_its_depth_is_empty() -> None:
    last, quoted = decode(frame(ltp(INFY, 5), quote(INFY, 6))).rows()
    assert last == Tick(token=INFY, mode="ltp", index=False, divisor=100, last=5)
    assert (quoted.mode, quoted.volume, quoted.exchange_at, quoted.oi, quoted.bids) == (
        "quote",
        1_192_471,
        0,
        0,
        (),
    )


@pytest.mark.parametrize(
    ("segment", "divisor"),
    [(1, 100), (2, 100), (3, 10_000_000), (4, 100), (6, 10_000), (7, 100), (9, 100), (12, 10_000)],
)
def test_a_price_is_whole_units_of_its_segment(segment: int, divisor: int) -> None:
    token = 77 << 8 | segment
    ticks = decode(frame(ltp(token, 123)))
    assert (ticks.divisors.tolist(), ticks.last.tolist()) == ([divisor], [123])
    assert (ticks.rows()[0].divisor, ticks.rows()[0].last) == (divisor, 123)
    assert ticks.as_dicts()[0]["last_price"] == 123 / divisor


def test_numbers_above_31_bits_stay_positive() -> None:
    (tick,) = decode(frame(full(2**32 - 1, 2**32 - 2, 2**32 - 3, 2**32 - 4))).rows()
    assert (tick.token, tick.last) == (2**32 - 1, 2**32 - 2)
    assert (tick.traded_at, tick.exchange_at) == ((2**32 - 3) * SECOND, (2**32 - 4) * SECOND)


COLUMNS = (
    "last",
    "last_quantity",
    "average",
    "volume",
    "bought",
    "sold",
    "open",
    "high",
    "low",
    "close",
    "change",
    "oi",
    "oi_high",
    "oi_low",
    "traded_at",
    "exchange_at",
)
MIXED = frame(
    full(INFY, 1, BELL, BELL), ltp(INFY, 2), index(NIFTY, 3, -9, BELL), quote(INFY, 4), index(NIFTY, 5, 6)
)


@pytest.mark.parametrize(
    "data",
    [
        MIXED,
        frame(full(INFY, 1, BELL, BELL), full(NIFTY, 2, 3, 4)),
        frame(quote(INFY, 1), quote(NIFTY, 2)),
        frame(ltp(INFY, 1)),
        frame(index(NIFTY, 1, -1, BELL), index(NIFTY, 2, 2, BELL)),
        frame(index(NIFTY, 1, -1)),
        b"\x00\x00",
    ],
)
def test_columns_and_rows_say_the_same_in_the_order_of_the_frame(data: bytes) -> None:
    ticks = decode(data)
    rows = ticks.rows()
    assert ticks.tokens.tolist() == [row.token for row in rows]
    assert ticks.divisors.tolist() == [row.divisor for row in rows]
    for name in COLUMNS:
        assert getattr(ticks, name).dtype == np.int64
        assert getattr(ticks, name).tolist() == [getattr(row, name) for row in rows], name
    for side, best in (("bid", ticks.best_bid), ("ask", ticks.best_ask)):
        depth = [getattr(row, f"{side}s") or (Level(0, 0, 0),) * 5 for row in rows]
        assert best.tolist() == [levels[0].price for levels in depth]
        for what, column in (("price", "prices"), ("quantity", "quantities"), ("orders", "orders")):
            expected = [[getattr(level, what) for level in levels] for levels in depth]
            assert getattr(ticks, f"{side}_{column}").T.tolist() == expected


def test_a_mixed_frame_keeps_its_order_and_its_kinds() -> None:
    ticks = decode(MIXED)
    assert ticks.last.tolist() == [1, 2, 3, 4, 5]
    assert ticks.lengths.tolist() == [184, 8, 32, 44, 28]
    assert repr(ticks) == "Ticks(count=5, damaged=0)"


def test_columns_cannot_be_written_to() -> None:
    for data in (frame(full(INFY, 1)), MIXED):
        with pytest.raises(ValueError, match="read-only"):
            decode(data).last[0] = 7


# ------------------------------------------------------------------------------------------------ damage


@pytest.mark.parametrize("data", [MIXED, frame(*(full(INFY, n + 1, BELL, BELL) for n in range(3)))])
def test_a_frame_cut_anywhere_gives_its_whole_packets_and_counts_the_rest(data: bytes) -> None:
    whole = decode(data).rows()
    ends = [4 + len(data)] * len(whole)
    at_byte = 2
    for number in range(len(whole)):
        at_byte += 2 + int.from_bytes(data[at_byte : at_byte + 2], "big")
        ends[number] = at_byte
    for cut in range(2, len(data)):
        ticks = decode(data[:cut])
        kept = sum(end <= cut for end in ends)
        assert ticks.rows() == whole[:kept]
        assert ticks.damaged == len(whole) - kept


def test_a_packet_of_an_unknown_length_is_counted_and_its_neighbours_are_read() -> None:
    for length in (0, 1, 7, 9, 43, 45, 183, 185, 188, 512):
        ticks = decode(frame(ltp(INFY, 1), bytes(length), ltp(INFY, 2)))
        assert (ticks.last.tolist(), ticks.damaged) == ([1, 2], 1)


def test_wrong_counts_are_damage() -> None:
    packet = ltp(INFY, 1)
    too_many = decode(frame(packet, packet, count=5))
    assert (len(too_many), too_many.damaged) == (2, 3)
    too_few = decode(frame(packet, packet, count=1))
    assert (too_few.last.tolist(), too_few.damaged) == ([1], 1)
    none = decode(frame(packet, count=0))
    assert (len(none), none.damaged) == (0, 1)
    many = decode(b"\xff\xff" + bytes(65535 * 2))
    assert (len(many), many.damaged) == (0, 65535)


def test_bytes_behind_the_last_packet_are_damage_and_no_tick() -> None:
    ticks = decode(frame(full(INFY, 1)) + b"\x00\xb8")
    assert (ticks.last.tolist(), ticks.damaged) == ([1], 1)


def test_a_frame_of_the_right_size_for_one_kind_may_hold_others() -> None:
    """Two packets of 44 bytes would have the size of 8 and 80: the size alone proves nothing."""
    ticks = decode(frame(quote(INFY, 1), bytes(8), bytes(78), count=3))
    assert (ticks.lengths.tolist(), ticks.damaged) == ([44, 8], 1)
    same_size = decode(frame(quote(INFY, 1), bytes(80), ltp(INFY, 2)))
    assert len(frame(quote(INFY, 1), bytes(80), ltp(INFY, 2))) == 2 + 3 * 46
    assert (same_size.last.tolist(), same_size.damaged) == ([1, 2], 1)


# --------------------------------------------------------------------------------------------- freshness


def test_only_packets_with_a_time_of_the_session_are_fresh() -> None:
    yesterday = BELL - 86_400
    data = frame(
        full(INFY, 1, BELL, BELL),
        full(INFY, 2, yesterday, BELL + 1),
        full(INFY, 3, yesterday, yesterday),
        full(INFY, 4, BELL - 1, BELL - 1),
        full(INFY, 5, 0, 0),
        quote(INFY, 6),
        ltp(INFY, 7),
        index(NIFTY, 8, 0, BELL),
        index(NIFTY, 9, 0),
        full(INFY, 10, BELL, CLOSE_AT // SECOND + 1),
    )
    ticks = decode(data)
    fresh, made = ticks.fresh(OPEN_AT, CLOSE_AT), ticks.last_is_fresh(OPEN_AT, CLOSE_AT)
    assert ticks.last[fresh].tolist() == [1, 2, 8]
    assert ticks.last[made].tolist() == [1, 8, 10]
    assert fresh.tolist() == [row.fresh(OPEN_AT, CLOSE_AT) for row in ticks.rows()]
    assert made.tolist() == [row.last_is_fresh(OPEN_AT, CLOSE_AT) for row in ticks.rows()]


# ------------------------------------------------------------------------------------ the official packets


def _one(real_data: Path, name: str) -> tuple[Ticks, dict[str, Any]]:
    folder = real_data / "fixtures" / "kite_mocks"
    packet = base64.b64decode((folder / f"{name}.packet").read_text())
    return decode(frame(packet)), json.loads((folder / f"{name}.json").read_text())


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["ticker_full", "ticker_quote"])
def test_zerodhas_own_packets_are_what_its_own_documents_say(real_data: Path, name: str) -> None:
    ticks, said = _one(real_data, name)
    (tick,) = ticks.rows()
    assert (tick.token, tick.mode) == (said["instrument_token"], said["mode"])
    names = {"last": "last_price", "average": "average_price"}
    for ours, theirs in names.items():
        assert getattr(tick, ours) == round(said[theirs] * 100)
    assert [tick.open, tick.high, tick.low, tick.close] == [
        round(said["ohlc"][name] * 100) for name in ("open", "high", "low", "close")
    ]
    counts = (tick.last_quantity, tick.volume, tick.bought, tick.sold)
    assert counts == tuple(said[k] for k in ("last_quantity", "volume", "buy_quantity", "sell_quantity"))
    if name == "ticker_full":
        assert to_datetime(tick.exchange_at).isoformat() == said["timestamp"]
        assert to_datetime(tick.traded_at).isoformat() == said["last_trade_time"]
        assert (tick.oi, tick.oi_high, tick.oi_low) == (said["oi"], said["oi_day_high"], said["oi_day_low"])
        for side, levels in (("buy", tick.bids), ("sell", tick.asks)):
            assert [(round(d["price"] * 100), d["quantity"], d["orders"]) for d in said["depth"][side]] == [
                (level.price, level.quantity, level.orders) for level in levels
            ]


@pytest.fixture(params=["Asia/Kolkata", "UTC", "America/New_York", "Pacific/Kiritimati"])
def _host_zone(request: pytest.FixtureRequest) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("this system cannot change the zone of a process")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_host_zone")
def test_times_are_the_same_instants_in_every_zone_of_the_host() -> None:
    """The official client gives naive local times; read as such they are the instants we give."""
    parse = official()
    data = frame(full(INFY, 1, 0x60E2947F, 0x60E2947F + 1), index(NIFTY, 2, 3, 1_793_509_200))
    dicts = decode(data).as_dicts()
    assert dicts == parse(data)
    assert dicts[0]["last_trade_time"] == datetime(2021, 7, 5, 5, 11, 27, tzinfo=UTC)
    assert to_datetime(decode(data).rows()[0].traded_at).isoformat() == "2021-07-05T10:41:27+05:30"
