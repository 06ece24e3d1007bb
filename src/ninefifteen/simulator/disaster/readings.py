"""What a reading of the broker shows: the truth, or an older one, or one with something missing or odd."""

from __future__ import annotations

import msgspec

from ninefifteen.domain.events import OrdersRead, OrderUpdate, PositionsRead
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.order import Holding, OrderReport, OrderState
from ninefifteen.simulator.exchange import Exchange

from .faults import Term
from .trouble import Troubles

_PRICE_COMES = 3 * SECOND
_TOUCHED = ("reads_stale", "positions_empty", "positions_partial", "hidden", "no_average", "odd_status")


class Readings:
    """Looks through the read plane's faults at the exchange."""

    def __init__(self, exchange: Exchange, troubles: Troubles) -> None:
        self._exchange, self._troubles = exchange, troubles
        self._plain = not any(troubles.of(kind) for kind in _TOUCHED)
        self._filled: dict[str, Instant] = {}
        self._hidden: dict[str, bool] = {}

    def shown(self, event: OrdersRead | PositionsRead) -> OrdersRead | PositionsRead:
        """The reading as it is shown: own orders only, as the adapter sifts them."""
        stale = None if self._plain else self._troubles.hit("reads_stale", event.at)
        if isinstance(event, PositionsRead):
            return event if self._plain else self._held(event, stale)
        reports = event.reports
        if stale is not None:
            self._troubles.trouble(event.at)
            reports = self._orders_at(event.at - stale.fault.size)
        if not self._plain:
            reports = tuple(self._odd_ones(r, event.at) for r in reports if not self._is_hidden(r, event.at))
        return OrdersRead(event.at, ok=True, reports=tuple(r for r in reports if r.tag))

    def _held(self, event: PositionsRead, stale: Term | None) -> PositionsRead:
        """The holdings as of some seconds ago, or with lines that are missing."""
        held = event.holdings if stale is None else self._holdings_at(event.at - stale.fault.size)
        if self._troubles.hit("positions_empty", event.at):
            held = ()
        elif self._troubles.hit("positions_partial", event.at):
            held = held[1:]
        if held == event.holdings:
            return event
        self._troubles.trouble(event.at)
        return PositionsRead(event.at, ok=True, holdings=held)

    def pushed(self, event: OrderUpdate) -> OrderUpdate:
        """An order update as it is shown."""
        if self._plain:
            return event
        return OrderUpdate(event.at, report=self._odd_ones(event.report, event.at))

    def _is_hidden(self, report: OrderReport, at: Instant) -> bool:
        for term in self._troubles.of("hidden"):
            since = self._exchange.history(report.order_id)[0][0]
            if report.order_id not in self._hidden:
                self._hidden[report.order_id] = term.hits(since)
            if self._hidden[report.order_id] and at < since + term.fault.size:
                self._troubles.note("order hidden from the book")
                self._troubles.trouble(at)
                return True
        return False

    def _odd_ones(self, report: OrderReport, at: Instant) -> OrderReport:
        if report.filled:
            since = self._filled.setdefault(report.order_id, at)
            if at < since + _PRICE_COMES and self._troubles.hit("no_average", at):
                self._troubles.trouble(at)
                report = msgspec.structs.replace(report, average=0, value=0)
        if self._troubles.hit("odd_status", at):
            self._troubles.trouble(at)
            report = msgspec.structs.replace(report, status=OrderState.PENDING)
        return report

    def _orders_at(self, at: Instant) -> tuple[OrderReport, ...]:
        """The book as it was; an order that was not there yet is missing."""
        found = []
        for report in self._exchange.orders_of_day():
            known = [word for since, word in self._exchange.history(report.order_id) if since <= at]
            if known:
                found.append(known[-1])
        return tuple(found)

    def _holdings_at(self, at: Instant) -> tuple[Holding, ...]:
        held: dict[str, Holding] = {}
        for trade in self._exchange.trades_of_day():
            if trade.at > at:
                break
            old = held.get(trade.name, Holding(name=trade.name, net=0))
            if trade.side == "BUY":
                held[trade.name] = msgspec.structs.replace(old, net=old.net + trade.quantity)
            else:
                value = old.sell_value + trade.quantity * trade.price
                sold = old.sold + trade.quantity
                held[trade.name] = Holding(
                    name=trade.name, net=old.net - trade.quantity, sold=sold, sell_value=value
                )
        return tuple(held.values())
