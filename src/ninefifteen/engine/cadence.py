"""When the broker's books are read: at once in doubt, often while something is held, else now and then."""

from __future__ import annotations

from ninefifteen.domain.instants import MINUTE, SECOND, Instant
from ninefifteen.domain.order import OrderState

from . import strays
from .state import EngineState, Phase

TICK = "book:reconcile"
_PENDING = 60 * SECOND
_FLAT = 15 * MINUTE
_LONG = 5 * MINUTE
_BLIND = 15 * SECOND
_UNREAD = 5 * SECOND
_UNREAD_IN_THE_WINDOW = 2 * SECOND
_BEFORE_ENTRY = (Phase.SCANNING, Phase.ARMED, Phase.WATCHING)
_UNKNOWN = (OrderState.UNKNOWN, OrderState.PARKED)


def ask(state: EngineState) -> None:
    """Have both books read now."""
    state.read_orders()
    state.read_positions()


def doubt(state: EngineState, why: str) -> None:
    """Something may have happened that we have not heard of: both books are read, nothing enters before."""
    if not state.careful:
        return
    state.books.doubted_at = state.now
    state.unreconciled = why
    ask(state)
    state.timer(TICK, state.now + _pause(state))


def tick(state: EngineState) -> None:
    """The time of a reading has come."""
    ask(state)
    state.timer(TICK, state.now + _pause(state))


def wake(state: EngineState) -> None:
    """The day has become livelier: bring the next reading forward if it is too far away."""
    if not state.careful:
        return
    due = state.now + _pause(state)
    if state.timers.get(TICK, due + 1) > due:
        state.timer(TICK, due)


def _pause(state: EngineState) -> Instant:
    """Every `reconcile_every` while something is held or living; 60 s before an entry; else 15 minutes."""
    phases = {run.phase for run in state.runs}
    if exposed(state):
        return max(state.day.reconcile_every, _BLIND) if long_blind(state) else state.day.reconcile_every
    if state.unreconciled or state.books.blind_since is not None:
        return _UNREAD_IN_THE_WINDOW if Phase.WATCHING in phases else _UNREAD
    return _PENDING if phases & set(_BEFORE_ENTRY) else _FLAT


def long_blind(state: EngineState) -> bool:
    """Whether readings have failed for minutes: asking as often as before would only add to the trouble."""
    since = state.books.blind_since
    return since is not None and state.now - since >= _LONG


def exposed(state: EngineState) -> bool:
    """Whether something of ours is held or may still trade, that of a day forgotten included."""
    held = any(run.position is not None and run.position.net != 0 and run.trade is None for run in state.runs)
    return held or bool(state.orders.living()) or bool(strays.left(state))


def in_the_dark(state: EngineState) -> bool:
    """Whether the outcome of an order of ours is not known."""
    return any(order.state in _UNKNOWN for order in state.orders.living())
