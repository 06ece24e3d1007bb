"""The state of a running day as one JSON document: what `status` prints and what the control line sends.

Amounts and prices are decimal strings of rupees, instants ISO 8601 in IST, quantities units. The fields
are described in `docs/control.md`.
"""

from __future__ import annotations

from ninefifteen import __version__
from ninefifteen.domain.instants import SECOND, Instant, iso_ms
from ninefifteen.domain.money import rupees
from ninefifteen.engine.state import EngineState
from ninefifteen.runtime.control import standing_of
from ninefifteen.runtime.views import PositionView, RunView, View, view_of

from .background import order_documents
from .documents import Document, candidate_document, trade_document
from .plan_document import plan_document


def state_document(state: EngineState, now: Instant, *, wiring: str, rehearsal: bool, speed: str) -> Document:
    """The engine's state at `now`, exchange time; `speed` says how fast that time runs ("x60", "": unknown).

    Before a day is opened only the heading is there, with `date` null.
    """
    heading: Document = {
        "program": __version__,
        "mode": wiring,
        "rehearsal": rehearsal,
        "clock": iso_ms(now),
        "speed": speed or None,
        "date": None,
        "halted": state.halted,
        "paused": state.paused,
        "losing_streak": standing_of(state).streak or None,
    }
    view = view_of(state)
    if view is None:
        return heading
    return heading | _day(view) | {"broker": _broker(state, now), "flat": flat(state)}


def flat(state: EngineState) -> bool | None:
    """Whether nothing of ours is held and nothing can still fill; None while that is not known."""
    held = any(run.position is not None and run.position.net for run in state.runs)
    if held or state.orders.living():
        return False
    books = state.books
    unknown = state.careful and (books.known_at is None or books.blind_since is not None)
    return None if unknown else True


def position_documents(view: View) -> list[Document]:
    """What the bot holds, a line for each strategy that holds something."""
    return [_position(run.strategy, run.position) for run in view.runs if run.position is not None]


def _day(view: View) -> Document:
    return {
        "date": view.date.isoformat(),
        "synthetic": view.synthetic,
        "seed": view.seed,
        "at": iso_ms(view.at),
        "open_at": iso_ms(view.open_at),
        "close_at": iso_ms(view.close_at),
        "ended": view.ended,
        "alarms": view.alarms,
        "entries_today": view.entries_today,
        "max_trades": view.max_trades,
        "net_today": rupees(view.net_today),
        "day_result": rupees(view.day_result),
        "loss_left": rupees(view.loss_left),
        "max_daily_loss": rupees(view.max_daily_loss),
        "positions": position_documents(view),
        "orders": order_documents(view.orders),
        "strategies": [_run(run) for run in view.runs],
    }


def _broker(state: EngineState, now: Instant) -> Document:
    """How well the broker's books are known. At a simulated exchange in the process they are our own."""
    known = state.books.known_at
    blind = state.books.blind_since
    return {
        "reconciled": state.careful,
        "known_at": None if known is None else iso_ms(known),
        "age_s": None if known is None else round(max(now - known, 0) / SECOND, 3),
        "blind_since": None if blind is None else iso_ms(blind),
        "differs": state.unreconciled or None,
    }


def _run(run: RunView) -> Document:
    current = None if run.current is None else run.candidates[run.current]
    return {
        "strategy": run.strategy,
        "phase": run.phase,
        "waiting": run.waiting or None,
        "done_reason": run.done_reason,
        "scan_at": iso_ms(run.scan_at),
        "entry_at": iso_ms(run.entry_at),
        "cutoff_at": iso_ms(run.cutoff_at),
        "exit_at": iso_ms(run.exit_at),
        "current": None if current is None else current.symbol,
        "picks": [run.candidates[place].symbol for place in run.picks],
        "candidates": [candidate_document(candidate) for candidate in run.candidates],
        "plan": None if run.plan is None else plan_document(run.plan),
        "position": None if run.position is None else _position(run.strategy, run.position),
        "trade": None if run.trade is None else trade_document(run.trade),
    }


def _position(strategy: str, held: PositionView) -> Document:
    return {
        "strategy": strategy,
        "contract": held.name,
        "quantity": held.quantity,
        "average": rupees(held.average),
        "bid": rupees(held.bid) if held.bid else None,
        "ask": rupees(held.ask) if held.ask else None,
        "target": rupees(held.target),
        "stop": rupees(held.stop),
        "result": None if held.result is None else rupees(held.result),
        "stop_resting": held.stop_resting,
        "leaving": held.leaving,
        "since": iso_ms(held.since),
    }
