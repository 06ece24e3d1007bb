"""`ninefifteen login`: today's session into the home, by the browser or by a pasted address."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import pytest

from ninefifteen.cli import login as login_module
from ninefifteen.home import Home
from tests.adapters.zerodha.scripted_server import (
    ACCESS_TOKEN,
    API_KEY,
    API_SECRET,
    MORNING,
    Answer,
    Scripted,
    failure,
    reply,
    scripted,
    success,
)
from tests.cli.command_line import Said, command
from tests.patience import PATIENCE_S
from tests.ports import free_port

REQUEST_TOKEN = "Req0123456789abcdefREQ0123456789"
QUERY = f"?action=login&status=success&request_token={REQUEST_TOKEN}"
GRANTED = success({"user_id": "AB1234", "access_token": ACCESS_TOKEN})
PROFILE = success(
    {"user_id": "AB1234", "exchanges": ["NFO"], "products": ["MIS"], "order_types": ["LIMIT", "SL"]}
)
SECRETS = (API_SECRET, ACCESS_TOKEN, REQUEST_TOKEN)


def told(at: int = MORNING, speed: float | str = 60) -> Answer:
    return reply({"at": at, "iso": "", "speed": speed, "date": "2026-11-23", "seed": 7, "synthetic": True})


@contextmanager
def exchange(*answers: Answer) -> Iterator[Scripted]:
    """A scripted exchange in a thread of its own: the command has a loop of its own."""
    ready, over = threading.Event(), asyncio.Event()
    found: list[tuple[Scripted, asyncio.AbstractEventLoop]] = []

    async def serve() -> None:
        async with scripted(*answers) as server:
            found.append((server, asyncio.get_running_loop()))
            ready.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(PATIENCE_S)
    server, loop = found[0]
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A rehearsal home with the secrets of an app."""
    home = Home.open(tmp_path / "home", rehearsal=True)
    home.env_file.write_text(
        f"BROKER_API_KEY={API_KEY}\nBROKER_API_SECRET={API_SECRET}\nBROKER_USER_ID=AB1234\n"
    )
    return home.path


def point(home: Path, server: Scripted, redirect_url: str = "http://127.0.0.1:9151/") -> None:
    """Make the home's broker that server."""
    text = f"broker_endpoint: {{rest: '{server.rest}', ws: 'ws://127.0.0.1:1'}}\n"
    (home / "config.yaml").write_text(text + f"login: {{redirect_url: '{redirect_url}'}}\n")


def pasted(home: Path, *answers: Answer, words: tuple[str, ...] = ()) -> Said:
    """A login with a pasted address against these answers; no secret may show in what it says."""
    with exchange(*answers) as server:
        point(home, server)
        said = command("login", "--address", f"http://127.0.0.1:9151/{QUERY}", "--home", home, *words)
    assert not [secret for secret in SECRETS if secret in said.out + said.err]
    return said


def test_a_pasted_address_logs_in_for_the_day_of_the_exchange(home: Path) -> None:
    said = pasted(home, told(), GRANTED, PROFILE, words=("--json",))
    assert said.code == 0, said.err
    assert said.document == {
        "user_id": "AB1234",
        "date": "2026-11-23",
        "valid_until": "2026-11-24T06:00:00.000+05:30",
    }
    assert said.err == "Logged in as AB1234 until 2026-11-24 06:00 IST.\n"
    kept = json.loads((home / "session.json").read_text())
    assert (kept["user_id"], kept["access_token"], kept["date"]) == ("AB1234", ACCESS_TOKEN, "2026-11-23")
    assert (home / "session.json").stat().st_mode & 0o777 == 0o600


def test_an_address_is_read_from_stdin(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"https://my.site/{QUERY}\n"))
    with exchange(told(speed="max"), GRANTED, PROFILE) as server:
        point(home, server)
        said = command("login", "--paste", "--home", home)
    assert (said.code, said.out) == (0, "")
    assert f"{server.rest}/connect/login?v=3&api_key={API_KEY}" in said.err.splitlines()


def test_a_browser_logs_in_through_the_page_on_this_machine(home: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    pages: list[str] = []
    with exchange(told(), GRANTED, PROFILE) as server:
        point(home, server, url)
        browser = threading.Thread(target=_come_back, args=(url, pages.append))
        browser.start()
        said = command("login", "--home", home)
        browser.join()
    assert said.code == 0, said.err
    assert "You are logged in. Close this page." in pages[0]
    assert "Open this address and log in" in said.err
    assert (home / "session.json").exists()


def _come_back(url: str, keep: Callable[[str], None]) -> None:
    waiting = threading.Event()
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(1_200):  # a minute
        try:
            with browser.open(url + QUERY, timeout=PATIENCE_S) as page:
                keep(page.read().decode())
                return
        except URLError:
            waiting.wait(0.05)


def test_when_nobody_logs_in_the_wait_ends(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_module, "LONGEST_LOGIN_S", 0.05)
    with exchange(told()) as server:
        point(home, server, "http://127.0.0.1:0/")
        said = command("login", "--home", home)
    assert said.code == 2
    assert "nobody logged in within 0.05 seconds" in said.err


def test_what_the_account_lacks_is_told_and_the_login_still_counts(home: Path) -> None:
    poor = success({"user_id": "AB1234", "exchanges": ["NSE"], "products": ["MIS"], "order_types": []})
    said = pasted(home, told(), GRANTED, poor)
    assert said.code == 0
    assert "warning: the F&O segment (NFO) is not active" in said.err
    said = pasted(home, told(), GRANTED, failure(500, "GeneralException", "no"))
    assert said.code == 0
    assert "warning: Zerodha: GET /user/profile" in said.err


def test_a_login_before_six_says_that_it_is_not_for_today(home: Path) -> None:
    said = pasted(home, told(MORNING - 3 * 3600 * 10**9), GRANTED, PROFILE)
    assert said.code == 0
    assert "until 2026-11-23 06:00 IST" in said.err
    assert "log in again after that" in said.err


def test_without_a_user_id_the_trader_is_told_that_anybody_is_taken(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".env").write_text(f"BROKER_API_KEY={API_KEY}\nBROKER_API_SECRET={API_SECRET}\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(QUERY))
    with exchange(told(), GRANTED, PROFILE) as server:
        point(home, server)
        said = command("login", "--paste", "--home", home)
    assert said.code == 0
    assert "BROKER_USER_ID is not in .env: whoever logs in now is taken." in said.err


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (failure(403, "TokenException", "Invalid `checksum`."), "Invalid `checksum`."),
        (failure(403, "TokenException", "Token is invalid or has expired."), "has expired"),
        (failure(400, "InputException", "Invalid `api_key`."), "Invalid `api_key`."),
        (success({"user_id": "XY9999", "access_token": ACCESS_TOKEN}), "XY9999 is logged in"),
        (reply("<html>", 502, "text/html"), "a web page instead of data"),
        (Answer(b"", cut=True), "cut before an answer"),
    ],
)
def test_a_login_that_is_not_taken_is_one_line_and_exit_3(home: Path, answer: Answer, words: str) -> None:
    said = pasted(home, told(), answer, words=("--json",))
    assert said.code == 3
    assert words in said.refusal
    assert said.document == {"error": said.refusal, "details": [], "exit_code": 3}
    assert not (home / "session.json").exists()


def test_an_exchange_that_is_not_there_is_exit_3(home: Path) -> None:
    with exchange(told()) as server:
        point(home, server)
    said = command("login", "--address", QUERY, "--home", home)
    assert said.code == 3
    assert f"nothing answers at {server.rest}" in said.refusal


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--address", "http://127.0.0.1:9151/"), "the address holds no request_token"),
        (("--address", QUERY, "--paste"), "--paste and --address exclude each other"),
    ],
)
def test_wrong_words_are_one_line(home: Path, words: tuple[str, ...], line: str) -> None:
    (home / "config.yaml").write_text("broker_endpoint: {rest: 'http://127.0.0.1:1', ws: 'ws://127.0.0.1:1'}")
    said = command("login", "--home", home, *words)
    assert (said.code, line in said.refusal) == (2, True), said


def test_a_home_that_cannot_log_in_says_why(home: Path) -> None:
    said = command("login", "--home", home)
    assert (said.code, "a rehearsal home needs broker_endpoint" in said.refusal) == (2, True)
    (home / "config.yaml").write_text("trading: {broker: upstox}\n")
    said = command("login", "--home", home)
    assert (said.code, "only zerodha can log in so far" in said.refusal) == (2, True)
    (home / "config.yaml").write_text("")
    (home / ".env").write_text("BROKER_API_KEY=abc\n")
    said = command("login", "--home", home)
    assert (said.code, f"login: {home}/.env lacks BROKER_API_SECRET (another" in said.refusal) == (2, True)


@pytest.mark.parametrize(
    ("rehearsal", "source"),
    [(True, "the exchange's first lines show"), (False, "the broker's developer console shows")],
)
def test_a_home_without_keys_is_named_with_both_and_where_they_are_found(
    tmp_path: Path, rehearsal: bool, source: str
) -> None:
    home = Home.open(tmp_path / "home", rehearsal=rehearsal)
    said = command("login", "--home", home.path)
    assert said.code == 2
    assert said.refusal == (
        f"login: {home.path}/.env lacks BROKER_API_KEY and BROKER_API_SECRET"
        f" (another home? --home DIR): copy what {source}"
    )


def test_a_real_home_logs_in_at_zerodha(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent: the address asked for is shown before the line on stdin is found wanting."""
    home = Home.open(tmp_path / "real")
    home.env_file.write_text(f"BROKER_API_KEY={API_KEY}\nBROKER_API_SECRET={API_SECRET}\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    said = command("login", "--paste", "--home", home.path)
    assert said.code == 2
    assert f"https://kite.zerodha.com/connect/login?v=3&api_key={API_KEY}" in said.err
