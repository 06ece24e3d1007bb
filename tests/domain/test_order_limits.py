"""Order limits: dated figures, the range of price protection, and the limit of a stop inside it."""

from __future__ import annotations

from datetime import date

import pytest

from ninefifteen.domain.levels import stop_order_limit
from ninefifteen.domain.order_limits import (
    UNBOUNDED,
    NoOrderLimits,
    OrderLimitRow,
    OrderLimits,
    OrderLimitTable,
    price_range,
)
from tests.simulator.synthetic_facts import rules


def on(day: date) -> OrderLimits:
    return rules().order_limits.on(day)


NOW, BEFORE = on(date(2026, 12, 2)), on(date(2023, 1, 24))


def test_the_figures_are_dated():
    assert BEFORE.lpp_percent == 0
    assert on(date(2023, 1, 25)).lpp_percent == 40
    assert NOW.writes_per_second == 10


def test_a_day_before_the_table_says_what_to_do():
    with pytest.raises(NoOrderLimits, match=r"rules/order_limits\.csv"):
        on(date(1999, 12, 31))


def test_a_row_ends_on_its_last_day_and_a_later_row_overrides():
    base = {name: getattr(NOW, name) for name in OrderLimits.__struct_fields__}
    start, middle = date(2020, 1, 1), date(2021, 1, 1)

    def row(name: str, value: int, since: date = start, until: date | None = None) -> OrderLimitRow:
        return OrderLimitRow(effective_from=since, effective_to=until, name=name, value=value, source="s")

    rows = [row(name, value) for name, value in base.items()]
    table = OrderLimitTable([row("modifications", 20, middle, date(2021, 6, 30)), *rows])
    found = [table.on(day).modifications for day in (start, middle, date(2021, 6, 30), date(2021, 7, 1))]
    assert found == [25, 20, 20, 25]


@pytest.mark.parametrize(
    ("reference", "low", "high"),
    [(10_000, 6_000, 14_000), (5_001, 3_001, 7_001), (5_000, 3_000, 7_000), (500, 0, 2_500)],
)
def test_the_range_is_in_rupees_up_to_its_turn_and_in_percent_above(reference: int, low: int, high: int):
    assert price_range(reference, NOW) == (low, high)


def test_without_price_protection_there_is_no_bound():
    assert price_range(10_000, BEFORE) == (0, UNBOUNDED)


@pytest.mark.parametrize(
    ("trigger", "last", "expected"),
    [
        (10_000, 10_000, 6_500),
        (5_005, 5_005, 3_255),
        (10_000, 14_000, 7_700),
        (5_000, 6_000, 3_200),
        (1_500, 2_000, 5),
        (5, 10, 5),
        (20_000, 90_000, 20_000),
    ],
    ids=["65 % of the trigger", "up to the tick", "55 % of the last", "Rs 18 below", "one tick", "the lowest",
         "never above the trigger"],
)  # fmt: skip
def test_a_stops_limit_is_far_enough_to_fill_and_near_enough_to_stand(trigger: int, last: int, expected: int):
    assert stop_order_limit(trigger, 5, last, NOW) == expected


@pytest.mark.parametrize("trigger", [1_000, 4_999, 5_000, 5_001, 9_000, 40_000])
def test_a_stops_limit_is_inside_the_protection_at_its_trigger(trigger: int):
    assert stop_order_limit(trigger, 1, trigger, NOW) >= price_range(trigger, NOW)[0]


def test_without_price_protection_only_the_brokers_far_rule_is_kept():
    assert stop_order_limit(10_000, 5, 10_000, BEFORE) == 5_500
