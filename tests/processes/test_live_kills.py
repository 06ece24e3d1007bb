"""A day with real orders at our exchange, its process killed at random: one entry, never short, flat."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from random import Random

import pytest

from tests.processes.live_homes import (
    Live,
    assert_nothing_went_wrong,
    finished_live,
    pass_time,
    truth,
)
from tests.processes.paper_homes import Exchange, exchange, rehearsal_home

STARTS = "09:12:00"
ENTERING = (4, 16, 6)
"""Seeds of days that are entered: left at the stop after four minutes, at the target, at the end."""
AWAY_S = (0, 0, 1, 5, 30, 600)
"""Seconds of the exchange that pass while nobody is there."""
ZONES = ("Asia/Kolkata", "UTC", "America/New_York", "Pacific/Auckland")


def killed(home: Path, market: Exchange, chance: Random) -> None:
    """One start that is killed, often within the few steps around an order; then some time passes."""
    with Live(home, zone=chance.choice(ZONES)) as process:
        process.wait_for_steps(market, 1 + chance.randrange(chance.choice((4, 20, 120))), "09:22:00")
        process.kill()
    pass_time(market, chance.choice(AWAY_S))


def halted(home: Path, market: Exchange) -> None:
    """A last start, halted two minutes after the opening: flat, proved and ended by SIGTERM."""
    with Live(home) as process:
        process.wait_until(market, "09:17:00")
        (home / "HALT").touch()
        process.until("being flat", lambda: truth(market)["flat"])
        process.wait_for(b'"type":"halt"')
        process.send(signal.SIGTERM)
        code, _, err = process.ended()
    assert code in (4, 130), err
    assert "Traceback" not in err


@pytest.mark.parametrize("number", range(2))
def test_killed_five_times_at_random_moments_nothing_is_done_twice(tmp_path: Path, number: int) -> None:
    chance = Random(number)
    with exchange(seed=ENTERING[number], start=STARTS) as market:
        home = rehearsal_home(tmp_path, market)
        for _ in range(5):
            killed(home, market, chance)
        halted(home, market)
        assert_nothing_went_wrong(home, market)


def test_killed_the_moment_the_entry_is_written_it_is_looked_for_and_never_sent_again(tmp_path: Path) -> None:
    """Mostly the request had not left yet: then there is no order at all today. Else it is found and held."""
    with exchange(seed=ENTERING[0], start=STARTS) as market:
        home = rehearsal_home(tmp_path, market)
        with Live(home) as process:
            process.wait_for(b'"type":"submit"')
            process.kill()
        left = len(truth(market)["writes"])
        pass_time(market, 3)
        halted(home, market)
        seen = assert_nothing_went_wrong(home, market)
    assert [order["side"] for order in seen["orders"]] == ["BUY", "SELL"][: 2 * left]


@pytest.mark.nightly
@pytest.mark.parametrize("number", range(40))
def test_killed_two_hundred_times_in_forty_days_nothing_is_done_twice(tmp_path: Path, number: int) -> None:
    """Each day goes to its own end after five kills; the seed of a failure is its number."""
    chance = Random(number + int(os.environ.get("NINEFIFTEEN_NIGHT", "0")) * 1000)
    with exchange(seed=chance.choice((*ENTERING, 300 + number)), start=STARTS) as market:
        home = rehearsal_home(tmp_path, market)
        for _ in range(5):
            killed(home, market, chance)
        document, told = finished_live(home)
        seen = assert_nothing_went_wrong(home, market)
    assert (document["flat"], document["journal_ok"]) == (True, True), told
    assert len(document["trades"]) == (1 if seen["fills"] else 0), told
