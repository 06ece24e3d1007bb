"""`backtest` on small invented folders: every day has its entry, every figure its rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command_line import Document, Said, command, untimed
from tests.cli.contract import check_backtest
from tests.cli.recorded_days import LOT, bhavcopy_days, snapshot_days


def backtest(folder: Path, *words: str, days: tuple[str, str] = ("2026-01-06", "2026-01-06")) -> Said:
    """The command over the folder's Tuesday, or other days, in a home beside it."""
    first, last = days
    fixed = ("backtest", "--data", folder, "--from", first, "--to", last, "--home", folder.parent / "home")
    return command(*fixed, *words)


def only_day(folder: Path, *words: str) -> Document:
    """The one day of it; the whole document must keep its promises."""
    document = backtest(folder, *words, "--json").document
    check_backtest(document)
    (day,) = document["days"]
    return dict(day)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_snapshot_day_trades_at_what_was_observed_worsened_by_a_percent(folder: Path) -> None:
    """6.00 is bought at 6.10 (6.06 rounded up); the target of 6.60 is passed at 7.00 and sold at 6.50."""
    day = only_day(snapshot_days(folder))
    assert (day["status"], day["price_source"]) == ("traded", "last")
    trade = day["trade"]
    assert trade["contract"] == "WIPRO 2026-01-27 100 CE"
    assert (trade["entry"], trade["exit"], trade["exit_reason"]) == ("6.10", "6.50", "target")
    assert trade["entry_at"] == "2026-01-06T09:15:30.000+05:30"
    assert trade["exit_at"] == "2026-01-06T09:40:00.000+05:30"
    assert (trade["entry_delay_s"], trade["quantity"], trade["gross"]) == (30.0, LOT, "800.00")
    assert trade["ambiguous"] is False


def test_without_slippage_the_figures_are_those_observed(folder: Path) -> None:
    trade = only_day(snapshot_days(folder), "--slippage", "0")["trade"]
    assert (trade["entry"], trade["exit"], trade["target"]) == ("6.00", "6.50", "6.50")


def test_a_stop_leaves_at_the_observed_price_and_the_daily_limit_decides_which_stop(folder: Path) -> None:
    """A loss of a rupee a unit is above Rs 2,000 for 2,000 units with charges; the plain stop is at 4.20."""
    snapshot_days(folder, ("09:15:30", 6.0), ("10:00:00", 4.9), ("10:30:00", 4.1), ("15:20:00", 6.0))
    tight = only_day(folder, "--slippage", "0")["trade"]
    assert (tight["exit_reason"], tight["exit"], tight["exit_at"][11:16]) == ("stop", "4.90", "10:00")
    plain = only_day(folder, "--slippage", "0", "--no-daily-limit")["trade"]
    assert (plain["exit_reason"], plain["exit"], plain["exit_at"][11:16]) == ("stop", "4.10", "10:30")
    assert (tight["stop"] > plain["stop"], plain["stop"]) == (True, "4.20")


def test_what_reaches_neither_level_is_sold_at_the_square_off(folder: Path) -> None:
    snapshot_days(folder, ("09:15:30", 6.0), ("12:00:00", 6.2), ("15:15:00", 6.3), ("15:20:00", 9.0))
    trade = only_day(folder, "--slippage", "0")["trade"]
    assert (trade["exit_reason"], trade["exit"], trade["exit_at"][11:19]) == ("time", "6.30", "15:15:00")


def test_a_bhavcopy_day_that_touched_both_levels_is_a_stop_and_says_so(folder: Path) -> None:
    said = backtest(bhavcopy_days(folder, (6.0, 6.8, 4.0, 6.0)), "--slippage", "0", "--json")
    document = said.document
    (day,) = document["days"]
    assert day["price_source"] == "bhavcopy"
    trade = day["trade"]
    assert (trade["exit_reason"], trade["ambiguous"], trade["exit_at"]) == ("stop", True, None)
    assert trade["entry_at"] == "2026-01-06T09:15:00.000+05:30"
    assert trade["entry_delay_s"] == 0
    summary = document["summary"]
    assert summary["ambiguous_days"] == 1
    assert float(summary["net"]) < 0 < float(summary["net_ambiguous_as_target"])


@pytest.mark.parametrize(
    ("prices", "reason", "exit_price", "exit_at"),
    [
        ((6.0, 6.6, 5.8, 6.2), "target", "6.50", None),
        ((6.0, 6.4, 4.0, 6.2), "stop", None, None),
        ((6.0, 6.4, 5.8, 6.2), "time", "6.20", "2026-01-06T15:15:00.000+05:30"),
    ],
)
def test_a_bhavcopy_day_leaves_at_the_level_or_at_the_close(
    folder: Path,
    prices: tuple[float, float, float, float],
    reason: str,
    exit_price: str | None,
    exit_at: str | None,
) -> None:
    trade = only_day(bhavcopy_days(folder, prices), "--slippage", "0")["trade"]
    assert (trade["exit_reason"], trade["exit_at"]) == (reason, exit_at)
    assert trade["exit"] == (exit_price or trade["stop"])


def test_every_trading_day_has_an_entry_with_its_reason_and_nothing_is_filled_in(folder: Path) -> None:
    """Friday to Thursday: a weekend in it has no entry, days without data say which."""
    said = backtest(snapshot_days(folder), "--json", days=("2026-01-02", "2026-01-08"))
    assert said.code == 0
    check_backtest(said.document)
    days = [(day["date"], day["status"], day["reason"]) for day in said.document["days"]]
    assert days == [
        ("2026-01-02", "no_data", "no_pre_open"),
        ("2026-01-05", "no_data", "no_previous_oi"),
        ("2026-01-06", "traded", None),
        ("2026-01-07", "no_trade", "no_candidate"),
        ("2026-01-08", "no_data", "no_pre_open"),
    ]
    summary = said.document["summary"]
    assert (summary["traded_days"], summary["no_trade_days"], summary["no_data_days"]) == (1, 1, 3)
    assert (summary["trades"], summary["wins"]) == (1, 1)
    assert summary["profit_factor"] is None
    assert summary["sharpe"] > 0


def test_a_special_session_is_no_trade_day(folder: Path) -> None:
    said = backtest(snapshot_days(folder), "--json", days=("2026-02-01", "2026-02-01"))
    (day,) = said.document["days"]
    assert (day["status"], day["reason"]) == ("no_trade", "special_session")


def test_a_stretch_without_a_trading_day_is_an_empty_list_and_exit_0(folder: Path) -> None:
    said = backtest(snapshot_days(folder), "--json", days=("2026-01-03", "2026-01-04"))
    assert (said.code, said.document["days"]) == (0, [])
    check_backtest(said.document)


def test_a_setting_of_this_run_decides_and_the_output_says_which_limit_was_used(folder: Path) -> None:
    snapshot_days(folder)
    refused = backtest(folder, "--set", "strategy.min_gain_pct=2", "--no-daily-limit", "--json").document
    assert refused["days"][0]["candidates"][0]["code"] == "not_a_gainer"
    assert refused["daily_limit"] is False
    assert backtest(folder, "--json").document["daily_limit"] is True


def test_the_same_call_gives_the_same_document_apart_from_measured_times(folder: Path) -> None:
    snapshot_days(folder)
    first, second = (backtest(folder, "--json").document for _ in range(2))
    assert untimed(first) == untimed(second)
    assert first["rows_read"] > 0


def test_people_get_a_table_on_stderr_with_every_day_and_its_reason(folder: Path) -> None:
    said = backtest(snapshot_days(folder), days=("2026-01-05", "2026-01-07"))
    assert (said.code, said.out) == (0, "")
    for words in ("2026-01-05", "no_previous_oi", "WIPRO", "win rate"):
        assert words in said.err
