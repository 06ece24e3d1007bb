"""A sparse market that any engine can trade: it answers what is asked and quotes where it can matter.

Quotes are close together around the opening, where the price comes to a point, around the square-off and
where somebody acts (`heat`), and about a minute apart elsewhere. Everything is a function of seed,
template and what was asked when; the shipped runner can use it as feed and source without anything around it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from heapq import heappop, heappush
from random import Random

from ninefifteen.domain.events import Chains, Event, PreOpen, Quote, StockTicks
from ninefifteen.domain.instants import MILLISECOND, MINUTE, SECOND, Instant

from .paths import Path
from .template import Template
from .trouble import Troubles

_OPENING = 34 * SECOND
_AROUND = 12 * SECOND
_SPARSE_S = 60.0
_DEPTH_LOTS = 40
_BOOK = ("thin_book", "one_sided")
_TICKS = ""
"""Stands for the stocks where others have a contract's name."""


class Market:
    """One day's prices; `ports.feed.Feed` and `ports.source.Source` in one.

    `kept` tells whether a contract must go on being quoted although the engine has given it up: somebody
    holds it, or an order for it rests.
    """

    def __init__(
        self,
        rng: Random,
        path: Path,
        template: Template,
        kept: Callable[[str], bool],
        *,
        troubles: Troubles | None = None,
    ) -> None:
        facts = template.facts
        self._template, self._facts, self._kept = template, facts, kept
        kinds = [] if troubles is None else [kind for kind in _BOOK if troubles.of(kind)]
        self._troubles = troubles if kinds else None
        self.path = path
        self.wanted: set[str] = set()
        self._wait = rng.expovariate
        self._half = path.half_spread
        self._answers: list[tuple[Instant, int, Event]] = []
        self._due: list[tuple[Instant, str]] = []
        self._next: dict[str, Instant] = {}
        self._count = 0
        self._hot = self._hot_windows()
        self._cool = self._hot[0][1]

    # ---- Feed

    def ask_pre_open(self, at: Instant) -> None:
        """Answered with the final prices of the auction."""
        stamp = self._facts.preopen_final_at
        self._answer(PreOpen(at + 200 * MILLISECOND, exchange_at=stamp, final=True, rows=self._template.rows))

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:  # noqa: ARG002 - one expiry
        """Answered with the chains in the order asked."""
        chains = tuple(self._template.chains[symbol] for symbol in symbols)
        self._answer(Chains(at + 400 * MILLISECOND, chains=chains))

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """Quotes of these from now on; before the open the first thing shown is yesterday's price."""
        for name in names:
            if name in self.wanted:
                continue
            self.wanted.add(name)
            if name in self._next:
                continue
            if at < self._facts.open_at:
                old = self._quote(name, at + 100 * MILLISECOND, self._facts.open_at - 18 * 60 * MINUTE)
                self._answer(old)
            # Never two quotes at one instant: which contract is seen first must not be a matter of chance.
            first = self._facts.open_at + self.path.first_quote + len(self.wanted) * MILLISECOND
            self._schedule(name, max(at + len(self.wanted) * MILLISECOND, first))

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:  # noqa: ARG002 - one promise for all feeds
        """No further quotes of these, unless somebody holds them."""
        for name in names:
            self.wanted.discard(name)
            if not self._kept(name):
                self._next.pop(name, None)

    def subscribe_stocks(self, at: Instant) -> None:
        """A price of every stock each second, as long as anybody may enter."""
        if _TICKS not in self._next:
            self._schedule(_TICKS, max(at, self._facts.open_at))

    # ---- Source

    def next_at(self) -> Instant | None:
        """When the next event is due; None when nothing is."""
        due, following = self._due, self._next
        while due and following.get(due[0][1]) != due[0][0]:
            heappop(due)
        if self._answers and (not due or self._answers[0][0] <= due[0][0]):
            return self._answers[0][0]
        return due[0][0] if due else None

    def pop(self) -> Event:
        """Take the next event; call it only when `next_at` is not None."""
        if self._answers and (not self._due or self._answers[0][0] <= self._due[0][0]):
            return heappop(self._answers)[2]
        at, name = heappop(self._due)
        if name == _TICKS:
            del self._next[name]
            if at < self._facts.open_at + _OPENING:
                self._schedule(name, at + SECOND)
            return StockTicks(at, exchange_at=at, prices=self._stock_prices(at))
        if name in self.wanted or self._kept(name):
            self._schedule(name, self._after(at))
        else:
            del self._next[name]
        return self._quote(name, at, at)

    # ---- for the world around it

    def watch(self, name: str, at: Instant) -> None:
        """Quote this contract from now on although the engine has not asked: somebody trades it."""
        if name not in self._next:
            self._schedule(name, max(at, self._facts.open_at) + MILLISECOND)

    def heat(self, at: Instant, lasts: Instant = _AROUND) -> None:
        """Something happens now: quotes come close together for a while."""
        self._cool = max(self._cool, at + lasts)
        for place, (name, due) in enumerate(tuple(self._next.items())):
            if due > at + SECOND and at >= self._facts.open_at:
                self._schedule(name, at + SECOND + place * MILLISECOND)

    def quote_now(self, name: str, at: Instant) -> Quote:
        """What the contract shows at `at`."""
        return self._quote(name, at, at)

    # ---- prices

    def _answer(self, event: Event) -> None:
        self._count += 1
        heappush(self._answers, (event.at, self._count, event))

    def _schedule(self, name: str, at: Instant) -> None:
        self._next[name] = at
        heappush(self._due, (at, name))

    def _hot_windows(self) -> list[tuple[Instant, Instant]]:
        open_at, exit_at = self._facts.open_at, self._facts.exit_at
        hot = [(open_at, open_at + _OPENING)]
        hot += [(open_at + at - SECOND, open_at + at + _AROUND) for at in self.path.hot]
        hot.append((exit_at - 2 * SECOND, exit_at + MINUTE))
        return sorted(hot)

    def _after(self, at: Instant) -> Instant:
        """When the quote after the one at `at` comes."""
        if at < self._cool:
            return at + SECOND
        sparse = at + round(self._wait(1.0) * _SPARSE_S * SECOND) + 1
        for begins, ends in self._hot:
            if at < ends:
                return at + SECOND if at >= begins else min(sparse, max(begins, at + 1) + at % MILLISECOND)
        return sparse

    def _quote(self, name: str, at: Instant, stamp: Instant) -> Quote:
        contract = self._template.contracts[name]
        tick, lot = contract.tick, contract.lot_size
        middle = self._template.models[name] * self.path.share(stamp - self._facts.open_at)
        half = max(middle * self._half, tick / 2)
        bid, ask = int((middle - half) // tick) * tick, -int(-(middle + half) // tick) * tick
        bid = bids = max(bid, tick)
        lots, troubles = _DEPTH_LOTS, self._troubles
        if troubles is not None:
            lots = 1 if troubles.hit("thin_book", at) else lots
            bids = 0 if troubles.hit("one_sided", at) else bid
        units = lots * lot
        last = max(int(middle // tick) * tick, tick)
        return Quote(
            at,
            name=name,
            exchange_at=stamp,
            bid=bids,
            bid_quantity=units if bids else 0,
            ask=max(ask, bid + tick),
            ask_quantity=units,
            last=last,
        )

    def _stock_prices(self, at: Instant) -> tuple[int, ...]:
        drift = 1 + 0.0001 * ((at - self._facts.open_at) // SECOND)
        return tuple(round(row.price * drift / 5) * 5 for row in self._template.rows)
