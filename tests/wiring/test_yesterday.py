"""The day after one at the broker that did not end flat: an alarm, and no entry until somebody has looked."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.adapters.rules import load_rules
from ninefifteen.config import load_config
from ninefifteen.domain.effects import URGENT
from ninefifteen.domain.events import DayOpened, Event, Paused, Restarted, Resumed
from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.wiring.clocks import HomeClock
from ninefifteen.wiring.live import LiveSession
from ninefifteen.wiring.live_run import LiveDesk
from ninefifteen.wiring.market_day import MarketDay
from ninefifteen.wiring.yesterday import left_open
from tests.runtime.live_stage import DAY, OPEN, HandClock

LEFT = "2026-11-20 did not end flat: 75 units of ACME26NOV262.5CE"
HELD = [{"contract": "ACME26NOV262.5CE", "quantity": 75, "paid": "3420.00"}]


class Morning:
    """A home, what lies in it from the days before, and everything that is told."""

    def __init__(self, folder: Path) -> None:
        self.home = Home.open(folder / "home", rehearsal=True)
        self.told: list[str] = []

    def document(self, day: str, *, flat: bool, name: str = "", **more: Any) -> None:
        """A day that has its document."""
        kept = {
            "date": day,
            "mode": "live",
            "rehearsal": True,
            "flat": flat,
            "trades": [],
            "held": [],
            **more,
        }
        (self.home.days_dir / f"{name or day}.json").write_text(json.dumps(kept))

    def desk(self) -> LiveDesk:
        """The desk of a process that has just begun."""
        environment = {"BROKER_API_KEY": "key", "BROKER_API_SECRET": "secret"}
        loaded = load_config(self.home, environment=environment)
        clock = HomeClock(cast(Any, HandClock(OPEN - 600 * SECOND)))
        return LiveDesk(
            self.home, loaded, load_rules(), clock, lambda *line: self.told.append(": ".join(line))
        )

    async def open(self, day: date = DAY) -> MarketDay:
        """The day, opened by a process of its own."""
        desk = self.desk()
        market = await desk.open_day(day)
        await desk.client.close()
        return market

    @property
    def alarms(self) -> list[str]:
        """What was told of yesterday."""
        return [line for line in self.told if "did not end flat" in line]


@pytest.fixture
def morning(tmp_path: Path) -> Morning:
    return Morning(tmp_path)


def opened(morning: Morning, day: date = DAY) -> MarketDay:
    """The day as it is opened."""
    return asyncio.run(morning.open(day))


def take(market: MarketDay, event: Event) -> None:
    """The line takes it; what is asked of a broker that nobody is logged in at is waited for."""

    async def taking() -> None:
        market.runner.take(event)
        session = market.home_day.session
        assert isinstance(session, LiveSession)
        await session.orders.close()

    asyncio.run(taking())


def test_behind_a_day_that_did_not_end_flat_nothing_enters_until_resume(morning: Morning) -> None:
    morning.document("2026-11-20", flat=False, held=HELD)
    market = opened(morning)
    runner = market.runner
    with market.home_day:
        first, second = runner.inbox.pop(), runner.inbox.pop()
        assert isinstance(first, DayOpened)
        assert second == Paused(OPEN - 600 * SECOND, source="yesterday", reason=LEFT)
        take(market, first)
        take(market, second)
        assert runner.engine.state.paused == f"yesterday: {LEFT}"
        take(market, Resumed(second.at, source="cli", reason="looked"))
        assert runner.engine.state.paused is None
        (alarm,) = market.home_day.alarms_beside
    assert morning.alarms == [f"{URGENT}: {alarm}"]
    assert alarm == (
        f"{LEFT}: look at positions and open orders in the broker's app;"
        " nothing enters until `ninefifteen resume`"
    )


def test_it_is_told_once_in_a_day_and_again_where_the_start_died_before_it_was_written(
    morning: Morning,
) -> None:
    morning.document("2026-11-20", flat=False, held=HELD)
    market = opened(morning)
    with market.home_day:
        take(market, market.runner.inbox.pop())
    again = opened(morning)
    with again.home_day:
        assert again.home_day.restarts
        take(again, again.runner.inbox.pop())
        assert (again.runner.engine.state.paused or "").startswith("yesterday")
        take(again, Resumed(again.runner.inbox.now, source="cli", reason="looked"))
    third = opened(morning)
    with third.home_day:
        assert third.runner.engine.state.paused is None
        assert third.home_day.alarms_beside == []
    assert len(morning.alarms) == 2


def test_only_the_newest_day_at_the_broker_counts(morning: Morning) -> None:
    morning.document("2026-11-19", flat=False, held=HELD)
    morning.document("2026-11-20", flat=True)
    morning.document("2026-11-21", flat=False, mode="paper")
    morning.document("2026-11-22", flat=False, rehearsal=False)
    morning.document("2026-11-22", flat=False, name="2026-11-22.rehearsal-7.live.run-1")
    morning.document("2026-11-23", flat=False)
    assert left_open(morning.home, DAY) == ""
    with opened(morning).home_day as day:
        assert day.alarms_beside == []
    assert left_open(morning.home, date(2026, 11, 20)) == LEFT.replace("11-20", "11-19")


def test_a_day_that_does_not_know_what_it_holds_is_told_so(morning: Morning) -> None:
    morning.document("2026-11-20", flat=False)
    assert left_open(morning.home, DAY) == "2026-11-20 did not end flat: what was held or open is not known"


def test_a_document_that_cannot_be_read_is_refused(morning: Morning) -> None:
    (morning.home.days_dir / "2026-11-20.json").write_text("damaged")
    with pytest.raises(BadInput, match=r"2026-11-20\.json: cannot be read"):
        left_open(morning.home, DAY)


def test_a_day_left_unfinished_is_closed_under_a_number_of_its_own(morning: Morning) -> None:
    """The first thing a start does with it: before it has opened a day of its own."""
    market = opened(morning, date(2026, 11, 20))
    with market.home_day:
        take(market, market.runner.inbox.pop())
    desk = morning.desk()
    (left,) = desk.days.unfinished_before(DAY)

    async def closed_out() -> Any:
        return desk.days.close_out(left)

    assert asyncio.run(closed_out())["flat"]
    assert read_journal(left).finished
    assert desk.fence.read() == 2


def test_a_number_that_is_too_low_for_the_day_s_journal_is_passed_over(morning: Morning) -> None:
    """The file comes from a backup: tags of its number are at the broker already."""
    market = opened(morning)
    with market.home_day:
        take(market, market.runner.inbox.pop())
        take(market, Restarted(market.runner.inbox.now, epoch=7))
    assert (morning.home.path / "epoch").read_text().startswith("0000000001 ")
    again = opened(morning)
    with again.home_day:
        assert again.trading.started(OPEN, 1) == Restarted(OPEN, epoch=8)
