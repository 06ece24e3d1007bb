"""The one trade of a recorded day (E1-E4, X1-X5, G1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from .charges import round_trip
from .contracts import OPEN, official_call
from .folder import IST, ChainRow, Folder, Members, OfficialRow
from .levels import bought_at, sold_at, target_level, working_stop
from .settings import Settings
from .trading_days import exit_time, last_exit_time

TENTH_PAISA = Decimal("0.0001")


class NoTrade(Exception):
    """The rules said no after the pick; the text is the reason."""


class NoData(Exception):
    """The rules could not be applied after the pick; the text is the reason."""


@dataclass(frozen=True)
class Order:
    """What is bought: one call of one stock on one day."""

    day: date
    symbol: str
    expiry: date
    strike: Decimal
    quantity: int
    tick: Decimal

    @property
    def label(self) -> str:
        """C4."""
        return f"{self.symbol} {self.expiry} {self.strike:f} CE"


@dataclass(frozen=True)
class Exit:
    """How it ended, before slippage; `at` is None where the time is unknown (X4)."""

    reason: str
    price: Decimal
    at: datetime | None
    ambiguous: bool = False
    note: str | None = None


@dataclass(frozen=True)
class Trade:
    """A finished trade; prices after slippage, rupees; charges and net to 4 places (G1)."""

    order: Order
    entry_at: datetime
    entry: Decimal
    exit: Decimal
    end: Exit
    stop: Decimal
    target: Decimal
    if_target: Decimal | None

    @property
    def gross(self) -> Decimal:
        return (self.exit - self.entry) * self.order.quantity

    @property
    def charges(self) -> Decimal:
        return self._charges(self.exit)

    @property
    def net(self) -> Decimal:
        return self.gross - self.charges

    @property
    def net_if_target(self) -> Decimal:
        """X4: the result when an ambiguous day is counted as a target."""
        if self.if_target is None:
            return self.net
        return (self.if_target - self.entry) * self.order.quantity - self._charges(self.if_target)

    @property
    def entry_delay_s(self) -> float:
        return (self.entry_at - datetime.combine(self.order.day, OPEN, IST)).total_seconds()

    def _charges(self, sold: Decimal) -> Decimal:
        charged = round_trip(self.order.day, self.entry, sold, self.order.quantity)
        return charged.quantize(TENTH_PAISA, ROUND_HALF_UP)


def trade_on_snapshots(order: Order, folder: Folder, members: Members, settings: Settings) -> Trade:
    """E2, X2. Raises NoTrade (`not_filled`, `risk_too_large`) or NoData (`no_exit_observation`)."""
    observed = list(observations(order, folder.chain(order.day, members)))
    entries = [row for row in observed if row.ts.time() <= settings.last_entry]
    if not entries:
        raise NoTrade("not_filled")
    first = entries[0]
    entry, stop, target = plan(order, first.call_ltp, settings)
    after = [row for row in observed if row.ts > first.ts]
    end = exit_on_snapshots(order.day, after, stop, target)
    return Trade(order, first.ts, entry, sold_at(end.price, order.tick, settings), end, stop, target, None)


def observations(order: Order, rows: tuple[ChainRow, ...]) -> Iterator[ChainRow]:
    """E1: rows from 09:15:00 on with a last price and, where it is known, a volume; stale ones are gone."""
    for row in rows:
        if (row.symbol, row.expiry, row.strike) != (order.symbol, order.expiry, order.strike):
            continue
        traded = row.call_volume is None or row.call_volume > 0
        if row.ts.time() >= OPEN and row.call_ltp > 0 and traded:
            yield row


def plan(order: Order, price: Decimal, settings: Settings) -> tuple[Decimal, Decimal, Decimal]:
    """Entry after slippage, working stop, target (E4, X1, X5); NoTrade when no stop fits below the entry."""
    entry = bought_at(price, order.tick, settings)
    stop = working_stop(order.day, entry, order.quantity, order.tick, settings)
    if stop is None:
        raise NoTrade("risk_too_large")
    return entry, stop, target_level(entry, order.tick, settings)


def exit_on_snapshots(day: date, after: list[ChainRow], stop: Decimal, target: Decimal) -> Exit:
    """X2: the first observation that ends the trade, in time order."""
    last: ChainRow | None = None
    for row in after:
        if row.ts.time() > last_exit_time(day):
            break
        if row.ts.time() >= exit_time(day):
            return Exit("time", row.call_ltp, row.ts)
        if row.call_ltp <= stop:
            return Exit("stop", row.call_ltp, row.ts)
        if row.call_ltp >= target:
            return Exit("target", target, row.ts)
        last = row
    if last is None:
        raise NoData("no_exit_observation")
    return Exit("time", last.call_ltp, last.ts, note="no observation at or after exit_at")


def trade_on_bhavcopy(order: Order, folder: Folder, members: Members, settings: Settings) -> Trade:
    """E3, X4. Raises NoTrade (`not_filled`, `risk_too_large`)."""
    row = official_call(folder, order.day, members, (order.symbol, order.expiry, order.strike))
    if row is None or row.volume_lots <= 0 or row.open <= 0:
        raise NoTrade("not_filled")
    entry, stop, target = plan(order, row.open, settings)
    end = exit_on_bhavcopy(order.day, row, stop, target)
    if_target = sold_at(target, order.tick, settings) if end.ambiguous else None
    entry_at = datetime.combine(order.day, OPEN, IST)
    return Trade(
        order, entry_at, entry, sold_at(end.price, order.tick, settings), end, stop, target, if_target
    )


def exit_on_bhavcopy(day: date, row: OfficialRow, stop: Decimal, target: Decimal) -> Exit:
    """X4: the stop first, then the target, then the close."""
    if row.low <= stop:
        return Exit("stop", stop, None, ambiguous=row.high >= target)
    if row.high >= target:
        return Exit("target", target, None)
    return Exit("time", row.close, datetime.combine(day, exit_time(day), IST))
