"""The chain of one stock before the open, put together from the contract list, quotes and a daily candle.

Kite has no option chain. Before 09:15 a contract's quote still carries yesterday's closing open
interest; what yesterday traded is told by its daily candle, which has a date and therefore decides where
both speak. Of the many strikes only the one nearest the pre-open price is asked for its candle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ninefifteen.domain.black_scholes import implied_vol
from ninefifteen.domain.instants import day_of, midnight
from ninefifteen.domain.market import CallRow, ChainFacts, DayFacts
from ninefifteen.domain.money import Paise

from .catalogue import Listed
from .history import Candle
from .quotes import QuoteRow

_RATE = 0.065
"""Yearly interest rate of the model (`design/strategy.md` F1)."""
_MAY_BE_ABSENT = 0.02
"""Of one side's contracts, so many may lack a quote, and only at the ends, where new strikes are listed.

Kite quotes every listed contract, an untouched one with an open interest of zero; one that is missing
near the money may hold a tenth of its side, and the put/call ratio would be another.
"""


class Nearest(msgspec.Struct, frozen=True, kw_only=True):
    """What was read about the strike nearest the pre-open price: contract, quote, yesterday's candle."""

    contract: Listed
    quote: QuoteRow | None
    candle: Candle | None


def nearest_call(calls: Sequence[Listed], price: Paise) -> Listed | None:
    """The listed strike nearest the price, the lower one on a tie; None without a call."""
    return min(calls, key=lambda call: (abs(call.strike - price), call.strike), default=None)


def yesterdays_candle(candles: Iterable[Candle], facts: DayFacts) -> Candle | None:
    """The daily candle of the previous trading day; None when that day has none."""
    return next((candle for candle in candles if day_of(candle.at) == facts.previous_day), None)


def chain_of(  # noqa: PLR0913 - a chain is made of these
    facts: DayFacts,
    symbol: str,
    calls: Sequence[Listed],
    puts: Sequence[Listed],
    interest: Mapping[int, QuoteRow],
    nearest: Nearest | None,
    *,
    freeze_quantity: int = 0,
    iv_ratio: float | None = None,
) -> ChainFacts:
    """The chain at `facts.expiry`; `interest` are quotes read before the open, by token.

    A contract without a quote has no previous-day row, and the open interest of a side is None where it is
    in doubt (`doubt`). Raises ValueError when calls are listed with
    different lots or ticks: such a list is not understood.
    """
    if len({(call.lot_size, call.tick) for call in (*calls, *puts)}) > 1:
        raise ValueError(f"{symbol}: contracts of one expiry with different lots or ticks")
    rows = tuple(_row(facts, call, interest.get(call.token), nearest) for call in calls)
    quote = nearest.quote if nearest is not None else None
    first = calls[0] if calls else None
    return ChainFacts(
        symbol=symbol,
        expiry=facts.expiry,
        lot_size=first.lot_size if first is not None else 0,
        tick=first.tick if first is not None else 0,
        calls=rows,
        call_oi=_sum(facts, calls, interest),
        put_oi=_sum(facts, puts, interest),
        freeze_quantity=freeze_quantity,
        iv_ratio=iv_ratio,
        band_low=quote.lower_circuit if quote is not None else 0,
        band_high=quote.upper_circuit if quote is not None else 0,
    )


def _row(facts: DayFacts, call: Listed, quote: QuoteRow | None, nearest: Nearest | None) -> CallRow:
    oi = quote.oi if quote is not None else None
    volume: int | None = None
    traded = quote is not None and quote.traded_at != 0 and day_of(quote.traded_at) == facts.previous_day
    price = quote.last if quote is not None and traded else 0
    if nearest is not None and nearest.contract.token == call.token and nearest.candle is not None:
        candle = nearest.candle
        volume, price = candle.volume, candle.close
        oi = candle.oi if candle.oi is not None else oi
    return CallRow(name=call.symbol, strike=call.strike, oi=oi, volume=volume, price=price)


def doubt(facts: DayFacts, side: Sequence[Listed], interest: Mapping[int, QuoteRow]) -> str:
    """Why the open interest of these calls (or puts) cannot be summed; "" when it can. `side` by strike.

    More quotes are absent than at the ends may be, or most of them are older than the previous trading day:
    a single contract may well not have moved for weeks, but not a chain. Contracts with open interest
    decide that; the untouched ones only where there are no others.
    """
    absent = [place for place, each in enumerate(side) if each.token not in interest]
    ends = (*range(len(absent)), *range(len(side) - len(absent), len(side)))
    if len(absent) > _MAY_BE_ABSENT * len(side) or not set(absent) <= set(ends):
        return f"{len(absent)} of {len(side)} not quoted"
    rows = [interest[each.token] for each in side if each.token in interest]
    rows = [row for row in rows if row.oi] or rows
    since = midnight(facts.previous_day)
    old = sum(max(row.stamped_at, row.traded_at) < since for row in rows)
    return f"{old} of {len(rows)} older than the previous trading day" if 2 * old > len(rows) else ""


def _sum(facts: DayFacts, side: Sequence[Listed], interest: Mapping[int, QuoteRow]) -> int | None:
    if not side or doubt(facts, side, interest):
        return None
    return sum(interest[each.token].oi for each in side if each.token in interest)


def volatility_ratio(
    facts: DayFacts, close: Paise, near: Nearest | None, following: tuple[Listed, QuoteRow] | None
) -> float | None:
    """Implied volatility of the traded expiry over the one behind it, both of yesterday; None if unknown.

    A price counts only when it was made on the previous trading day.
    """
    if near is None or near.quote is None or following is None:
        return None
    first = _volatility(facts, close, near.contract, near.quote)
    second = _volatility(facts, close, *following)
    return first / second if first and second else None


def _volatility(facts: DayFacts, close: Paise, contract: Listed, quote: QuoteRow) -> float | None:
    if quote.last <= 0 or contract.expiry is None:
        return None
    if not quote.traded_at or day_of(quote.traded_at) != facts.previous_day:
        return None
    years = (contract.expiry - facts.previous_day).days / 365
    return implied_vol(quote.last / 100, close / 100, contract.strike / 100, years, _RATE)
