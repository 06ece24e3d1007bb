"""Which market data the day still needs: what nothing depends on any longer is given up."""

from __future__ import annotations

from ninefifteen.domain.effects import Unsubscribe

from .state import EngineState, Phase, Run


def release(state: EngineState, run: Run) -> None:
    """Give up the market data of contracts no strategy needs any longer."""
    unneeded = _needed(run) - set().union(*(in_use(other) for other in state.runs))
    if unneeded:
        state.emit(Unsubscribe(tuple(sorted(unneeded))))


def _needed(run: Run) -> set[str]:
    chosen = (run.selection.candidates[n].instrument for n in run.selection.picks)
    return {instrument.name for instrument in chosen if instrument is not None}


def in_use(run: Run) -> set[str]:
    """The contracts whose market data this strategy still needs."""
    if run.phase is Phase.DONE:
        return set()
    if run.phase in (Phase.ARMED, Phase.WATCHING):
        return _needed(run)
    return {run.plan.instrument.name} if run.plan is not None else set()
