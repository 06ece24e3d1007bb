"""Keeping a home logged in: today's login found, waited for, made here or elsewhere, and renewed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from ninefifteen.adapters.zerodha.client import Endpoint
from ninefifteen.adapters.zerodha.errors import Down
from ninefifteen.adapters.zerodha.session import Session, load_session, save_session, session_of
from ninefifteen.adapters.zerodha.session_file import SESSION_FILE
from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import BadInput
from ninefifteen.wiring import broker_session
from ninefifteen.wiring.broker_session import Keeper
from tests.adapters.zerodha.scripted_server import API_KEY, API_SECRET, MORNING
from tests.patience import PATIENCE_S
from tests.wiring.login_broker import DEAD, GOOD, REQUEST, STRANGER, USER, Desk

DAY_BEFORE = MORNING - 86_400 * SECOND


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_session, "_LOOK_S", 0.02)
    monkeypatch.setattr(broker_session, "_PAGE_READY_S", 0.05)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def kept(desk: Desk, token: str = GOOD, *, user: str = USER, at: int = MORNING) -> None:
    """A login lies in the home."""
    save_session(desk.home.path / SESSION_FILE, session_of(user, token, at))


def logged_in(desk: Desk, **secrets: object) -> Session:
    """The session that the keeper finds or waits for."""

    async def run() -> Session:
        async with desk.keeper(**secrets) as keeper, asyncio.timeout(PATIENCE_S):  # type: ignore[arg-type]
            return await keeper.session()

    return asyncio.run(run())


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - whatever it waits for tells nobody
            await asyncio.sleep(0.005)


@asynccontextmanager
async def beside(work: Awaitable[object]) -> AsyncIterator[asyncio.Task[object]]:
    """This runs until the block is left."""
    task = asyncio.ensure_future(work)
    assert isinstance(task, asyncio.Task)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def visit(desk: Desk) -> int:
    """What the browser of the user does after the login: the status of the page it ends at."""
    address = f"{desk.redirect}?action=login&status=success&request_token={REQUEST}"
    async with aiohttp.ClientSession() as browser, browser.get(address) as page:
        return page.status


# ------------------------------------------------------------------------------------------------- found


def test_today_s_login_is_found_and_known_to_be_alive(desk: Desk) -> None:
    kept(desk)
    session = logged_in(desk)
    assert (session.user_id, session.access_token.reveal()) == (USER, GOOD)
    assert (desk.told, desk.broker.asked) == ([], ["profile"])


def test_a_token_that_was_written_down_will_do(desk: Desk) -> None:
    assert logged_in(desk, token=GOOD).user_id == USER
    assert desk.told == []


def test_a_token_that_was_written_down_stands_in_for_a_login_that_is_dead(desk: Desk) -> None:
    kept(desk, DEAD)
    assert logged_in(desk, token=GOOD).access_token.reveal() == GOOD


def test_a_broker_that_cannot_be_asked_is_no_reason_for_a_login(desk: Desk) -> None:
    kept(desk)
    desk.broker.down = 9
    with pytest.raises(Down, match="503"):
        logged_in(desk)
    assert desk.told == []


# ------------------------------------------------------------------------------------------------- asked for


@pytest.mark.parametrize("left", ["nothing", "yesterday's", "dead", "a stranger's"])
def test_without_a_login_of_today_one_is_asked_for_and_taken(desk: Desk, left: str) -> None:
    if left == "yesterday's":
        kept(desk, at=DAY_BEFORE)
    elif left == "dead":
        kept(desk, DEAD)
    elif left == "a stranger's":
        kept(desk, user=STRANGER)

    async def run() -> Session:
        async with desk.keeper() as keeper:
            asked = asyncio.create_task(keeper.session())
            await until(lambda: any("log in here" in line for line in desk.told))
            assert await visit(desk) == 200
            return await asyncio.wait_for(asked, PATIENCE_S)

    session = asyncio.run(run())
    assert session.access_token.reveal() == GOOD
    assert desk.told[-1] == f"logged in as {USER}"
    assert desk.told[1] == f"log in here: {desk.broker.rest}/connect/login?v=3&api_key={API_KEY}"
    file = desk.home.path / SESSION_FILE
    assert load_session(file, MORNING, USER).access_token.reveal() == GOOD
    assert file.stat().st_mode & 0o077 == 0


def test_in_a_rehearsal_the_program_plays_the_account_holder(desk: Desk) -> None:
    assert logged_in(desk, plays=True).access_token.reveal() == GOOD
    assert "rehearsal: the login of the account holder is played by this program" in desk.told
    assert "page" in desk.broker.asked


def test_the_page_of_a_real_broker_is_never_opened_by_the_program(desk: Desk) -> None:
    async def run() -> None:
        real = Endpoint("http://127.0.0.1:1", "ws://127.0.0.1:1", "https://kite.zerodha.com/connect/login")
        async with desk.keeper(plays=True, endpoint=real) as keeper, beside(keeper.session()):
            await until(lambda: any("log in here" in line for line in desk.told))
            await asyncio.sleep(0.15)

    asyncio.run(run())
    assert not any("did not open" in line for line in desk.told)


def test_a_login_page_that_does_not_open_is_told(desk: Desk) -> None:
    async def run() -> None:
        gone = Endpoint("http://127.0.0.1:1", "ws://127.0.0.1:1", "http://127.0.0.1:1/connect/login")
        async with desk.keeper(plays=True, endpoint=gone) as keeper, beside(keeper.session()):
            await until(lambda: any("did not open (Client" in line for line in desk.told))

    asyncio.run(run())


def test_a_login_page_that_does_not_know_the_app_is_told(desk: Desk) -> None:
    desk.broker.knows_the_app = False

    async def run() -> None:
        async with desk.keeper(plays=True) as keeper, beside(keeper.session()):
            await until(lambda: any("does not know this app" in line for line in desk.told))

    asyncio.run(run())


@pytest.mark.parametrize("why", ["expired", "a stranger's"])
def test_a_login_that_is_not_taken_is_told_and_asked_for_again(desk: Desk, why: str) -> None:
    if why == "expired":
        desk.broker.grants = {}
    else:
        desk.broker.users[GOOD] = STRANGER

    async def run() -> Session:
        async with desk.keeper() as keeper:
            asked = asyncio.create_task(keeper.session())
            await until(lambda: any("log in here" in line for line in desk.told))
            assert await visit(desk) == 502
            await until(lambda: sum("log in here" in line for line in desk.told) == 2)
            desk.broker.grants, desk.broker.users = {REQUEST: GOOD}, {GOOD: USER}
            assert await visit(desk) == 200
            return await asyncio.wait_for(asked, PATIENCE_S)

    assert asyncio.run(run()).user_id == USER
    assert any(line.startswith("that login was not taken: ") for line in desk.told)


# ------------------------------------------------------------------------------------------- made elsewhere


def test_a_login_made_in_another_terminal_is_taken(desk: Desk) -> None:
    async def run() -> Session:
        async with desk.keeper() as keeper:
            asked = asyncio.create_task(keeper.session())
            await until(lambda: desk.told)
            kept(desk)
            return await asyncio.wait_for(asked, PATIENCE_S)

    assert asyncio.run(run()).access_token.reveal() == GOOD


def test_a_dead_login_made_elsewhere_is_tried_once_and_a_good_one_behind_it_is_taken(desk: Desk) -> None:
    async def run() -> Session:
        async with desk.keeper() as keeper:
            asked = asyncio.create_task(keeper.session())
            await until(lambda: desk.told)
            kept(desk, DEAD)
            await until(lambda: "profile" in desk.broker.asked)
            await asyncio.sleep(0.1)
            assert desk.broker.asked.count("profile") == 1
            kept(desk)
            return await asyncio.wait_for(asked, PATIENCE_S)

    assert asyncio.run(run()).access_token.reveal() == GOOD


def test_a_broker_that_is_away_meanwhile_is_told_of_once(desk: Desk) -> None:
    async def run() -> Session:
        async with desk.keeper() as keeper:
            asked = asyncio.create_task(keeper.session())
            await until(lambda: desk.told)
            desk.broker.down = 4
            kept(desk)
            return await asyncio.wait_for(asked, PATIENCE_S)

    assert asyncio.run(run()).user_id == USER
    assert len([line for line in desk.told if "503" in line]) == 1


def test_a_port_that_is_taken_leaves_the_other_way(desk: Desk) -> None:
    async def run() -> Session:
        taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", desk.port)
        async with taken, desk.keeper() as keeper:
            asked = asyncio.create_task(keeper.session())
            await until(lambda: len(desk.told) == 2)
            kept(desk)
            return await asyncio.wait_for(asked, PATIENCE_S)

    assert asyncio.run(run()).user_id == USER
    assert f"port {desk.port} cannot be used" in desk.told[1]
    assert "or run `ninefifteen login` in another terminal" in desk.told[1]


def test_without_a_secret_no_login_is_possible_and_the_file_is_named(desk: Desk) -> None:
    with pytest.raises(BadInput) as refused:
        logged_in(desk, secret=False)
    assert f"BROKER_API_SECRET is missing in {desk.home.env_file}" in str(refused.value)
    with pytest.raises(BadInput, match="BROKER_API_SECRET"):
        logged_in(desk, secret=False, token=DEAD)


# -------------------------------------------------------------------------------------------------- watched


def watched(
    desk: Desk, story: Callable[[Keeper, list[Session]], Awaitable[None]], **secrets: object
) -> list[Session]:
    """The sessions that were made anew while this happened."""
    renewed: list[Session] = []

    async def run() -> None:
        async with desk.keeper(**secrets) as keeper:  # type: ignore[arg-type]
            session = await keeper.session()
            async with beside(keeper.watched(session, renewed.append)):
                await story(keeper, renewed)

    asyncio.run(run())
    return renewed


def test_a_token_that_is_killed_elsewhere_is_noticed_and_renewed(desk: Desk) -> None:
    kept(desk)

    async def story(_: Keeper, renewed: list[Session]) -> None:
        desk.broker.users = {"fresh0123456789": USER}
        desk.broker.grants = {REQUEST: "fresh0123456789"}
        await until(lambda: renewed)
        await until(lambda: desk.broker.asked.count("profile") > 5)

    [session] = watched(desk, story, plays=True)
    assert session.access_token.reveal() == "fresh0123456789"
    assert desk.told[0].startswith("the login has been ended elsewhere: Zerodha: GET /user/profile refused")
    assert desk.told[-1] == f"logged in as {USER}"
    assert load_session(desk.home.path / SESSION_FILE, MORNING, USER).access_token == session.access_token


def test_a_broker_that_does_not_answer_is_told_once_and_again_when_it_does(desk: Desk) -> None:
    kept(desk)

    async def story(_: Keeper, renewed: list[Session]) -> None:
        desk.broker.down = 3
        await until(lambda: len(desk.told) == 2)

    assert watched(desk, story) == []
    assert desk.told[0].startswith("the broker does not answer: Zerodha: GET /user/profile: ")
    assert desk.told[1] == "the broker answers again"


def test_a_day_under_way_waits_for_a_login_from_elsewhere_where_none_can_be_made(desk: Desk) -> None:
    async def story(_: Keeper, renewed: list[Session]) -> None:
        desk.broker.users = {"fresh0123456789": USER}
        await until(lambda: any("no login is possible here" in line for line in desk.told))
        kept(desk, "fresh0123456789")
        await until(lambda: renewed)

    [session] = watched(desk, story, secret=False, token=GOOD)
    assert session.access_token.reveal() == "fresh0123456789"


# ------------------------------------------------------------------------- a home that cannot be written to


def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be written to or removed from the home."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr("ninefifteen.adapters.zerodha.session.tempfile.mkstemp", refused)
    monkeypatch.setattr(Path, "unlink", refused)


def renewed_to(renewed: list[Session], token: str) -> bool:
    return bool(renewed) and renewed[-1].access_token.reveal() == token


def of_the_file(desk: Desk) -> list[str]:
    """What was told of it, but for why a login is asked for."""
    return [line for line in desk.told if SESSION_FILE in line and "cannot be read" not in line]


def test_a_day_under_way_does_not_end_over_a_file_that_cannot_be_written_or_removed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(desk)
    refusing(monkeypatch)

    async def story(_: Keeper, renewed: list[Session]) -> None:
        for token in ("fresh10123456789", "fresh20123456789"):
            desk.broker.users, desk.broker.grants = {token: USER}, {REQUEST: token}
            await until(partial(renewed_to, renewed, token))

    assert len(watched(desk, story, plays=True)) == 2
    [line] = of_the_file(desk)
    assert line.startswith(f"{desk.home.path / SESSION_FILE} cannot be removed (Read-only file system): ")


def test_a_folder_in_the_place_of_the_file_is_told_once_and_the_login_lives_on(desk: Desk) -> None:
    (desk.home.path / SESSION_FILE).mkdir()

    async def run() -> None:
        async with desk.keeper(plays=True) as keeper, asyncio.timeout(PATIENCE_S):
            session = await keeper.session()
            logins = desk.broker.asked.count("session")
            again = await keeper.session()
            assert again.access_token == session.access_token
            assert desk.broker.asked.count("session") == logins == 1

    asyncio.run(run())
    [line] = of_the_file(desk)
    assert "cannot be written (Is a directory): a new start will need a new login" in line
    assert GOOD not in line


def test_a_login_that_was_never_written_down_is_forgotten_when_it_dies(desk: Desk) -> None:
    (desk.home.path / SESSION_FILE).mkdir()

    async def story(keeper: Keeper, renewed: list[Session]) -> None:
        desk.broker.users, desk.broker.grants = {"fresh0123456789": USER}, {REQUEST: "fresh0123456789"}
        await until(lambda: renewed)
        assert (await keeper.session()).access_token == renewed[0].access_token

    assert len(watched(desk, story, plays=True)) == 1
    assert len(of_the_file(desk)) == 1


def test_nothing_that_is_told_holds_a_secret(desk: Desk) -> None:
    kept(desk, DEAD)
    logged_in(desk, plays=True)
    desk.broker.grants = {}
    everything = "\n".join(desk.told)
    for secret in (API_SECRET, GOOD, DEAD, REQUEST):
        assert secret not in everything
