"""What may still be lost: open results at the bid, and what the positions of today may still cost."""

from __future__ import annotations

from fractions import Fraction

from ninefifteen.domain.levels import cost
from ninefifteen.domain.money import Paise

from .state import EngineState, Position, Run


def open_result(state: EngineState, position: Position, price: Paise) -> Fraction:
    """What the position would have earned, in paise after charges, if the rest were sold at `price`."""
    sell_value = position.sell_value + position.net * price
    return sell_value - position.buy_value - cost(state.day.rates, position.buy_value, sell_value)


def day_result(state: EngineState) -> Fraction:
    """The day so far in paise after charges, what all strategies hold marked at the bid."""
    held = [run.position for run in state.runs if run.position is not None and run.position.net > 0]
    marked = ((position, mark_of(state, position)) for position in held)
    return state.net_today + sum(open_result(state, position, mark) for position, mark in marked if mark)


def held_cost(state: EngineState) -> Paise:
    """What everything held was bought for, in paise."""
    held = (run.position for run in state.runs if run.position is not None)
    return sum(position.net * position.average for position in held)


def mark_of(state: EngineState, position: Position) -> Paise:
    """The bid of the contract's last fresh two-sided book; 0 when there was none yet."""
    return state.marks.get(position.instrument.name, 0)


def loss_left(state: EngineState, run: Run) -> Fraction:
    """Paise this strategy may still lose today: the limit and the day's result, less the others' risk.

    The risk of another strategy's position or entry is its planned loss, or its open loss where larger.
    """
    return state.loss_left - sum(_may_lose(state, other) for other in state.runs if other is not run)


def _may_lose(state: EngineState, run: Run) -> Fraction:
    position, entry = run.position, state.orders.by_tag.get(run.entry_tag)
    held = position is not None and position.net > 0
    if not held and (entry is None or entry.final):
        return Fraction(0)
    plan = (position.plan if position is not None else None) or run.plan
    planned = Fraction(plan.loss_at_stop if plan is not None else 0)
    mark = mark_of(state, position) if position is not None else 0
    if position is None or not mark:
        return planned
    return max(planned, -open_result(state, position, mark))
