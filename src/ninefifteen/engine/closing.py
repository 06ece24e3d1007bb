"""The end of a trade and the end of a day: what is written down."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from ninefifteen.domain.charges import UNITS_PER_PAISA, charges
from ninefifteen.domain.effects import Cancel, EndDay
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.money import rupees
from ninefifteen.domain.order import OrderState
from ninefifteen.domain.record import DayRecord, Trade

from . import proof, strays
from .orders import Order
from .state import EngineState, Phase, Position, Run
from .subscriptions import release

_CANCEL_AGAIN = SECOND
_CANCELS_SOON = 12
_CANCEL_SLOW = 60 * SECOND


def wind_up(state: EngineState, run: Run, position: Position, order: Order) -> None:
    """Nothing is held: the trade is over once nothing of ours can trade any more."""
    living = [o for o in state.orders.living() if o.request.strategy == run.strategy.name]
    for other in living:
        if other.request.side == "SELL" and other.order_id:
            _withdraw(state, other)
    if not living:
        close_trade(state, run, position, order)


def _withdraw(state: EngineState, order: Order) -> None:
    """Cancel a sell nobody needs any more; what is filled in full needs only its last word."""
    state.watch_orders()
    if not order.remaining:
        return
    order.state = OrderState.CANCELLING
    if state.now - order.cancelled_at >= (_CANCEL_AGAIN if order.cancels < _CANCELS_SOON else _CANCEL_SLOW):
        order.cancels, order.cancelled_at = order.cancels + 1, state.now
        state.emit(Cancel(order.tag, order.order_id))


def close_trade(state: EngineState, run: Run, position: Position, last_sell: Order) -> None:
    """The position is flat by our own orders: work out the trade and say what it earned."""
    trade = run.trade = _trade_of(state, run, position)
    run.phase = Phase.DONE
    run.done_reason = None
    net = _net(trade)
    state.net_today += net
    state.streak = 0 if net > 0 else state.streak + 1
    spent = rupees(trade.charges.total_paise)
    state.note(
        "trade",
        f"flat: {trade.exit_reason}, net Rs {rupees(round(net))} after charges of Rs {spent}",
        reason=trade.exit_reason,
        net=rupees(round(net)),
        tag=last_sell.tag,
    )
    _tell_excess(state)
    release(state, run)
    proof.begin(state, run.strategy.name, run.leaving.began if run.leaving is not None else state.now)


def correct_trade(state: EngineState, run: Run, position: Position, before: Trade) -> None:
    """The broker told the price of a fill only now: the trade that was booked without it is put right."""
    after = _trade_of(state, run, position)
    run.trade = msgspec.structs.replace(after, exit_at=before.exit_at)
    old, new = _net(before), _net(after)
    state.net_today += new - old
    if (old > 0) != (new > 0):
        state.streak = 0 if new > 0 else state.streak + 1
    state.note(
        "corrected",
        f"a price was told late: the trade's net is Rs {rupees(round(new))}, not Rs {rupees(round(old))}",
        net=rupees(round(new)),
        before=rupees(round(old)),
    )


def _net(trade: Trade) -> Fraction:
    return trade.gross - Fraction(trade.charges.total, UNITS_PER_PAISA)


def _trade_of(state: EngineState, run: Run, position: Position) -> Trade:
    executed = sum(1 for o in state.orders.every() if o.filled and o.request.strategy == run.strategy.name)
    executed += 1 if position.by_hand else 0  # at least one order of somebody's
    reason = run.leaving.reason if run.leaving is not None else "stop"
    return Trade(
        strategy=run.strategy.name,
        instrument=position.instrument,
        quantity=position.bought,
        entry_at=position.entry_at,
        entry=position.average,
        exit_at=None if run.exit_time_unknown else (position.exit_at or state.now),
        exit=position.sell_value // position.sold,
        exit_reason="manual" if position.hand_ended else reason,
        charges=charges(state.day.rates, position.buy_value, position.sell_value, executed),
        buy_value=position.buy_value,
        sell_value=position.sell_value,
        target=position.target,
        stop=position.stop,
        entry_delay=position.entry_at - run.hours.entry_at,
        longest_gap=position.longest_gap,
        ambiguous=run.ambiguous,
        note="; ".join(run.notes),
    )


def _expire_parked(state: EngineState) -> None:
    """A day order that clean reads never found has lapsed (4b); reads that fail prove nothing."""
    if state.books.orders.failing_since is not None:
        return
    for order in state.orders.living():
        if order.state is OrderState.PARKED and not order.filled:
            order.state = OrderState.EXPIRED
            state.note(
                "order", f"order {order.tag} was never found and has lapsed with the session", tag=order.tag
            )


def _tell_excess(state: EngineState) -> None:
    """A planned loss is a plan: say by how much the market took more than the day's limit."""
    excess = -state.net_today - state.max_daily_loss
    if excess > 0:
        state.note(
            "excess",
            f"the day has lost Rs {rupees(round(-state.net_today))}, Rs {rupees(round(excess))} more than"
            " max_daily_loss: the price moved past the stop before it sold",
            excess=rupees(round(excess)),
        )


def end_day(state: EngineState) -> None:
    """Write the day's record, once."""
    if state.ended:
        return
    state.ended = True
    _expire_parked(state)
    at_rest = _flat(state)
    flat = at_rest and not state.proofs
    if at_rest and not flat:
        state.alert("P1", "the day ends without proof that nothing is held: look in the broker's app")
    elif not flat:
        state.alert("P1", "the day ends with a position or a living order: act in the broker's app")
    status, reason = _outcome(state)
    first = state.runs[0] if state.runs else None
    traded = next((run for run in state.runs if run.trade is not None), first)
    position = traded.position if traded is not None else None
    state.emit(
        EndDay(
            DayRecord(
                date=state.day.date,
                status=status,
                reason=reason,
                price_source=state.day.price_source or None,
                synthetic=state.day.synthetic,
                seed=state.day.seed,
                candidates=first.selection.candidates if first is not None else (),
                pick=_pick(first),
                shadow=first.selection.shadow if first is not None else None,
                plan=(position.plan if position is not None and position.plan else None)
                or (traded.plan if traded is not None else None),
                trades=tuple(run.trade for run in state.runs if run.trade is not None),
                flat=flat,
                unknown=_unknown(state),
                notes=tuple(note for run in state.runs for note in run.notes),
                orders=len(state.orders.by_tag),
                alarms=state.alarms,
            )
        )
    )


def _pick(run: Run | None) -> int | None:
    """The candidate that was bought, or the one that would have been the first to be."""
    if run is None or not run.selection.picks:
        return None
    return run.selection.picks[run.index if run.entry_tag else 0]


def _outcome(state: EngineState) -> tuple[str, str | None]:
    if state.no_data is not None:
        return "no_data", state.no_data
    if any(run.trade is not None for run in state.runs):
        return "traded", None
    if _held(state):
        return "traded", "still_held"
    return _untraded(state)


def _untraded(state: EngineState) -> tuple[str, str | None]:
    if state.day.special:
        return "no_trade", "special_session"
    first = state.runs[0] if state.runs else None
    if first is None:
        return "no_trade", "no_strategy"
    if first.no_data is not None:
        return "no_data", first.no_data
    return "no_trade", first.done_reason or "not_filled"


def _held(state: EngineState) -> bool:
    return any(
        run.position is not None and run.position.net > 0 and run.no_data is None for run in state.runs
    )


def _flat(state: EngineState) -> bool:
    living = any(run.no_data is None for run in state.runs) and bool(state.orders.living())
    return not _held(state) and not living and not strays.left(state)


def _unknown(state: EngineState) -> tuple[str, ...]:
    missing = (("ban list", state.day.banned), ("event calendar", state.day.events))
    return tuple(name for name, known in missing if known is None)
