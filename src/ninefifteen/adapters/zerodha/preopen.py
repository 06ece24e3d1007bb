"""The pre-open prices of the universe, read from quotes.

Kite has no field for the auction's price: after the match the day's open and the last price are it
(`reference/brokers.md` section 2.9). So a share has a pre-open price when its quote carries a time of
today and an open; the others are left out, and the strategy sees fewer rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ninefifteen.domain.events import PreOpen
from ninefifteen.domain.instants import Instant, day_of
from ninefifteen.domain.market import DayFacts, PreOpenRow

from .quotes import QuoteRow


def pre_open(at: Instant, facts: DayFacts, rows: Mapping[str, QuoteRow]) -> PreOpen:
    """The event for quotes by symbol; final when the exchange's own time is past the auction's match.

    `exchange_at` is the newest stamp among the rows used, 0 without any. Once it is final, a share that
    has neither traded today nor been stamped since the match is left out: its price is indicative.
    """
    found: list[PreOpenRow] = []
    indicative: list[str] = []
    newest: Instant = 0
    for symbol in facts.universe:
        row = rows.get(symbol)
        if row is None or row.open <= 0 or row.close <= 0 or day_of(row.stamped_at) != facts.date:
            continue
        if row.traded_at and day_of(row.traded_at) != facts.date:
            continue
        newest = max(newest, row.stamped_at)
        if not row.traded_at and row.stamped_at < facts.preopen_final_at:
            indicative.append(symbol)
        found.append(PreOpenRow(symbol, row.open, row.close))
    final = bool(found) and newest >= facts.preopen_final_at
    if final:
        found = [row for row in found if row.symbol not in indicative]
    return PreOpen(at, exchange_at=newest, final=final, rows=tuple(found))


def missing(facts: DayFacts, event: PreOpen) -> Sequence[str]:
    """The members that have no pre-open price in the event, in the universe's order."""
    known = {row.symbol for row in event.rows}
    return [symbol for symbol in facts.universe if symbol not in known]
