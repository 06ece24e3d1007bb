"""A synthetic day as the engine meets it: it answers questions and brings market data, in time order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from heapq import heapify, heappop, heappush

import numpy as np

from ninefifteen.domain.events import Chains, Event, PreOpen, StockTicks
from ninefifteen.domain.instants import MILLISECOND, MINUTE, SECOND, Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.money import Paise
from ninefifteen.errors import BadInput

from .auction import pre_open_rows
from .books import quotes
from .chains import Contract, chain_facts, contract, strikes
from .options import SyntheticOptions, default_options
from .paths import StockPaths
from .world import World

_EVERY_SECOND_UNTIL_S = 300  # stock prices come every second until then, every minute afterwards
_ANSWER, _STOCKS, _QUOTE = range(3)  # which comes first of events due at the same instant


class SyntheticDay:
    """One trading day that never happened; `ports.feed.Feed` and `ports.source.Source` in one.

    Everything is a function of (seed, facts, options): what is asked for, in which order and when,
    changes which events come, never what they say. `facts.synthetic` must be True and
    `facts.universe` must hold members with synthetic figures, else BadInput. `expiries` are the two
    that exist (near, next); without them the traded one and the last such weekday of the month after.
    Stocks tick until `stocks_close_at`, without it until the options close.
    """

    def __init__(
        self,
        seed: int,
        facts: DayFacts,
        options: SyntheticOptions | None = None,
        *,
        expiries: tuple[date, ...] = (),
        stocks_close_at: Instant | None = None,
    ) -> None:
        if not facts.synthetic:
            raise BadInput(f"the day {facts.date} is not marked synthetic: an invented day must say so")
        self._world = World(seed, facts, options or default_options(), expiries)
        self._paths = StockPaths(self._world)
        self._stocks_close_at = stocks_close_at or facts.close_at
        self._due: list[tuple[Instant, int, str, int, Event, Iterator[Event]]] = []
        self._contracts: dict[str, Contract] = {}
        self._subscribed: set[str] = set()
        self._stocks_on = False
        self._answers = 0

    # ---- Feed

    def ask_pre_open(self, at: Instant) -> None:
        """Answered with what the auction shows at `at`; final from `facts.preopen_final_at` on."""
        facts, answer_at = self._world.facts, at + self._world.options.delivery.pre_open_ms * MILLISECOND
        final = at >= facts.preopen_final_at
        exchange_at = facts.preopen_final_at if final else at // SECOND * SECOND
        rows = pre_open_rows(self._world, at)
        self._answer(PreOpen(answer_at, exchange_at=exchange_at, final=final, rows=rows))

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:
        """Answered with the chains in the order asked; without calls where there is no such expiry."""
        stocks = [self._world.stocks[symbol] for symbol in symbols]
        chains = tuple(chain_facts(self._world, stock, expiry) for stock in stocks)
        self._answer(Chains(at + self._world.options.delivery.chains_ms * MILLISECOND, chains=chains))

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """Quotes of these contracts from now on; a name asked for again changes nothing.

        Raises BadInput for a name that is no call of this day.
        """
        for name in names:
            if name not in self._subscribed:
                self._subscribed.add(name)
                self._bring(_QUOTE, name, quotes(self._world, self._paths, self._contract(name), at))

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:  # noqa: ARG002 - one promise for all feeds
        """No further quotes of these contracts; subscribed again they go on with the same prices."""
        dropped = self._subscribed.intersection(names)
        self._subscribed -= dropped
        self._due = [item for item in self._due if item[1] != _QUOTE or item[2] not in dropped]
        heapify(self._due)

    def subscribe_stocks(self, at: Instant) -> None:
        """Prices of the universe from now on: every second at first, every minute later."""
        if not self._stocks_on:
            self._stocks_on = True
            self._bring(_STOCKS, "", self._stock_ticks(at))

    # ---- Source

    def next_at(self) -> Instant | None:
        """When the next event is due; None when nothing is."""
        return self._due[0][0] if self._due else None

    def pop(self) -> Event:
        """Take the next event."""
        _, rank, name, _, event, more = heappop(self._due)
        self._bring(rank, name, more)
        return event

    def _answer(self, event: Event) -> None:
        self._answers += 1
        heappush(self._due, (event.at, _ANSWER, "", self._answers, event, iter(())))

    def _bring(self, rank: int, name: str, events: Iterator[Event]) -> None:
        """Queue the next of these events, with the rest behind it."""
        event = next(events, None)
        if event is not None:
            heappush(self._due, (event.at, rank, name, 0, event, events))

    def _contract(self, name: str) -> Contract:
        if not self._contracts:
            world = self._world
            every = (
                contract(world, stock, expiry, strike)
                for stock in world.stocks.values()
                for expiry in world.expiries
                for strike in strikes(world, stock)
            )
            self._contracts = {listed.name: listed for listed in every}
        found = self._contracts.get(name)
        if found is None:
            raise BadInput(f"no contract {name!r} on the synthetic day {self._world.facts.date}")
        return found

    def _stock_ticks(self, after: Instant) -> Iterator[StockTicks]:
        facts = self._world.facts
        delay = self._world.options.delivery.stocks_ms * MILLISECOND
        seconds = [
            second
            for second in _tick_seconds(min(self._world.seconds, self._world.second(self._stocks_close_at)))
            if facts.open_at + second * SECOND + delay > after
        ]
        prices = self._prices_at(seconds)
        for row, second in enumerate(seconds):
            stamp = facts.open_at + second * SECOND
            yield StockTicks(stamp + delay, exchange_at=stamp, prices=prices[row])

    def _prices_at(self, seconds: list[int]) -> list[tuple[Paise, ...]]:
        """Prices of all members in paise at these seconds, in the universe's order."""
        columns = []
        for stock in self._world.stocks.values():
            tick = stock.member.stock_tick
            rupees = self._paths.prices(stock)[seconds]
            columns.append((np.round(rupees * 100.0 / tick).astype(np.int64) * tick).tolist())
        return list(zip(*columns, strict=True))


def _tick_seconds(end: int) -> list[int]:
    """The seconds after the open at which stock prices come, before `end`."""
    first = list(range(min(_EVERY_SECOND_UNTIL_S, end)))
    step = MINUTE // SECOND
    return [*first, *range(_EVERY_SECOND_UNTIL_S, end, step)]
