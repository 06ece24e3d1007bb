"""Market data as Kite's REST replies show it: quotes, candles and the instruments file.

Shapes: Zerodha's samples. The caps (500, 1,000 and 1,000 instruments a request) and the days a request
for candles may span are those staff state on the forum (51532, 3105).
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from ninefifteen.domain.instants import IST, SECOND, Instant, day_of, from_datetime, to_datetime
from ninefifteen.domain.instants import at as instant_at
from ninefifteen.domain.money import Paise, rupees
from ninefifteen.simulator.market import Listed, MarketDay, Snapshot

from .envelope import KiteError, number, stamp

Row = dict[str, Any]
COLUMNS = (
    "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,"
    "instrument_type,segment,exchange"
)
LONGEST_TOKEN = len(str(2**32))
"""Digits of an instrument token: packets carry it in 32 bits."""
CAPS = {"quote": 500, "ohlc": 1000, "ltp": 1000}
MOST_DAYS = {
    "minute": 60, "3minute": 100, "5minute": 100, "10minute": 100, "15minute": 200, "30minute": 200,
    "60minute": 400, "day": 2000,
}  # fmt: skip


def quote_rows(market: MarketDay, keys: Sequence[str], kind: str, at: Instant) -> dict[str, Row]:
    """Quotes by "EXCHANGE:SYMBOL" (or token, as asked); what does not exist is missing.

    `kind` is quote, ohlc or ltp. Raises KiteError without a key or with more than the cap.
    """
    if not keys:
        raise KiteError("Missing or empty field `i`")
    if len(keys) > CAPS[kind]:
        raise KiteError(f"Too many instruments: at most {CAPS[kind]} in one request.")
    row = _ROWS[kind]
    found = ((key, _listed(market, key)) for key in dict.fromkeys(keys))
    return {key: row(market.snapshot(one.token, at)) for key, one in found if one is not None}


def candle_rows(
    market: MarketDay, token: int, interval: str, query: Mapping[str, str], now: Instant
) -> dict[str, list[list[Any]]]:
    """The candles of one instrument that are over by `now`; raises KiteError for what cannot be asked."""
    if interval not in MOST_DAYS:
        raise KiteError("invalid interval")
    if token not in market.by_token:
        raise KiteError("invalid token")
    first, last = _moment(query, "from"), _moment(query, "to")
    if last < first:
        raise KiteError("invalid `from` and `to`: from is after to")
    if (day_of(last) - day_of(first)).days > MOST_DAYS[interval]:
        raise KiteError(f"interval exceeds max limit: {MOST_DAYS[interval]} days")
    with_oi = query.get("oi") == "1"
    rows = []
    for candle in market.candles(token, interval, first, last, now=now):
        began = to_datetime(candle.at).strftime("%Y-%m-%dT%H:%M:%S%z")
        prices = (candle.open, candle.high, candle.low, candle.close)
        row = [began, *map(number, prices), candle.volume]
        rows.append([*row, candle.oi] if with_oi else row)
    return {"candles": rows}


def instruments_file(market: MarketDay, exchange: str | None) -> bytes:
    """The day's instruments as gzipped CSV, of one exchange or of all.

    `last_price` is the previous close: the file is made once a day, before the open.
    """
    lines = [COLUMNS]
    lines += (_line(one) for one in market.listed if exchange in (None, one.exchange))
    return gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=5, mtime=0)


def _line(one: Listed) -> str:
    strike = rupees(one.strike).rstrip("0").rstrip(".") if one.strike else "0"
    columns = (
        str(one.token),
        str(one.exchange_token),
        one.symbol,
        one.root,
        "0.0",
        one.expiry.isoformat() if one.expiry is not None else "",
        strike if "." in strike else f"{strike}.0",
        _decimal(one.tick),
        str(one.lot_size),
        one.kind if one.kind in ("CE", "PE") else "EQ",
        one.segment,
        one.exchange,
    )
    return ",".join(columns)


def _decimal(paise: Paise) -> str:
    return str(paise / 100)


def _listed(market: MarketDay, key: str) -> Listed | None:
    if key.isascii() and key.isdigit() and len(key) <= LONGEST_TOKEN:
        return market.by_token.get(int(key))
    return market.by_key.get(key)


def _quote(s: Snapshot) -> Row:
    return {
        "instrument_token": s.token,
        "timestamp": stamp(s.at),
        "last_trade_time": stamp(s.last_trade_at),
        "last_price": number(s.last),
        "last_quantity": s.last_quantity,
        "buy_quantity": s.bought,
        "sell_quantity": s.sold,
        "volume": s.volume,
        "average_price": number(s.average),
        "oi": s.oi,
        "oi_day_high": s.oi_high,
        "oi_day_low": s.oi_low,
        "net_change": number(s.last - s.close),
        "lower_circuit_limit": number(s.lower_circuit),
        "upper_circuit_limit": number(s.upper_circuit),
        "ohlc": _prices(s),
        "depth": {"buy": _levels(s.bids), "sell": _levels(s.asks)},
    }


def _ohlc(s: Snapshot) -> Row:
    return {"instrument_token": s.token, "last_price": number(s.last), "ohlc": _prices(s)}


def _ltp(s: Snapshot) -> Row:
    return {"instrument_token": s.token, "last_price": number(s.last)}


_ROWS: dict[str, Callable[[Snapshot], Row]] = {"quote": _quote, "ohlc": _ohlc, "ltp": _ltp}


def _prices(s: Snapshot) -> Row:
    return {"open": number(s.open), "high": number(s.high), "low": number(s.low), "close": number(s.close)}


def _levels(levels: Sequence[tuple[Paise, int, int]]) -> list[Row]:
    return [
        {"price": number(price), "quantity": quantity, "orders": orders} for price, quantity, orders in levels
    ]


def _moment(query: Mapping[str, str], name: str) -> Instant:
    """A moment written "2026-11-23 09:15:00" or, meaning midnight, "2026-11-23"; IST."""
    text = query.get(name, "")
    try:
        if len(text) == len("2026-11-23"):
            return instant_at(date.fromisoformat(text), time())
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=IST)
    except ValueError:
        raise KiteError(f"invalid `{name}` date") from None
    return from_datetime(moment) // SECOND * SECOND
