"""Somebody sells in the broker's app what we hold: our sell shrinks to what is left, or goes (I2).

A reading of the positions can lag behind the order book and the order book behind the positions, so one
reading decides nothing. Both books are asked again at once, and only when both, asked for after the first
sight, still leave the same units unexplained, the sale is believed; never within three seconds of a fill of
ours being told. It also has to have been seen as a sale: the broker's own figure of units sold today has
grown by it. Fewer units, none, or no row at all prove nothing: readings lag and lists come incomplete (I12).

Should that figure fall again it was no sale by hand: the units are taken back and guarded again. More units
while it stays are somebody's own purchase: told, and not touched (I16).
"""

from __future__ import annotations

import msgspec

from ninefifteen.domain.money import Paise, rupees

from .closing import wind_up
from .entry import cancel_entry
from .exits import covering, morph, repair_later
from .state import EngineState, Position, Run


def holders(state: EngineState, name: str) -> list[tuple[Run, Position]]:
    """The strategies with an open trade in a contract."""
    runs = ((run, run.position) for run in state.runs if run.trade is None)
    return [(run, p) for run, p in runs if p is not None and p.instrument.name == name]


def shown(state: EngineState, name: str, missing: int) -> bool:
    """Whether so many units more have been seen to be sold, not merely not (yet) seen."""
    return _foreign(state, name)[0] >= _believed(state, name) + missing


def returned(state: EngineState, name: str, units: int) -> int:
    """Of units the broker shows beyond those we know of: how many were wrongly taken for sold by hand."""
    taken = sum(position.by_hand for _, position in holders(state, name))
    unsold = _believed(state, name) - _foreign(state, name)[0]
    return max(min(units, taken, unsold), 0)


def _believed(state: EngineState, name: str) -> int:
    """Units of a contract that were taken for sold by hand today; one sale is evidence only once."""
    positions = (run.position for run in state.runs)
    return sum(p.by_hand for p in positions if p is not None and p.instrument.name == name)


def _foreign(state: EngineState, name: str) -> tuple[int, Paise]:
    """Units and paise sold since our first order by orders that are not ours."""
    holding, base = state.books.held(name), state.books.baseline[name]
    orders = state.orders.every()
    sells = [o for o in orders if o.request.side == "SELL" and o.request.instrument.name == name]
    units = holding.sold - base.sold - sum(o.filled for o in sells)
    value = holding.sell_value - base.sell_value - sum(o.value for o in sells)
    return max(units, 0), max(value, 0)


def doubt(state: EngineState, name: str, missing: int) -> None:
    """So many units may have been sold by hand: until that is known no sell is enlarged."""
    for _, position in holders(state, name):
        position.doubt = min(max(missing, 0), max(position.net, 0))
        missing -= position.doubt


def sold(state: EngineState, name: str, missing: int) -> None:
    """It is certain: these units are gone, and our sell must not sell them again."""
    for run, position in holders(state, name):
        units = min(missing, max(position.net, 0))
        missing -= units
        position.doubt = 0
        if units:
            _take(state, run, position, units)


def _take(state: EngineState, run: Run, position: Position, units: int) -> None:
    name = position.instrument.name
    position.by_hand += units
    foreign, value = _foreign(state, name)
    if foreign >= position.by_hand and value:
        position.hand_value = value * position.by_hand // foreign
        price = "as the broker tells it"
    else:
        quote = state.quotes.get(name)
        bid = (quote.bid or quote.last) if quote is not None else 0
        position.hand_value += units * (bid or position.average)
        price = "valued at the last bid: the broker does not tell the price"
        run.notes.append(f"{units} units sold by hand, {price}")
    left = position.net
    position.hand_ended = left <= 0
    text = (
        f"{units} {name} were sold by hand for Rs {rupees(position.hand_value)} in all, {price}; {left} left"
    )
    state.note("manual", text, units=units, left=left, contract=name)
    state.alert("P2", f"{units} {name} were sold in the broker's app: our sell covers the {left} left")
    run.drop = run.drop or ("manual" if left <= 0 else "")
    cancel_entry(state, run)
    cover(state, run, position)


def cover(state: EngineState, run: Run, position: Position) -> None:
    """Bring our sell to exactly what is held: grown, shrunk, cancelled, or sent."""
    order = state.orders.by_tag.get(run.exit_tag)
    if position.net <= 0:
        wind_up(state, run, position, order or state.orders.by_tag[run.entry_tag])
    elif order is not None and not order.final:
        shape = msgspec.structs.replace(order.shape, quantity=covering(position, order))
        morph(state, position, order, shape)
    else:
        repair_later(state, run)


def give_back(state: EngineState, name: str, excess: int) -> None:
    """The broker shows units that were taken for sold: they are ours again, and are guarded again."""
    for run, position in holders(state, name):
        units = min(excess, position.by_hand)
        excess -= units
        if units:
            _return(position, units)
            state.note("manual", f"{units} {name} are held after all: guarded again", units=units)
            cover(state, run, position)


def was_ours(state: EngineState, position: Position) -> None:
    """A sell of ours has filled after all: what was taken for a sale by hand was (in part) this one."""
    units = min(position.by_hand, -position.net)
    _return(position, units)
    state.note(
        "manual", f"{units} {position.instrument.name} were sold by our own order after all", units=units
    )


def _return(position: Position, units: int) -> None:
    kept = position.by_hand - units
    position.hand_value = position.hand_value * kept // position.by_hand
    position.by_hand = kept
    position.hand_ended = False
