"""A market written down by hand, with the real engine, inbox, runner and exchange around it."""

from __future__ import annotations

from datetime import date
from heapq import heappop, heappush
from random import Random
from typing import Any

from ninefifteen.domain import events as ev
from ninefifteen.domain.instants import MILLISECOND, Instant
from ninefifteen.domain.order import OrderReport
from ninefifteen.domain.record import DayRecord, Trade
from ninefifteen.engine import Engine
from ninefifteen.engine.strategy import Strategy
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.runner import Runner
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import DepthFills
from ninefifteen.simulator.wire import Latency
from ninefifteen.strategies.nine_fifteen import NineFifteen
from ninefifteen.strategies.opening_range import OpeningRange
from tests.engine.builders import CALL, LOT, PRICES, chain, clock, facts, pre_open, settings


class Script:
    """A feed that says what the story has written down, at its times, whatever was asked."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Instant, int, ev.Event]] = []
        self._count = 0
        self.chains = {symbol: chain(symbol) for symbol in PRICES}

    def say(self, event: ev.Event) -> None:
        self._count += 1
        heappush(self._waiting, (event.at, self._count, event))

    def next_at(self) -> Instant | None:
        return self._waiting[0][0] if self._waiting else None

    def pop(self) -> ev.Event:
        return heappop(self._waiting)[2]

    def ask_pre_open(self, at: Instant) -> None:
        final_at = facts().preopen_final_at
        self.say(ev.PreOpen(at + 100 * MILLISECOND, exchange_at=final_at, final=True, rows=pre_open()))

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:
        self.say(ev.Chains(at + 100 * MILLISECOND, tuple(self.chains[symbol] for symbol in symbols)))

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """Everything is said anyway."""

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """Everything is said anyway."""

    def subscribe_stocks(self, at: Instant) -> None:
        """Everything is said anyway."""


class Story:
    """One trading day. Write the market down first, then `play`."""

    def __init__(self, *, cash: int = 10_000_000, **changes: Any) -> None:
        self.script = Script()
        self.settings = settings(**changes)
        self.facts = facts(free_cash=cash)
        self.exchange = Exchange(
            open_at=self.facts.open_at,
            close_at=self.facts.close_at,
            fills=DepthFills(),
            free_cash=cash,
            limits=self.facts.limits,
            latency=Latency(request=90 * MILLISECOND, answer=60 * MILLISECOND, jitter=50 * MILLISECOND),
            chance=Random(7),
        )
        chosen: list[Strategy] = [NineFifteen(self.settings)]
        if self.settings.opening_range.enabled:
            chosen.append(OpeningRange(self.settings))
        self.inbox = Inbox((self.script, self.exchange))
        self.runner = Runner(
            engine=Engine(self.settings, chosen),
            inbox=self.inbox,
            feed=self.script,
            broker=self.exchange,
            observers=(self.exchange.observe,),
        )
        self.inbox.put(ev.DayOpened(clock("09:13:30"), self.facts))
        self.inbox.schedule(ev.DayClosed(self.facts.close_at))

    # ---- writing the market down

    def stocks(self, at: str, **prices: int) -> Story:
        """The stocks trade at these prices, the others at their pre-open prices."""
        when = clock(at)
        given = tuple((PRICES | prices)[symbol] for symbol in self.facts.universe)
        self.script.say(ev.StockTicks(when, exchange_at=when, prices=given))
        return self

    def book(self, at: str, bid: int, ask: int, *, last: int = 0, size: int = 4 * LOT, **more: Any) -> Story:
        """The call's book; the last price is the middle unless told."""
        when = clock(at)
        self.script.say(
            ev.Quote(
                when,
                name=more.get("name", CALL),
                exchange_at=when,
                bid=bid,
                bid_quantity=size if bid else 0,
                ask=ask,
                ask_quantity=size if ask else 0,
                last=last or (bid + ask) // 2,
            )
        )
        return self

    def quiet(self, since: str, until: str, bid: int, ask: int, every: int = 60) -> Story:
        """The same book again and again."""
        when, end = clock(since), clock(until)
        while when < end:
            self.script.say(ev.Quote(when, CALL, when, bid, 4 * LOT, ask, 4 * LOT, (bid + ask) // 2))
            when += every * 10**9
        return self

    def opens(self, bid: int = 4_950, ask: int = 5_000, **more: Any) -> Story:
        """An ordinary opening second: the stocks trade, then the call is quoted."""
        return self.stocks("09:15:00.1").book("09:15:00.2", bid, ask, **more)

    def somebody(self, event: ev.Event) -> Story:
        """Somebody says something."""
        self.script.say(event)
        return self

    # ---- living it

    def play(self, until: str = "15:40:00") -> Story:
        """Let the day pass; at every step the account is looked at."""
        end = clock(until)
        while (due := self.inbox.next_at()) is not None and due <= end:
            self.runner.take_next()
            held = self.exchange.net(CALL)
            assert held >= 0, "short"
        return self

    # ---- looking

    @property
    def record(self) -> DayRecord:
        """The finished day's record."""
        assert self.runner.record is not None
        return self.runner.record

    @property
    def trade(self) -> Trade:
        """The only trade of the day."""
        (trade,) = self.record.trades
        return trade

    @property
    def orders(self) -> tuple[OrderReport, ...]:
        """Every order as the exchange has it."""
        return self.exchange.orders_of_day()
