"""`backtest` on real recorded days gives what the independent oracle gives: every day, code and price."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import Document, command
from tests.cli.contract import check_backtest

pytestmark = pytest.mark.real_data

FILTERS_OFF = tuple(
    f"strategy.{name}=0"
    for name in (
        "min_gain_pct", "min_chain_oi_lots", "pcr_min", "pcr_max", "min_open_interest_lots",
        "min_volume_lots", "min_premium", "min_target_ticks", "max_charge_share", "min_working_stop_pct",
    )
)  # fmt: skip
VARIANTS: dict[str, tuple[str, ...]] = {
    "defaults": (),
    "filters off": tuple(word for change in FILTERS_OFF for word in ("--set", change)),
    "no daily limit": ("--no-daily-limit",),
    "all off": (
        *(word for change in FILTERS_OFF for word in ("--set", change)),
        "--no-daily-limit", "--slippage", "0",
    ),
}  # fmt: skip
MONTHS = {
    "a week of January 2026": ("2026-01-05", "2026-01-09"),
    "January 2026, chain snapshots": ("2025-12-24", "2026-01-29"),
    "February 2025, bhavcopies": ("2025-02-03", "2025-02-21"),
    "November 2025, the op report": ("2025-11-14", "2025-11-18"),
}
WEEK, _, FEBRUARY, NOVEMBER = MONTHS
QUICK = {(WEEK, "defaults"), (FEBRUARY, "all off"), (NOVEMBER, "filters off")}
CASES = [
    pytest.param(month, variant, marks=() if (month, variant) in QUICK else pytest.mark.nightly)
    for month in MONTHS
    for variant in VARIANTS
]


def oracle(repository: Path, words: tuple[str, ...]) -> Document:
    """The document of the independent implementation, from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.parity.oracle", *words],
        cwd=repository, capture_output=True, text=True, check=True,
    )  # fmt: skip
    document: Document = json.loads(done.stdout)
    return document


def same(ours: Any, theirs: Any, place: str = "") -> list[str]:
    """Where the oracle says something else; figures that are no decimal text agree to nine places."""
    if isinstance(theirs, dict):
        return [
            line for key, value in theirs.items() for line in same(ours.get(key), value, f"{place}.{key}")
        ]
    if isinstance(theirs, list):
        if len(ours) != len(theirs):
            return [f"{place}: {len(ours)} instead of {len(theirs)}"]
        pairs = zip(ours, theirs, strict=True)
        return [line for n, pair in enumerate(pairs) for line in same(*pair, f"{place}[{n}]")]
    equal = ours == pytest.approx(theirs, rel=1e-9) if isinstance(theirs, float) else ours == theirs
    return [] if equal else [f"{place}: {ours!r}, the oracle says {theirs!r}"]


@pytest.mark.parametrize(("month", "variant"), CASES)
def test_the_backtest_is_the_oracle_s(
    repository: Path, real_data: Path, tmp_path: Path, month: str, variant: str
) -> None:
    first, last = MONTHS[month]
    words = ("--data", str(real_data), "--from", first, "--to", last, *VARIANTS[variant])
    ours = command("backtest", *words, "--json", "--home", tmp_path).document
    check_backtest(ours)
    theirs = oracle(repository, words)
    assert same(ours["days"], theirs["days"], "days") == []
    assert same(ours["summary"], theirs["summary"], "summary") == []
    assert [set(day) - set(our) for day, our in zip(theirs["days"], ours["days"], strict=True)] == [
        set() for _ in ours["days"]
    ]


def test_the_figures_of_january_are_those_of_the_plan(real_data: Path, tmp_path: Path) -> None:
    """Twenty-three trading days, each with its reason; nothing is filled in. The 20th has no cash prices."""
    words = ("--data", real_data, "--from", "2025-12-26", "--to", "2026-01-29", "--json", "--home", tmp_path)
    document = command("backtest", *words).document
    assert len(document["days"]) == 23
    reasons = {day["date"]: day["reason"] for day in document["days"]}
    assert reasons["2026-01-09"] == reasons["2026-01-12"] == "no_opening_snapshot"
    assert reasons["2026-01-20"] == "no_pre_open"
    assert all(day["candidates"] for day in document["days"] if day["reason"] == "no_opening_snapshot")
    assert {day["reason"] for day in document["days"] if day["status"] == "no_data"} == {
        "no_pre_open",
        "no_chain_for_expiry",
        "no_previous_oi",
        "no_opening_snapshot",
    }
