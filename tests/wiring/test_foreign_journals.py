"""A journal that came from another day, home or account: one line, before anything is taken from it."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.journal import account_mark, journals, read_journal
from ninefifteen.config import LoadedConfig, load_config
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.wiring.live_run import LiveDesk
from tests.wiring.login_broker import GOOD, STRANGER, USER, Desk
from tests.wiring.paper_days import DAY, LATER, days_of, journal, opened
from tests.wiring.test_broker_session import beside, until
from tests.wiring.test_yesterday import Morning, take

BEFORE = date(2026, 12, 4)
MINE, OTHER = "AB1234", "ZZ9999"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home", rehearsal=True)


@pytest.fixture
def config(home: Home) -> LoadedConfig:
    return load_config(home, environment={})


def begun(home: Home, config: LoadedConfig, day: date = DAY) -> Path:
    """The journal of a day that was begun and stopped."""
    market = opened(home, config, day)
    with market.home_day:
        market.runner.take_next()
    return journal(home, day)


def refused(use: Any, words: str, path: Path) -> None:
    before = len(read_journal(path).steps)
    with pytest.raises(BadInput, match=words) as caught:
        use()
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert len(read_journal(path).steps) == before


# ------------------------------------------------------------------------------------ another day or home


def test_another_days_journal_under_the_name_of_this_day_is_not_gone_on_with(
    home: Home, config: LoadedConfig
) -> None:
    path = begun(home, config, BEFORE).rename(journal(home, DAY))
    refused(lambda: opened(home, config), f"holds the day {BEFORE}, not {DAY}", path)
    refused(lambda: days_of(home, config).read(path), f"holds the day {BEFORE}", path)


def test_nor_is_it_closed_as_a_day_that_was_left_behind(home: Home, config: LoadedConfig) -> None:
    path = begun(home, config).rename(journal(home, BEFORE))
    refused(lambda: days_of(home, config).close_out(path), f"holds the day {DAY}, not {BEFORE}", path)
    refused(lambda: days_of(home, config).unfinished_before(LATER), f"holds the day {DAY}", path)
    assert not list(home.days_dir.iterdir())


def test_the_journal_of_a_rehearsal_is_no_day_of_a_real_home(
    home: Home, config: LoadedConfig, tmp_path: Path
) -> None:
    real = Home.open(tmp_path / "real")
    path = real.journal_dir / f"{DAY}.journal"
    path.write_bytes(begun(home, config).read_bytes())
    days = days_of(real, load_config(real, environment={}))
    words = "was written in a rehearsal home, and this is a real home"
    refused(lambda: days.open(lambda: pytest.fail("not asked"), DAY, None, 0), words, path)
    refused(lambda: days.unfinished_before(LATER), words, path)


def test_a_name_without_a_day_there_is_is_told(home: Home, config: LoadedConfig) -> None:
    path = begun(home, config).rename(home.journal_dir / "2026-13-45.rehearsal-7.journal")
    refused(lambda: days_of(home, config).unfinished_before(LATER), "tells no day there is", path)


# ---------------------------------------------------------------------------------------- another account


class Account(Morning):
    """The mornings of a home; `user` is who is named in its configuration, or has logged in."""

    user = ""

    def desk(self) -> LiveDesk:
        desk = super().desk()
        desk.keeper._user_id = self.user or None
        return desk


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


def started(account: Account, user: str) -> Path:
    """A day at the broker, begun while this user was logged in."""
    account.user = user
    market = asyncio.run(account.open())
    with market.home_day:
        take(market, market.runner.inbox.pop())
    (path,) = journals(account.home.journal_dir)
    return path


def test_the_journal_of_a_day_at_the_broker_bears_the_mark_of_whoever_is_logged_in(account: Account) -> None:
    header = read_journal(started(account, MINE)).header
    assert header.account == account_mark("zerodha", MINE)
    assert MINE not in header.account
    with asyncio.run(account.open()).home_day as home_day:
        assert home_day.restarts == 1


def test_a_day_of_another_account_is_neither_gone_on_with_nor_closed(account: Account) -> None:
    path = started(account, MINE)
    account.user = OTHER
    words = f"belongs to the account {account_mark('zerodha', MINE)}, and zerodha-.* is logged in"
    refused(lambda: asyncio.run(account.open()), words, path)
    refused(lambda: account.desk().days.close_out(path), words, path)


def test_where_nobody_was_logged_in_at_the_start_the_login_tells_whose_day_it_is(account: Account) -> None:
    path = started(account, MINE)
    account.user = ""
    desk = account.desk()

    async def logs_in_late() -> None:
        market = await desk.open_day(date.fromisoformat(path.name[:10]))
        with market.home_day:
            companion = desk.companion(market)
            desk.keeper._user_id = OTHER
            companion.logged_in()

    refused(lambda: asyncio.run(logs_in_late()), "belongs to the account", path)


def test_a_day_begun_before_anybody_was_logged_in_is_nobodys(account: Account) -> None:
    assert read_journal(started(account, "")).header.account == ""
    account.user = OTHER
    with asyncio.run(account.open()).home_day as home_day:
        assert home_day.restarts == 1


def test_whoever_has_logged_in_first_is_whose_home_it_is_until_the_process_ends(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def run() -> None:
        async with desk.keeper(user=None, token=GOOD) as keeper:
            assert keeper.user_id is None
            assert (await keeper.session()).user_id == keeper.user_id == USER
            desk.broker.users[GOOD] = STRANGER
            async with beside(keeper.session()) as asked:
                await until(lambda: any("log in here" in line for line in desk.told))
                assert not asked.done()

    asyncio.run(run())
    assert USER in desk.told[0]
