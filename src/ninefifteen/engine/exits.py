"""Leaving a position: one sell order per position, kept as a stop and morphed into the exit.

One sell order id can never sell twice, so there is no race between stop, target and square-off
(`reference/reliability.md` section 4a.7). A new sell is only sent when the old one is final.
"""

from __future__ import annotations

import msgspec

from ninefifteen.domain.effects import Cancel, Modify, Submit
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.money import Paise, rupees
from ninefifteen.domain.order import OrderRequest, OrderState, Role

from . import cadence
from .entry import cancel_entry
from .exit_price import exit_price, fresh_bid, inside, refused, stop_limit
from .orders import Order, Shape
from .risk import Refusal, approve_change, approve_exit
from .state import EngineState, Leaving, Phase, Position, Run

BUDGET = 23
"""Modifications of one order that are ours; two of the broker's 25 are left to the human (I17)."""
FAST_STEPS = 8
"""Exit steps one second apart; then somebody is called and the steps slow down (4a.10)."""
_TARGET_PATIENCE = 2 * SECOND
_SLOW = 10 * SECOND
_SLOWER = 60 * SECOND
_SLOWEST = 300 * SECOND
_REPAIRS_AT_ONCE = 3
_REPAIRS_SOON = 12
_REPAIRS_FOR_LONG = 24
_SLOW_STEPS = 12
_SLOWER_STEPS = 50
_EVERY = 5
"""After so many steps in all only each fifth minute asks for anything: a day's writes have an end (I17)."""
_SAY_AGAIN = 60 * SECOND
_REFUSED_CHANGES = 3
"""So many changes refused in a row: then the order is cancelled and another one takes its place."""
_CANCEL_AGAIN = 2 * SECOND
_CHECK = 2 * SECOND
_IN_DOUBT = 5 * SECOND
SEEN_AFTER = 5 * SECOND
"""So soon a sell for all that is held has to be known to work at the broker (I7)."""
FILLS_LAG = 3 * SECOND
"""So long after a fill was told the positions may not show it yet."""
_UNDER_WAY = (OrderState.SENDING, OrderState.UNKNOWN, OrderState.MODIFYING, OrderState.CANCELLING)


def leave(state: EngineState, run: Run, position: Position, reason: str, price: Paise) -> None:
    """Start leaving at `price` (a limit): the sell order becomes a limit there, and is then followed."""
    if run.leaving is not None:
        return
    run.leaving = Leaving(reason, state.now, stop_limit(state, run, position))
    run.phase = Phase.EXITING
    state.note("exit", f"leaving {position.instrument.name}: {reason} at Rs {rupees(price)}", reason=reason)
    cancel_entry(state, run)
    work_exit(state, run, position, price)
    patience = _TARGET_PATIENCE if reason == "target" else SECOND
    state.timer(f"{run.strategy.name}:chase", state.now + patience)


def leave_now(state: EngineState, run: Run, position: Position, reason: str) -> None:
    """Start leaving at the best price known: under the bid where there is one."""
    leave(state, run, position, reason, exit_price(state, run, position, 0))


def chase(state: EngineState, run: Run) -> None:
    """The exit has not filled: follow the bid, one step further each second, later ever more slowly."""
    position, leaving, name = run.position, run.leaving, run.strategy.name
    if position is None or leaving is None or position.net <= 0 or f"{name}:repair" in state.timers:
        return
    order = state.orders.by_tag.get(run.exit_tag)
    _tell(state, position, leaving)
    if order is not None and order.state in _UNDER_WAY:
        asked_at = max(order.sent_at, order.last_change_at)
        if state.now - asked_at < _SLOW:
            state.timer(f"{name}:chase", state.now + 500 * MILLISECOND)
            state.watch_orders()
        else:  # in doubt for long: the looks at the book go on at their own pace
            state.timer(f"{name}:chase", state.now + _IN_DOUBT)
        return
    leaving.step += 1
    if leaving.step > _SLOWER_STEPS and leaving.step % _EVERY:
        state.timer(f"{name}:chase", state.now + _SLOWER)  # it is told each minute
        return
    if order is not None and order.state is OrderState.OPEN and order.shape == order.asked:
        leaving.in_a_row = 0  # what was asked last was taken
    work_exit(state, run, position, exit_price(state, run, position, leaving.step - 1))
    leaving.blind = 0 if fresh_bid(state, position) else leaving.blind + 1
    state.timer(f"{name}:chase", state.now + _step_pause(leaving.step))


def _tell(state: EngineState, position: Position, leaving: Leaving) -> None:
    """Somebody has to know of an exit that does not work: after the fast steps, then every minute (I18)."""
    late = leaving.step >= FAST_STEPS or state.now - leaving.began >= _SAY_AGAIN
    if late and (leaving.told_at is None or state.now - leaving.told_at >= _SAY_AGAIN):
        leaving.told_at = state.now
        state.alert("P1", f"{position.instrument.name} is still held after {leaving.step} exit steps")


def change_refused(state: EngineState, order: Order, change: str) -> None:
    """A change of a sell was refused: while leaving, three of them are tried without a pause (row 18)."""
    run = state.by_strategy[order.request.strategy]
    leaving, name = run.leaving, f"{run.strategy.name}:chase"
    if leaving is None or order.tag != run.exit_tag:
        return
    leaving.in_a_row += 1
    if change == "modify":
        refused(leaving, order, state.now)
    if leaving.in_a_row <= _REFUSED_CHANGES and state.timers.get(name, 0) > state.now + SECOND:
        state.timer(name, state.now + SECOND)


def press_on(state: EngineState, run: Run) -> None:
    """There is a new reason to be out: whatever has become slow takes its next step now, and soon again.

    What was refused long ago may be taken now: the price wanted is asked for once more.
    """
    leaving, name = run.leaving, run.strategy.name
    if leaving is None or run.position is None:
        return
    slow, due = leaving.step > FAST_STEPS, state.timers.get(f"{name}:repair")
    leaving.step = min(leaving.step, FAST_STEPS)
    leaving.refused_limit = 0
    run.position.exits = min(run.position.exits, _REPAIRS_AT_ONCE)
    if due is not None and run.checking is None:
        state.timer(f"{name}:repair", min(due, state.now + SECOND))
    elif slow:
        chase(state, run)


def _step_pause(step: int) -> Instant:
    if step <= FAST_STEPS:
        return SECOND
    return _SLOW if step <= FAST_STEPS + _SLOW_STEPS else _SLOWER


def keep_chasing(state: EngineState, run: Run, order: Order) -> None:
    """The sell is known to work again while leaving: follow it within a second.

    At once where it still rests as a stop.
    """
    leaving, name = run.leaving, f"{run.strategy.name}:chase"
    if leaving is None or leaving.step > FAST_STEPS:
        return  # somebody was called, and the steps have their slow pace
    if order.state is OrderState.TRIGGER_PENDING:
        chase(state, run)
    elif state.timers.get(name, 0) > state.now + _TARGET_PATIENCE:
        state.timer(name, state.now + SECOND)


def repair(state: EngineState, run: Run, position: Position, why: str) -> None:
    """The sell order is gone while units are held: leave at once, the next tries with pauses (I17)."""
    position.exits += 1
    state.alert("P1", f"{position.instrument.name} is unprotected ({why}); repairing")
    last = state.orders.by_tag.get(run.exit_tag)
    if last is not None and run.leaving is not None:
        _learn(state, position, run.leaving, last)
    if state.careful and last is not None and last.state is OrderState.CANCELLED:
        _check_first(state, run, position)
    else:
        _repair_now(state, run, position)


def _learn(state: EngineState, position: Position, leaving: Leaving, last: Order) -> None:
    """A rejected sell may be one for its price; one that we replace was perhaps stuck for another reason."""
    if last.state is OrderState.REJECTED:
        leaving.in_a_row += 1
        refused(leaving, last, state.now)
        return
    leaving.in_a_row = 0
    if fresh_bid(state, position):
        leaving.refused_limit = 0


def _check_first(state: EngineState, run: Run, position: Position) -> None:
    """Whoever cancelled our sell may have sold by hand as well: look before another one is sent (I2).

    The look gets two seconds; without an answer the sale leaves on what we know (I18). Within three
    seconds of a fill the positions may lag, so they are not waited for.
    """
    if state.now - state.books.filled_at[position.instrument.name] < FILLS_LAG:
        _repair_now(state, run, position)
        return
    run.checking = state.now
    cadence.ask(state)
    state.timer(f"{run.strategy.name}:repair", state.now + _CHECK)


def checked(state: EngineState, run: Run, position: Position) -> None:
    """The positions show what we believe: the repair that waited for them goes on."""
    run.checking = None
    state.timers.pop(f"{run.strategy.name}:repair", None)
    if position.net > 0:
        _repair_now(state, run, position)


def _repair_now(state: EngineState, run: Run, position: Position) -> None:
    if position.exits > 1:
        state.timer(f"{run.strategy.name}:repair", state.now + _repair_pause(position))
    elif run.leaving is not None:
        work_exit(state, run, position, exit_price(state, run, position, run.leaving.step))
    else:
        leave_now(state, run, position, "stop")


def _repair_pause(position: Position) -> Instant:
    """Half a second twice, 10 s, a minute, five minutes: the broker's patience has an end, too (I17)."""
    if position.exits <= _REPAIRS_AT_ONCE:
        return 500 * MILLISECOND
    if position.exits <= _REPAIRS_SOON:
        return _SLOW
    return _SLOWER if position.exits <= _REPAIRS_FOR_LONG else _SLOWEST


def repair_later(state: EngineState, run: Run) -> None:
    """Sell what is held: the pause is over, or it is known again what is held; and follow it again."""
    position, leaving = run.position, run.leaving
    run.checking = None
    if position is None or position.net <= 0:
        return
    if leaving is None:
        leave_now(state, run, position, "stop")
    else:
        work_exit(state, run, position, exit_price(state, run, position, leaving.step))
        state.timer(f"{run.strategy.name}:chase", state.now + SECOND)


def work_exit(state: EngineState, run: Run, position: Position, price: Paise) -> None:
    """See that one limit order sells exactly what is held, at this price."""
    order = state.orders.by_tag.get(run.exit_tag)
    if order is None or order.final:
        if not _looks_first(state, run):
            sell(state, run, position, Role.REPAIR, Shape("LIMIT", position.sellable, price))
    elif _stuck(run):
        _replace(state, order, f"changes of order {order.order_id} are refused: replacing it")
    else:
        morph(state, position, order, Shape("LIMIT", covering(position, order), price))


def _looks_first(state: EngineState, run: Run) -> bool:
    """Just back, the disk may have forgotten a sell that works: a new one waits two seconds for the books."""
    books, until = state.books, state.back_at + _CHECK
    if not state.careful or state.now >= until:
        return False
    if min(books.orders.asked_at, books.positions.asked_at) >= state.back_at:
        return False
    run.checking = state.back_at
    state.timer(f"{run.strategy.name}:repair", until)
    return True


def _stuck(run: Run) -> bool:
    """Three changes refused in a row; a refused cancel is followed by a change, and that by a cancel."""
    count = run.leaving.in_a_row if run.leaving is not None else 0
    return count >= _REFUSED_CHANGES and count % 2 == 1


def _replace(state: EngineState, order: Order, why: str) -> None:
    """Cancel a sell; only when that is final does another one take its place (`repair`)."""
    if order.state is OrderState.CANCELLING or not order.order_id or not order.remaining:
        return  # what becomes of it is read first
    if order.cancelled_at and state.now - order.cancelled_at < _CANCEL_AGAIN:
        return  # a book that shows it as it was may be a late one (I17)
    state.watch_orders()
    state.alert("P1", f"{order.request.instrument.name}: {why}")
    order.state, order.cancelled_at = OrderState.CANCELLING, state.now
    state.emit(Cancel(order.tag, order.order_id))


def covering(position: Position, order: Order) -> int:
    """Units a living sell must be for in all, so that it sells what is held; never enlarged in doubt.

    Only whole lots can be sold.
    """
    lot = position.instrument.lot_size
    wished = order.filled + position.net - position.net % lot
    return min(wished, order.shape.quantity) if position.doubt else wished


def cover_more(state: EngineState, run: Run, position: Position) -> None:
    """More was bought while leaving: the exit sells that, too, at the price it has."""
    order = state.orders.by_tag.get(run.exit_tag)
    working = order is not None and not order.final and order.asked.type == "LIMIT"
    price = order.asked.limit if order is not None and working else exit_price(state, run, position, 0)
    work_exit(state, run, position, price)


def sell(state: EngineState, run: Run, position: Position, role: Role, shape: Shape) -> None:
    """Send a new sell order; the risk gate sees to it that nothing is sold twice.

    Without a unit that is held for certain nothing is sent: the books are being read in that case.
    """
    if shape.quantity <= 0:
        state.note("exit", "nothing is held for certain that could be sold now", strategy=run.strategy.name)
        return
    shape = _inside(state, position, shape)
    request = OrderRequest(
        tag=state.orders.new_tag(state.day.date.toordinal(), role),
        role=role,
        strategy=run.strategy.name,
        instrument=position.instrument,
        side="SELL",
        quantity=shape.quantity,
        type=shape.type,
        limit=shape.limit,
        trigger=shape.trigger,
    )
    approved = approve_exit(state, run, request)
    if isinstance(approved, Refusal):
        state.alert("P1", f"exit not sent: {approved.text}")
        return
    state.orders.add(approved)
    run.exit_tag = request.tag
    state.watch_orders()
    if f"{run.strategy.name}:unprotected" not in state.timers:
        state.timer(f"{run.strategy.name}:unprotected", state.now + SEEN_AFTER)
    state.emit(Submit(approved))


def morph(state: EngineState, position: Position, order: Order, shape: Shape) -> None:
    """Give a living sell order another shape; without an id yet, or with that shape already, nothing."""
    if not order.order_id or order.shape == shape or shape.quantity <= order.filled:
        return
    if order.state is OrderState.CANCELLING or not order.remaining:
        return  # what becomes of it is read first
    shape = _inside(state, position, shape)
    soon = order.change_before_at + SECOND
    if order.modifications > 1 and state.now < soon:  # a third change within a second has to wait (I17)
        leaving = state.by_strategy[order.request.strategy].leaving is not None
        state.timer(f"{order.request.strategy}:{'chase' if leaving else 'guard'}", soon)
        return
    refusal = approve_change(state, position, order, shape.quantity)
    if refusal is not None:
        state.alert("P1", f"change not sent: {refusal.text}")
        return
    if order.modifications >= BUDGET:
        _replace(state, order, f"order {order.order_id} has used its {BUDGET} modifications: replacing it")
        return
    state.watch_orders()
    order.modify(shape, state.now)
    state.emit(Modify(order.tag, order.order_id, shape.type, shape.quantity, shape.limit, shape.trigger))


def _inside(state: EngineState, position: Position, shape: Shape) -> Shape:
    """The shape with a limit that the exchange takes, as far as is known; a stop has its own rule."""
    if shape.type != "LIMIT":
        return shape
    return msgspec.structs.replace(shape, limit=inside(state, position, shape.limit))
