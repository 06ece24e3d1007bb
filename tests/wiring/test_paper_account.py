"""The account of a paper day: what the days before have earned, to the paisa, and how often they lost."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninefifteen.domain.settings import Settings, Trading
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.wiring import Account
from ninefifteen.wiring.paper_account import account_before

DAY = date(2026, 12, 4)
SETTINGS = Settings(trading=Trading(paper_capital=Decimal(100_000)))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


def day(home: Home, name: str, *nets: str, **changes: Any) -> None:
    """The document of a day with these net results."""
    document = {
        "mode": "paper",
        "date": name[:10],
        "trades": [{"net": net, "contract": "ACME"} for net in nets],
    }
    (home.days_dir / f"{name}.json").write_text(json.dumps(document | changes))


def account(home: Home, before: date = DAY) -> Account:
    """What that day inherits."""
    return account_before(home, SETTINGS, before)


def test_the_first_day_has_the_paper_capital(home: Home) -> None:
    assert account(home) == Account(free_cash=10_000_000, losing_streak=0)


def test_cash_is_the_capital_with_every_net_result_rounded_down_to_the_paisa(home: Home) -> None:
    day(home, "2026-12-01", "-1905.8286")
    day(home, "2026-12-02", "970.3179", "-0.0001")
    day(home, "2026-12-03")
    # 100,000.0000 - 1,905.8286 + 970.3179 - 0.0001 = 99,064.4892
    assert account(home).free_cash == 9_906_448


def test_a_loss_below_a_paisa_is_not_rounded_away(home: Home) -> None:
    day(home, "2026-12-01", "-0.0001")
    assert account(home).free_cash == 9_999_999


@settings(deadline=None, max_examples=40)
@given(nets=st.lists(st.integers(-50_000_000, 50_000_000), max_size=8))
def test_no_paisa_is_made_up_or_lost(nets: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    home = Home.open(tmp_path_factory.mktemp("account") / "home")
    for number, net in enumerate(nets):
        day(home, f"2026-11-{number + 2:02}", f"{Decimal(net) / 10_000:.4f}")
    assert account(home).free_cash == (1_000_000_000 + sum(nets)) // 100


def test_the_streak_counts_losing_trades_since_the_last_win_by_date(home: Home) -> None:
    day(home, "2026-12-03", "-1", "0")
    day(home, "2026-12-01", "-5")
    day(home, "2026-12-02", "-7", "3", "-2")
    assert account(home).losing_streak == 3
    assert account(home, date(2026, 12, 2)).losing_streak == 1


def test_a_day_without_a_trade_neither_ends_nor_lengthens_the_streak(home: Home) -> None:
    day(home, "2026-12-01", "-5")
    day(home, "2026-12-02")
    assert account(home).losing_streak == 1


def test_only_earlier_paper_days_of_this_kind_of_home_count(home: Home) -> None:
    day(home, "2026-12-01", "-100")
    day(home, "2026-12-04", "-10000")
    day(home, "2026-12-07", "-10000")
    day(home, "2026-12-02.synthetic-7", "-10000", mode="demo")
    day(home, "2026-12-02.rehearsal-7", "-10000", rehearsal=True)
    assert account(home).free_cash == 9_990_000


def test_a_rehearsal_home_counts_its_rehearsals_and_no_run_that_was_set_aside(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "rehearsal", rehearsal=True)
    day(home, "2026-12-01.rehearsal-7", "-100", rehearsal=True)
    day(home, "2026-12-01.rehearsal-7.run-1", "-10000", rehearsal=True)
    assert account(home).free_cash == 9_990_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"mode": "paper", "date": "2026-12-01"}',
        b'{"mode": "paper", "date": "2026-12-01", "trades": [{"net": "much"}]}',
        b'{"mode": "paper", "date": "2026-12-01", "trades": [{"net": "NaN"}]}',
        b'{"mode": "paper", "date": "2026-12-01", "trades": [{"net": "Infinity"}]}',
        b'{"mode": "paper", "date": "2026-12-01", "trades": [{"net": "1e999999999"}]}',
        b'{"mode": "paper", "date": "some day", "trades": []}',
        b'{"mode": "paper", "date": "2026-12-01", "trades": "\xff"}',
    ],
)
def test_a_damaged_document_is_one_line_with_its_place(home: Home, content: bytes) -> None:
    path = home.days_dir / "2026-12-01.json"
    path.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        account(home)
    text = str(refused.value)
    assert text.startswith(f"{path}: ")
    assert text.endswith(": restore it from a backup, or move it away")
    assert "\n" not in text


def test_a_document_that_cannot_be_opened_is_one_line(home: Home) -> None:
    (home.days_dir / "2026-12-01.json").mkdir()
    with pytest.raises(BadInput, match="cannot be read"):
        account(home)


def test_what_a_day_ended_holding_counts_as_lost(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    day = {
        "date": "2026-11-19",
        "mode": "paper",
        "trades": [],
        "held": [{"contract": "X", "quantity": 50, "paid": "13000.50"}],
    }
    (home.days_dir / "2026-11-19.json").write_text(json.dumps(day))
    account = account_before(home, Settings(), date(2026, 11, 20))
    assert (account.free_cash, account.losing_streak) == (100_000_00 - 13_000_50, 1)
