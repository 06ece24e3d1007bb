"""Do the broker's books agree with ours? Orders and positions are read, compared, and differences told.

A reading that fails changes nothing (I12). Nothing is overwritten in silence: what the broker shows and
what we believe stand side by side until they agree or somebody acts, and nothing enters meanwhile. When
the books are read says `cadence`; what a difference can mean says `by_hand`.
"""

from __future__ import annotations

from ninefifteen.domain.effects import Cancel
from ninefifteen.domain.events import OrdersRead, PositionsRead, Reconnected
from ninefifteen.domain.instants import MILLISECOND, SECOND

from . import adoption, by_hand, cadence, exits, forgotten, proof
from .books import Book, Suspicion
from .state import EngineState

DOUBT = "book:doubt"
_DOUBT_FAST = 500 * MILLISECOND
_DOUBT_SLOW = 2 * SECOND
_BLIND_AFTER = 10 * SECOND
_UNEXPLAINED = 4 * SECOND
_SAY_AGAIN = 60 * SECOND


def on_reconnected(state: EngineState, _: Reconnected) -> None:
    """The line was gone: what was pushed meanwhile is lost, so both books are read."""
    state.note("reconnected", "the line to the broker is back: reading orders and positions")
    cadence.doubt(state, "the line to the broker was gone")
    if not state.careful and state.orders.living():
        state.read_orders()


def on_orders(state: EngineState, event: OrdersRead) -> None:
    """The order book was read and its rows are taken: note when, and compare."""
    book = state.books.orders
    told = book.told_at
    _answered(state, book, ok=event.ok)
    _seen(state, book, "the order book", was_told=told is not None)
    if event.ok:
        adoption.adopt(state)
        _weigh(state)
        forgotten.shrink(state)


def on_positions(state: EngineState, event: PositionsRead) -> None:
    """What the account holds; a reading that failed, or that cannot be whole, changes nothing (I12).

    A contract listed twice is no answer. A day's positions keep a row of every contract traded in it, so a
    list without one that we have filled is incomplete.
    """
    books = state.books
    names = {holding.name for holding in event.holdings}
    ok = event.ok and len(names) == len(event.holdings)
    lacking = sorted(books.filled_at.keys() - names) if ok else []
    ok = ok and not lacking
    told = books.positions.told_at
    _answered(state, books.positions, ok=ok)
    if books.again:
        books.again = False
        state.read_positions()
    if books.orders.told_at is None or ok:  # otherwise it was told of the order book already
        what = f"the positions (without {lacking[0]}, traded today)" if lacking else "the positions"
        _seen(state, books.positions, what, was_told=told is not None)
    if not ok:
        return
    books.holdings = {holding.name: holding for holding in event.holdings}
    _tell_short(state)
    _weigh(state)
    forgotten.shrink(state)
    _let_checked_go_on(state)
    proof.on_reading(state)


def _answered(state: EngineState, book: Book, *, ok: bool) -> None:
    was_failing = book.failing_since is not None
    book.answered(state.now, ok=ok)
    if ok and was_failing:
        cadence.wake(state)  # after long failures the questions had become rare


def _seen(state: EngineState, book: Book, what: str, *, was_told: bool) -> None:
    """Readings that fail: after 10 s somebody has to know, and every minute after."""
    if book.failing_since is None:
        if was_told:
            state.note("seeing", f"{what} can be read again")
        return
    seconds = (state.now - book.failing_since) // SECOND
    soon = book.told_at is not None and state.now - book.told_at < _SAY_AGAIN
    if state.now - book.failing_since < _BLIND_AFTER or soon:
        return
    book.told_at = state.now
    state.alert(
        "P1" if cadence.exposed(state) or state.proofs else "P2",
        f"{what} cannot be read since {seconds} s: look in the broker's app; nothing is assumed",
    )


def _tell_short(state: EngineState) -> None:
    """A contract of ours that is short at the broker: stop selling, call somebody (4c)."""
    books = state.books
    for name in books.filled_at:
        net, before = books.held(name).net, books.baseline[name].net
        short = net if net < min(0, before) else 0
        if short and short != books.short.get(name):
            state.halted = state.halted or f"engine: {-short} {name} are short at the broker"
            state.alert("P1", f"{-short} {name} are short at the broker: buy them back by hand, now")
            for order in state.orders.living():
                if order.request.side == "SELL" and order.request.instrument.name == name and order.order_id:
                    state.watch_orders()
                    state.emit(Cancel(order.tag, order.order_id))
        books.short[name] = short


def _weigh(state: EngineState) -> None:
    """Compare both books with ours, contract by contract, and say whether anything may enter."""
    if not state.careful:
        return
    for name in state.books.baseline:
        _compare(state, name)
    judge(state)


def _compare(state: EngineState, name: str) -> None:
    books = state.books
    if not _open(state, name):
        books.suspicions.pop(name, None)  # the trade is over: its proof looks on
        return
    units = books.held(name).net - proof.expected(state, name)
    settled_at = books.filled_at.get(name, 0) + exits.FILLS_LAG
    if books.positions.asked_at < settled_at:  # such a reading may lag behind a fill that is known
        if units and state.timers.get(cadence.TICK, 0) > settled_at:
            state.timer(cadence.TICK, max(settled_at, state.now))
        return
    suspicion = books.suspicions.get(name)
    if units == 0:
        _agreed(state, name, suspicion)
    elif suspicion is None or suspicion.units != units:
        books.suspicions[name] = Suspicion(units, state.now, suspicion)
        _look_closer(state, name, books.suspicions[name])
    elif min(books.orders.asked_at, books.positions.asked_at) >= suspicion.since:
        _confirmed(state, name, suspicion)
    else:
        _look_closer(state, name, suspicion, again=False)


def _open(state: EngineState, name: str) -> bool:
    """Whether the comparison is ours to make: an order or a position of ours in it is not over."""
    living = any(order.request.instrument.name == name for order in state.orders.living())
    return living or bool(by_hand.holders(state, name))


def _agreed(state: EngineState, name: str, suspicion: Suspicion | None) -> None:
    if suspicion is None:
        return
    del state.books.suspicions[name]
    by_hand.doubt(state, name, 0)
    if suspicion.told:
        state.note("agreed", f"{name}: the broker and we agree again", contract=name)
    for run, position in by_hand.holders(state, name):
        by_hand.cover(state, run, position)


def _look_closer(state: EngineState, name: str, suspicion: Suspicion, *, again: bool = True) -> None:
    missing = -suspicion.units
    plausible = missing > 0 and by_hand.shown(state, name, missing)
    by_hand.doubt(state, name, missing if plausible else 0)
    if again:
        cadence.ask(state)
        state.timer(DOUBT, state.now + _DOUBT_FAST)


def _confirmed(state: EngineState, name: str, suspicion: Suspicion) -> None:
    units = suspicion.units
    returned = by_hand.returned(state, name, units)
    if units < 0 and by_hand.shown(state, name, -units):
        _tell(state, name, suspicion)
        del state.books.suspicions[name]
        by_hand.sold(state, name, -units)
    elif returned > 0:
        _tell(state, name, suspicion)
        del state.books.suspicions[name]
        by_hand.give_back(state, name, returned)
    elif state.now - suspicion.first >= _UNEXPLAINED and not suspicion.settled:
        suspicion.settled = True
        _tell(state, name, suspicion)
        state.alert("P1", f"{_words(state, name)}: look in the broker's app; our orders stay as they are")


def _tell(state: EngineState, name: str, suspicion: Suspicion) -> None:
    suspicion.told = True
    shown, due = state.books.held(name).net, proof.expected(state, name)
    state.note("difference", _words(state, name), contract=name, broker=shown, ours=due)


def _words(state: EngineState, name: str) -> str:
    return f"the broker shows {state.books.held(name).net} {name}, we know of {proof.expected(state, name)}"


def doubt_again(state: EngineState) -> None:
    """A difference is still unexplained: read both books again, every half second and then more slowly."""
    open_ones = [s for s in state.books.suspicions.values() if not s.settled]
    if open_ones:
        cadence.ask(state)
        young = state.now - max(s.first for s in open_ones) < 5 * SECOND
        state.timer(DOUBT, state.now + (_DOUBT_FAST if young else _DOUBT_SLOW))


def _let_checked_go_on(state: EngineState) -> None:
    """A repair that waited for this reading goes on, unless units seem to have been sold by hand."""
    asked_at = state.books.positions.asked_at
    for run in state.runs:
        position = run.position
        if run.checking is None or position is None or asked_at < run.checking:
            continue
        if position.instrument.name not in state.books.suspicions:
            exits.checked(state, run, position)


def judge(state: EngineState) -> None:
    """Nothing enters until both books were read since the last doubt and everything agrees."""
    before = state.unreconciled
    state.unreconciled = _disagreement(state)
    if before and not state.unreconciled:
        state.note("reconciled", "the broker's orders and positions agree with ours")


def _disagreement(state: EngineState) -> str:
    books = state.books
    for wrong, why in (
        (books.orphans, "an order with our tag is at the broker that this day has not sent"),
        (state.orders.twins, "two orders are at the broker under one tag"),
        (books.malformed, "the broker's row of an order of ours cannot be true"),
        (cadence.in_the_dark(state), "the outcome of an order is not known"),
        (books.suspicions, "the broker's positions and ours differ"),
    ):
        if wrong:
            return why
    if min(books.orders.asked_at, books.positions.asked_at) < books.doubted_at:
        return state.unreconciled
    return ""
