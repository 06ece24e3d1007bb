"""A stored day of shares as a feed: what is asked for is read, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from struct import Struct

import numpy as np

from ninefifteen.domain.events import Bar, Chains, Event, LastPrice, MinuteBars, PreOpen
from ninefifteen.domain.instants import MINUTE, Instant
from ninefifteen.domain.market import ChainFacts, DayFacts, PreOpenRow

from .market import NAMES, SHARES, BarStore
from .reference import UNITS_PER_PAISA

_ROW = Struct(f"<{SHARES}i")


class BarDay:
    """A `Feed` and a `Source` over one day of a store: the opens, then the bars of what is subscribed to.

    A subscribed share's open comes as an observation at the opening; its bars follow, each at its end.
    """

    def __init__(self, store: BarStore, number: int, facts: DayFacts) -> None:
        self._store, self._number, self._facts = store, number, facts
        self._next: Event | None = None
        self._answers: list[Event] = []
        self._bars: Iterator[Event] = iter(())

    def ask_pre_open(self, at: Instant) -> None:
        """The 09:15 opens and the previous closes: one row of the store."""
        opens, closes = (self._store.opens[self._number] * UNITS_PER_PAISA).tolist()
        self._answer(PreOpen(at, self._facts.open_at, True, tuple(map(PreOpenRow, NAMES, opens, closes))))  # noqa: FBT003

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:
        """Shares have no chain: the answer is an empty one for each."""
        self._answer(
            Chains(
                at,
                tuple(
                    ChainFacts(
                        symbol=symbol, expiry=expiry, lot_size=1, tick=1, calls=(), call_oi=None, put_oi=None
                    )
                    for symbol in symbols
                ),
            )
        )

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:  # noqa: ARG002 - one promise for all feeds
        """The bars of one share; they are read now."""
        (name,) = names
        columns = (self._store.share(self._number, NAMES.index(name)) * UNITS_PER_PAISA).tolist()
        self._show(_bars(name, self._facts.open_at, columns))

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:  # noqa: ARG002 - one promise for all feeds
        """No more bars."""
        self._next, self._bars = None, iter(())

    def subscribe_stocks(self, at: Instant) -> None:
        """There are no ticks, only bars."""

    def next_at(self) -> Instant | None:
        """When the next answer or bar is due."""
        if self._answers:
            return self._answers[0].at
        return None if self._next is None else self._next.at

    def pop(self) -> Event:
        """Take it."""
        if self._answers:
            return self._answers.pop(0)
        event = self._next
        if event is None:
            raise IndexError("nothing is subscribed to")
        self._next = next(self._bars, None)
        return event

    def _show(self, bars: Iterator[Event]) -> None:
        self._bars = bars
        self._next = next(bars)

    def _answer(self, event: Event) -> None:
        self._answers.append(event)


def _bars(name: str, open_at: Instant, columns: list[list[int]]) -> Iterator[Event]:
    opens, highs, lows, closes = columns
    yield LastPrice(open_at, name, opens[0])
    at = open_at + MINUTE
    yield Bar(at, name, opens[0], highs[0], lows[0], closes[0], opening=True)
    for values in zip(opens[1:], highs[1:], lows[1:], closes[1:], strict=True):
        at += MINUTE
        yield Bar(at, name, *values)


class MinuteDay(BarDay):
    """The same, with the bars of all shares: one event a minute. They cannot be had one by one."""

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:  # noqa: ARG002 - one promise for all feeds
        """All of them."""
        by_minute = np.ascontiguousarray(self._store.whole(self._number).transpose(2, 1, 0))
        self._show(_minutes(self._facts.open_at, (by_minute * UNITS_PER_PAISA).tobytes()))


class EachBarDay(MinuteDay):
    """The same bars, each as an event of its own."""

    def _show(self, bars: Iterator[Event]) -> None:
        super()._show(_one_by_one(bars))


def _minutes(open_at: Instant, prices: bytes) -> Iterator[Event]:
    rows = _ROW.iter_unpack(prices)  # tuples of whole numbers, made a minute at a time
    at = open_at
    for opens, highs, lows, closes in zip(rows, rows, rows, rows, strict=True):
        at += MINUTE
        yield MinuteBars(at, NAMES, opens, highs, lows, closes, opening=at == open_at + MINUTE)


def _one_by_one(minutes: Iterator[Event]) -> Iterator[Event]:
    for event in minutes:
        if isinstance(event, MinuteBars):
            columns = zip(event.names, event.opens, event.highs, event.lows, event.closes, strict=True)
            for values in columns:
                yield Bar(event.at, *values, opening=event.opening)
