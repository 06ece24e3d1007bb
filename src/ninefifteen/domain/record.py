"""The day record: what happened on one day and why, complete, in the engine's own words."""

from __future__ import annotations

from datetime import date

import msgspec

from .candidate import Candidate, Plan
from .charges import Charges
from .instants import Instant
from .instrument import Instrument
from .money import Paise


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """One round trip: prices in paise, quantity in units, charges exact.

    `exit_at` is None when the data cannot tell the time. `ambiguous` marks a bar in which both
    levels lay and the stop was assumed. `target` and `stop` are the levels in force at the end,
    `entry_delay` and `longest_gap` (between two observations while held) nanoseconds.
    """

    strategy: str
    instrument: Instrument
    quantity: int
    entry_at: Instant
    entry: Paise
    exit_at: Instant | None
    exit: Paise
    exit_reason: str
    charges: Charges
    buy_value: Paise
    sell_value: Paise
    target: Paise
    stop: Paise
    entry_delay: Instant = 0
    longest_gap: Instant = 0
    ambiguous: bool = False
    note: str = ""

    @property
    def gross(self) -> Paise:
        """(exit - entry) x quantity, in paise."""
        return self.sell_value - self.buy_value


class DayRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One day: status "traded", "no_trade" or "no_data", with the reason and everything behind it.

    A day that ends with something bought and not sold is "traded", reason "still_held", without a trade.

    `pick` indexes `candidates`. `unknown` lists facts the day had no source for (ban list, event
    calendar): the tests that need them passed and the record says so.
    """

    date: date
    status: str
    reason: str | None
    price_source: str | None
    synthetic: bool
    seed: int | None
    candidates: tuple[Candidate, ...]
    pick: int | None
    shadow: str | None
    plan: Plan | None
    trades: tuple[Trade, ...]
    flat: bool
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    orders: int = 0
    alarms: int = 0
