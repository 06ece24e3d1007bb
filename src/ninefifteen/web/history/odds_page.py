"""The honest odds of a home: what `ninefifteen setup` says, for the page."""

from __future__ import annotations

from datetime import date

from ninefifteen.config.values import shown
from ninefifteen.domain.charges import NoChargeData
from ninefifteen.errors import BadInput
from ninefifteen.reports.odds import odds
from ninefifteen.reports.odds_document import odds_document
from ninefifteen.web.errors import Refused
from ninefifteen.web.models.odds import Odds

from .records import Records
from .risk import settings_now


def odds_page(records: Records, today: date) -> Odds:
    """By the settings and the dated rules as they are in the home now. Raises Refused (409)."""
    settings = settings_now(records)
    try:
        rules = records.rules()
        found = odds(settings, rules.calendar, rules.charges, today)
    except (BadInput, NoChargeData) as problem:
        text = str(problem).splitlines()[0]
        raise Refused(409, "rules", text, "mend the file in the home's rules folder") from None
    return Odds.model_validate(odds_document(found, shown))
