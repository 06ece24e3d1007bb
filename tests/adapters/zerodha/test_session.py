"""The session of the day: kept, checked before it is believed, and watched."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.zerodha.client import KiteClient
from ninefifteen.adapters.zerodha.errors import BrokerProblem, Down, LoggedOut
from ninefifteen.adapters.zerodha.session import (
    Session,
    forget_session,
    load_session,
    save_session,
    session_from_token,
    session_of,
    session_of_today,
    watch_session,
)
from ninefifteen.adapters.zerodha.session_file import SESSION_FILE
from ninefifteen.domain.instants import SECOND, Instant, at
from ninefifteen.domain.secret import SecretText
from ninefifteen.errors import BadInput
from tests.adapters.zerodha.scripted_server import (
    ACCESS_TOKEN,
    MORNING,
    Answer,
    StepClock,
    failure,
    reply,
    scripted,
    success,
)

DAY = date(2026, 11, 23)
TRADER = {"user_id": "AB1234", "exchanges": ["NFO"], "products": ["MIS"], "order_types": ["LIMIT", "SL"]}
DEAD = failure(403, "TokenException", "Incorrect `api_key` or `access_token`.")


def clock(hour: int, minute: int = 0, day: date = DAY) -> Instant:
    return at(day, time(hour, minute))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / SESSION_FILE


@pytest.fixture
def kept(file: Path) -> Session:
    """A login of 07:30."""
    session = session_of("AB1234", ACCESS_TOKEN, clock(7, 30))
    save_session(file, session)
    return session


def refusal(file: Path, now: Instant, user_id: str | None = None) -> str:
    with pytest.raises(LoggedOut) as raised:
        load_session(file, now, user_id)
    assert ACCESS_TOKEN not in str(raised.value)
    assert "\n" not in str(raised.value)
    return str(raised.value)


# ------------------------------------------------------------------------------------------- the file


def test_what_is_kept_comes_back_all_day(file: Path, kept: Session) -> None:
    for now in (clock(7, 30), clock(15, 30), clock(23, 59)):
        assert load_session(file, now, "AB1234") == kept
    assert kept.valid_until == clock(6, day=date(2026, 11, 24))
    assert kept.date == DAY


def test_the_file_is_its_owners_and_says_what_it_is(file: Path, kept: Session) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text()) == {
        "broker": "zerodha",
        "user_id": "AB1234",
        "date": "2026-11-23",
        "access_token": ACCESS_TOKEN,
        "logged_in_at": "2026-11-23T07:30:00+05:30",
    }
    assert [path.name for path in file.parent.iterdir()] == [SESSION_FILE]


def test_a_file_that_others_can_read_is_closed_to_them(file: Path, kept: Session) -> None:
    file.chmod(0o644)
    assert load_session(file, clock(8)) == kept
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_token_is_not_shown(kept: Session) -> None:
    assert ACCESS_TOKEN not in repr(kept)
    assert ACCESS_TOKEN not in str(kept)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    file: Path, kept: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_session(file, session_of("AB1234", "another9token", clock(9)))
    assert [path.name for path in file.parent.iterdir()] == [SESSION_FILE]
    assert load_session(file, clock(9)) == kept


def test_without_a_login_there_is_one_line(file: Path) -> None:
    assert refusal(file, clock(8)) == "Zerodha: nobody has logged in yet: run `ninefifteen login`"
    forget_session(file)


def test_a_forgotten_session_is_gone(file: Path, kept: Session) -> None:
    forget_session(file)
    assert "nobody has logged in" in refusal(file, clock(8))


def test_yesterdays_session_is_not_used_even_before_six(file: Path, kept: Session) -> None:
    tomorrow = date(2026, 11, 24)
    for now in (clock(5, day=tomorrow), clock(8, day=tomorrow)):
        assert "the last login is of 2026-11-23, today is 2026-11-24" in refusal(file, now)


def test_a_login_before_six_is_not_of_today(file: Path) -> None:
    early = session_of("AB1234", ACCESS_TOKEN, clock(5))
    assert (early.date, early.valid_until) == (date(2026, 11, 22), clock(6))
    save_session(file, early)
    for now in (clock(5, 30), clock(8)):
        assert "was made before 06:00" in refusal(file, now)


def test_somebody_elses_session_is_refused(file: Path, kept: Session) -> None:
    assert "AB1234 is logged in, but BROKER_USER_ID is CD5678" in refusal(file, clock(8), "CD5678")


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": 7},
        {"logged_in_at": "2026-11-23T07:30:00"},
        {"logged_in_at": "today"},
        {"logged_in_at": "0001-01-01T00:00:00+14:00"},
        {"logged_in_at": "0001-01-01T00:00:00+05:30"},
        {"logged_in_at": "9999-12-31T23:59:59-14:00"},
        {"date": "23.11.2026"},
        {"more": 1},
        {"user_id": None},
    ],
)
def test_a_damaged_file_says_so(file: Path, kept: Session, change: dict[str, Any]) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    assert refusal(file, clock(8)) == f"{file}: is damaged: run `ninefifteen login`"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"[" * 100_000])
def test_a_file_that_is_no_session_says_so(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert "is damaged: run `ninefifteen login`" in refusal(file, clock(8))


def test_a_file_of_odd_values_says_so(file: Path, kept: Session) -> None:
    good = json.loads(file.read_text())
    for change, words in (
        ({"broker": "upstox"}, "is of upstox, not of zerodha"),
        ({"access_token": "two words"}, "no token that can be used"),
        ({"user_id": ""}, "no token that can be used"),
        ({"date": "2026-11-20"}, "the last login is of 2026-11-20"),
    ):
        file.write_text(json.dumps(good | change))
        assert words in refusal(file, clock(8))


def test_a_folder_in_its_place_says_so(file: Path) -> None:
    file.mkdir()
    assert "cannot be read" in refusal(file, clock(8))


# ------------------------------------------------------------------------------- asking the broker first


def with_client(use: Callable[[KiteClient], Awaitable[Any]], *answers: Answer, now: Instant = MORNING) -> Any:
    async def run() -> Any:
        async with scripted(*answers) as server:
            client = server.client(StepClock(now), logged_in=False)
            try:
                return await use(client)
            finally:
                await client.close()

    return asyncio.run(run())


def test_a_token_written_down_is_used_when_the_broker_confirms_it() -> None:
    for wanted in ("AB1234", None):
        session = with_client(
            lambda client, wanted=wanted: session_from_token(client, SecretText("written9down"), wanted),  # type: ignore[misc]
            success(TRADER),
        )
        assert session == Session("zerodha", "AB1234", DAY, SecretText("written9down"), MORNING)


@pytest.mark.parametrize("answer", [DEAD, success(TRADER | {"user_id": "XY9999"})])
def test_a_token_written_down_that_is_dead_or_somebody_elses_is_not_used(answer: Answer) -> None:
    with pytest.raises(LoggedOut):
        with_client(lambda client: session_from_token(client, SecretText("written9down"), "AB1234"), answer)


def test_a_token_written_down_with_a_line_break_is_bad_input() -> None:
    with pytest.raises(BadInput):
        with_client(lambda client: session_from_token(client, SecretText("a\nb"), None), success(TRADER))


def test_the_kept_session_comes_first_and_is_confirmed(file: Path, kept: Session) -> None:
    async def use(client: KiteClient) -> Session:
        return await session_of_today(client, file, "AB1234", SecretText("written9down"))

    assert with_client(use, success(TRADER)) == kept
    with pytest.raises(LoggedOut):
        with_client(use, DEAD)
    with pytest.raises(LoggedOut, match="XY9999 is logged in"):
        with_client(use, success(TRADER | {"user_id": "XY9999"}))
    with pytest.raises(Down):
        with_client(use, reply("<html>", 502))


def test_without_a_kept_session_the_token_written_down_is_tried(file: Path) -> None:
    async def use(client: KiteClient) -> Session:
        return await session_of_today(client, file, None, SecretText("written9down"))

    assert with_client(use, success(TRADER)).access_token == SecretText("written9down")

    async def without(client: KiteClient) -> Session:
        return await session_of_today(client, file, None, None)

    with pytest.raises(LoggedOut, match="nobody has logged in yet"):
        with_client(without, success(TRADER))


# ------------------------------------------------------------------------------------------- watching


def watched(*answers: Answer) -> list[tuple[Instant, BrokerProblem | None]]:
    """Reports of a watch until the session is dead, in seconds after its start."""
    reports: list[tuple[Instant, BrokerProblem | None]] = []

    async def use(client: KiteClient) -> None:
        client.use(SecretText(ACCESS_TOKEN))
        await watch_session(client, "AB1234", lambda when, what: reports.append((when, what)))

    with_client(use, *answers)
    return [((when - MORNING) // SECOND, what) for when, what in reports]


def test_a_token_killed_elsewhere_is_noticed_within_a_minute() -> None:
    reports = watched(success(TRADER), reply("<html>", 502), success(TRADER), DEAD)
    assert [when for when, _ in reports] == [60, 120, 180, 240]
    assert [type(what) for _, what in reports] == [type(None), Down, type(None), LoggedOut]


def test_a_session_that_became_somebody_elses_is_dead() -> None:
    ((when, what),) = watched(success(TRADER | {"user_id": "XY9999"}))
    assert (when, type(what)) == (60, LoggedOut)


def test_after_a_leap_over_a_night_the_watch_does_not_catch_up() -> None:
    asked: list[Instant] = []

    async def run() -> None:
        async with scripted(success(TRADER), DEAD) as server:
            clock = StepClock(MORNING)
            client = server.client(clock)

            def report(when: Instant, _: BrokerProblem | None) -> None:
                asked.append(when)
                clock.at += 24 * 3600 * SECOND

            await watch_session(client, "AB1234", report)
            await client.close()

    asyncio.run(run())
    assert asked == [MORNING + 60 * SECOND, MORNING + (24 * 3600 + 60) * SECOND]
