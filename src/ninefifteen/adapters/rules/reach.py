"""What the dated rules must know of a day before anything of it is begun."""

from __future__ import annotations

from datetime import date

from ninefifteen.domain.calendar import NoCalendarData
from ninefifteen.domain.charges import NoChargeData
from ninefifteen.domain.membership import MembershipUnknown

from . import RuleBook

UNKNOWN = (NoCalendarData, NoChargeData, MembershipUnknown)
"""How the rules say that they do not reach to a day."""


def require_rules(rules: RuleBook, day: date, roll_days: int) -> None:
    """Raises one of `UNKNOWN`, with what is missing, when the rules cannot tell all that `day` needs."""
    rules.calendar.traded_expiry(day, roll_days)
    rules.charges.on(day, "options")
    rules.membership.on(day)
