"""Whether the times of the settings fit into the session of a day: that is dated, so a day is needed."""

from __future__ import annotations

from ninefifteen.domain.calendar import Session
from ninefifteen.domain.settings import Settings


def timetable_problem(settings: Settings, session: Session) -> str | None:
    """One line for the first time that session has no room for; None when all fit.

    A special session is not traded and takes any timetable.
    """
    rules, close = settings.strategy, session.derivatives_close
    if session.special:
        return None
    if rules.entry_time < session.open:
        return f"strategy.entry_time {rules.entry_time}: the market opens at {session.open} on {session.day}"
    if rules.exit_at is not None and rules.exit_at >= close:
        return f"strategy.exit_at {rules.exit_at}: trading ends at {close} on {session.day}"
    return None
