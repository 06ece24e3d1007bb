"""One-minute candles made from a journal's market data, for the few names a chart can show."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Literal

import msgspec

from ninefifteen.domain.events import Bar, Event, LastPrice, MinuteBars, Quote, StockTicks
from ninefifteen.domain.instants import MINUTE, Instant
from ninefifteen.domain.money import Paise

Basis = Literal["bid", "last", "bars"]


class Candle(msgspec.Struct):
    """One minute: its beginning, and its prices in paise."""

    start: Instant
    open: Paise
    high: Paise
    low: Paise
    close: Paise

    def take(self, price: Paise) -> None:
        """A further price of this minute."""
        self.high, self.low, self.close = max(self.high, price), min(self.low, price), price


class Series(msgspec.Struct):
    """The candles of one name in order of time; `basis` says what they are made of."""

    basis: Basis
    candles: list[Candle]

    def since(self, start: Instant) -> list[Candle]:
        """The candles from this minute on."""
        return self.candles[bisect_left(self.candles, start, key=lambda candle: candle.start) :]

    def take(self, at: Instant, price: Paise) -> None:
        """A price at this instant."""
        start = at - at % MINUTE
        if self.candles and self.candles[-1].start == start:
            self.candles[-1].take(price)
        else:
            self.candles.append(Candle(start, price, price, price, price))

    def put(self, bar: Candle) -> None:
        """A finished minute, in place of what was gathered of it."""
        if self.candles and self.candles[-1].start == bar.start:
            self.candles.pop()
        self.candles.append(bar)


class Candles:
    """The series of a day. Shares are gathered once they are followed; contracts as their prices come.

    An option's candles are made of its bids: that is what a sale would bring. A contract that is never
    quoted with a bid has none.
    """

    def __init__(self) -> None:
        self.series: dict[str, Series] = {}
        self._universe: dict[str, int] = {}
        self._followed: dict[str, int] = {}

    def universe(self, symbols: Iterable[str]) -> None:
        """The order in which the stock ticks carry their prices."""
        self._universe = {symbol: place for place, symbol in enumerate(symbols)}

    def follow(self, symbols: Iterable[str]) -> None:
        """Gather these shares from now on."""
        for symbol in symbols:
            if symbol in self._universe:
                self._followed[symbol] = self._universe[symbol]

    def is_share(self, name: str) -> bool:
        """Whether this is a share of the universe."""
        return name in self._universe

    def take(self, event: Event) -> None:
        """The market data of one step; every other event is passed over."""
        if isinstance(event, Quote):
            if event.bid:
                self._of(event.name, "bid").take(event.at, event.bid)
        elif isinstance(event, StockTicks):
            for symbol, place in self._followed.items():
                price = event.prices[place] if place < len(event.prices) else 0
                if price:
                    self._of(symbol, "last").take(event.at, price)
        elif isinstance(event, LastPrice):
            self._of(event.name, "last").take(event.at, event.price)
        elif isinstance(event, Bar):
            self._bar(event.name, event.at, (event.open, event.high, event.low, event.close))
        elif isinstance(event, MinuteBars):
            columns = zip(event.names, event.opens, event.highs, event.lows, event.closes, strict=True)
            for name, *prices in columns:
                self._bar(name, event.at, (prices[0], prices[1], prices[2], prices[3]))

    def _bar(self, name: str, end: Instant, prices: tuple[Paise, Paise, Paise, Paise]) -> None:
        if name not in self._universe or name in self._followed:
            self._of(name, "bars").put(Candle(end - MINUTE, *prices))

    def _of(self, name: str, basis: Basis) -> Series:
        series = self.series.get(name)
        if series is None:
            series = self.series[name] = Series(basis, [])
        return series
