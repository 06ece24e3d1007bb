"""Human commands, restarts, and the alarms that watch the clock."""

from __future__ import annotations

from ninefifteen.domain.effects import (
    AskChains,
    AskPreOpen,
    ReadOrders,
    StartTimer,
    Subscribe,
    SubscribeStocks,
)
from ninefifteen.domain.events import Flattened, Halted, Paused, Restarted, Resumed, Unlocked
from ninefifteen.domain.instants import MINUTE
from ninefifteen.domain.order import OrderState

from .entry import cancel_entry, finish
from .exits import leave_now
from .state import EngineState, Phase, Run
from .subscriptions import in_use


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
        cancel_entry(state, run)


def resume(state: EngineState, event: Resumed) -> None:
    """Entries are allowed again, also after the losing streak so far; a halt is not lifted by this."""
    state.paused = None
    state.streak_excused = state.streak
    state.note("resume", f"resumed by {event.source}: {event.reason}", streak=state.streak)


def unlock(state: EngineState, event: Unlocked) -> None:
    """Lift the halt, if nothing of ours is held or living; what was missed today stays missed."""
    held = [run.position for run in state.runs if run.position is not None and run.position.net != 0]
    if held or state.orders.living():
        state.alert("P2", "not unlocked: something of ours is still held or open at the broker")
        return
    state.halted = None
    state.note("unlock", f"unlocked by {event.source}: {event.reason}")


def flatten(state: EngineState, event: Flattened) -> None:
    """Leave what is held and enter nothing more today."""
    state.note("flatten", f"flatten by {event.source}: {event.reason}")
    _get_out(state, "manual")


def _get_out(state: EngineState, reason: str) -> None:
    for run in state.runs:
        if run.phase in (Phase.IDLE, Phase.SCANNING, Phase.ARMED, Phase.WATCHING):
            finish(state, run, "halted" if reason == "halt" else "flattened", f"{reason}: no entry today")
            continue
        run.drop = run.drop or reason
        cancel_entry(state, run)
        if run.position is not None and run.position.net > 0:
            leave_now(state, run, run.position, reason)


def restarted(state: EngineState, event: Restarted) -> None:
    """Back after a stop: what was in flight is in doubt, timers, questions and data are asked for again."""
    state.orders.epoch = event.epoch
    state.note("restarted", f"restart number {event.epoch}: going on with the day")
    for order in state.orders.living():
        if order.state is OrderState.SENDING:
            order.lost(state.now)
    if state.orders.living():
        state.emit(ReadOrders())
        state.watch_orders()
    for timer, due in state.timers.items():
        state.emit(StartTimer(timer, due))
    for run in state.runs:
        if run.phase is Phase.SCANNING:
            state.emit(AskChains(run.wanted, state.day.expiry) if run.ranked else AskPreOpen())
    names = sorted(set().union(*(in_use(run) for run in state.runs)))
    if names:
        state.emit(SubscribeStocks())
        state.emit(Subscribe(tuple(names)))


def flat_alarm(state: EngineState, run: Run) -> None:
    """Still holding minutes after the square-off time: say it until somebody acts (I6)."""
    position = run.position
    if position is not None and position.net > 0:
        state.alert(
            "P1", f"{position.net} {position.instrument.name} still held: close it in the broker's app"
        )
        state.timer(f"{run.strategy.name}:flat_alarm", state.now + MINUTE)
