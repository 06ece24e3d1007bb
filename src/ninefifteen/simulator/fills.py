"""How orders become trades: against a visible book, or at recorded prices.

`DepthFills` is the options market as it can be seen: whole lots against the quantity shown. An
order that takes liquidity pays the prices of the book; one that rested before the quote came is
filled at its own limit, which is what a matching engine gives the older order, and never better.

`ObservedFills` is for recorded last prices and bars, which show no book
(`design/strategy.md` E4, X2, X4): an order trades at once and in full at its own limit, made worse
by the slippage. Such prices are what they were: no band, tick, price protection or depth applies.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.levels import worsened
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import Side

from .book import Book
from .orders import HeldOrder

Trades = list[tuple[Paise, int]]
"""Price in paise and units of each trade, in the order in which they happened."""


class FillModel(Protocol):
    """Decides what an order that can trade trades now."""

    @property
    def has_book(self) -> bool:
        """Whether prices are quotes of a market that holds orders to its session, ticks and bands."""

    def worst_price(self, side: Side, limit: Paise, tick: Paise) -> Paise:
        """The worst price in paise at which an order with this limit can trade."""

    def trades(self, order: HeldOrder, instrument: Instrument, book: Book, *, rested: bool) -> Trades:
        """What an open order trades now; `rested`: it was in the book before these prices came."""


class DepthFills:
    """Whole lots against visible depth; what is taken is gone until the next quote."""

    has_book = True

    def worst_price(self, side: Side, limit: Paise, tick: Paise) -> Paise:  # noqa: ARG002 - one promise for both
        """The limit: never worse."""
        return limit

    def trades(self, order: HeldOrder, instrument: Instrument, book: Book, *, rested: bool) -> Trades:
        """Trades with every level that is at the limit or better, best first."""
        shape, lot, wanted = order.shape, instrument.lot_size, order.remaining
        done: Trades = []
        for level in book.against(shape.side):
            beyond = level.price > shape.limit if shape.side == "BUY" else level.price < shape.limit
            if beyond or not wanted:
                break
            quantity = min(wanted, level.quantity) // lot * lot
            if quantity:
                level.quantity -= quantity
                wanted -= quantity
                done.append((shape.limit if rested else level.price, quantity))
        return done


class ObservedFills:
    """Everything at once at the limit, worsened by `slippage` percent and rounded to the tick against us.

    Zero slippage gives the limit itself, also where a recorded price is off the tick grid.
    Raises ValueError for a slippage that is negative or reaches 100 %.
    """

    has_book = False

    def __init__(self, slippage: Decimal) -> None:
        if not 0 <= slippage < 100:  # noqa: PLR2004 - percent
            raise ValueError(f"slippage must be 0 or more and less than 100 percent: {slippage}")
        self._slippage = Fraction(slippage)

    def worst_price(self, side: Side, limit: Paise, tick: Paise) -> Paise:
        """The price of the trade: up to the tick for a buy, down to it for a sell, one tick at least."""
        return worsened(limit, self._slippage, tick, buying=side == "BUY")

    def trades(self, order: HeldOrder, instrument: Instrument, book: Book, *, rested: bool) -> Trades:  # noqa: ARG002
        """The whole order, now."""
        shape = order.shape
        return [(self.worst_price(shape.side, shape.limit, instrument.tick), order.remaining)]
