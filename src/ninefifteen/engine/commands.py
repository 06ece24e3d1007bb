"""Human commands, restarts, and the alarms that watch the clock."""

from __future__ import annotations

from ninefifteen.domain.effects import ReadOrders, StartTimer, Subscribe, SubscribeStocks
from ninefifteen.domain.events import Flattened, Halted, Paused, Restarted, Resumed
from ninefifteen.domain.instants import MINUTE
from ninefifteen.domain.order import OrderState

from .entry import cancel_entry, finish
from .exits import leave_now
from .state import EngineState, Phase, Run


def halt(state: EngineState, event: Halted) -> None:
    """Stop, latched: no entry, cancel what is open, leave what is held."""
    if state.halted is None:
        state.halted = f"{event.source}: {event.reason}"
        state.alert("P1", f"HALT by {event.source}: {event.reason}")
    _get_out(state, "halt")


def pause(state: EngineState, event: Paused) -> None:
    """No new entries; what is held stays guarded."""
    state.paused = f"{event.source}: {event.reason}"
    state.note("pause", f"paused by {event.source}: {event.reason}")
    for run in state.runs:
        if run.phase is Phase.ENTERING:
            cancel_entry(state, run)


def resume(state: EngineState, event: Resumed) -> None:
    """Entries are allowed again; a halt is not lifted by this, and the streak is not forgotten."""
    state.paused = None
    state.note("resume", f"resumed by {event.source}: {event.reason}")


def flatten(state: EngineState, event: Flattened) -> None:
    """Leave what is held and enter nothing more today."""
    state.note("flatten", f"flatten by {event.source}: {event.reason}")
    _get_out(state, "manual")


def _get_out(state: EngineState, reason: str) -> None:
    for run in state.runs:
        if run.phase in (Phase.IDLE, Phase.SCANNING, Phase.ARMED, Phase.WATCHING):
            finish(state, run, "halted" if reason == "halt" else "flattened", f"{reason}: no entry today")
        elif run.phase is Phase.ENTERING:
            cancel_entry(state, run)
        if run.position is not None and run.position.net > 0:
            leave_now(state, run, reason)


def restarted(state: EngineState, event: Restarted) -> None:
    """Back after a stop: what was in flight is in doubt, timers and subscriptions are asked for again."""
    state.orders.epoch = event.epoch
    state.note("restarted", f"restart number {event.epoch}: going on with the day")
    for order in state.orders.living():
        if order.state is OrderState.SENDING:
            order.lost(state.now)
    if state.orders.living():
        state.emit(ReadOrders())
    for timer, due in state.timers.items():
        state.emit(StartTimer(timer, due))
    names = [run.selection.candidates[n].instrument for run in state.runs for n in run.selection.picks]
    if names:
        state.emit(SubscribeStocks())
        state.emit(Subscribe(tuple(i.name for i in names if i is not None)))


def stop_triggered(state: EngineState, run: Run) -> None:
    """The broker's stop triggered a second ago and is still open: go after the bid."""
    order = state.orders.by_tag.get(run.exit_tag)
    if order is not None and order.state is OrderState.OPEN and order.type == "SL" and run.leaving is None:
        leave_now(state, run, "stop")


def unprotected(state: EngineState, run: Run) -> None:
    """Five seconds after the fill the stop must rest at the broker (I7); else leave and say so."""
    position = run.position
    order = state.orders.by_tag.get(run.exit_tag)
    resting = order is not None and (
        order.final or order.state in (OrderState.TRIGGER_PENDING, OrderState.OPEN)
    )
    if position is None or position.net <= 0 or resting or run.leaving is not None:
        return
    state.alert("P1", f"{position.instrument.name} has no stop at the broker after 5 s: leaving")
    leave_now(state, run, "stop")


def flat_alarm(state: EngineState, run: Run) -> None:
    """Still holding minutes after the square-off time: say it until somebody acts (I6)."""
    position = run.position
    if position is not None and position.net > 0:
        state.alert(
            "P1", f"{position.net} {position.instrument.name} still held: close it in the broker's app"
        )
        state.timer(f"{run.strategy.name}:flat_late", state.now + MINUTE)
