"""The engine: `step(event) -> effects`. A plain function of what it remembers and what comes in.

It reads no clock (time is `event.at`), does no I/O and names no broker. The same events in the same
order give the same effects, byte for byte: a crash is a replay and a test is an equality.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import MINUTE, clock_of
from ninefifteen.domain.settings import Settings

from . import answers, bars, commands, entry, exits, monitor, scanning
from .closing import end_day
from .state import EngineState, Phase, Run
from .strategy import Strategy


class Engine:
    """One trading day, one event at a time."""

    def __init__(self, settings: Settings, strategies: Sequence[Strategy]) -> None:
        self.state = EngineState(settings)
        self._strategies = tuple(strategies)
        self._handlers: dict[type, Callable[[Any], None]] = {
            ev.DayOpened: self._day_opened,
            ev.PreOpen: lambda e: scanning.on_pre_open(self.state, e),
            ev.Chains: lambda e: scanning.on_chains(self.state, e),
            ev.NoData: self._no_data,
            ev.StockTicks: self._stock_ticks,
            ev.Quote: self._quote,
            ev.LastPrice: self._last,
            ev.Bar: lambda e: bars.on_bar(self.state, e),
            ev.MinuteBars: lambda e: bars.on_minute(self.state, e),
            ev.EndOfData: self._end_of_data,
            ev.OrderAccepted: lambda e: answers.on_accepted(self.state, e),
            ev.OrderRefused: lambda e: answers.on_refused(self.state, e),
            ev.OutcomeUnknown: lambda e: answers.on_unknown(self.state, e),
            ev.ChangeAnswered: lambda e: answers.on_change(self.state, e),
            ev.OrderUpdate: lambda e: answers.on_update(self.state, e),
            ev.OrdersRead: lambda e: answers.on_read(self.state, e),
            ev.TimerFired: self._timer,
            ev.Halted: lambda e: commands.halt(self.state, e),
            ev.Paused: lambda e: commands.pause(self.state, e),
            ev.Resumed: lambda e: commands.resume(self.state, e),
            ev.Flattened: lambda e: commands.flatten(self.state, e),
            ev.Restarted: lambda e: commands.restarted(self.state, e),
            ev.DayClosed: lambda _: end_day(self.state),
        }
        self._timers: dict[str, Callable[[EngineState, Run], None]] = {
            "scan": scanning.start,
            "entry": entry.open_window,
            "next": entry.next_candidate,
            "follow": entry.follow,
            "cutoff": entry.close_window,
            "exit": monitor.time_is_up,
            "chase": exits.chase,
            "repair": exits.repair_later,
            "triggered": commands.stop_triggered,
            "unprotected": commands.unprotected,
            "flat_alarm": commands.flat_alarm,
            "flat_late": commands.flat_alarm,
        }

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

    @property
    def finished(self) -> bool:
        """Nothing is left to do today: every strategy is done and nothing of ours is living."""
        state = self.state
        if state.ended:
            return True
        for run in state.runs:  # asked after every event, and mostly the first strategy is not done
            if run.phase is not Phase.DONE:
                return False
        return bool(state.runs) and not state.orders.living()

    def _day_opened(self, event: ev.DayOpened) -> None:
        state, facts = self.state, event.facts
        state.facts = facts
        state.entries_today, state.streak = facts.trades_today, facts.losing_streak
        state.net_today += facts.net_today
        state.stock_index = {symbol: n for n, symbol in enumerate(facts.universe)}
        state.stock_prices = [0] * len(facts.universe)
        state.note(
            "day",
            f"{facts.date}: square-off at {clock_of(facts.exit_at):%H:%M:%S}",
            synthetic=facts.synthetic,
        )
        if facts.special:
            state.note("no_trade", "special session: not traded", reason="special_session")
            end_day(state)
            return
        for strategy in self._strategies:
            self._start_run(Run(strategy, strategy.hours(facts)))

    def _start_run(self, run: Run) -> None:
        state, hours, name = self.state, run.hours, run.strategy.name
        state.runs.append(run)
        recorded = state.day.price_source == "last"
        # The recorded window includes its last instant (E2); a timer goes before data of its instant.
        cutoff = hours.recorded_cutoff_at + 1 if recorded else hours.cutoff_at
        if state.now > cutoff:
            entry.finish(state, run, "late_start", "started after the entry window: nothing enters today")
            return
        for timer, due in (
            ("scan", hours.scan_at),
            ("entry", hours.entry_at),
            ("cutoff", cutoff),
            ("exit", hours.exit_at),
            ("flat_alarm", hours.exit_at + 4 * MINUTE),
            ("flat_late", hours.exit_at + 5 * MINUTE),
        ):
            state.timer(f"{name}:{timer}", due)

    def _no_data(self, event: ev.NoData) -> None:
        state = self.state
        state.note("no_data", f"the rules cannot be applied: {event.reason}", reason=event.reason)
        if event.fatal:
            state.no_data = event.reason
            end_day(state)
            return
        for run in state.runs:
            run.no_data = event.reason
            if run.phase is not Phase.SCANNING:  # a selection under way is still made (D5)
                run.phase = Phase.DONE

    def _timer(self, event: ev.TimerFired) -> None:
        state = self.state
        state.timers.pop(event.timer, None)
        name, _, what = event.timer.rpartition(":")
        if event.timer == "book:look":
            answers.look(state)
            return
        for run in state.runs:
            if run.strategy.name == name:
                self._timers[what](state, run)

    def _stock_ticks(self, event: ev.StockTicks) -> None:
        state = self.state
        prices = state.stock_prices
        for index, price in enumerate(event.prices):
            if price:
                prices[index] = price
        for symbol, minutes in state.stock_bars.items():
            price = event.prices[state.stock_index[symbol]]
            if price and event.exchange_at >= state.day.open_at:
                bars.add_tick(minutes, event.exchange_at, price)

    def _quote(self, event: ev.Quote) -> None:
        state = self.state
        state.quotes[event.name] = event
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

    def _end_of_data(self, event: ev.EndOfData) -> None:
        for run in self.state.runs:
            monitor.on_end_of_data(self.state, run, event)
            if run.phase is Phase.WATCHING:
                entry.close_window(self.state, run)
