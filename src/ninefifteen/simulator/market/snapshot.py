"""What a market data packet says of one instrument, and the small things around it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise

Level = tuple[Paise, int, int]
"""One level of a book: price, units, number of orders; all 0 where there is nothing."""

Side = tuple[Level, ...]
"""Five levels, best first."""

EMPTY: Side = ((0, 0, 0),) * 5


class Snapshot(msgspec.Struct, frozen=True):
    """One instrument as the exchange last showed it. Prices are paise, quantities units.

    `at` is the exchange's stamp, `last_trade_at` that of the last trade (0: none is known); `close` is
    the previous day's close; `bought` and `sold` are all units waiting to buy and to sell. `open`,
    `high` and `low` are 0 before the day's first trade. Indices have neither volume nor book.
    """

    token: int
    at: Instant
    last: Paise
    last_quantity: int
    average: Paise
    volume: int
    bought: int
    sold: int
    open: Paise
    high: Paise
    low: Paise
    close: Paise
    last_trade_at: Instant
    oi: int
    oi_high: int
    oi_low: int
    bids: Side
    asks: Side
    lower_circuit: Paise
    upper_circuit: Paise


class Change(msgspec.Struct, frozen=True):
    """Something new to show of `token`, delivered at `at`; the snapshot of that instant holds it."""

    at: Instant
    token: int


class Candle(NamedTuple):
    """An interval that begins `at`: prices in paise, units traded, units held at its end."""

    at: Instant
    open: Paise
    high: Paise
    low: Paise
    close: Paise
    volume: int
    oi: int


class Yesterday(msgspec.Struct, frozen=True):
    """What the previous trading day left of one instrument.

    `close` is 0 where nothing traded; `stamp` is that day's close, `last_trade_at` 0 without a trade.
    Nothing but the close is known of its prices, so the day's candle is flat.
    """

    close: Paise
    volume: int
    oi: int
    stamp: Instant
    last_trade_at: Instant
