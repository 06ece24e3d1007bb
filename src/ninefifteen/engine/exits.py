"""Leaving a position: one sell order per position, kept as a stop and morphed into the exit.

One sell order id can never sell twice, so there is no race between stop, target and square-off
(`reference/reliability.md` section 4a.7). A new sell is only sent when the old one is final.
"""

from __future__ import annotations

from fractions import Fraction

from ninefifteen.domain.effects import Modify, Submit
from ninefifteen.domain.instants import MILLISECOND, SECOND
from ninefifteen.domain.levels import level, protected_range, stop_order_limit
from ninefifteen.domain.money import Paise, down_to_tick, rupees, up_to_tick
from ninefifteen.domain.order import OrderRequest, OrderState, OrderType, Role

from .orders import Order
from .planning import make_plan
from .risk import Refusal, approve_exit
from .state import EngineState, Leaving, Phase, Position, Run

_LADDER = (Fraction(99, 100), Fraction(97, 100), Fraction(94, 100), Fraction(90, 100))
"""How far under the bid an exit goes, step by step (`reference/reliability.md` 4a.10)."""
_FAST_STEPS = 8
_TARGET_PATIENCE = 2 * SECOND
_BUDGET = 23
"""Modifications of one order that are ours; two of the broker's 25 are left to the human (I17)."""


def protect(state: EngineState, run: Run) -> None:
    """Set the levels from the average fill and keep a stop-limit of exactly the held quantity."""
    position = run.position
    if position is None or position.net <= 0 or run.leaving is not None:
        return
    _set_levels(state, run, position)
    order = state.orders.by_tag.get(run.exit_tag)
    tick = position.instrument.tick
    limit = stop_order_limit(position.stop, tick, position.average)
    if order is None:
        _sell(state, run, Role.PROTECT, "SL", limit, position.stop)
        state.timer(f"{run.strategy.name}:unprotected", state.now + 5 * SECOND)
    elif order.order_id and not order.final:
        _morph(state, order, "SL", position.net + order.filled, limit, position.stop)


def _set_levels(state: EngineState, run: Run, position: Position) -> None:
    exits, tick, average = run.strategy.exits, position.instrument.tick, position.average
    position.target = level(average, exits.target_pct, tick)
    position.stop = level(average, -exits.stop_pct, tick)
    candidate = run.candidate
    plan = make_plan(state, run, candidate, average) if candidate is not None else None
    if plan is not None:
        position.stop = max(position.stop, plan.stop)
        position.plan = plan
    elif run.plan is not None:
        # Filled worse than any stop can make fit: keep the stop that was planned, and say so.
        position.stop = max(position.stop, run.plan.stop)
        state.alert("P2", "the fill leaves no stop that fits in the daily limit; the planned stop is kept")


def move_stop(state: EngineState, run: Run, stop: Paise) -> None:
    """Raise the stop (trailing, breakeven); it is never lowered."""
    position, order = run.position, state.orders.by_tag.get(run.exit_tag)
    if position is None or stop <= position.stop or run.leaving is not None:
        return
    position.stop = stop
    if (
        order is not None
        and order.state is OrderState.TRIGGER_PENDING
        and order.modifications < _BUDGET - _FAST_STEPS
    ):
        limit = stop_order_limit(stop, position.instrument.tick, position.best_bid or position.average)
        _morph(state, order, "SL", order.quantity, limit, stop)


def leave(state: EngineState, run: Run, reason: str, price: Paise) -> None:
    """Start leaving at `price` (a limit): the sell order becomes a limit there, and is then followed."""
    position = run.position
    if position is None or position.net <= 0 or run.leaving is not None:
        return
    run.leaving = Leaving(reason, state.now)
    run.phase = Phase.EXITING
    state.note("exit", f"leaving {position.instrument.name}: {reason} at Rs {rupees(price)}", reason=reason)
    _price_exit(state, run, price)
    patience = _TARGET_PATIENCE if reason == "target" else SECOND
    state.timer(f"{run.strategy.name}:chase", state.now + patience)


def leave_now(state: EngineState, run: Run, reason: str) -> None:
    """Start leaving at the best price known: under the bid where there is one."""
    leave(state, run, reason, _chase_price(state, run, 0))


def chase(state: EngineState, run: Run) -> None:
    """The exit has not filled: follow the bid, one step further each second, then every 10 s."""
    position, leaving = run.position, run.leaving
    if position is None or leaving is None or position.net <= 0:
        return
    order = state.orders.by_tag.get(run.exit_tag)
    if order is not None and order.state in (OrderState.SENDING, OrderState.UNKNOWN, OrderState.MODIFYING):
        state.timer(f"{run.strategy.name}:chase", state.now + 500 * MILLISECOND)
        state.timer("book:look", state.now + 300 * MILLISECOND)
        return
    leaving.step += 1
    slow = leaving.step > _FAST_STEPS
    if leaving.step == _FAST_STEPS + 1:
        state.alert("P1", f"{position.instrument.name} is still held after {_FAST_STEPS} exit steps")
    _price_exit(state, run, _chase_price(state, run, leaving.step - 1))
    state.timer(f"{run.strategy.name}:chase", state.now + (10 if slow else 1) * SECOND)


def repair(state: EngineState, run: Run, why: str) -> None:
    """The sell order is gone while units are held: protect them again at once, or go on leaving."""
    position = run.position
    if position is None or position.net <= 0:
        return
    position.exits += 1
    run.exit_tag = ""
    state.alert("P1", f"{position.instrument.name} is unprotected ({why}); repairing")
    if position.exits > 3:
        state.timer(f"{run.strategy.name}:repair", state.now + 10 * SECOND)
    elif run.leaving is not None:
        _price_exit(state, run, _chase_price(state, run, min(run.leaving.step, 3)))
    else:
        leave_now(state, run, "stop")


def repair_later(state: EngineState, run: Run) -> None:
    """Try the sale again after a pause; refusals in a row never become a loop (I17)."""
    position = run.position
    if position is not None and position.net > 0 and not run.exit_tag:
        step = min(run.leaving.step, 3) if run.leaving is not None else 0
        if run.leaving is None:
            run.leaving = Leaving("stop", state.now)
        _price_exit(state, run, _chase_price(state, run, step))


def _price_exit(state: EngineState, run: Run, price: Paise) -> None:
    position = run.position
    if position is None:
        return
    order = state.orders.by_tag.get(run.exit_tag)
    if order is None or (order.final and position.net > 0):
        _sell(state, run, Role.REPAIR, "LIMIT", price, 0)
    elif order.order_id and not order.final and (order.type != "LIMIT" or order.limit != price):
        _morph(state, order, "LIMIT", order.quantity, price, 0)


def _sell(
    state: EngineState, run: Run, role: Role, order_type: OrderType, limit: Paise, trigger: Paise
) -> None:
    position = run.position
    if position is None:
        return
    request = OrderRequest(
        tag=state.orders.new_tag(state.day.date.toordinal(), role),
        role=role,
        strategy=run.strategy.name,
        instrument=position.instrument,
        side="SELL",
        quantity=position.net,
        type=order_type,
        limit=limit,
        trigger=trigger,
    )
    approved = approve_exit(state, run, request)
    if isinstance(approved, Refusal):
        state.alert("P1", f"exit not sent: {approved.text}")
        return
    state.orders.add(approved)
    run.exit_tag = request.tag
    state.emit(Submit(approved))


def _morph(
    state: EngineState, order: Order, order_type: OrderType, quantity: int, limit: Paise, trigger: Paise
) -> None:
    if order.modifications >= _BUDGET:
        state.alert(
            "P1", f"order {order.order_id} has used its {_BUDGET} modifications: act in the broker's app"
        )
        return
    order.modifications += 1
    order.state = OrderState.MODIFYING
    order.type, order.last_change_at = order_type, state.now
    state.emit(Modify(order.tag, order.order_id, order_type, quantity, limit, trigger))


def _chase_price(state: EngineState, run: Run, step: int) -> Paise:
    """A limit under the bid, inside price protection and the day's band; never below one tick."""
    position = run.position
    if position is None:
        return 0
    instrument = position.instrument
    quote = state.quotes.get(instrument.name)
    base = _reference(quote.bid, quote.last, position) if quote is not None else _reference(0, 0, position)
    share = _LADDER[min(step, len(_LADDER) - 1)]
    price = down_to_tick(int(base * share), instrument.tick)
    lowest = max(protected_range(base)[0], instrument.band_low, instrument.tick)
    return max(price, up_to_tick(lowest, instrument.tick))


def _reference(bid: Paise, last: Paise, position: Position) -> Paise:
    return bid or last or position.stop or position.average
