"""The state of a running day as one JSON document: what `status` prints and what the control line sends.

Amounts and prices are decimal strings of rupees, instants ISO 8601 in IST, quantities units. The fields
are described in `docs/control.md`.
"""

from __future__ import annotations

from fractions import Fraction

from ninefifteen import __version__
from ninefifteen.domain.instants import SECOND, Instant, iso_ms
from ninefifteen.domain.money import Paise, rupees
from ninefifteen.engine.state import EngineState
from ninefifteen.runtime.control import standing_of
from ninefifteen.runtime.views import Moments, PositionView, RunView, Spot, View, view_of

from .background import order_documents
from .documents import Document, candidate_document, trade_document
from .kept import Kept, stamp
from .plan_document import plan_document
from .session_document import Following, session_document
from .why import why_lines

_candidates: Kept[list[Document]] = Kept()
_plans: Kept[Document | None] = Kept()


def state_document(  # noqa: PLR0913 - each by name
    state: EngineState,
    now: Instant,
    *,
    wiring: str,
    rehearsal: bool,
    speed: str,
    after: Following | None = None,
    account: str | None = None,
) -> Document:
    """The engine's state at `now`, exchange time; `speed` says how fast that time runs ("x60", "": unknown).

    Before a day is opened only the heading is there, with `date` null. `after` is the next trading day,
    `account` the end of the name of the account that real orders go to.
    """
    heading: Document = {
        "program": __version__,
        "mode": wiring,
        "account": account,
        "rehearsal": rehearsal,
        "clock": iso_ms(now),
        "speed": speed or None,
        "date": None,
        "halted": state.halted,
        "paused": state.paused,
        "losing_streak": standing_of(state).streak or None,
        "watermark": "REHEARSAL" if rehearsal else None,
    }
    view = view_of(state)
    if view is None:
        return heading
    if view.synthetic and not rehearsal:
        heading["watermark"] = "SYNTHETIC"
    members = len(state.day.universe)
    strategies = [_run(run, now) | {"why": why_lines(run, state.settings, members)} for run in view.runs]
    return (
        heading
        | _day(view, now)
        | {
            "strategies": strategies,
            "broker": _broker(state, view, now),
            "flat": flat(state),
            "session": session_document(view, now, after),
            "feed": _feed(view, now),
            "restarts": view.restarts,
        }
    )


def between_document(  # noqa: PLR0913 - each by name
    now: Instant,
    *,
    wiring: str | None,
    rehearsal: bool,
    synthetic: bool,
    halted: str | None,
    paused: str | None,
    session: Document,
    last_day: Document | None,
    account: str | None = None,
) -> Document:
    """The same while no day is open; `last_day` is the state in which this run left its last one.

    `wiring` is where the next day's orders go, None where that is not known; `synthetic`: its market is
    invented.
    """
    return {
        "program": __version__,
        "mode": wiring,
        "account": account,
        "rehearsal": rehearsal,
        "synthetic": synthetic,
        "clock": iso_ms(now),
        "date": None,
        "halted": halted,
        "paused": paused,
        "watermark": "REHEARSAL" if rehearsal else "SYNTHETIC" if synthetic else None,
        "session": session,
        "last_day": last_day,
    }


def flat(state: EngineState) -> bool | None:
    """Whether nothing of ours is held and nothing can still fill; None while that is not known."""
    held = any(run.position is not None and run.position.net for run in state.runs)
    if held or state.orders.living():
        return False
    books = state.books
    unknown = state.careful and (books.known_at is None or books.blind_since is not None)
    return None if unknown else True


def position_documents(view: View, now: Instant) -> list[Document]:
    """What the bot holds at `now`, a line for each strategy that holds something."""
    return [_position(run.strategy, run.position, now) for run in view.runs if run.position is not None]


def _day(view: View, now: Instant) -> Document:
    return {
        "date": view.date.isoformat(),
        "synthetic": view.synthetic,
        "seed": view.seed,
        "at": iso_ms(view.at),
        "open_at": stamp(view.open_at),
        "close_at": stamp(view.close_at),
        "ended": view.ended,
        "alarms": view.alarms,
        "entries_today": view.entries_today,
        "max_trades": view.max_trades,
        "net_today": rupees(view.net_today),
        "day_result": rupees(view.day_result),
        "loss_left": rupees(view.loss_left),
        "max_daily_loss": rupees(view.max_daily_loss),
        "positions": position_documents(view, now),
        "orders": [
            told | {"sent_at": stamp(order.sent_at)}
            for told, order in zip(order_documents(view.orders), view.orders, strict=True)
        ],
    }


def _feed(view: View, now: Instant) -> Document:
    """How old prices are: the newest of all, and of the contract that matters most."""
    return {
        "newest_at": _iso(view.newest_at),
        "age_s": _age_s(view.newest_at, now),
        "contract": view.contract or None,
        "contract_at": _iso(view.contract_at),
        "contract_age_s": _age_s(view.contract_at, now),
    }


def _broker(state: EngineState, view: View, now: Instant) -> Document:
    """How well the broker's books are known. At a simulated exchange in the process they are our own."""
    held = None
    if view.held is not None:
        held = [
            {
                "contract": row.name,
                "at_broker": row.at_broker,
                "ours": row.ours,
                "others": row.at_broker - row.ours,
            }
            for row in view.held
        ]
    return {
        "reconciled": state.careful,
        "known_at": _iso(state.books.known_at),
        "age_s": _age_s(state.books.known_at, now),
        "blind_since": _iso(state.books.blind_since),
        "differs": state.unreconciled or None,
        "positions": held,
    }


def _run(run: RunView, now: Instant) -> Document:
    current = None if run.current is None else run.candidates[run.current]
    return {
        "strategy": run.strategy,
        "phase": run.phase,
        "waiting": run.waiting or None,
        "done_reason": run.done_reason,
        "scan_at": stamp(run.scan_at),
        "entry_at": stamp(run.entry_at),
        "cutoff_at": stamp(run.cutoff_at),
        "exit_at": stamp(run.exit_at),
        "current": None if current is None else current.symbol,
        "picks": [run.candidates[place].symbol for place in run.picks],
        "candidates": _candidates.get(run.strategy, (run.candidates,), lambda: _candidate_documents(run)),
        "plan": _plans.get(run.strategy, (run.plan,), lambda: _plan_document(run)),
        "position": None if run.position is None else _position(run.strategy, run.position, now),
        "trade": None if run.trade is None else trade_document(run.trade),
        "times": {name: _iso(getattr(run.moments, name)) for name in Moments.__struct_fields__},
        "spot": None if run.spot is None else _spot(run.spot),
    }


def _candidate_documents(run: RunView) -> list[Document]:
    return [candidate_document(candidate) for candidate in run.candidates]


def _plan_document(run: RunView) -> Document | None:
    return None if run.plan is None else plan_document(run.plan)


def _spot(spot: Spot) -> Document:
    change = Fraction(spot.price, spot.previous_close) - 1 if spot.price and spot.previous_close else None
    return {
        "symbol": spot.symbol,
        "price": rupees(spot.price) if spot.price else None,
        "pre_open": rupees(spot.pre_open),
        "previous_close": rupees(spot.previous_close),
        "change": None if change is None else round(float(change), 6),
    }


def _position(strategy: str, held: PositionView, now: Instant) -> Document:
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
        "since": stamp(held.since),
        "quote_age_s": _age_s(held.quote_at, now),
        "to_target": _way(held.average, held.bid, held.target),
        "to_stop": _way(held.average, held.bid, held.stop),
        "target_away": rupees(held.target - held.bid) if held.bid else None,
        "stop_away": rupees(held.bid - held.stop) if held.bid else None,
    }


def _way(start: Paise, here: Paise, end: Paise) -> float | None:
    """How much of the way from `start` to `end` the price `here` has come, 0 to 1; None without one."""
    if not here or start == end:
        return None
    return round(min(max((here - start) / (end - start), 0.0), 1.0), 4)


def _iso(at: Instant | None) -> str | None:
    return None if at is None else stamp(at)


def _age_s(at: Instant | None, now: Instant) -> float | None:
    return None if at is None else round(max(now - at, 0) / SECOND, 3)
