"""The summary at the end of a day, and the figures every panel prints."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.cli.screen.words import large
from ninefifteen.domain.instants import MILLISECOND, SECOND
from ninefifteen.domain.record import DayRecord
from ninefifteen.reports import figures
from ninefifteen.reports.words import words
from tests.cli import screen_scenes as scenes


def summed_up(record: DayRecord, *files: tuple[str, Path]) -> str:
    pipe = io.StringIO()
    scenes.screen(scenes.console(file=pipe)).final(record, files=files)
    return pipe.getvalue()


def test_a_traded_day_tells_result_reason_plan_ranking_and_files() -> None:
    text = summed_up(scenes.record(scenes.TRADE), ("journal", Path("home") / "a long name" / "x.journal"))
    assert "Wed 9 Dec 2026: TRADED   ▼ -Rs 2,028.73 after charges" in text
    assert "sold at   5.35  10:05:28   the stop was reached" in text
    assert "loss of the whole premium" in text
    assert re.search(r"TCS .* given up", text)
    assert re.search(r"✓ .*WIPRO .* bought", text)
    assert "✓ flat at the end" in text
    assert "without the put/call filter the pick would be HDFC" in text
    assert "not known for this day: ban list and event calendar" in text
    assert f"journal: {Path('home') / 'a long name' / 'x.journal'}" in text


def test_a_day_without_a_trade_says_so_and_why() -> None:
    text = summed_up(scenes.record(pick=None, plan=None, shadow=None, candidates=()))
    assert "NO TRADE: no stock passes every test today" in text
    assert "after charges" not in text


def test_a_day_that_is_not_flat_is_shouted() -> None:
    text = summed_up(scenes.record(scenes.TRADE, flat=False, alarms=2))
    assert "! NOT FLAT: act in the broker's app" in text
    assert "alarms 2" in text


def test_the_summary_of_a_synthetic_day_begins_and_ends_with_its_banner() -> None:
    lines = summed_up(scenes.record(scenes.TRADE)).splitlines()
    assert "SYNTHETIC DAY (seed 10)" in lines[0]
    assert "SYNTHETIC DAY (seed 10)" in lines[-1]
    assert "SYNTHETIC" not in summed_up(scenes.record(scenes.TRADE, synthetic=False, seed=None))


def test_in_a_pipe_the_summary_has_no_control_codes_and_no_blanks_at_the_end() -> None:
    text = summed_up(scenes.record(scenes.TRADE))
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize(
    ("paise", "text"),
    [
        (0, "Rs 0.00"),
        (99, "Rs 0.99"),
        (-41_523, "-Rs 415.23"),
        (100_000, "Rs 1,000.00"),
        (1_00_000_00, "Rs 1,00,000.00"),
        (-12_34_56_789_05, "-Rs 12,34,56,789.05"),
    ],
)
def test_amounts_are_grouped_in_lakh_and_crore(paise: int, text: str) -> None:
    assert figures.amount(paise) == text


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_grouping_changes_no_digit(number: int) -> None:
    shown = figures.grouped(number)
    assert int(shown.replace(",", "")) == number
    assert re.fullmatch(r"-?\d{1,3}|-?\d{1,2}(,\d\d)*,\d{3}", shown)


def test_a_gain_carries_its_sign() -> None:
    assert [figures.gain_or_loss(paise) for paise in (82_500, 0, -1)] == ["+Rs 825.00", "Rs 0.00", "-Rs 0.01"]


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (-SECOND, "0 s"),
        (MILLISECOND, "1 s"),
        (59 * SECOND, "59 s"),
        (59 * SECOND + 1, "1:00"),
        (3599 * SECOND, "59:59"),
        (3600 * SECOND, "1:00:00"),
    ],
)
def test_a_countdown_never_shows_less_than_is_left(left: int, text: str) -> None:
    assert figures.countdown(left) == text


def test_amounts_in_the_engines_sentences_are_grouped_too() -> None:
    said = figures.regrouped("plan: 2250 X near Rs 6.60, premium Rs 1490389.10, net Rs -1991.23, Rs 250")
    assert said == "plan: 2250 X near Rs 6.60, premium Rs 14,90,389.10, net Rs -1,991.23, Rs 250"


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert words("waiting", "a_new_reason") == "a new reason"


def test_the_large_clock_is_three_rows_of_one_width() -> None:
    for text in ("09:15:20", "12:34:56", "17:48:00"):
        assert len({len(row) for row in large(text)}) == 1
