"""One day after the other: status and reason of each (D1-D5)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .contracts import OPEN, has_expiry, price_source, yesterday_book
from .folder import Folder, Members
from .membership import members_on
from .selection import Candidate, Morning, rank, select
from .settings import Settings
from .trade import NoData, NoTrade, Order, Trade, trade_on_bhavcopy, trade_on_snapshots
from .trading_days import is_special, previous_trading_day, traded_expiry, trading_days


@dataclass(frozen=True)
class Day:
    """The result of one trading day."""

    on: date
    status: str
    reason: str | None
    price_source: str | None
    expiry: date | None = None
    candidates: list[Candidate] = field(default_factory=list)
    trade: Trade | None = None

    @property
    def pick(self) -> Candidate | None:
        last = self.candidates[-1] if self.candidates else None
        return last if last and last.code == "ok" else None


def run(folder: Folder, first: date, last: date, settings: Settings) -> list[Day]:
    """D1: one result for every trading day; F2: earlier results of the run are part of the free cash."""
    results: list[Day] = []
    free_cash = settings.paper_capital
    for day in trading_days(first, last):
        result = one_day(folder, day, settings, free_cash)
        if result.trade:
            free_cash += result.trade.net
        results.append(result)
    return results


def one_day(folder: Folder, day: date, settings: Settings, free_cash: Decimal) -> Day:
    """D2, then the reasons of D4 in their order, then the selection and the trade."""
    members = members_on(folder.root, day)
    source = price_source(folder, day, members)
    if is_special(day):
        return Day(day, "no_trade", "special_session", source)
    cash, previous = folder.cash(day), previous_trading_day(day)
    expiry = traded_expiry(day, settings.roll_days)
    book = yesterday_book(folder, day, previous, members, expiry)
    lacking = {
        "no_pre_open": not cash,
        "no_option_prices": source is None,
        "no_chain_for_expiry": not has_expiry(folder, day, members, expiry),
        "no_previous_oi": book is None,
    }
    reason = next((reason for reason, holds in lacking.items() if holds), None)
    if reason or book is None:
        return Day(day, "no_data", reason, source, expiry)
    morning = Morning(folder, settings, day, previous, expiry, members, book, free_cash)
    candidates = select(rank(cash, members), morning)
    if source == "last" and opens_late(folder, day, members, settings):
        return Day(day, "no_data", "no_opening_snapshot", source, expiry, candidates)  # D5
    return _traded(Day(day, "no_trade", "no_candidate", source, expiry, candidates), morning)


def opens_late(folder: Folder, day: date, members: Members, settings: Settings) -> bool:
    """E2: no member has a snapshot from 09:15:00 to `recorded.last_entry`."""
    times = (row.ts.time() for row in folder.chain(day, members))
    return not any(OPEN <= at <= settings.last_entry for at in times)


def _traded(day: Day, morning: Morning) -> Day:
    pick = day.pick
    if pick is None or pick.strike is None or pick.lot is None or pick.tick is None:
        return day
    quantity = morning.settings.lots * pick.lot
    order = Order(day.on, pick.stock.symbol, morning.expiry, pick.strike, quantity, pick.tick)
    how = trade_on_snapshots if day.price_source == "last" else trade_on_bhavcopy
    status, reason, trade = "traded", None, None
    try:
        trade = how(order, morning.folder, morning.members, morning.settings)
    except NoTrade as no:
        status, reason = "no_trade", str(no)
    except NoData as no:
        status, reason = "no_data", str(no)
    return Day(day.on, status, reason, day.price_source, day.expiry, day.candidates, trade)
