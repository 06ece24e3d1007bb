"""The engine: `step(event) -> effects`. A plain function of what it remembers and what comes in.

It reads no clock (time is `event.at`), does no I/O and names no broker. The same events in the same
order give the same effects, byte for byte: a crash is a replay and a test is an equality.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar, cast

from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import MINUTE, clock_of
from ninefifteen.domain.settings import Settings

from . import (
    answers,
    bars,
    cadence,
    commands,
    entry,
    exits,
    guard,
    looking,
    monitor,
    orphans,
    proof,
    reconcile,
    scanning,
    strays,
)
from .closing import end_day
from .state import EngineState, Phase, Run
from .strategy import Strategy

_Handler = Callable[[Event], None]
_E = TypeVar("_E", bound=Event)
_C = TypeVar("_C", ev.Halted, ev.Paused, ev.Resumed, ev.Unlocked, ev.Flattened)

_RUN_TIMERS: dict[str, Callable[[EngineState, Run], None]] = {
    "scan": scanning.start,
    "entry": entry.open_window,
    "next": entry.next_candidate,
    "follow": entry.follow,
    "cutoff": entry.close_window,
    "cancel": entry.cancel_again,
    "exit": monitor.time_is_up,
    "chase": exits.chase,
    "repair": exits.repair_later,
    "triggered": guard.triggered,
    "unprotected": guard.unprotected,
    "guard": guard.look_again,
    "flat_alarm": commands.flat_alarm,
}
"""By the last part of their name; the first is the strategy they belong to."""
_BOOK_TIMERS: dict[str, Callable[[EngineState], None]] = {
    "book:look": looking.look,
    cadence.TICK: cadence.tick,
    reconcile.DOUBT: reconcile.doubt_again,
    proof.TIMER: proof.read_again,
    orphans.TIMER: orphans.tell_again,
}


def _on(kind: type[_E], handle: Callable[[_E], None]) -> tuple[type, _Handler]:
    """A handler under its own kind of event: the pairing is checked here, the table need not know."""
    return kind, cast("_Handler", handle)


class Engine:
    """One trading day, one event at a time."""

    def __init__(self, settings: Settings, strategies: Sequence[Strategy]) -> None:
        self.state = EngineState(settings)
        self._strategies = tuple(strategies)
        state = self.state
        self._handlers: dict[type, _Handler] = dict((
            _on(ev.DayOpened, self._day_opened),
            _on(ev.PreOpen, partial(scanning.on_pre_open, state)),
            _on(ev.Chains, partial(scanning.on_chains, state)),
            _on(ev.NoData, self._no_data),
            _on(ev.StockTicks, self._stock_ticks),
            _on(ev.Quote, self._quote),
            _on(ev.LastPrice, self._last),
            _on(ev.Bar, partial(bars.on_bar, state)),
            _on(ev.MinuteBars, partial(bars.on_minute, state)),
            _on(ev.EndOfData, self._end_of_data),
            _on(ev.OrderAccepted, partial(answers.on_accepted, state)),
            _on(ev.OrderRefused, partial(answers.on_refused, state)),
            _on(ev.OutcomeUnknown, partial(answers.on_unknown, state)),
            _on(ev.ChangeAnswered, partial(answers.on_change, state)),
            _on(ev.OrderUpdate, partial(answers.on_update, state)),
            _on(ev.OrdersRead, partial(looking.on_read, state)),
            _on(ev.PositionsRead, partial(reconcile.on_positions, state)),
            _on(ev.Reconnected, partial(reconcile.on_reconnected, state)),
            _on(ev.TimerFired, self._timer),
            _on(ev.Halted, self._once(commands.halt)),
            _on(ev.Paused, self._once(commands.pause)),
            _on(ev.Resumed, self._once(commands.resume)),
            _on(ev.Unlocked, self._once(commands.unlock)),
            _on(ev.Flattened, self._once(commands.flatten)),
            _on(ev.Restarted, partial(commands.restarted, state)),
            _on(ev.DayClosed, lambda _: end_day(state)),
        ))  # fmt: skip

    def step(self, event: Event) -> tuple[Effect, ...]:
        """Take one event; returns what must be done, in order. Events must not go back in time."""
        state = self.state
        if event.at < state.now:
            raise ValueError(
                f"event {type(event).__name__} at {event.at} after {state.now}: time goes forward"
            )
        state.now = event.at
        if state.out:
            state.out = []
        self._handlers[type(event)](event)
        return tuple(state.out)

    def _once(self, obey: Callable[[EngineState, _C], None]) -> Callable[[_C], None]:
        """Obey a command unless one with its id was obeyed before, in this run or in what was replayed."""

        def command(event: _C) -> None:
            state = self.state
            if event.command and event.command in state.commands:
                state.note("command", f"command {event.command} was obeyed before: not again")
                return
            if event.command:
                state.commands[event.command] = event.at
            obey(state, event)

        return command

    @property
    def finished(self) -> bool:
        """Nothing is left to do: every strategy is done, nothing of ours lives, and that is proved."""
        state = self.state
        if state.ended:
            return True
        for run in state.runs:  # asked after every event, and mostly the first strategy is not done
            if run.phase is not Phase.DONE:
                return False
        busy = state.proofs or state.orders.living() or strays.left(state)
        return bool(state.runs) and not busy

    def _day_opened(self, event: ev.DayOpened) -> None:
        state, facts = self.state, event.facts
        state.facts = facts
        state.entries_today, state.streak = facts.trades_today, facts.losing_streak
        state.net_today += facts.net_today
        state.stock_index = {symbol: n for n, symbol in enumerate(facts.universe)}
        state.stock_prices = [0] * len(facts.universe)
        state.note(
            "day",
            f"{facts.date}: {facts.days_left} trading days to the expiry of {facts.expiry}",
            synthetic=facts.synthetic,
        )
        if facts.special:
            state.note("no_trade", "special session: not traded", reason="special_session")
            end_day(state)
            return
        for strategy in self._strategies:
            self._start_run(Run(strategy, strategy.hours(facts)))
        cadence.doubt(state, "the broker's books have not been read yet")
        if state.halted is not None:  # stopped before the day began
            commands.get_out(state, "halt")
            proof.begin(state, proof.HALT, state.now)

    def _start_run(self, run: Run) -> None:
        state, hours, name = self.state, run.hours, run.strategy.name
        state.runs.append(run)
        state.by_strategy[name] = run
        recorded = state.day.price_source == "last"
        # The recorded window includes its last instant (E2); a timer goes before data of its instant.
        cutoff = hours.recorded_cutoff_at + 1 if recorded else hours.cutoff_at
        if state.now > cutoff:
            entry.finish(state, run, "late_start", "started after the entry window: nothing enters today")
            return
        state.note(
            "phase",
            f"{name}: scan {clock_of(hours.scan_at):%H:%M:%S}, entry {clock_of(hours.entry_at):%H:%M:%S},"
            f" square-off {clock_of(hours.exit_at):%H:%M:%S}",
            strategy=name,
        )
        for timer, due in (
            ("scan", hours.scan_at),
            ("entry", hours.entry_at),
            ("cutoff", cutoff),
            ("exit", hours.exit_at),
        ):
            state.timer(f"{name}:{timer}", due)
        if not state.observed:  # on recorded observations the exit is the next one, whenever it was (X2)
            state.timer(f"{name}:flat_alarm", hours.exit_at + 2 * MINUTE)

    def _no_data(self, event: ev.NoData) -> None:
        state = self.state
        state.note("no_data", f"the rules cannot be applied: {event.reason}", reason=event.reason)
        if event.fatal:
            state.no_data = event.reason
            end_day(state)
        for run in state.runs:
            if run.position is not None or run.entry_tag:
                continue  # what is held is managed to its end, whatever the data
            run.no_data = event.reason
            if event.fatal or run.phase is not Phase.SCANNING:  # a selection under way is still made (D5)
                run.phase = Phase.DONE

    def _timer(self, event: ev.TimerFired) -> None:
        state = self.state
        state.timers.pop(event.timer, None)
        of_the_books = _BOOK_TIMERS.get(event.timer)
        if of_the_books is not None:
            of_the_books(state)
            return
        name, _, what = event.timer.rpartition(":")
        _RUN_TIMERS[what](state, state.by_strategy[name])

    def _stock_ticks(self, event: ev.StockTicks) -> None:
        state = self.state
        if event.exchange_at < state.day.open_at:
            return  # yesterday's, or of the auction: no price of the session (I11)
        state.stocks_at = event.exchange_at
        prices = state.stock_prices
        for index, price in enumerate(event.prices):
            if price:
                prices[index] = price
        for symbol, minutes in state.stock_bars.items():
            price = event.prices[state.stock_index[symbol]]
            if price:
                bars.add_tick(minutes, event.exchange_at, price)

    def _quote(self, event: ev.Quote) -> None:
        state = self.state
        known = state.quotes.get(event.name)
        if known is not None and event.exchange_at < known.exchange_at:
            return  # overtaken on the way: the newer one is known
        if event.exchange_at >= state.day.open_at:
            if known is None:
                state.first_quotes[event.name] = event.at
            state.quotes[event.name] = event  # an older one is no price to sell at
            if event.bid > 0 and event.ask > 0 and event.at - event.exchange_at <= entry.FRESH:
                state.marks[event.name] = event.bid
        for run in state.runs:
            if run.phase is Phase.WATCHING:
                entry.on_quote(state, run, event)
            elif run.position is not None:
                monitor.on_quote(state, run, event)

    def _last(self, event: ev.LastPrice) -> None:
        for run in self.state.runs:
            if run.phase is Phase.WATCHING:
                entry.on_last(self.state, run, event)
            elif run.position is not None:
                monitor.on_last(self.state, run, event)

    def _end_of_data(self, _: ev.EndOfData) -> None:
        for run in self.state.runs:
            monitor.on_end_of_data(self.state, run)
            if run.phase is Phase.WATCHING:
                entry.close_window(self.state, run)
