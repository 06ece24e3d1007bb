"""What the market shows of one contract: levels with what is left of them, last price, reference."""

from __future__ import annotations

from ninefifteen.domain.events import Quote
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import Side
from ninefifteen.domain.order_limits import OrderLimits

from .protection import PriceReference


class Level:
    """One visible level: its price in paise and the units still to be had until the next quote."""

    __slots__ = ("price", "quantity")

    def __init__(self, price: Paise, quantity: int) -> None:
        self.price = price
        self.quantity = quantity


class Book:
    """One contract's visible market. Showing a quote costs the same whatever happened before."""

    __slots__ = ("_asks", "_bids", "_quote", "opened", "reference")

    def __init__(self, limits: OrderLimits) -> None:
        self.reference = PriceReference(limits)
        self.opened = False
        self._quote: Quote | None = None
        self._bids: list[Level] | None = None
        self._asks: list[Level] | None = None

    def show(self, quote: Quote) -> None:
        """A quote of today replaces everything shown before, taken or not."""
        self._quote, self._bids, self._asks = quote, None, None
        self.opened = self.opened or (quote.bid > 0 and quote.ask > 0)
        self.show_last(quote.at, quote.last)

    def show_last(self, at: Instant, price: Paise) -> None:
        """A last price without a book; 0 is none."""
        if price:
            self.reference.see(at, price)

    @property
    def last(self) -> Paise:
        """The last price of today in paise, 0 when there is none yet."""
        return self.reference.last

    def against(self, side: Side) -> list[Level]:
        """The levels an order of `side` can trade with, best first; none before the first two-sided quote."""
        quote = self._quote
        if quote is None or not self.opened:
            return []
        if side == "BUY":
            if self._asks is None:
                self._asks = _levels(quote.ask, quote.ask_quantity, quote.more_asks)
            return self._asks
        if self._bids is None:
            self._bids = _levels(quote.bid, quote.bid_quantity, quote.more_bids)
        return self._bids


def _levels(price: Paise, quantity: int, more: tuple[tuple[Paise, int], ...]) -> list[Level]:
    return [Level(p, q) for p, q in ((price, quantity), *more) if p > 0 and q > 0]
