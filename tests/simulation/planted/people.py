"""Broken handling of what people do: halts that do not halt, and sales by hand that nobody notices."""

from __future__ import annotations

from ninefifteen.engine import answers, commands, entry, exits, reconcile, risk
from ninefifteen.engine.orders import Order
from ninefifteen.engine.state import EngineState, Position, Run

from .swapping import Swap, swapped, together


def ignored_manual_sale() -> Swap:
    """What the account holds is read and not compared: somebody's sale by hand changes nothing."""
    return swapped(reconcile._compare, lambda state, name: None)


def entries_while_halted() -> Swap:
    """A halt leaves what is held, but does not stop an entry."""

    def get_out(state: EngineState, reason: str) -> None:
        for run in state.runs:
            if run.position is not None and run.position.net > 0:
                exits.leave_now(state, run, run.position, reason)

    return together(swapped(commands.get_out, get_out), swapped(risk._stopped, lambda state: None))


def halt_forgets_what_is_on_its_way() -> Swap:
    """A halt leaves what is held and lets an entry that is on its way come in and stay."""
    shipped = answers._after_buy

    def get_out(state: EngineState, reason: str) -> None:
        for run in state.runs:
            if run.position is not None and run.position.net > 0:
                exits.leave_now(state, run, run.position, reason)
            elif not run.entry_tag:
                entry.finish(state, run, "halted", "no entry today")

    def after_buy(state: EngineState, run: Run, position: Position, order: Order) -> None:
        halted, state.halted = state.halted, None
        shipped(state, run, position, order)
        state.halted = halted

    return together(swapped(commands.get_out, get_out), swapped(shipped, after_buy))
