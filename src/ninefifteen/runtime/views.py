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

    `quote_at` is the exchange's stamp of the book that is shown, None without one.
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
    quote_at: Instant | None = None


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
    sent_at: Instant = 0


class Moments(msgspec.Struct, frozen=True, kw_only=True):
    """When the steps of one trade came about; None while they have not.

    `first_quote` is the first book of the session of the contract being tried. `exit_sent` is when the
    leaving began, or, where the resting stop sold by itself, when that stop had been sent.
    """

    decided: Instant | None = None
    first_quote: Instant | None = None
    sent: Instant | None = None
    filled: Instant | None = None
    exit_sent: Instant | None = None
    exit_filled: Instant | None = None


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """The share behind the contract: its last price in the session (0: none yet) and the ones before."""

    symbol: str
    price: Paise
    pre_open: Paise
    previous_close: Paise


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
    moments: Moments = Moments()
    spot: Spot | None = None


class HeldView(msgspec.Struct, frozen=True):
    """Units of one contract as the broker's positions showed them last, and as we believe to hold them."""

    name: str
    at_broker: int
    ours: int


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a screen shows of one moment.

    `known_at` and `blind_since` as in `PositionView`, of the whole account; `unreconciled` says why nothing
    enters until the broker's books agree with ours (empty: they do); `proving` is true while it is not yet
    proved that nothing is held.
    `net_today` is the realised result after charges, `day_result` the same with what is held marked at
    the bid, `loss_left` what the daily limit still allows a new position (all paise).
    `square_off_at` is when the first strategy leaves what it holds. `newest_at` is the exchange's stamp of
    the newest price of the session, `contract` the one held or tried. `held` is None where the broker's
    positions are not read or were not yet. `restarts` counts how often the day was taken up again.
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
    square_off_at: Instant = 0
    newest_at: Instant | None = None
    contract: str = ""
    contract_at: Instant | None = None
    held: tuple[HeldView, ...] | None = None
    restarts: int = 0


def view_of(state: EngineState) -> View | None:
    """The snapshot of this moment; None before a day has been opened."""
    facts = state.facts
    if facts is None:
        return None
    contract = _contract(state)
    known = state.quotes.get(contract)
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
        square_off_at=min((run.hours.exit_at for run in state.runs), default=facts.exit_at),
        newest_at=_newest_at(state),
        contract=contract,
        contract_at=None if known is None else known.exchange_at,
        held=_held(state),
        restarts=state.orders.epoch,
    )


def _contract(state: EngineState) -> str:
    """The contract that prices matter most of: what is held, else what is being tried; "" for none."""
    for run in state.runs:
        if run.position is not None and run.position.net > 0:
            return run.position.instrument.name
    for run in state.runs:
        candidate = run.candidate
        if run.phase is not Phase.DONE and candidate is not None and candidate.instrument is not None:
            return candidate.instrument.name
    return ""


def _newest_at(state: EngineState) -> Instant | None:
    """Of contracts and shares; None before the first price of the session."""
    return max(state.stocks_at, *(quote.exchange_at for quote in state.quotes.values()), 0) or None


def _held(state: EngineState) -> tuple[HeldView, ...] | None:
    books = state.books
    if books.positions.read_at is None:
        return None
    positions = [run.position for run in state.runs if run.position is not None]
    ours: dict[str, int] = {}
    for position in positions:
        name = position.instrument.name
        ours[name] = ours.get(name, 0) + position.net
    rows = (HeldView(name, books.held(name).net, ours.get(name, 0)) for name in {**ours, **books.holdings})
    return tuple(row for row in rows if row.at_broker or row.ours)


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
        moments=_moments(state, run),
        spot=_spot(state, run),
    )


def _moments(state: EngineState, run: Run) -> Moments:
    position, candidate = run.position, run.candidate
    instrument = position.instrument if position is not None else None
    if instrument is None and candidate is not None:
        instrument = candidate.instrument
    entry, sale = (state.orders.by_tag.get(tag) for tag in (run.entry_tag, run.exit_tag))
    exit_at = run.trade.exit_at if run.trade is not None else None
    exit_sent = run.leaving.began if run.leaving is not None else None
    if exit_at is not None and exit_sent is None and sale is not None:
        exit_sent = sale.sent_at
    return Moments(
        decided=run.decided_at,
        first_quote=None if instrument is None else state.first_quotes.get(instrument.name),
        sent=None if entry is None else entry.sent_at,
        filled=None if position is None else position.entry_at,
        exit_sent=exit_sent,
        exit_filled=exit_at,
    )


def _spot(state: EngineState, run: Run) -> Spot | None:
    candidate = run.candidate
    if candidate is None:
        return None
    index = state.stock_index.get(candidate.symbol)
    return Spot(
        symbol=candidate.symbol,
        price=0 if index is None else state.stock_prices[index],
        pre_open=candidate.price,
        previous_close=candidate.prev_close,
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
        quote_at=None if quote is None else quote.exchange_at,
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
            sent_at=order.sent_at,
        )
        for order in state.orders.every()
    )


def _paise(amount: Fraction) -> Paise:
    return round(amount)
