"""What the record of a day would say if it ended now: for a look at a day still under way."""

from __future__ import annotations

from ninefifteen.domain.record import DayRecord
from ninefifteen.engine.state import EngineState, Phase


def record_so_far(state: EngineState) -> DayRecord | None:
    """The record up to this moment; None before a scan has been made. Nothing is changed."""
    run = state.runs[0] if state.runs else None
    if run is None or not run.selection.candidates:
        return None
    picks = run.selection.picks
    trades = tuple(r.trade for r in state.runs if r.trade is not None)
    held = any(r.position is not None and r.position.net > 0 for r in state.runs)
    waiting = run.phase is not Phase.DONE
    return DayRecord(
        date=state.day.date,
        status="unfinished" if waiting or held else "traded" if trades else "no_trade",
        reason=None if waiting else run.done_reason,
        price_source=state.day.price_source or None,
        synthetic=state.day.synthetic,
        seed=state.day.seed,
        candidates=run.selection.candidates,
        pick=picks[run.index] if picks else None,
        shadow=run.selection.shadow,
        plan=run.position.plan if run.position is not None and run.position.plan else run.plan,
        trades=trades,
        flat=not held and not state.orders.living(),
        orders=len(state.orders.by_tag),
        alarms=state.alarms,
    )
