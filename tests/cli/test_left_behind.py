"""What is said at a stop and at the start after it: what is held, and who watches it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ninefifteen.adapters.rules import load_rules
from ninefifteen.cli.left_behind import found_again, left_behind
from ninefifteen.config import load_config
from ninefifteen.home import Home
from ninefifteen.wiring import fresh_account
from ninefifteen.wiring.demo import DEMO_SEED, open_demo_day
from ninefifteen.wiring.home_day import HomeDay

DAY = date(2026, 12, 4)


def day_in(folder: Path) -> HomeDay:
    home = Home.open(folder)
    config = load_config(home)
    account = fresh_account(config.settings)
    return open_demo_day(home, config, load_rules(), day=DAY, seed=DEMO_SEED, account=account)


def holding(day: HomeDay) -> HomeDay:
    """The day lived on until its stop order rests."""
    while "no stop" in left_behind(day) or "held" not in left_behind(day):
        day.runner.take_next()
    return day


def test_before_anything_is_bought_only_the_day_is_named(tmp_path: Path) -> None:
    with day_in(tmp_path / "home") as day:
        day.runner.take_next()
        assert left_behind(day) == (
            "stopped at 09:13:30 of the synthetic day 2026-12-04. The next start goes on with this day."
        )
        assert found_again(day) == "going on with 2026-12-04 where it was stopped, at 09:13:30"


def test_what_is_held_is_told_with_its_stop(tmp_path: Path) -> None:
    with day_in(tmp_path / "home") as day:
        text = left_behind(holding(day))
        assert "held: 50 MARUTI 2026-12-29 13600 CE, its stop of Rs 235.35 rests at the exchange" in text
        assert "nobody watches" not in text
        again = found_again(day)
        assert "held: 50 MARUTI 2026-12-29 13600 CE bought at 271.15, stop 235.35, target 292.85" in again


def test_on_paper_it_says_that_nobody_watches_the_stop(tmp_path: Path) -> None:
    with day_in(tmp_path / "home") as day:
        holding(day).wiring = "paper"
        assert "on paper nobody watches it until you start again" in left_behind(day)
