"""Full quotes over REST: what the exchange shows of each instrument now, with both of its stamps.

Last prices alone (`/quote/ltp`) carry no stamp, so their age could not be judged; only `/quote` is
used. A key the broker does not know is simply not in its reply (`reference/brokers.md` 2.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ninefifteen.domain.events import Levels
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise

from .client import KiteClient
from .errors import Down
from .stamps import Units, decode, instant, nearest

BATCH = 250
"""Keys of one request; documents say 250 or 500, and this is right under both."""


class QuoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument as quoted. Paise and units; `close` is the previous close while the market is open.

    `stamped_at` is the exchange's stamp of the row and `traded_at` of the last trade; 0 where there
    is none, and such a row says nothing about now. Circuit limits are 0 where Kite gives none.
    """

    token: int
    stamped_at: Instant
    traded_at: Instant
    last: Paise
    volume: int
    oi: int
    open: Paise
    high: Paise
    low: Paise
    close: Paise
    lower_circuit: Paise
    upper_circuit: Paise
    bids: Levels
    asks: Levels


class _Prices(msgspec.Struct, frozen=True):
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


class _Level(msgspec.Struct, frozen=True):
    price: Decimal
    quantity: Units


class _Depth(msgspec.Struct, frozen=True):
    buy: tuple[_Level, ...] = ()
    sell: tuple[_Level, ...] = ()


class _Quote(msgspec.Struct, frozen=True, kw_only=True):
    instrument_token: int
    last_price: Decimal
    ohlc: _Prices
    timestamp: str | None = None
    last_trade_time: str | None = None
    volume: Units = 0
    oi: Units = 0
    lower_circuit_limit: Decimal = Decimal()
    upper_circuit_limit: Decimal = Decimal()
    depth: _Depth = _Depth()


async def quotes(client: KiteClient, keys: Sequence[str]) -> dict[str, QuoteRow]:
    """Quotes by key ("NSE:INFY"), in requests of at most 250 keys paced by the client.

    Keys the broker does not know are missing. Raises Refused, LoggedOut or Down; a row that cannot
    be read makes the whole reply Down, because what else is wrong with it cannot be known.
    """
    asked = list(dict.fromkeys(keys))
    found: dict[str, QuoteRow] = {}
    for start in range(0, len(asked), BATCH):
        batch = asked[start : start + BATCH]
        reply = await client.read(
            "/quote", dict[str, msgspec.Raw], params=[("i", key) for key in batch], family="quote"
        )
        for key in batch:
            if key in reply:
                found[key] = _row(key, reply[key])
    return found


def quote_row(raw: bytes | msgspec.Raw) -> QuoteRow:
    """One quote; raises ValueError when it cannot be read. An index has no depth and no volume."""
    quote = decode(raw, _Quote)
    return QuoteRow(
        token=quote.instrument_token,
        stamped_at=instant(quote.timestamp),
        traded_at=instant(quote.last_trade_time),
        last=nearest(quote.last_price),
        volume=quote.volume,
        oi=quote.oi,
        open=nearest(quote.ohlc.open),
        high=nearest(quote.ohlc.high),
        low=nearest(quote.ohlc.low),
        close=nearest(quote.ohlc.close),
        lower_circuit=nearest(quote.lower_circuit_limit),
        upper_circuit=nearest(quote.upper_circuit_limit),
        bids=_levels(quote.depth.buy),
        asks=_levels(quote.depth.sell),
    )


def _row(key: str, raw: msgspec.Raw) -> QuoteRow:
    try:
        return quote_row(raw)
    except ValueError as problem:
        raise Down(f"malformed quote of {key}: {problem}") from None


def _levels(side: tuple[_Level, ...]) -> Levels:
    return tuple((nearest(level.price), level.quantity) for level in side if level.quantity and level.price)
