"""When the open interest of a side is in doubt: contracts that are absent, and stamps that are too old."""

from __future__ import annotations

import pytest
from msgspec import structs

from ninefifteen.adapters.zerodha.catalogue import Listed
from ninefifteen.adapters.zerodha.chains import doubt
from ninefifteen.adapters.zerodha.quotes import quote_row
from ninefifteen.domain.instants import MINUTE, SECOND, midnight
from tests.adapters.zerodha.fake_kite import raws
from tests.adapters.zerodha.feed_desk import BEFORE, YESTERDAY, FeedDesk, clock, quote


def side(desk: FeedDesk, count: int) -> list[Listed]:
    """Calls of one stock at so many strikes, the first with token 0."""
    row = desk.call("AAA")
    return [structs.replace(row, token=number, strike=number * 100) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "absent", "known"),
    [
        (60, set(), True),
        (60, {0}, True),
        (60, {59}, True),
        (60, {30}, False),
        (60, {0, 59}, False),
        (120, {0, 119}, True),
        (120, {118, 119}, True),
        (120, {0, 60}, False),
        (49, {48}, False),
        (3, {0, 1, 2}, False),
    ],
)
def test_only_a_new_strike_or_two_at_the_ends_may_be_absent(
    count: int, absent: set[int], *, known: bool
) -> None:
    desk = FeedDesk()
    shown = quote_row(raws([quote(40.0, oi=5)])[0])
    interest = {number: shown for number in range(count) if number not in absent}
    why = doubt(desk.facts, side(desk, count), interest)
    assert why == ("" if known else f"{len(absent)} of {count} not quoted")


LONG_AGO = YESTERDAY - 14 * 24 * 60 * MINUTE
MORNING = clock("09:00:00")


@pytest.mark.parametrize(
    ("stamps", "ois", "old"),
    [
        ([LONG_AGO, YESTERDAY, YESTERDAY], [5, 5, 5], ""),
        ([LONG_AGO, LONG_AGO, YESTERDAY], [5, 5, 5], "2 of 3"),
        ([LONG_AGO, LONG_AGO, LONG_AGO], [5, 5, 5], "3 of 3"),
        ([0, 0, 0], [5, 5, 5], "3 of 3"),
        ([MORNING, MORNING, LONG_AGO], [5, 5, 5], ""),
        ([LONG_AGO, LONG_AGO, YESTERDAY], [0, 0, 5], ""),
        ([LONG_AGO, YESTERDAY, YESTERDAY], [5, 0, 0], "1 of 1"),
        ([LONG_AGO, LONG_AGO, YESTERDAY], [0, 0, 0], "2 of 3"),
        ([midnight(BEFORE) - SECOND] * 3, [5, 5, 5], "3 of 3"),
        ([midnight(BEFORE)] * 3, [5, 5, 5], ""),
    ],
)
def test_a_quiet_contract_may_be_weeks_old_but_not_most_of_a_side(
    stamps: list[int], ois: list[int], old: str
) -> None:
    desk = FeedDesk()
    rows = raws(
        quote(40.0, oi=oi, timestamp=stamp, last_trade_time=min(stamp, LONG_AGO))
        for stamp, oi in zip(stamps, ois, strict=True)
    )
    interest = {number: quote_row(row) for number, row in enumerate(rows)}
    why = doubt(desk.facts, side(desk, 3), interest)
    assert why == (f"{old} older than the previous trading day" if old else "")
