"""One recorded trading day as a feed: what is asked for comes back as events in time order."""

from __future__ import annotations

import heapq
from datetime import date

from ninefifteen.domain.events import Bar, Chains, EndOfData, Event, LastPrice, NoData, PreOpen
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.money import Paise, parse_rupees

from .reading import DayReading


class RecordedDay:
    """A `Feed` and a `Source` over the recording of one day.

    Only what is asked for is read: the pre-open prices, the chains of the stocks asked for, and then
    the rows of the contracts subscribed to, followed by `EndOfData`. A day to which the rules cannot
    be applied answers the first question with a fatal `NoData` (D4).
    """

    def __init__(self, reading: DayReading, facts: DayFacts) -> None:
        self._reading, self._facts = reading, facts
        self._queue: list[tuple[Instant, int, Event]] = []
        self._given = 0
        self._names: set[str] = set()
        self._last_at: Instant = facts.open_at
        self._end_due = False

    def ask_pre_open(self, at: Instant) -> None:
        """Answered at once by `PreOpen`, or by the reason for which this day cannot be decided."""
        if self._refuse(at):
            return
        rows = self._reading.pre_open()
        self._push(PreOpen(at=at, exchange_at=self._facts.preopen_final_at, final=True, rows=rows))

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:
        """Answered at once by `Chains` in the order asked; only the day's traded expiry can be asked.

        A day whose snapshots begin after the last instant of an entry says so first (E2).
        """
        if expiry != self._facts.expiry:
            raise ValueError(f"the traded expiry of {self._facts.date} is {self._facts.expiry}, not {expiry}")
        if self._refuse(at):
            return
        if self._reading.no_opening_snapshot:
            # E2 has no condition: a day whose snapshots begin too late is no_data, pick or no pick (D5).
            self._push(NoData(at=at, reason="no_opening_snapshot", fatal=False))
        self._push(Chains(at=at, chains=tuple(self._reading.chain(symbol) for symbol in symbols)))

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """From now on the observations of these contracts, then `EndOfData` (E1, E3, X4)."""
        if self._reading.no_opening_snapshot:
            return
        for name in names:
            if name not in self._names:
                self._names.add(name)
                self._add(at, name)
        self._last_at = max(self._last_at, at)
        self._end_due = True

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:  # noqa: ARG002 - one promise for all feeds
        """The rest of these contracts' observations stays unread."""
        dropped = set(names)
        kept = [item for item in self._queue if getattr(item[2], "name", None) not in dropped]
        if len(kept) != len(self._queue):
            heapq.heapify(kept)
            self._queue = kept

    def subscribe_stocks(self, at: Instant) -> None:
        """The recordings hold no prices of the stocks that could be used after the open: nothing comes."""

    def next_at(self) -> Instant | None:
        """When the next event is due."""
        if self._queue:
            return self._queue[0][0]
        return self._end_at() if self._end_due else None

    def pop(self) -> Event:
        """The next event."""
        if self._queue:
            return heapq.heappop(self._queue)[2]
        self._end_due = False
        return EndOfData(at=self._end_at())

    def _end_at(self) -> Instant:
        """Just after the last event, so that an order sent on it is answered before the data end."""
        return max(self._last_at, min(self._last_at + 1, self._facts.last_observation_at))

    def _refuse(self, at: Instant) -> bool:
        reason = self._reading.unusable
        if reason is not None:
            self._push(NoData(at=at, reason=reason, fatal=True))
        return reason is not None

    def _add(self, at: Instant, name: str) -> None:
        symbol, expiry, strike = _contract(name)
        if self._reading.price_source == "last":
            for instant, price in self._reading.observations(symbol, expiry, strike):
                if instant >= at:
                    self._push(LastPrice(at=instant, name=name, price=price))
            return
        bar = self._reading.opening_bar(symbol, expiry, strike)
        if bar is not None:
            opened = max(at, self._facts.open_at)
            self._push(LastPrice(at=opened, name=name, price=bar.open))
            self._push(
                Bar(
                    at=max(at, self._facts.exit_at),
                    name=name,
                    open=bar.open,
                    high=bar.high,
                    low=bar.low,
                    close=bar.close,
                    opening=True,
                )
            )

    def _push(self, event: Event) -> None:
        self._given += 1
        self._last_at = max(self._last_at, event.at)
        heapq.heappush(self._queue, (event.at, self._given, event))


def _contract(name: str) -> tuple[str, date, Paise]:
    """The parts of the label of a recorded call (C4)."""
    symbol, _, rest = name.partition(" ")
    try:
        expiry, strike, kind = rest.split(" ")
        parts = symbol, date.fromisoformat(expiry), parse_rupees(strike)
    except ValueError as error:
        raise ValueError(f"not the label of a recorded call: {name!r} ({error})") from error
    if kind != "CE":
        raise ValueError(f"not the label of a recorded call: {name!r}")
    return parts
