"""The login: the address, the request token, the page the browser comes back to."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.adapters.zerodha.callback import log_in_by_callback
from ninefifteen.adapters.zerodha.client import REAL, KiteClient
from ninefifteen.adapters.zerodha.errors import BrokerProblem, Down, LoggedOut
from ninefifteen.adapters.zerodha.login import checksum, exchange_token, login_url, request_token_of
from ninefifteen.adapters.zerodha.session import Session, session_of
from ninefifteen.domain.secret import SecretText
from ninefifteen.errors import BadInput
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

REQUEST_TOKEN = "Req0123456789abcdefREQ0123456789"
BACK = f"http://127.0.0.1:9151/?action=login&type=login&status=success&request_token={REQUEST_TOKEN}"
GRANTED = {"user_id": "AB1234", "access_token": ACCESS_TOKEN, "refresh_token": "", "silo": None}
SESSION = session_of("AB1234", ACCESS_TOKEN, MORNING)


# ----------------------------------------------------------------------------------- address and token


def test_the_login_page_is_zerodhas() -> None:
    address = login_url(REAL, SecretText(API_KEY))
    assert address == f"https://kite.zerodha.com/connect/login?v=3&api_key={API_KEY}"


@pytest.mark.parametrize("address", [BACK, f"  {BACK}\n", f"?request_token={REQUEST_TOKEN}"])
def test_the_request_token_is_found_in_the_address(address: str) -> None:
    assert request_token_of(address) == REQUEST_TOKEN


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "holds no request_token"),
        ("http://127.0.0.1:9151/", "holds no request_token"),
        (REQUEST_TOKEN, "holds no request_token"),
        ("http://[/?request_token=x", "holds no request_token"),
        ("?" + "&".join(["a=1"] * 99), "holds no request_token"),
        (BACK.replace("success", "cancelled"), "did not succeed"),
        (BACK + "&status=error", "did not succeed"),
        (BACK + "%0d%0a", "is damaged"),
        (BACK[:-30], "is damaged"),
        (BACK + f"&request_token={REQUEST_TOKEN}", "is damaged"),
    ],
)
def test_an_address_without_a_good_token_is_bad_input_and_not_repeated(address: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as raised:
        request_token_of(address)
    assert REQUEST_TOKEN not in str(raised.value)


@given(st.text())
def test_any_text_is_a_token_or_bad_input(text: str) -> None:
    for address in (text, f"http://127.0.0.1/?request_token={text}"):
        with suppress(BadInput):
            assert request_token_of(address).isalnum()


def test_the_checksum_is_of_key_token_and_secret() -> None:
    whole = f"{API_KEY}{REQUEST_TOKEN}{API_SECRET}".encode()
    assert (
        checksum(SecretText(API_KEY), REQUEST_TOKEN, SecretText(API_SECRET))
        == hashlib.sha256(whole).hexdigest()
    )


def test_the_checksum_is_the_official_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    kiteconnect = pytest.importorskip("kiteconnect")
    sent: dict[str, str] = {}
    official = kiteconnect.KiteConnect(api_key=API_KEY)

    def post(_: str, params: dict[str, str]) -> dict[str, str | None]:
        sent.update(params)
        return GRANTED | {"login_time": None}

    monkeypatch.setattr(official, "_post", post)
    official.generate_session(REQUEST_TOKEN, API_SECRET)
    ours = {
        "api_key": API_KEY,
        "request_token": REQUEST_TOKEN,
        "checksum": checksum(SecretText(API_KEY), REQUEST_TOKEN, SecretText(API_SECRET)),
    }
    assert sent == ours


# ------------------------------------------------------------------------------------- the session for it


def exchanged(answer: Answer, user_id: str | None = "AB1234") -> tuple[Session, Scripted]:
    async def run() -> tuple[Session, Scripted]:
        async with scripted(answer) as server:
            client = server.client(logged_in=False)
            try:
                session = await exchange_token(client, SecretText(API_SECRET), REQUEST_TOKEN, user_id)
                await client.read("/user/profile", dict)
                return session, server
            finally:
                await client.close()

    return asyncio.run(run())


def test_a_request_token_buys_a_session_that_is_used_from_then_on() -> None:
    for user_id in ("AB1234", None):
        session, server = exchanged(success(GRANTED), user_id)
        assert session == SESSION
        login, use = server.asked
        assert (login.method, login.target) == ("POST", "/session/token")
        assert login.form["checksum"] == checksum(SecretText(API_KEY), REQUEST_TOKEN, SecretText(API_SECRET))
        assert "authorization" not in login.headers
        assert use.headers["authorization"] == f"token {API_KEY}:{ACCESS_TOKEN}"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failure(403, "TokenException", f"Invalid `checksum` for {API_KEY} and {REQUEST_TOKEN}."), LoggedOut),
        (failure(403, "TokenException", "Token is invalid or has expired."), LoggedOut),
        (failure(400, "InputException", "Invalid `api_key`."), BrokerProblem),
        (success(GRANTED | {"user_id": "XY9999"}), LoggedOut),
        (success(GRANTED | {"access_token": "a b\n"}), LoggedOut),
        (success(GRANTED | {"access_token": None}), Down),
        (reply("<html>", 502, "text/html"), Down),
        (Answer(b"", cut=True), Down),
    ],
)
def test_a_login_that_is_not_taken_is_one_line_without_a_secret(
    answer: Answer, kind: type[BrokerProblem]
) -> None:
    with pytest.raises(kind) as raised:
        exchanged(answer)
    text = str(raised.value)
    assert "\n" not in text
    assert not [secret for secret in (API_KEY, API_SECRET, REQUEST_TOKEN, ACCESS_TOKEN) if secret in text]


# ------------------------------------------------------------------------------------------------ the page


async def taken(token: str) -> Session:
    assert token == REQUEST_TOKEN
    return SESSION


async def refused(_: str) -> Session:
    raise LoggedOut("Zerodha: no")


Visit = Callable[[aiohttp.ClientSession, str], Awaitable[None]]


def logged_in(
    visit: Visit,
    finish: Callable[[str], Awaitable[Session]] = taken,
    redirect_url: str = "http://127.0.0.1:0/back",
    patience: float = 5.0,
) -> Session:
    """The session after `visit` has been at the page, whose address it gets."""

    async def run() -> Session:
        ports: asyncio.Queue[int] = asyncio.Queue()
        login = asyncio.create_task(
            log_in_by_callback(redirect_url, finish, ports.put_nowait, patience=patience)
        )
        port = asyncio.create_task(ports.get())
        await asyncio.wait([login, port], return_when=asyncio.FIRST_COMPLETED)
        if port.done():
            async with aiohttp.ClientSession() as browser:
                await visit(browser, f"http://127.0.0.1:{port.result()}")
        else:
            port.cancel()
        return await login

    return asyncio.run(run())


QUERY = {"request_token": REQUEST_TOKEN, "status": "success", "action": "login"}


async def come_back(browser: aiohttp.ClientSession, place: str) -> None:
    async with browser.get(f"{place}/back", params=QUERY) as page:
        assert page.status == 200
        assert "You are logged in. Close this page." in await page.text()
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_browser_brings_the_token_and_is_told_that_the_login_is_done() -> None:
    assert logged_in(come_back) == SESSION


def test_the_page_answers_nothing_but_the_redirect() -> None:
    """Icons, other paths, other methods, failed logins and pages of other names change nothing."""

    async def visit(browser: aiohttp.ClientSession, place: str) -> None:
        port = place.rpartition(":")[2]
        strangers = [
            ("GET", "/favicon.ico", {}, {}, 404),
            ("GET", "/", {}, QUERY, 404),
            ("POST", "/back", {}, QUERY, 405),
            ("GET", "/back", {}, {}, 400),
            ("GET", "/back", {}, QUERY | {"status": "cancelled"}, 400),
            ("GET", "/back", {}, QUERY | {"request_token": "<script>"}, 400),
            ("GET", "/back", {"Host": f"evil.example:{port}"}, QUERY, 403),
            ("GET", "/back", {"Host": "127.0.0.1"}, QUERY, 403),
        ]
        for method, path, headers, query, status in strangers:
            async with browser.request(method, place + path, headers=headers, params=query) as page:
                assert (page.status, "script" in await page.text()) == (status, False), path
        await come_back(browser, place)

    assert logged_in(visit) == SESSION


def test_a_browser_that_comes_twice_spends_the_token_once() -> None:
    spent: list[str] = []

    async def slowly(token: str) -> Session:
        spent.append(token)
        await asyncio.sleep(0.05)
        return SESSION

    async def visit(browser: aiohttp.ClientSession, place: str) -> None:
        await asyncio.gather(come_back(browser, place), come_back(browser, place))

    assert logged_in(visit, slowly) == SESSION
    assert spent == [REQUEST_TOKEN]


def test_a_login_the_broker_does_not_take_is_told_on_the_page_and_raised() -> None:
    async def visit(browser: aiohttp.ClientSession, place: str) -> None:
        async with browser.get(f"{place}/back", params=QUERY) as page:
            assert page.status == 502
            assert "did not take the login" in await page.text()

    with pytest.raises(LoggedOut, match="Zerodha: no"):
        logged_in(visit, refused)


def test_when_nobody_comes_the_wait_ends_with_one_line() -> None:
    async def visit(_: aiohttp.ClientSession, __: str) -> None:
        return

    with pytest.raises(BadInput, match=r"nobody logged in within 0.1 seconds: .*--paste"):
        logged_in(visit, patience=0.1)


def test_a_port_that_is_taken_is_one_line() -> None:
    async def visit(_: aiohttp.ClientSession, __: str) -> None:
        raise AssertionError("there is no page")

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BadInput, match=rf"port {port} cannot be used .*--paste"):
            logged_in(visit, redirect_url=f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "redirect_url",
    [
        "https://127.0.0.1:9151/",
        "http://example.com:9151/",
        "http://0.0.0.0:9151/",
        "http://127.0.0.1:99999/",
        "http://[",
        "127.0.0.1:9151",
        "",
    ],
)
def test_a_redirect_url_that_is_not_of_this_machine_is_bad_input(redirect_url: str) -> None:
    async def visit(_: aiohttp.ClientSession, __: str) -> None:
        raise AssertionError("there is no page")

    with pytest.raises(BadInput, match=r"login.redirect_url"):
        logged_in(visit, redirect_url=redirect_url)


def test_a_client_of_a_login_needs_no_session_before() -> None:
    async def run() -> None:
        async with scripted(success(GRANTED)) as server:
            client: KiteClient = server.client(logged_in=False)
            with pytest.raises(LoggedOut):
                await client.warm()
            assert server.asked == []
            await client.close()

    asyncio.run(run())
