"""Logging in, and every way in which a token is no longer one."""

from __future__ import annotations

from datetime import date

import pytest
from yarl import URL

from ninefifteen.domain.instants import MINUTE
from ninefifteen.simulator.kite import Credentials
from ninefifteen.simulator.kite.envelope import KiteError
from ninefifteen.simulator.kite.sessions import Sessions, dies_after
from tests.simulator.kite.rehearsal import SEED, Rehearsal, moment, rehearse

KEYS = Credentials.of_seed(SEED)


def test_keys_are_the_same_for_a_seed_and_look_invented() -> None:
    assert Credentials.of_seed(SEED) == KEYS
    assert Credentials.of_seed(SEED + 1) != KEYS
    assert KEYS.api_key.startswith("rehearsal")
    assert KEYS.api_secret.startswith("invented")


def test_the_login_page_sends_the_browser_back_and_its_token_opens_one_session() -> None:
    async def story(client: Rehearsal) -> None:
        page = f"{client.rest}/connect/login?v=3&api_key={client.api_key}&redirect_params=who%3Dme"
        async with client.http.get(page, allow_redirects=False) as reply:
            assert reply.status == 302
            back = URL(reply.headers["Location"])
        assert (back.host, back.port, back.path) == ("127.0.0.1", 9151, "/back")
        assert back.query["status"] == "success"
        assert (back.query["from"], back.query["who"]) == ("kite", "me")
        before = client.token
        assert await client.log_in() != before
        assert (await client.get("/user/profile"))["user_id"] == KEYS.user_id

    rehearse(story)


def test_a_wrong_key_is_refused_at_the_login_page() -> None:
    async def story(client: Rehearsal) -> None:
        no = await client.no("GET", "/connect/login?v=3&api_key=somebody")
        assert (no.status, no.error_type) == (400, "InputException")

    rehearse(story)


@pytest.mark.parametrize("form", [{}, {"request_token": "x"}, {"request_token": "asked", "checksum": "0"}])
def test_a_login_with_anything_wrong_is_a_token_error(form: dict[str, str]) -> None:
    async def story(client: Rehearsal) -> None:
        asked = client.server.sessions.request_token(client.api_key, client.server.clock.now())
        given = {name: asked if text == "asked" else text for name, text in form.items()}
        given["api_key"] = client.api_key
        no = await client.no("POST", "/session/token", data=given, headers={})
        assert (no.status, no.error_type) == (403, "TokenException")

    rehearse(story)


def test_a_request_token_works_once_and_for_a_few_minutes() -> None:
    sessions = Sessions(KEYS, SEED)
    now = moment("08:40:00")
    for wait, used in ((0, True), (6 * MINUTE, False)):
        token = sessions.request_token(KEYS.api_key, now)
        if used:
            with pytest.raises(KiteError):
                sessions.log_in(KEYS.api_key, token, "wrong", now)
        with pytest.raises(KiteError, match="expired"):
            sessions.log_in(KEYS.api_key, token, "any", now + wait)


def test_a_new_login_ends_the_one_before_it() -> None:
    async def story(client: Rehearsal) -> None:
        old = client.headers
        await client.log_in()
        no = await client.no("GET", "/user/profile", headers=old)
        assert (no.status, no.error_type) == (403, "TokenException")
        assert no.message == "Incorrect `api_key` or `access_token`."

    rehearse(story)


def test_logging_out_ends_the_session() -> None:
    async def story(client: Rehearsal) -> None:
        query = {"api_key": client.api_key, "access_token": client.token}
        assert await client.call("DELETE", "/session/token", params=query) is True
        assert (await client.no("GET", "/orders")).error_type == "TokenException"

    rehearse(story)


@pytest.mark.parametrize(
    "header", ["", "token", "token x", "Bearer abc", "token :", f"token {KEYS.api_key}:", "token a:b"]
)
def test_without_a_good_header_nothing_opens(header: str) -> None:
    async def story(client: Rehearsal) -> None:
        for method, path in (
            ("GET", "/quote?i=NSE:INFY"),
            ("POST", "/orders/regular"),
            ("GET", "/instruments"),
        ):
            no = await client.no(method, path, headers={"Authorization": header})
            assert (no.status, no.error_type) == (403, "TokenException")

    rehearse(story)


def test_tokens_die_at_six_whenever_they_were_given_out() -> None:
    day, after = date(2026, 12, 2), date(2026, 12, 3)
    assert dies_after(moment("05:59:59", day)) == moment("06:00:00", day)
    assert dies_after(moment("06:00:00", day)) == moment("06:00:00", after)

    async def story(client: Rehearsal) -> None:
        await client.get("/user/profile")
        await client.go_to("06:00:00")
        assert (await client.no("GET", "/user/profile")).error_type == "TokenException"
        await client.log_in()
        await client.get("/user/profile")

    rehearse(story, start="05:00:00")
