"""What the exchange holds orders against before anything has traded: the theoretical price at the open.

Options have no pre-open, so at 09:15 the price protection's reference is a model price on the stock's
pre-open price (`reference/market.md` 1.5). The exchange gets it for every call whose chain was asked for.
"""

from __future__ import annotations

from decimal import Decimal

from ninefifteen.domain.events import Chains, Event, PreOpen
from ninefifteen.domain.market import ChainFacts, DayFacts, PreOpenRow
from ninefifteen.domain.money import Paise
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.listing import calls_of
from ninefifteen.strategies.estimate import call_estimate

_NO_COLLAR = Decimal(0)


class OpeningTheory:
    """An observer of the runner that tells the exchange the theoretical prices of the day."""

    def __init__(self, facts: DayFacts, exchange: Exchange) -> None:
        self._facts = facts
        self._exchange = exchange
        self._stocks: dict[str, PreOpenRow] = {}

    def observe(self, event: Event) -> None:
        """Remember final pre-open prices; price the calls of each chain that comes."""
        if isinstance(event, PreOpen) and event.final:
            self._stocks = {row.symbol: row for row in event.rows}
        elif isinstance(event, Chains):
            for chain in event.chains:
                self._exchange.list_instruments(calls_of(chain), self._references(chain))

    def _references(self, chain: ChainFacts) -> dict[str, Paise]:
        stock = self._stocks.get(chain.symbol)
        if stock is None:
            return {}
        prices = (
            (row.name, call_estimate(self._facts, row, stock.price, stock.prev_close, _NO_COLLAR)[0])
            for row in chain.calls
        )
        return {name: price for name, price in prices if price > 0}
