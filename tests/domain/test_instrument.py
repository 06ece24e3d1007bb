"""The label of a recorded contract (C4)."""

from __future__ import annotations

from datetime import date

import pytest

from ninefifteen.domain.instrument import recorded_name


@pytest.mark.parametrize(
    ("strike", "shown"), [(26_250, "262.5"), (103_000, "1030"), (10_005, "100.05"), (50, "0.5")]
)
def test_the_strike_is_shown_as_people_write_it(strike: int, shown: str):
    assert recorded_name("WIPRO", date(2026, 1, 27), strike, "CE") == f"WIPRO 2026-01-27 {shown} CE"
