"""Binary packets: what the official client reads out of them is what the market showed."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.domain.instants import SECOND
from ninefifteen.simulator.kite.packets import frame, packet
from ninefifteen.simulator.market import Snapshot

OfficialTicker: Any = pytest.importorskip("kiteconnect").KiteTicker
PRICES = st.integers(0, 2**31 - 1)
UNITS = st.integers(0, 2**32 - 1)
LEVELS = st.lists(st.tuples(PRICES, UNITS, st.integers(0, 2**16 - 1)), min_size=5, max_size=5).map(tuple)
SECONDS = st.integers(1, 2**32 - 1)


@st.composite
def snapshots(draw: st.DrawFn, segment: int = 2) -> Snapshot:
    """Any snapshot of an instrument of that segment."""
    return Snapshot(
        token=draw(st.integers(1, 2**23)) << 8 | segment,
        at=draw(SECONDS) * SECOND,
        last=draw(PRICES),
        last_quantity=draw(UNITS),
        average=draw(PRICES),
        volume=draw(UNITS),
        bought=draw(UNITS),
        sold=draw(UNITS),
        open=draw(PRICES),
        high=draw(PRICES),
        low=draw(PRICES),
        close=draw(PRICES),
        last_trade_at=draw(SECONDS) * SECOND,
        oi=draw(UNITS),
        oi_high=draw(UNITS),
        oi_low=draw(UNITS),
        bids=draw(LEVELS),
        asks=draw(LEVELS),
        lower_circuit=0,
        upper_circuit=0,
    )


def read(message: bytes) -> list[dict[str, object]]:
    """What the official client makes of a frame."""
    ticks: list[dict[str, object]] = OfficialTicker("key", "token")._parse_binary(message)
    return ticks


@given(st.lists(snapshots(), min_size=1, max_size=4))
def test_full_packets_are_read_as_they_were_shown(shown: list[Snapshot]) -> None:
    ticks = read(frame([packet(one, "full", index=False) for one in shown]))
    assert [tick["instrument_token"] for tick in ticks] == [one.token for one in shown]
    for tick, one in zip(ticks, shown, strict=True):
        assert (tick["mode"], tick["tradable"]) == ("full", True)
        assert tick["last_price"] == one.last / 100
        assert tick["last_traded_quantity"] == one.last_quantity
        assert tick["average_traded_price"] == one.average / 100
        assert (tick["volume_traded"], tick["oi"]) == (one.volume, one.oi)
        assert (tick["total_buy_quantity"], tick["total_sell_quantity"]) == (one.bought, one.sold)
        prices = {"open": one.open, "high": one.high, "low": one.low, "close": one.close}
        assert tick["ohlc"] == {name: price / 100 for name, price in prices.items()}
        assert (tick["oi_day_high"], tick["oi_day_low"]) == (one.oi_high, one.oi_low)
        sides = {"buy": one.bids, "sell": one.asks}
        assert tick["depth"] == {
            side: [{"price": p / 100, "quantity": q, "orders": n} for p, q, n in levels]
            for side, levels in sides.items()
        }


@given(snapshots(), snapshots(segment=9))
def test_shorter_packets_and_those_of_an_index_too(share: Snapshot, index: Snapshot) -> None:
    ltp, quote, index_quote, index_full = read(
        frame(
            [
                packet(share, "ltp", index=False),
                packet(share, "quote", index=False),
                packet(index, "quote", index=True),
                packet(index, "full", index=True),
            ]
        )
    )
    assert (ltp["mode"], ltp["last_price"]) == ("ltp", share.last / 100)
    assert (quote["mode"], quote["volume_traded"]) == ("quote", share.volume)
    for tick in (index_quote, index_full):
        assert tick["tradable"] is False
        assert tick["last_price"] == index.last / 100
        assert tick["ohlc"] == {
            "open": index.open / 100,
            "high": index.high / 100,
            "low": index.low / 100,
            "close": index.close / 100,
        }
    assert "exchange_timestamp" in index_full


@given(snapshots(segment=9))
def test_packets_have_the_lengths_and_the_stamps_of_the_protocol(shown: Snapshot) -> None:
    lengths = {
        (mode, index): len(packet(shown, mode, index=index))
        for mode in ("ltp", "quote", "full")
        for index in (False, True)
    }
    assert lengths == {
        ("ltp", False): 8, ("quote", False): 44, ("full", False): 184,
        ("ltp", True): 8, ("quote", True): 28, ("full", True): 32,
    }  # fmt: skip
    full = packet(shown, "full", index=False)
    assert struct.unpack(">I", full[44:48])[0] == shown.last_trade_at // SECOND
    assert struct.unpack(">I", full[60:64])[0] == shown.at // SECOND
    assert struct.unpack(">i", packet(shown, "quote", index=True)[24:28])[0] == shown.last - shown.close


@pytest.mark.parametrize("orders", [0, 70_000])
def test_missing_levels_are_zeros_and_counts_are_cut_to_their_bits(orders: int) -> None:
    level = (100, 2**33, orders)
    shown = Snapshot(
        token=258, at=SECOND, last=1, last_quantity=2**33, average=1, volume=2**40, bought=0, sold=0, open=1,
        high=1, low=1, close=1, last_trade_at=0, oi=0, oi_high=0, oi_low=0, bids=(level,), asks=(),
        lower_circuit=0, upper_circuit=0,
    )  # fmt: skip
    (tick,) = read(frame([packet(shown, "full", index=False)]))
    assert tick["volume_traded"] == 2**32 - 1
    depth = tick["depth"]
    assert isinstance(depth, dict)
    assert depth["buy"][0] == {"price": 1.0, "quantity": 2**32 - 1, "orders": min(orders, 2**16 - 1)}
    assert depth["sell"] == [{"price": 0.0, "quantity": 0, "orders": 0}] * 5
