"""The risk gate: the only place an order becomes an `ApprovedOrder`.

An entry must pass every limit; an exit is never blocked by any of them (I18), only by the one rule
that nothing may be sold that is not held (I2).
"""

from __future__ import annotations

from ninefifteen.domain.money import rupees
from ninefifteen.domain.order import ApprovedOrder, OrderRequest, Role

from . import strays
from .exposure import held_cost, loss_left
from .orders import Order
from .state import EngineState, Position, Run


class Refusal:
    """Why an order may not be sent: a short code and a sentence with the figures."""

    __slots__ = ("code", "text")

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text


def approve_entry(state: EngineState, run: Run, request: OrderRequest) -> ApprovedOrder | Refusal:
    """Approve a buy if every limit allows it now; `run` is the strategy that wishes for it."""
    refusal = (
        _stopped(state)
        or _window(state, run)
        or _day_limits(state, run)
        or _money(state, request)
        or _shape(request)
        or _contract(state, request)
    )
    return refusal if refusal is not None else ApprovedOrder(request, state.now)


def approve_exit(state: EngineState, run: Run, request: OrderRequest) -> ApprovedOrder | Refusal:
    """Approve a sell of what this strategy holds and no other order of its own is selling.

    A sell under our prefix that is not in our book may be selling or have sold the same units: it counts.
    """
    held = run.position.net if run.position is not None else 0
    selling = strays.sold(state, request.instrument.name) + sum(
        order.remaining
        for order in state.orders.living()
        if order.request.side == "SELL" and order.request.strategy == request.strategy
    )
    if request.side != "SELL" or request.role is Role.ENTRY or request.quantity > held - selling:
        return Refusal(
            "never_short", f"{request.quantity} to sell, {held} held, {selling} already being sold"
        )
    return ApprovedOrder(request, state.now)


def adopted(state: EngineState, request: OrderRequest) -> ApprovedOrder:
    """A sell of ours that lives at the broker already and was forgotten: nothing is sent by approving it."""
    return ApprovedOrder(request, state.now)


def approve_change(state: EngineState, position: Position, order: Order, quantity: int) -> Refusal | None:
    """Why a living sell may not become one of `quantity` units in all; None when it may.

    It may always shrink. It may grow to what is held and no other sell offers (I2).
    """
    others = strays.sold(state, position.instrument.name) + sum(
        other.remaining
        for other in state.orders.living()
        if other is not order
        and other.request.side == "SELL"
        and other.request.strategy == order.request.strategy
    )
    if quantity <= order.quantity or quantity - order.filled <= position.net - others:
        return None
    return Refusal(
        "never_short", f"{quantity - order.filled} to sell, {position.net} held, {others} elsewhere"
    )


def money_allows(state: EngineState, cost: int) -> Refusal | None:
    """Position value and free cash. `cost` is paise of premium in full; what is held comes on top (I3)."""
    limit = state.settings.risk.max_position_value * 100
    value = cost + held_cost(state)
    if value > limit:
        return Refusal(
            "max_position_value", f"Rs {rupees(value)} is above max_position_value Rs {limit / 100}"
        )
    if cost > state.free_cash:
        return Refusal(
            "free_cash", f"Rs {rupees(cost)} is above the free cash of Rs {rupees(int(state.free_cash))}"
        )
    return None


def entries_allowed(state: EngineState, run: Run) -> Refusal | None:
    """Whether this strategy may enter today by halts, counts and losses so far."""
    risk = state.settings.risk
    if state.entries_today >= risk.max_trades:
        return Refusal("max_trades", f"{state.entries_today} entries today, max_trades is {risk.max_trades}")
    if state.streak >= risk.max_consecutive_losses and state.streak > state.streak_excused:
        return Refusal(
            "losing_streak", f"{state.streak} losing trades in a row: no entry until somebody resumes"
        )
    if loss_left(state, run) <= 0:
        return Refusal("max_daily_loss", f"the day's loss limit of Rs {risk.max_daily_loss} is used up")
    return None


def _stopped(state: EngineState) -> Refusal | None:
    if state.halted is not None:
        return Refusal("halted", f"halted: {state.halted}")
    if state.paused is not None:
        return Refusal("paused", f"paused: {state.paused}")
    if state.unreconciled:
        return Refusal("not_reconciled", f"the broker's books are not reconciled: {state.unreconciled}")
    return None


def _window(state: EngineState, run: Run) -> Refusal | None:
    hours = run.hours
    until = (
        max(hours.cutoff_at, hours.recorded_cutoff_at)
        if state.day.price_source == "last"
        else hours.cutoff_at
    )
    if not hours.entry_at <= state.now <= until:
        return Refusal("window", "outside the entry window")
    return None


def _day_limits(state: EngineState, run: Run) -> Refusal | None:
    if run.entry_tag:
        return Refusal("one_entry", "this strategy has sent its one entry of the day")
    return entries_allowed(state, run)


def _money(state: EngineState, request: OrderRequest) -> Refusal | None:
    if state.day.price_source != "quotes":
        return None  # a recorded price is no limit of ours: F2 decides on the estimate, once
    return money_allows(state, request.quantity * request.limit + state.orders.exposure())


def _shape(request: OrderRequest) -> Refusal | None:
    instrument = request.instrument
    if request.side != "BUY" or request.role is not Role.ENTRY or request.type != "LIMIT":
        return Refusal("shape", "an entry is a LIMIT buy")
    if request.quantity <= 0 or request.quantity % instrument.lot_size:
        return Refusal("lot", f"{request.quantity} is not a multiple of the lot of {instrument.lot_size}")
    if instrument.freeze_quantity and request.quantity > instrument.freeze_quantity:
        return Refusal(
            "freeze", f"{request.quantity} is above the freeze quantity {instrument.freeze_quantity}"
        )
    return Refusal("limit", "the limit is not a price") if request.limit <= 0 else None


def _contract(state: EngineState, request: OrderRequest) -> Refusal | None:
    instrument, price = request.instrument, f"Rs {rupees(request.limit)}"
    if instrument.expiry is not None and instrument.expiry < state.day.date:
        return Refusal("expired", f"{instrument.name} has expired on {instrument.expiry}")
    if instrument.symbol in (state.day.banned or ()):
        return Refusal("banned", f"{instrument.symbol} is on the day's ban list")
    if request.limit % instrument.tick and not state.observed:  # a recorded price may be off the grid
        return Refusal("tick", f"{price} is not a multiple of the tick {rupees(instrument.tick)}")
    high = instrument.band_high
    if high and not instrument.band_low <= request.limit <= high:
        return Refusal("band", f"{price} is outside the day's band")
    return None
