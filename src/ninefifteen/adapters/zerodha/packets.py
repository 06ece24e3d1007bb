"""The binary packets of Kite's ticker: which word of a packet is which figure, and what one packet says.

A packet is a row of 32-bit words, big-endian. Its length alone tells its kind: 8 bytes are a last
price, 44 a quote, 184 a quote with depth and times ("full"); indices have shapes of their own, 28 and
32 bytes, with their prices in another order. Every figure has one fixed place in a row of words here,
whatever the kind it came in.
Source: Kite Connect 3, "WebSocket streaming"; the divisors from kiteconnect 5.2.2, ticker.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from ninefifteen.domain.instants import IST, SECOND, Instant

Mode = Literal["ltp", "quote", "full"]
MODES: tuple[Mode, ...] = ("ltp", "quote", "full")

TOKEN, LAST, LAST_QUANTITY, AVERAGE, VOLUME, BOUGHT, SOLD, OPEN, HIGH, LOW, CLOSE = range(11)
TRADED, OI, OI_HIGH, OI_LOW, STAMPED = range(11, 16)
DEPTH = 16
"""The first of ten levels of three words (quantity, price, orders in the upper half): bids, then asks."""
CHANGE = 46
"""Only indices carry it: the change of the price, signed."""
WORDS = 47

_LEVELS = 5
_LEVEL_WORDS = tuple(range(DEPTH, CHANGE, 3))


class Layout(msgspec.Struct, frozen=True):
    """One kind of packet: its length in bytes, its mode, and which figure each of its words is."""

    length: int
    mode: Mode
    index: bool
    words: tuple[int, ...]

    @property
    def in_order(self) -> bool:
        """Whether its words already stand where a row has them."""
        return not self.index


_INDEX = (TOKEN, LAST, HIGH, LOW, OPEN, CLOSE, CHANGE, STAMPED)
LAYOUTS = {
    layout.length: layout
    for layout in (
        Layout(8, "ltp", index=False, words=tuple(range(2))),
        Layout(44, "quote", index=False, words=tuple(range(11))),
        Layout(184, "full", index=False, words=tuple(range(CHANGE))),
        Layout(28, "quote", index=True, words=_INDEX[:7]),
        Layout(32, "full", index=True, words=_INDEX),
    )
}
INDEX_FULL = 32
"""The length of an index packet with a time."""

PAISE = 100
"""The divisor of NSE and NFO: there a price on the wire is whole paise."""
_DIVISORS = {3: 10_000_000, 6: 10_000, 12: 10_000}
_INDICES = 9


def divisor_of(token: int) -> int:
    """How many units of the wire are one rupee; the low byte of a token is its segment.

    10,000,000 for NSE currency (3), 10,000 for BSE currency (6) and NSE commodities (12), else 100.
    """
    return _DIVISORS.get(token & 0xFF, PAISE)


class Level(msgspec.Struct, frozen=True, gc=False):
    """One level of the depth: price in units of the wire, units offered, number of orders; all 0 if empty."""

    price: int
    quantity: int
    orders: int


class Tick(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One packet. A figure its kind does not carry is 0, and its depth is empty.

    Prices are whole units of the wire, so they are exact: paise where `divisor` is 100, as on NSE and
    NFO. `close` is the previous day's close while the market is open. `volume` counts the day's units,
    `bought` and `sold` the units waiting on either side. `traded_at` and `exchange_at` are the
    exchange's times in whole seconds; 0 is none. `change` is known of indices only.
    """

    token: int
    mode: Mode
    index: bool
    divisor: int
    last: int
    last_quantity: int = 0
    average: int = 0
    volume: int = 0
    bought: int = 0
    sold: int = 0
    open: int = 0
    high: int = 0
    low: int = 0
    close: int = 0
    change: int = 0
    traded_at: Instant = 0
    exchange_at: Instant = 0
    oi: int = 0
    oi_high: int = 0
    oi_low: int = 0
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()

    def fresh(self, since: Instant, until: Instant) -> bool:
        """Whether the exchange's own time of this packet is within both instants.

        The ticker repeats its last packet after a subscription, so the first one may be of yesterday
        whenever it is received. Packets without a time (ltp and quote) are never fresh.
        """
        return since <= self.exchange_at <= until

    def last_is_fresh(self, since: Instant, until: Instant) -> bool:
        """Whether the last price was made within both instants: by a trade, or by an index' own time."""
        return since <= (self.exchange_at if self.index else self.traded_at) <= until


def tick_of(row: Sequence[int], length: int) -> Tick:
    """The packet of `length` bytes whose words stand in `row`."""
    layout = LAYOUTS[length]
    token = row[TOKEN]
    if length == 8:  # noqa: PLR2004 - the lengths are the kinds
        return Tick(token=token, mode="ltp", index=False, divisor=divisor_of(token), last=row[LAST])
    full = layout.mode == "full"
    if layout.index:
        return Tick(
            token=token,
            mode=layout.mode,
            index=True,
            divisor=divisor_of(token),
            last=row[LAST],
            open=row[OPEN],
            high=row[HIGH],
            low=row[LOW],
            close=row[CLOSE],
            change=row[CHANGE],
            exchange_at=row[STAMPED] * SECOND,
        )
    return Tick(
        token=token,
        mode=layout.mode,
        index=False,
        divisor=divisor_of(token),
        last=row[LAST],
        last_quantity=row[LAST_QUANTITY],
        average=row[AVERAGE],
        volume=row[VOLUME],
        bought=row[BOUGHT],
        sold=row[SOLD],
        open=row[OPEN],
        high=row[HIGH],
        low=row[LOW],
        close=row[CLOSE],
        traded_at=row[TRADED] * SECOND if full else 0,
        exchange_at=row[STAMPED] * SECOND if full else 0,
        oi=row[OI] if full else 0,
        oi_high=row[OI_HIGH] if full else 0,
        oi_low=row[OI_LOW] if full else 0,
        bids=_levels(row, _LEVEL_WORDS[:_LEVELS]) if full else (),
        asks=_levels(row, _LEVEL_WORDS[_LEVELS:]) if full else (),
    )


def _levels(row: Sequence[int], words: tuple[int, ...]) -> tuple[Level, ...]:
    return tuple([Level(row[at + 1], row[at], row[at + 2] >> 16) for at in words])


class Moments:
    """Seconds since 1970 as aware datetimes in IST; many packets share a second, so each is made once."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, datetime] = {}

    def __call__(self, seconds: int) -> datetime:
        """The datetime of that second."""
        moment = self._known.get(seconds)
        if moment is None:
            moment = self._known[seconds] = datetime.fromtimestamp(seconds, IST)
        return moment


def dict_of(row: Sequence[int], length: int, moments: Moments) -> dict[str, object]:
    """The packet as the dictionary the official Python client makes: its names, prices as float rupees.

    Times are aware (the official client's are naive, in the zone of the host). Indices have no
    volume and no depth.
    """
    layout, token = LAYOUTS[length], row[TOKEN]
    per_rupee = float(divisor_of(token))
    last = row[LAST] / per_rupee
    tick: dict[str, object] = {
        "tradable": token & 0xFF != _INDICES,
        "mode": layout.mode,
        "instrument_token": token,
        "last_price": last,
    }
    if layout.mode == "ltp":
        return tick
    opening, high, low, close = [price / per_rupee for price in row[OPEN : CLOSE + 1]]
    tick["ohlc"] = {"open": opening, "high": high, "low": low, "close": close}
    tick["change"] = (last - close) * 100 / close if close else 0
    if not layout.index:
        tick["last_traded_quantity"] = row[LAST_QUANTITY]
        tick["average_traded_price"] = row[AVERAGE] / per_rupee
        tick["volume_traded"] = row[VOLUME]
        tick["total_buy_quantity"] = row[BOUGHT]
        tick["total_sell_quantity"] = row[SOLD]
    if layout.mode == "full":
        tick["exchange_timestamp"] = moments(row[STAMPED])
        if not layout.index:
            tick["last_trade_time"] = moments(row[TRADED])
            tick["oi"] = row[OI]
            tick["oi_day_high"] = row[OI_HIGH]
            tick["oi_day_low"] = row[OI_LOW]
            levels = [
                {"quantity": row[at], "price": row[at + 1] / per_rupee, "orders": row[at + 2] >> 16}
                for at in _LEVEL_WORDS
            ]
            tick["depth"] = {"buy": levels[:_LEVELS], "sell": levels[_LEVELS:]}
    return tick
