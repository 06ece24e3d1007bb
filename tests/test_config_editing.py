"""Changing settings in the text of a config.yaml: only the values change, and what cannot be is refused."""

from __future__ import annotations

import difflib
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninefifteen.config.dangerous import Danger, dangers
from ninefifteen.config.editing import as_yaml, edited, value_from_json, value_from_yaml
from ninefifteen.config.reading import read_yaml
from ninefifteen.config.template import default_config
from ninefifteen.config.values import WrongValue
from ninefifteen.domain.settings import Settings
from ninefifteen.domain.settings_check import keys, value_of
from ninefifteen.errors import BadInput

TEXT = default_config()
FLOW = "risk: {max_trades: 2, max_daily_loss: 9}\n"


def changed_lines(before: str, after: str) -> list[str]:
    """Lines that went and came."""
    pairs = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line.rstrip("\r\n") for line in pairs if line[0] in "+-"]


def read(text: str) -> dict[str, Any]:
    reading = read_yaml(text, "config.yaml", "config.yaml")
    assert reading.problems == []
    return {path: entry.value for path, entry in reading.values.items()}


def test_only_the_value_changes_and_every_comment_stays():
    after = edited(TEXT, {"risk.max_daily_loss": Decimal("1500.50"), "strategy.exit_at": time(15, 5)})
    assert changed_lines(TEXT, after) == [
        "-   exit_at: null",
        '+   exit_at: "15:05:00"',
        "-   max_daily_loss: 2000",
        "+   max_daily_loss: 1500.50",
    ]


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        (
            "risk_limits:\n    max_trades: 2   # my own\n",
            {"risk.max_trades": 1},
            "risk_limits:\n    max_trades: 1   # my own\n",
        ),
        ("risk: {max_trades: 2}\n", {"risk.max_daily_loss": 9}, FLOW),
        (
            "risk: {max_trades: 2, }\n",
            {"risk.max_daily_loss": 9},
            "risk: {max_trades: 2, max_daily_loss: 9}\n",
        ),
        ("risk: {}\n", {"risk.max_trades": 3}, "risk: {max_trades: 3}\n"),
        ("risk:\n", {"risk.max_trades": 3}, "risk:\n  max_trades: 3\n"),
        ("risk: null\n", {"risk.max_trades": 3}, "risk: \n  max_trades: 3\n"),
        ("risk: # mine\ngates: {}", {"risk.max_trades": 3}, "risk:\n  max_trades: 3 # mine\ngates: {}"),
        ("", {"risk.max_trades": 3}, "risk:\n  max_trades: 3\n"),
        ("# only words", {"risk.max_trades": 3}, "# only words\nrisk:\n  max_trades: 3\n"),
        ("strategy:\n  exit_at:\n", {"strategy.exit_at": None}, "strategy:\n  exit_at: null\n"),
        (
            "risk:\r\n  max_trades: 2\r\n",
            {"risk.max_daily_loss": 9},
            "risk:\r\n  max_daily_loss: 9\r\n  max_trades: 2\r\n",
        ),
        ("\ufeffrisk:\n  max_trades: 2\n", {"risk.max_trades": 1}, "\ufeffrisk:\n  max_trades: 1\n"),
        (
            'EMERGENCY_STOP_NUMBERS: ["+911"]\n'.replace("+911", "+919812345678"),
            {"emergency.sms_numbers": ()},
            "EMERGENCY_STOP_NUMBERS: []\n",
        ),
    ],
)
def test_a_value_is_put_where_the_user_would_put_it(before: str, changes: dict[str, Any], after: str):
    assert edited(before, changes) == after


@pytest.mark.parametrize(
    "text",
    [
        "base: &b {max_trades: 2}\nrisk: *b\n",
        "risk: &r\n  max_trades: 2\n  max_daily_loss: 5\ngates:\n  min_trades: &n 50\n  full_trades: *n\n",
        "emergency:\n  sms_numbers:\n    - '+919812345678'\n",
        "dashboard:\n  host: >\n    127.0.0.1\n",
        "risk: [1, 2]\n",
        "risk:\n  max_trades: [\n",
    ],
)
def test_what_is_written_in_a_way_of_its_own_is_left_to_its_owner(text: str):
    changes = {
        "risk.max_trades": 1,
        "gates.full_trades": 90,
        "emergency.sms_numbers": ("+919812345679",),
        "dashboard.host": "::1",
    }
    with pytest.raises(BadInput):
        edited(text, changes)


def test_both_spellings_of_a_section_are_changed_together():
    text = "risk:\n  max_trades: 2\nrisk_limits:\n  max_trades: 2\n"
    assert read(edited(text, {"risk.max_trades": 1})) == {"risk.max_trades": 1}


@settings(deadline=None, max_examples=60)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "risk.max_daily_loss": st.decimals("0.01", "99999", places=2),
            "risk.max_trades": st.integers(1, 99),
            "strategy.exit_at": st.none() | st.times().map(lambda when: when.replace(microsecond=0)),
            "trading.broker": st.sampled_from(["zerodha", "upstox", "angelone"]),
            "opening_range.enabled": st.booleans(),
            "emergency.sms_numbers": st.lists(
                st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=3
            ).map(tuple),
            "login.redirect_url": st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
            "telegram.operators": st.lists(st.integers(0, 10**12), max_size=3).map(tuple),
        },
    )
)
def test_whatever_is_put_in_is_read_back_and_nothing_else_has_changed(changes: dict[str, Any]):
    before, after = read(TEXT), read(edited(TEXT, changes))
    assert after == before | changes


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_survives_the_way_through_json_and_yaml(text: str):
    key = keys()["login.redirect_url"]
    assert value_from_json(key, text) == text
    assert value_from_yaml(key, as_yaml(text)) == text


@pytest.mark.parametrize("path", sorted(keys()))
def test_every_setting_can_be_written_as_it_is(path: str):
    key = keys()[path]
    value = value_of(Settings(), key)
    if value is not None or not key.required:
        assert value_from_yaml(key, as_yaml(value)) == value


@pytest.mark.parametrize(
    ("path", "given", "value"),
    [
        ("risk.max_daily_loss", "2000.50", Decimal("2000.50")),
        ("risk.max_daily_loss", 2000, Decimal(2000)),
        ("strategy.target_pct", 8.5, Decimal("8.5")),
        ("strategy.exit_at", None, None),
        ("strategy.exit_at", "15:05", time(15, 5)),
        ("opening_range.enabled", True, True),
        ("telegram.operators", [1, 2], (1, 2)),
        ("dashboard.host", "null", "null"),
        ("dashboard.tls_cert", None, None),
    ],
)
def test_json_becomes_the_type_of_the_setting(path: str, given: object, value: object):
    assert value_from_json(keys()[path], given) == value


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("risk.max_daily_loss", "Rs 2000"),
        ("risk.max_daily_loss", ""),
        ("risk.max_daily_loss", None),
        ("risk.max_daily_loss", True),
        ("risk.max_daily_loss", 1e300),
        ("risk.max_daily_loss", [1]),
        ("risk.max_trades", 1.5),
        ("risk.max_trades", "*x"),
        ("risk.max_trades", "{"),
        ("strategy.exit_at", "25:00"),
        ("opening_range.enabled", "yes"),
        ("trading.mode", "LIVE"),
        ("telegram.operators", ["x"]),
    ],
)
def test_what_is_of_another_type_is_refused(path: str, given: object):
    with pytest.raises(WrongValue):
        value_from_json(keys()[path], given)


def test_every_dangerous_setting_exists_and_says_why():
    assert set(dangers()) <= set(keys())
    assert all(danger.why for danger in dangers().values())


@pytest.mark.parametrize(
    "path",
    [
        "trading.mode",
        "trading.broker",
        "dashboard.host",
        "dashboard.public_url",
        "emergency.sms_numbers",
        "telegram.operators",
        "risk.when_stop_exceeds_limit",
        "opening_range.enabled",
        *[path for path in keys() if path.startswith(("risk.", "gates.", "broker_endpoint."))],
    ],
)
def test_what_can_cost_money_or_let_somebody_in_is_among_them(path: str):
    assert path in dangers()


@pytest.mark.parametrize(
    ("danger", "before", "after", "holds"),
    [
        (Danger("x", "always"), 1, 1, False),
        (Danger("x", "always"), 1, 2, True),
        (Danger("x", "raise"), 1, 2, True),
        (Danger("x", "raise"), 2, 1, False),
        (Danger("x", "lower"), 2, 1, True),
        (Danger("x", "raise", off=True), Decimal(5), Decimal(0), True),
        (Danger("x", "raise", off=True), Decimal(0), Decimal(5), False),
        (Danger("x", "raise"), time(15, 10), None, True),
        (Danger("x", "raise"), None, time(15, 0), False),
    ],
)
def test_a_change_is_dangerous_in_its_direction(danger: Danger, before: Any, after: Any, holds: bool):
    assert danger.holds(before, after) is holds
