"""The composition root: the one place where an engine meets a world. Modes differ only here."""

from .sessions import (
    Account,
    DaySession,
    day_facts,
    fresh_account,
    recorded_opening,
    recorded_session,
    strategies_of,
    synthetic_session,
)

__all__ = [
    "Account",
    "DaySession",
    "day_facts",
    "fresh_account",
    "recorded_opening",
    "recorded_session",
    "strategies_of",
    "synthetic_session",
]
