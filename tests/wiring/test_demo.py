"""Synthetic days in a home: begun, gone on with, set aside, and which one is unfinished."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import msgspec
import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.adapters.rules import load_rules
from ninefifteen.config import LoadedConfig, load_config
from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.wiring import Account, fresh_account
from ninefifteen.wiring.demo import (
    DEMO_SEED,
    open_demo_day,
    synthetic_day_session,
    unfinished_day,
)
from ninefifteen.wiring.home_day import HomeDay, replays

RULES = load_rules()
DAY, LATER = date(2026, 12, 4), date(2026, 12, 7)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


@pytest.fixture
def config(home: Home) -> LoadedConfig:
    return load_config(home)


def opened(home: Home, config: LoadedConfig, day: date = DAY, account: Account | None = None) -> HomeDay:
    """That day in that home."""
    own = account or fresh_account(config.settings)
    return open_demo_day(home, config, RULES, day=day, seed=DEMO_SEED, account=own)


def live(demo: HomeDay, events: int | None = None) -> None:
    """Take so many events, or all of the day, and let go of its journal."""
    with demo:
        while demo.runner.record is None and events != 0:
            demo.runner.take_next()
            events = None if events is None else events - 1


def test_a_day_is_written_under_its_date_and_seed(home: Home, config: LoadedConfig) -> None:
    demo = opened(home, config)
    live(demo)
    assert demo.journal_path == home.journal_dir / f"2026-12-04.synthetic-{DEMO_SEED}.journal"
    assert demo.document_path == home.days_dir / f"2026-12-04.synthetic-{DEMO_SEED}.json"
    contents = read_journal(demo.journal_path)
    assert (contents.finished, contents.torn) == (True, False)
    assert (contents.header.synthetic, contents.header.seed) == (True, DEMO_SEED)
    assert contents.header.settings_hash == config.settings_hash
    assert replays(demo.journal_path)


def test_the_finished_document_says_whether_the_journal_proves_it(home: Home, config: LoadedConfig) -> None:
    demo = opened(home, config)
    live(demo)
    assert demo.runner.record is not None
    document = demo.finish(demo.runner.record)
    assert (document["journal_ok"], document["flat"]) == (True, True)
    kept = msgspec.json.decode(demo.document_path.read_bytes())
    assert kept["record"]["date"] == "2026-12-04"
    assert {key: kept[key] for key in document} == document
    assert (len(kept["universe"]), len(kept["orders"]), len(kept["fills"])) == (50, 2, 2)
    assert (kept["universe"][0]["rank"], kept["orders"][0]["side"]) == (1, "BUY")
    assert kept["fills"][0]["price"] == document["trades"][0]["entry"]
    assert kept["program"]
    assert kept["settings_hash"] == config.settings_hash
    demo.journal_path.write_bytes(demo.journal_path.read_bytes()[:-50])
    assert not replays(demo.journal_path)


def test_no_day_is_unfinished_in_a_new_home_or_when_all_have_ended(home: Home, config: LoadedConfig) -> None:
    assert unfinished_day(home, DEMO_SEED) is None
    live(opened(home, config))
    assert unfinished_day(home, DEMO_SEED) is None


def test_the_day_stopped_last_is_the_unfinished_one_of_its_seed(home: Home, config: LoadedConfig) -> None:
    live(opened(home, config))
    later = opened(home, config, LATER)
    live(later, 50)
    os.utime(later.journal_path, ns=(2**61, 2**61))
    assert unfinished_day(home, DEMO_SEED) == LATER
    assert unfinished_day(home, DEMO_SEED + 1) is None
    live(opened(home, config, LATER))
    os.utime(later.journal_path, ns=(2**61, 2**61))
    assert unfinished_day(home, DEMO_SEED) is None


def test_gone_on_with_it_keeps_the_account_it_began_with(home: Home, config: LoadedConfig) -> None:
    live(opened(home, config, account=Account(free_cash=7_000_000, losing_streak=2)), 100)
    again = opened(home, config)
    with again:
        assert again.restarts == 1
        assert (again.session.facts.free_cash, again.session.facts.losing_streak) == (7_000_000, 2)
        assert again.runner.events == 100
        assert not again.settings_changed


def test_changed_settings_are_noticed_and_wait_for_the_next_day(home: Home, config: LoadedConfig) -> None:
    live(opened(home, config), 100)
    changed = load_config(home, ["strategy.stop_pct=20"])
    again = opened(home, changed)
    with again:
        assert again.settings_changed
        assert again.settings == config.settings
    live(opened(home, changed))
    fresh = opened(home, changed)
    with fresh:
        assert (fresh.restarts, fresh.settings_changed) == (0, False)
        assert fresh.settings == changed.settings


def test_a_day_the_market_has_no_figures_for_leaves_no_journal(home: Home, config: LoadedConfig) -> None:
    with pytest.raises(BadInput, match="not a trading day"):
        opened(home, config, date(2026, 12, 5))
    assert list(home.journal_dir.iterdir()) == []


def test_a_day_without_a_trace_is_the_same_day(home: Home, config: LoadedConfig) -> None:
    demo = opened(home, config)
    live(demo)
    session = synthetic_day_session(Settings(), RULES, DAY, DEMO_SEED)
    while session.runner.record is None:
        session.runner.take_next()
    assert session.runner.record == demo.runner.record
    assert session.runner.events == demo.runner.events
