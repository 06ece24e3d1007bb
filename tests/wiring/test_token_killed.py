"""A token that is killed shortly before the open: noticed by what it is used for, and renewed at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ninefifteen.adapters.zerodha.errors import Down, LoggedOut
from ninefifteen.adapters.zerodha.session import (
    PROBE_EVERY,
    Session,
    save_session,
    session_of,
)
from ninefifteen.adapters.zerodha.session_file import SESSION_FILE
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant
from ninefifteen.domain.secret import SecretText
from ninefifteen.wiring import broker_session
from ninefifteen.wiring.zerodha_market import ZerodhaMarket
from tests.adapters.zerodha.fake_kite import in_turn
from tests.adapters.zerodha.feed_desk import NAMES, clock
from tests.adapters.zerodha.scripted_server import MORNING, StepClock
from tests.adapters.zerodha.ticker_server import Server, heartbeats
from tests.engine.builders import facts
from tests.patience import PATIENCE_S
from tests.wiring.login_broker import GOOD, REQUEST, USER, Desk
from tests.wiring.test_zerodha_market import Day, lived, until

EXPIRY = facts().expiry
FRESH = "fresh0123456789"
Ask = Callable[[ZerodhaMarket], None]


def doubted(day: Day, server: Server, story: Callable[[ZerodhaMarket], Awaitable[None]]) -> bool:
    """Whether the session was doubted after this had happened."""
    lived(day, server, story)
    return day.desk.client.as_client().doubted.is_set()


def test_a_ticker_that_is_refused_raises_doubt_about_the_session(tmp_path: Path) -> None:
    day = Day(tmp_path, clock("09:14:48"))
    server = Server(heartbeats())
    server.refuse = {"token-0815": 403}

    async def story(_: ZerodhaMarket) -> None:
        await until(lambda: any("refused" in line for line in day.told))

    assert doubted(day, server, story)


def test_a_ticker_that_is_only_down_raises_none(tmp_path: Path) -> None:
    day = Day(tmp_path, clock("09:14:48"))
    server = Server(heartbeats())
    server.refuse = {"token-0815": 502}

    async def story(_: ZerodhaMarket) -> None:
        await until(lambda: any("502" in line for line in day.told))

    assert not doubted(day, server, story)


@pytest.mark.parametrize(
    "ask",
    [lambda market: market.feed.ask_pre_open(0), lambda market: market.feed.ask_chains(0, NAMES, EXPIRY)],
    ids=["pre-open", "chains"],
)
@pytest.mark.parametrize(
    "why", [LoggedOut("the token is dead"), Down("no answer in time")], ids=["dead", "down"]
)
def test_a_reading_that_is_refused_for_its_token_raises_doubt(
    tmp_path: Path, ask: Ask, why: Exception
) -> None:
    day = Day(tmp_path, clock("09:14:00"))
    day.desk.client.replies["GET /quote"] = in_turn(why)

    async def story(market: ZerodhaMarket) -> None:
        ask(market)
        await until(lambda: day.events)

    assert doubted(day, Server(heartbeats()), story) == isinstance(why, LoggedOut)


class Standing(StepClock):
    """A clock that goes only where it is put."""

    async def sleep_until(self, until: Instant) -> None:
        while self.at < until:  # noqa: ASYNC110 - the test moves it
            await asyncio.sleep(0.001)


def test_the_login_of_a_doubted_session_is_renewed_long_before_the_minute_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_session, "_PAGE_READY_S", 0.05)
    desk = Desk(tmp_path)
    desk.clock = Standing()  # type: ignore[assignment]
    save_session(desk.home.path / SESSION_FILE, session_of(USER, GOOD, MORNING))
    renewed: list[tuple[Instant, Session]] = []

    async def run() -> None:
        async with desk.keeper(plays=True) as keeper, asyncio.timeout(PATIENCE_S):
            session = await keeper.session()
            doubt = keeper._client.doubted
            watch = asyncio.create_task(
                keeper.watched(session, lambda new: renewed.append((desk.clock.at, new)))
            )
            await asyncio.sleep(0.01)
            desk.clock.at = MORNING + 10 * SECOND
            desk.broker.users, desk.broker.grants = {FRESH: USER}, {REQUEST: FRESH}
            doubt.set()
            while not renewed:
                desk.clock.at += 10 * MILLISECOND
                await asyncio.sleep(0.001)
            assert not doubt.is_set()
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    asyncio.run(run())
    [(when, session)] = renewed
    assert session.access_token == SecretText(FRESH)
    assert when < MORNING + PROBE_EVERY
