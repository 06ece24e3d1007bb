"""Human commands, restarts, and the alarms that watch the clock."""

from __future__ import annotations

from ninefifteen.domain.effects import (
    AskChains,
    AskPreOpen,
    StartTimer,
    Subscribe,
    SubscribeStocks,
)
from ninefifteen.domain.events import Flattened, Halted, Paused, Restarted, Resumed, Unlocked
from ninefifteen.domain.instants import MINUTE
from ninefifteen.domain.order import OrderState

from . import cadence, orphans, proof, strays
from .entry import cancel_entry, finish
from .exits import SEEN_AFTER, leave_now, press_on
from .state import EngineState, Phase, Run
from .subscriptions import in_use

_LOUD = 4 * MINUTE


def halt(state: EngineState, event: Halted) -> None:
    """Stop, latched: no entry, cancel what is open, leave what is held."""
    if state.halted is None:
        state.halted = f"{event.source}: {event.reason}"
        state.alert("P1", f"HALT by {event.source}: {event.reason}")
    get_out(state, "halt")
    orphans.tell_left(state)
    if state.facts is not None:
        proof.begin(state, proof.HALT, state.now)


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
    """Lift the halt, if it is proved that nothing of ours is held or living.

    An entry that was missed today stays missed.
    """
    left = _left(state) or proof.unfinished(state)
    if left:
        state.alert("P2", f"not unlocked: {left}")
        return
    state.halted = None
    state.note("unlock", f"unlocked by {event.source}: {event.reason}")


def _left(state: EngineState) -> str:
    """What of ours is still held or living; a short one counts until the broker shows it bought back."""
    for run in state.runs:
        position = run.position
        if position is None:
            continue
        name, books = position.instrument.name, state.books
        bought_back = books.held(name).net >= 0 and books.positions.asked_at >= books.filled_at[name]
        if (position.net > 0 and run.trade is None) or (position.net < 0 and not bought_back):
            return f"{position.net} {name} held, as far as we know"
    living = state.orders.living()
    if living:
        return f"order {living[0].order_id or living[0].tag} of ours may still trade"
    return strays.left(state)


def flatten(state: EngineState, event: Flattened) -> None:
    """Leave what is held and enter nothing more today."""
    state.note("flatten", f"flatten by {event.source}: {event.reason}")
    get_out(state, "manual")


def get_out(state: EngineState, reason: str) -> None:
    """Enter nothing more today, cancel what has not filled, leave what is held."""
    for run in state.runs:
        if run.phase in (Phase.IDLE, Phase.SCANNING, Phase.ARMED, Phase.WATCHING):
            finish(state, run, "halted" if reason == "halt" else "flattened", f"{reason}: no entry today")
            continue
        run.drop = run.drop or reason
        cancel_entry(state, run)
        if run.position is not None and run.position.net > 0:
            press_on(state, run)
            leave_now(state, run, run.position, reason)


def restarted(state: EngineState, event: Restarted) -> None:
    """Back after a stop: what was in flight is in doubt, timers, questions and data are asked for again."""
    state.orders.epoch, state.back_at = event.epoch, state.now
    state.note("restarted", f"restart number {event.epoch}: going on with the day")
    for order in state.orders.living():
        if order.state is OrderState.SENDING:
            order.lost(state.now)
    books = state.books
    books.orders.under_way.clear()
    books.positions.under_way.clear()
    books.again = False
    _tell_again(state)
    cadence.doubt(state, "the engine has just come back")
    if state.orders.living():
        if not state.careful:
            state.read_orders()
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


def _tell_again(state: EngineState) -> None:
    """An alarm of the last moment may never have left: what is still wrong is told anew."""
    for book in (state.books.orders, state.books.positions):
        book.told_at = None
    for proving in state.proofs.values():
        proving.told = None
    for suspicion in state.books.suspicions.values():
        suspicion.settled = False
    state.books.short.clear()
    for run in state.runs:
        if run.position is not None and run.position.net > 0 and run.trade is None:
            state.timer(f"{run.strategy.name}:unprotected", state.now + SEEN_AFTER)


def flat_alarm(state: EngineState, run: Run) -> None:
    """Minutes after the square-off time: say what is not closed until somebody acts (I6).

    Two minutes after it once as P2, from four minutes on every minute as P1.
    """
    loud = run.hours.exit_at + _LOUD
    open_still = _not_closed(state, run)
    if open_still:
        state.alert("P1" if state.now >= loud else "P2", f"{open_still}: close it in the broker's app")
    if open_still or state.now < loud:
        state.timer(f"{run.strategy.name}:flat_alarm", max(loud, state.now + MINUTE))


def _not_closed(state: EngineState, run: Run) -> str:
    position = run.position
    if position is not None and position.net > 0:
        return f"{position.net} {position.instrument.name} still held"
    mine = [o for o in state.orders.living() if o.request.strategy == run.strategy.name]
    return f"order {mine[0].order_id or mine[0].tag} may still trade" if mine else ""
