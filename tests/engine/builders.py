"""A desk with the engine on it: a clock turned by hand, quotes made by hand, a broker played by the test.

Prices are paise. The pick of every day here is AAA, its call is `CALL` (lot 250, tick 5), modelled
near Rs 50; BBB's call `NEXT` stands behind it, and CCC's `THIRD`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any, TypeVar

import msgspec

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Effect
from ninefifteen.domain.instants import SECOND, Instant, at
from ninefifteen.domain.market import CallRow, ChainFacts, DayFacts, PreOpenRow
from ninefifteen.domain.order import Holding, OrderReport, OrderState
from ninefifteen.domain.record import DayRecord
from ninefifteen.domain.settings import Settings
from ninefifteen.engine import Engine
from ninefifteen.engine.orders import Order
from ninefifteen.engine.proof import expected
from ninefifteen.engine.state import Position, Run
from ninefifteen.engine.strategy import Strategy
from ninefifteen.strategies.nine_fifteen import NineFifteen
from ninefifteen.strategies.opening_range import OpeningRange
from tests.simulator.synthetic_facts import facts_of

DAY = date(2026, 12, 2)
EXPIRY = date(2026, 12, 29)
LOT = 250
CALL = "AAA 2026-12-29 1030 CE"
NEXT = "BBB 2026-12-29 1020 CE"
THIRD = "CCC 2026-12-29 1010 CE"
PRICES = {"AAA": 103_000, "BBB": 102_000, "CCC": 101_000}
E = TypeVar("E", bound=Effect)


def clock(text: str) -> Instant:
    """The instant of a wall clock on `DAY`: "09:15:00"."""
    return at(DAY, time.fromisoformat(text))


def facts(**changes: Any) -> DayFacts:
    """The day's facts, with three members."""
    given: dict[str, Any] = {"universe": ("AAA", "BBB", "CCC"), "synthetic": False} | changes
    return msgspec.structs.replace(facts_of(DAY), **given)


def settings(**changes: Any) -> Settings:
    """The default settings with changes by section: `settings(risk={"max_trades": 1})`."""
    return msgspec.convert(msgspec.to_builtins(Settings()) | _merged(changes), Settings)


def _merged(changes: dict[str, Any]) -> dict[str, Any]:
    start = msgspec.to_builtins(Settings())
    return {name: start[name] | values for name, values in changes.items()}


def pre_open(**prices: int) -> tuple[PreOpenRow, ...]:
    """Pre-open rows over a previous close of Rs 1,000 each."""
    return tuple(PreOpenRow(symbol, price, 100_000) for symbol, price in (prices or PRICES).items())


def call_row(symbol: str, **changes: Any) -> CallRow:
    """The at-the-money call of a stock with ample open interest and volume."""
    strike = PRICES[symbol]
    name = f"{symbol} {EXPIRY} {strike // 100} CE"
    given: dict[str, Any] = {"oi": 1_000 * LOT, "volume": 1_000 * LOT, "price": 3_500} | changes
    return CallRow(name=name, strike=strike, **given)


def chain(symbol: str, row: dict[str, Any] | None = None, **changes: Any) -> ChainFacts:
    """A chain with one call, a put/call ratio of 1, and what `row` and `changes` make different."""
    given: dict[str, Any] = {
        "symbol": symbol,
        "expiry": EXPIRY,
        "lot_size": LOT,
        "tick": 5,
        "calls": (call_row(symbol, **(row or {})),),
        "call_oi": 5_000 * LOT,
        "put_oi": 5_000 * LOT,
    } | changes
    return ChainFacts(**given)


class Desk:
    """One engine day. `effects` are those of the last step, `told` every effect since the beginning."""

    def __init__(
        self,
        the_facts: DayFacts | None = None,
        *,
        strategies: Sequence[Strategy] | None = None,
        **changes: dict[str, Any],
    ) -> None:
        self.settings = settings(**changes)
        self.facts = the_facts or facts()
        chosen: list[Strategy] = [NineFifteen(self.settings)]
        if self.settings.opening_range.enabled:
            chosen.append(OpeningRange(self.settings))
        self.engine = Engine(self.settings, chosen if strategies is None else strategies)
        self.now: Instant = clock("09:13:30")
        self.effects: tuple[Effect, ...] = ()
        self.told: list[Effect] = []
        self.events: list[ev.Event] = []
        self.ids = 0

    # ---- time

    def step(self, event: ev.Event) -> tuple[Effect, ...]:
        """One event through the engine."""
        self.events.append(event)
        self.effects = self.engine.step(event)
        self.told.extend(self.effects)
        return self.effects

    def go(self, until: str | Instant) -> Desk:
        """Let time pass to this clock; timers fire at their instants on the way, in order."""
        end = clock(until) if isinstance(until, str) else until
        timers = self.engine.state.timers
        while due := sorted((max(when, self.now), name) for name, when in timers.items() if when <= end):
            self.now, name = due[0]
            self.step(ev.TimerFired(self.now, name))
        self.now = end
        return self

    def wait(self, seconds: float) -> Desk:
        """Let this much time pass."""
        return self.go(self.now + round(seconds * SECOND))

    # ---- the market

    def open(self, **changes: Any) -> Desk:
        """The day begins, now."""
        self.facts = msgspec.structs.replace(self.facts, **changes)
        self.step(ev.DayOpened(self.now, self.facts))
        return self

    def scan(self, *chains: ChainFacts, rows: tuple[PreOpenRow, ...] | None = None) -> Desk:
        """The scan time comes, its two questions are answered; `chains` replace those of their stocks."""
        self.go(max(self.now, clock("09:14:00")))
        self.pre_open(rows)
        return self.chains(*chains)

    def pre_open(self, rows: tuple[PreOpenRow, ...] | None = None, **changes: Any) -> Desk:
        """The answer to the pre-open question: final, of today."""
        given = {"exchange_at": self.facts.preopen_final_at, "final": True} | changes
        self.step(ev.PreOpen(self.now, rows=pre_open() if rows is None else rows, **given))
        return self

    def chains(self, *changed: ChainFacts) -> Desk:
        """The answer to the question for chains."""
        every = {symbol: chain(symbol) for symbol in PRICES} | {c.symbol: c for c in changed}
        self.step(ev.Chains(self.now, tuple(every.values())))
        return self

    def stocks(self, **prices: int) -> Desk:
        """Last prices of the stocks, now; unnamed ones at their pre-open prices."""
        given = tuple((PRICES | prices)[symbol] for symbol in self.facts.universe)
        self.step(ev.StockTicks(self.now, exchange_at=self.now, prices=given))
        return self

    def quote(self, bid: int, ask: int, *, name: str = CALL, size: int = 4 * LOT, **changes: Any) -> Desk:
        """A quote, now and fresh."""
        given: dict[str, Any] = {"exchange_at": self.now} | changes
        self.step(
            ev.Quote(
                self.now,
                name=name,
                bid=bid,
                bid_quantity=size if bid else 0,
                ask=ask,
                ask_quantity=size if ask else 0,
                **given,
            )
        )
        return self

    def last(self, price: int, name: str = CALL) -> Desk:
        """A recorded observation, now."""
        self.step(ev.LastPrice(self.now, name=name, price=price))
        return self

    # ---- the broker

    def accept(self, order: Order | None = None) -> Desk:
        """The broker takes the order (the newest by default) and gives it an id."""
        self.ids += 1
        self.step(ev.OrderAccepted(self.now, self._order(order).tag, f"id{self.ids}"))
        return self

    def report(self, status: str, filled: int = 0, order: Order | None = None, **changes: Any) -> Desk:
        """The broker's word on an order (the newest by default): it has the shape asked for last."""
        self.step(ev.OrderUpdate(self.now, self.word(status, filled, order, **changes)))
        return self

    def word(self, status: str, filled: int = 0, order: Order | None = None, **changes: Any) -> OrderReport:
        """What the broker would say."""
        mine = self._order(order)
        given: dict[str, Any] = {
            "order_id": mine.order_id or "found",
            "tag": mine.tag,
            "status": OrderState(status),
            "quantity": mine.asked.quantity,
            "filled": filled,
            "average": mine.asked.limit if filled else 0,
            "limit": mine.asked.limit,
            "trigger": mine.asked.trigger,
        } | changes
        return OrderReport(**given)

    def read(self, *reports: OrderReport, ok: bool = True) -> Desk:
        """The order book as read."""
        self.step(ev.OrdersRead(self.now, ok=ok, reports=reports))
        return self

    def holds(self, units: int, name: str = CALL, sold: int = 0, sell_value: int = 0) -> Desk:
        """The positions as read: the account holds so many units of a contract."""
        return self.positions(Holding(name=name, net=units, sold=sold, sell_value=sell_value))

    def positions(self, *holdings: Holding, ok: bool = True) -> Desk:
        """The positions as read."""
        self.step(ev.PositionsRead(self.now, ok=ok, holdings=holdings))
        return self

    def fair_positions(self) -> Desk:
        """The positions as read, exactly what we believe to hold."""
        names = {p.instrument.name for p in (run.position for run in self.engine.state.runs) if p is not None}
        state = self.engine.state
        return self.positions(*(Holding(name=name, net=expected(state, name)) for name in sorted(names)))

    def proved(self) -> Desk:
        """What the engine wants proved is proved: two readings two seconds apart show what must be true."""
        for _ in range(3):
            if self.engine.state.proofs:
                self.fair_positions().wait(2)
        return self

    def refuse(self, message: str = "no", order: Order | None = None) -> Desk:
        """A definite no to a placing."""
        self.step(ev.OrderRefused(self.now, self._order(order).tag, message))
        return self

    def lose(self, order: Order | None = None) -> Desk:
        """No trustworthy answer to a placing."""
        self.step(ev.OutcomeUnknown(self.now, self._order(order).tag, "timed out"))
        return self

    def refuse_change(self, change: str = "modify", order: Order | None = None) -> Desk:
        """A no to a modification or cancel."""
        self.step(ev.ChangeAnswered(self.now, self._order(order).tag, change, taken=False, message="no"))
        return self

    def _order(self, order: Order | None) -> Order:
        return order if order is not None else self.orders[-1]

    # ---- stories

    def armed(self, *chains: ChainFacts) -> Desk:
        """The day has begun and the scan is done."""
        return self.open().scan(*chains)

    def watching(self, *chains: ChainFacts) -> Desk:
        """The window has opened and the stocks trade at their pre-open prices."""
        return self.armed(*chains).go("09:15:00").stocks()

    def entering(self, bid: int = 4_950, ask: int = 5_000) -> Desk:
        """The first acceptable quote has come and the entry was taken by the broker."""
        return self.watching().quote(bid, ask).accept().report("open")

    def holding(self, price: int = 5_000) -> Desk:
        """The entry has filled at `price` and the stop rests at the broker."""
        self.entering().report("complete", self.entry.quantity, average=price)
        return self.accept().report("trigger_pending")

    # ---- looking

    @property
    def run(self) -> Run:
        """The first strategy's day."""
        return self.engine.state.runs[0]

    @property
    def orders(self) -> list[Order]:
        """Every order in the order of sending."""
        return list(self.engine.state.orders.by_tag.values())

    @property
    def entry(self) -> Order:
        """The entry of the first strategy."""
        return self.engine.state.orders.by_tag[self.run.entry_tag]

    @property
    def exit(self) -> Order:
        """The sell order of the first strategy."""
        return self.engine.state.orders.by_tag[self.run.exit_tag]

    @property
    def position(self) -> Position:
        """What the first strategy holds or held."""
        assert self.run.position is not None
        return self.run.position

    @property
    def record(self) -> DayRecord:
        """The day's record; the broker shows what we believe, and the day is closed if it is still open."""
        self.proved()
        if not self.engine.state.ended:
            self.step(ev.DayClosed(self.now))
        return self.all(ef.EndDay)[-1].record

    def all(self, kind: type[E]) -> list[E]:
        """Every effect of this kind since the beginning."""
        return [effect for effect in self.told if isinstance(effect, kind)]

    def new(self, kind: type[E]) -> list[E]:
        """The effects of this kind of the last step."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def alerts(self, severity: str = "P1") -> list[str]:
        """The texts of all alarms of this severity."""
        return [alert.text for alert in self.all(ef.Alert) if alert.severity == severity]

    def reason(self) -> str | None:
        """Why the first strategy did not trade."""
        return self.run.done_reason
