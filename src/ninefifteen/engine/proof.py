"""Proof that nothing of ours is left: two good readings of the positions, two seconds apart.

Our own orders say at once that a position is closed, and the trade is booked then. But an order book
can lag, repeat and err, so the day is only over when the broker's positions say the same twice, both
asked for after our last fill (`reference/reliability.md` 4c). The same proof ends a halt.
"""

from __future__ import annotations

from ninefifteen.domain.instants import SECOND, Instant, clock_of

from . import strays
from .books import Proof
from .state import EngineState, Phase

HALT = "halt"
"""The proof of a halt stands beside those of the strategies under this name."""
TIMER = "book:proof"
_APART = 2 * SECOND
_ALARM = 10 * SECOND
_SAY_AGAIN = 60 * SECOND


def begin(state: EngineState, subject: str, began: Instant) -> None:
    """Start proving that nothing of this strategy (or, for a halt, of the whole day) is left."""
    if state.observed or state.ended or subject in state.proofs:
        return  # recorded observations have no broker to ask
    state.proofs[subject] = Proof(began, state.now)
    _read(state)


def hurry(state: EngineState) -> None:
    """Something has ended that a proof waits for: read at once."""
    if state.proofs:
        _read(state)


def read_again(state: EngineState) -> None:
    """The pause between two readings is over."""
    if state.proofs:
        _complain(state)
        _read(state)


def _read(state: EngineState) -> None:
    if state.careful:
        state.read_orders()
    state.read_positions()
    waited = state.now - min(proof.asked for proof in state.proofs.values())
    state.timer(TIMER, state.now + (_APART if waited <= _ALARM else _ALARM))


def on_reading(state: EngineState) -> None:
    """A good reading of the positions has come: see which proofs it carries on or ends."""
    asked_at = state.books.positions.asked_at
    for subject, proof in list(state.proofs.items()):
        last_fill = max((state.books.filled_at[name] for name in _contracts(state, subject)), default=0)
        if asked_at < max(proof.asked, last_fill):
            continue
        if not _shown(state, subject):
            proof.good_at = None
        elif proof.good_at is None:
            proof.good_at = asked_at
            state.timer(TIMER, state.now + _APART)
        elif asked_at - proof.good_at >= _APART:
            del state.proofs[subject]
            _tell(state, subject, proof)


def unfinished(state: EngineState) -> str:
    """What is still to be proved, and why it is not; empty when nothing is."""
    if not state.proofs:
        return ""
    if state.books.positions.failing_since is not None:
        return "that nothing of ours is held is not proved yet: the broker's positions cannot be read"
    return "that nothing of ours is held is not proved yet: it takes two readings of the broker's positions"


def expected(state: EngineState, name: str) -> int:
    """Units of a contract the account holds if we know everything: those of before and those of ours."""
    base = state.books.baseline.get(name)
    return (base.net if base is not None else 0) + believed(state, name)


def believed(state: EngineState, name: str) -> int:
    """Units of a contract that our own orders have bought and not sold."""
    positions = (run.position for run in state.runs if run.trade is None)
    return sum(p.net for p in positions if p is not None and p.instrument.name == name)


def _contracts(state: EngineState, subject: str) -> list[str]:
    if subject == HALT:
        return list(state.books.filled_at)
    run = state.by_strategy[subject]
    return [run.position.instrument.name] if run.position is not None else []


def _shown(state: EngineState, subject: str) -> bool:
    """Whether the last reading leaves nothing of ours; what others held before is none of it."""
    if _living(state, subject) or (subject == HALT and not _quiet(state)):
        return False
    books = state.books
    for name in _contracts(state, subject):
        net, due = books.held(name).net, expected(state, name)
        if not min(0, due) <= net <= due:
            return False
    return True


def _living(state: EngineState, subject: str) -> list[str]:
    """The orders of a strategy that may still trade: a sell that was given up can come back."""
    return [order.order_id for order in state.orders.living() if order.request.strategy == subject]


def _quiet(state: EngineState) -> bool:
    over = all(run.phase is Phase.DONE for run in state.runs)
    return over and not state.orders.living() and not strays.left(state)


def _tell(state: EngineState, subject: str, proof: Proof) -> None:
    seconds = round((state.now - proof.began) / SECOND, 3)
    since = f"{seconds:.1f} s after {clock_of(proof.began):%H:%M:%S}"
    if subject == HALT:
        closed = _closed(state, proof.began)
        text = f"halt done: {closed}; nothing of ours is held or open, proved by two readings, {since}"
        state.note("halt_done", text, seconds=seconds)
        return
    text = f"flat: two readings of the broker's positions show nothing of ours, {since}"
    state.note("flat_proved", text, strategy=subject, seconds=seconds)


def _closed(state: EngineState, since: Instant) -> str:
    """What was closed since the halt began; a trade that had ended before is not its work."""
    trades = [run.trade for run in state.runs if run.trade is not None]
    sold = [f"{t.quantity} {t.instrument.name} closed" for t in trades if (t.exit_at or since) >= since]
    return ", ".join(sold) or "nothing was held"


def _complain(state: EngineState) -> None:
    """Ten seconds without a proof: say why, and every minute again."""
    for subject, proof in state.proofs.items():
        waiting = subject == HALT and not _quiet(state)
        soon = proof.told is not None and state.now - proof.told < _SAY_AGAIN
        if state.now - proof.asked < _ALARM or waiting or soon or proof.good_at is not None:
            continue
        proof.told = state.now
        state.alert(
            "P1", f"not proved flat after {(state.now - proof.asked) // SECOND} s: {_why(state, subject)}"
        )


def _why(state: EngineState, subject: str) -> str:
    if living := _living(state, subject):
        return f"order {living[0]} of ours still lives; look in the broker's app"
    for name in _contracts(state, subject):
        net, due = state.books.held(name).net, expected(state, name)
        if state.books.positions.failing_since is None and net != due:
            state.note("difference", f"{name}: the broker shows {net}, {due} expected", broker=net, ours=due)
            return (
                f"the broker shows {net} {name}, {due} expected; look in the broker's app, it is not touched"
            )
    return "the broker's positions cannot be read; look in the broker's app"
