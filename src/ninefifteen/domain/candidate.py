"""What a scan leaves behind: every examined stock with the code that stopped it, and the plan."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import msgspec

from .instrument import Instrument
from .money import Paise


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One examined stock of the ranking.

    `code` is "ok" for a stock that passes every test so far, else the code of the first test it
    failed (the table in `design/strategy.md`, Selection). `gain` is exact: pre-open price over
    previous close minus 1, as (price, prev_close) paise. `pcr_puts`/`pcr_calls` are the open
    interest sums in units, None where unknown. `estimate` is the premium in paise with the collar,
    `model` without it; 0 where it could not be computed.
    """

    rank: int
    symbol: str
    price: Paise
    prev_close: Paise
    code: str
    detail: str = ""
    pcr_puts: int | None = None
    pcr_calls: int | None = None
    instrument: Instrument | None = None
    oi: int | None = None
    volume: int | None = None
    estimate: Paise = 0
    model: Paise = 0
    volatility: float | None = None

    @property
    def gain(self) -> Fraction:
        """Pre-open price over previous close, minus 1, exactly."""
        return Fraction(self.price, self.prev_close) - 1

    @property
    def pcr(self) -> Fraction | None:
        """Put over call open interest of the previous day; None when it cannot be computed."""
        if self.pcr_puts is None or not self.pcr_calls:
            return None
        return Fraction(self.pcr_puts, self.pcr_calls)


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a scan: candidates in rank order; `picks` index those that may be entered.

    `picks[0]` is the pick, the rest are prepared behind it. `shadow` is the symbol that would have
    been picked without the put/call filter.
    """

    candidates: tuple[Candidate, ...]
    picks: tuple[int, ...] = ()
    shadow: str | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with its exits and its three losses, in paise, before it is sent.

    `entry` is the price reckoned with, `stop` the working stop (tightened when `tightened`),
    `stop_limit` the limit of the stop order at the broker. The losses are positive amounts of
    paise, charges included. `break_even` is the share of wins needed at these levels.
    """

    strategy: str
    instrument: Instrument
    quantity: int
    entry: Paise
    target: Paise
    stop: Paise
    stop_limit: Paise
    untightened_stop: Paise
    tightened: bool
    loss_at_stop: Paise
    loss_at_stop_limit: Paise
    loss_of_premium: Paise
    profit_at_target: Paise
    break_even: float
    expiry: date | None = None
