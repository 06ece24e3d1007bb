"""The composition root: the one place where an engine meets a world. Modes differ only here."""

from ninefifteen.strategies.chosen import strategies_of

from .preconditions import UNKNOWN, require_rules
from .sessions import (
    Account,
    DaySession,
    day_facts,
    fresh_account,
    synthetic_session,
)

__all__ = [
    "UNKNOWN",
    "Account",
    "DaySession",
    "day_facts",
    "fresh_account",
    "require_rules",
    "strategies_of",
    "synthetic_session",
]
