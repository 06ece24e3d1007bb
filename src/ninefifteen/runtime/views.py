"""Immutable snapshots for whoever watches: the terminal now, dashboard and phone later.

A view is read from the engine's state and changes nothing. Prices and money are paise, instants
nanoseconds; formatting is the watcher's business.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import msgspec

from ninefifteen.domain.candidate import Candidate, Plan
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise
from ninefifteen.domain.record import Trade
from ninefifteen.engine.exposure import day_result, open_result
from ninefifteen.engine.state import EngineState, Phase, Run


class PositionView(msgspec.Struct, frozen=True, kw_only=True):
    """What is held now. `result` is after charges if sold at the bid (paise), None without a bid.

    `known_at` is when the broker's orders and positions last confirmed it, None where they are not read;
    `blind_since` since when they cannot be read (None: they can): what is shown is then the last known.
    """

    name: str
    quantity: int
    average: Paise
    bid: Paise
    ask: Paise
    target: Paise
    stop: Paise
    result: Paise | None
    stop_resting: bool
    leaving: str | None
    since: Instant
    known_at: Instant | None = None
    blind_since: Instant | None = None
    by_hand: int = 0


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """One order of ours today."""

    order_id: str
    side: str
    role: str
    type: str
    name: str
    quantity: int
    filled: int
    limit: Paise
    trigger: Paise
    average: Paise
    state: str
    message: str


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """One strategy's day. `waiting` says why a prepared entry has not left yet."""

    strategy: str
    phase: str
    candidates: tuple[Candidate, ...]
    picks: tuple[int, ...]
    current: int | None
    plan: Plan | None
    position: PositionView | None
    trade: Trade | None
    waiting: str
    done_reason: str | None
    scan_at: Instant
    entry_at: Instant
    cutoff_at: Instant
    exit_at: Instant


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a screen shows of one moment.

    `known_at` and `blind_since` as in `PositionView`, of the whole account; `unreconciled` says why nothing
    enters until the broker's books agree with ours (empty: they do); `proving` is true while it is not yet
    proved that nothing is held.
    `net_today` is the realised result after charges, `day_result` the same with what is held marked at
    the bid, `loss_left` what the daily limit still allows a new position (all paise).
    """

    at: Instant
    date: date
    synthetic: bool
    seed: int | None
    open_at: Instant
    close_at: Instant
    runs: tuple[RunView, ...]
    orders: tuple[OrderView, ...]
    entries_today: int
    max_trades: int
    net_today: Paise
    day_result: Paise
    loss_left: Paise
    max_daily_loss: Paise
    halted: str | None
    paused: str | None
    ended: bool
    alarms: int
    known_at: Instant | None = None
    blind_since: Instant | None = None
    unreconciled: str = ""
    proving: bool = False


def view_of(state: EngineState) -> View | None:
    """The snapshot of this moment; None before a day has been opened."""
    facts = state.facts
    if facts is None:
        return None
    return View(
        at=state.now,
        date=facts.date,
        synthetic=facts.synthetic,
        seed=facts.seed,
        open_at=facts.open_at,
        close_at=facts.close_at,
        runs=tuple(_run_view(state, run) for run in state.runs),
        orders=_orders(state),
        entries_today=state.entries_today,
        max_trades=state.settings.risk.max_trades,
        net_today=_paise(state.net_today),
        day_result=_paise(day_result(state)),
        loss_left=_paise(state.loss_left),
        max_daily_loss=_paise(state.max_daily_loss),
        halted=state.halted,
        paused=state.paused,
        ended=state.ended,
        alarms=state.alarms,
        known_at=state.books.known_at,
        blind_since=state.books.blind_since,
        unreconciled=state.unreconciled,
        proving=bool(state.proofs),
    )


def _run_view(state: EngineState, run: Run) -> RunView:
    hours = run.hours
    return RunView(
        strategy=run.strategy.name,
        phase=str(run.phase),
        candidates=run.selection.candidates,
        picks=run.selection.picks,
        current=run.selection.picks[run.index] if run.index < len(run.selection.picks) else None,
        plan=run.position.plan if run.position is not None and run.position.plan else run.plan,
        position=_position(state, run),
        trade=run.trade,
        waiting=run.wait_reason if run.phase is Phase.WATCHING else "",
        done_reason=run.done_reason or run.no_data,
        scan_at=hours.scan_at,
        entry_at=hours.entry_at,
        cutoff_at=hours.cutoff_at,
        exit_at=hours.exit_at,
    )


def _position(state: EngineState, run: Run) -> PositionView | None:
    position = run.position
    if position is None or position.net <= 0:
        return None
    quote = state.quotes.get(position.instrument.name)
    bid = quote.bid if quote is not None else 0
    order = state.orders.by_tag.get(run.exit_tag)
    return PositionView(
        name=position.instrument.name,
        quantity=position.net,
        average=position.average,
        bid=bid,
        ask=quote.ask if quote is not None else 0,
        target=position.target,
        stop=position.stop,
        result=_paise(open_result(state, position, bid)) if bid else None,
        stop_resting=order is not None and str(order.state) == "trigger_pending",
        leaving=run.leaving.reason if run.leaving is not None else None,
        since=position.entry_at,
        known_at=state.books.known_at,
        blind_since=state.books.blind_since,
        by_hand=position.by_hand,
    )


def _orders(state: EngineState) -> tuple[OrderView, ...]:
    return tuple(
        OrderView(
            order_id=order.order_id,
            side=order.request.side,
            role=str(order.request.role),
            type=order.type,
            name=order.request.instrument.name,
            quantity=order.quantity,
            filled=order.filled,
            limit=order.limit,
            trigger=order.trigger,
            average=order.average,
            state=str(order.state),
            message=order.message,
        )
        for order in state.orders.every()
    )


def _paise(amount: Fraction) -> Paise:
    return round(amount)
