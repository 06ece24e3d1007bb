"""Coming in over HTTP: the first user, logins, the demo's link, leaving, and one's own second factor."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from starlette.testclient import TestClient

from ninefifteen.web.accounts.once import OnceKey
from ninefifteen.web.site import CSRF_HEADER, browser_of
from tests.web.sites import NAMES, PASSWORD, URL, Desk, desk

NEW = "another long password"


def log_in(client: TestClient, name: str = "asha", password: str = PASSWORD, **more: Any) -> httpx.Response:
    answer: httpx.Response = client.post("/api/login", json={"name": name, "password": password} | more)
    return answer


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def page_of(client: TestClient) -> None:
    """Load the session as a page does, and send its word from now on."""
    client.headers[CSRF_HEADER] = client.get("/api/session").json()["csrf"]


# ---- the first user


def test_the_first_user_is_an_admin_and_needs_the_code_of_the_terminal(tmp_path: Path):
    with desk(tmp_path / "home", people=False) as at_desk:
        _, setup = at_desk.site.invite()
        client = at_desk.client()
        assert client.get("/api/session").json()["first_run"]
        body = {"code": "AAAA-AAAA", "name": "asha", "password": PASSWORD}
        assert code(client.post("/api/first-user", json=body)) == "setup_code"
        answer = client.post("/api/first-user", json=body | {"code": str(setup).lower()})
        assert answer.json()["user"] == {"name": "asha", "role": "admin", "demo": False, "totp": False}
        assert not answer.json()["first_run"]
        assert at_desk.client().post("/api/first-user", json=body | {"code": setup}).status_code == 409


def test_who_guesses_the_code_has_to_wait_and_nobody_loses_it_by_that(tmp_path: Path):
    with desk(tmp_path / "home", people=False) as at_desk:
        _, setup = at_desk.site.invite()
        body = {"code": "AAAA-AAAA", "name": "asha", "password": PASSWORD}
        guesser = at_desk.client(address="10.9.9.9")
        answers = [guesser.post("/api/first-user", json=body) for _ in range(12)]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
        assert answers[-1].headers["retry-after"] == "1"
        assert guesser.post("/api/first-user", json=body | {"code": setup}).status_code == 429
        assert at_desk.client().post("/api/first-user", json=body | {"code": setup}).status_code == 200


def test_the_first_user_is_known_where_he_was_made(tmp_path: Path):
    with desk(tmp_path / "home", people=False) as at_desk:
        _, setup = at_desk.site.invite()
        body = {"code": setup, "name": "asha", "password": PASSWORD}
        assert at_desk.client().post("/api/first-user", json=body).status_code == 200
        assert at_desk.site.people.knows("asha", "127.0.0.1")


def test_a_first_user_who_is_too_late_or_wrongly_named_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with desk(tmp_path / "home", people=False) as at_desk:
        _, setup = at_desk.site.invite()
        body = {"code": setup, "name": "demo", "password": PASSWORD}
        assert code(at_desk.client().post("/api/first-user", json=body)) == "name"
        body["name"] = "asha"
        assert code(at_desk.client().post("/api/first-user", json=body | {"password": "short"})) == "password"
        monkeypatch.setattr(at_desk.site.people, "add_first", lambda *_: False)
        assert code(at_desk.client().post("/api/first-user", json=body)) == "not_first"


# ---- logins


def test_a_login_begins_a_session_in_a_cookie_no_script_can_read(at_desk: Desk):
    client = at_desk.client()
    answer = log_in(client)
    assert answer.status_code == 200
    kept = answer.headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=strict" in kept
    assert "path=/" in kept
    assert "secure" not in kept
    assert client.get("/api/session").json()["user"]["name"] == "asha"
    assert answer.json()["csrf"] == client.get("/api/session").json()["csrf"]


def test_a_login_never_goes_on_with_the_session_that_came(at_desk: Desk):
    client = at_desk.client("viewer")
    before = client.cookies[at_desk.site.cookie]
    assert log_in(client).status_code == 200
    assert client.cookies[at_desk.site.cookie] != before
    assert at_desk.site.people.who(before) is None


@pytest.mark.parametrize("name", ["asha", "nobody", "", "demo", "' OR 1=1 --", "\x00", "Ä" * 200])
def test_a_wrong_name_and_a_wrong_password_sound_the_same(at_desk: Desk, name: str):
    answer = log_in(at_desk.client(), name, "wrong horse battery")
    assert (answer.status_code, answer.json()["error"]["text"]) == (401, "name or password is wrong")


def test_a_guesser_has_to_wait_and_the_right_password_with_him(at_desk: Desk):
    client = at_desk.client()
    for _ in range(5):
        assert log_in(client, password="wrong horse battery").status_code == 401
    slowed = log_in(client)
    assert (slowed.status_code, code(slowed), slowed.headers["retry-after"]) == (429, "wait", "1")
    at_desk.clock.pass_by(1.1)
    assert log_in(client).status_code == 200


def test_a_flood_from_elsewhere_keeps_nobody_out_where_he_has_been(at_desk: Desk):
    home = at_desk.client(address="10.0.0.1")
    assert log_in(home).status_code == 200
    for number in range(30):
        log_in(at_desk.client(address=f"10.9.9.{number}"), password="wrong horse battery")
    assert log_in(at_desk.client(address="10.0.0.1")).status_code == 200
    assert log_in(at_desk.client(address="10.0.0.2")).status_code == 429
    at_desk.clock.pass_by(61)
    assert log_in(at_desk.client(address="10.0.0.2")).status_code == 200


def test_a_flood_of_names_from_the_same_address_keeps_nobody_out_who_has_been_there(at_desk: Desk):
    assert log_in(at_desk.client()).status_code == 200
    flood = [
        log_in(at_desk.client(), f"n{number}", "wrong horse battery").status_code for number in range(40)
    ]
    assert flood == [401] * 20 + [429] * 20
    assert log_in(at_desk.client()).status_code == 200
    assert log_in(at_desk.client(), "omar").status_code == 429
    for _ in range(5):
        log_in(at_desk.client(), password="wrong horse battery")
    assert log_in(at_desk.client()).status_code == 429


def test_logins_and_refusals_are_audited_without_the_password(at_desk: Desk):
    log_in(at_desk.client(), password="wrong horse battery")
    log_in(at_desk.client())
    told = at_desk.audited()
    assert told == ["name or password is wrong", "asha has logged in"]
    assert PASSWORD not in (at_desk.site.home.logs_dir / "audit.log").read_text()


def test_who_has_a_second_factor_needs_it_to_come_in(at_desk: Desk):
    at_desk.second_factor("admin")
    client = at_desk.client()
    assert code(log_in(client)) == "second_factor"
    assert code(log_in(client, totp="000000")) == "second_factor"
    assert code(log_in(client, password="wrong horse battery", totp=at_desk.code("admin"))) == "wrong"
    used = at_desk.code("admin")
    assert log_in(client, totp=used).status_code == 200
    assert code(log_in(at_desk.client(), totp=used)) == "second_factor"


# ---- the link of a demo


def test_the_link_of_a_demo_logs_in_once_from_this_machine(tmp_path: Path):
    with desk(tmp_path / "home", demo=True, people=False) as at_desk:
        link, setup = at_desk.site.invite()
        assert setup is None
        path = str(link).removeprefix(URL)
        assert at_desk.client(address="10.0.0.1").get(path).status_code == 403
        client = at_desk.client()
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        found = client.get("/api/session").json()
        assert (found["user"]["role"], found["user"]["demo"], found["mode_hint"]) == (
            "operator",
            True,
            "demo",
        )
        assert at_desk.client().get(path).status_code == 403


def test_nobody_burns_the_link_of_a_demo_and_no_other_page_opens_it(tmp_path: Path):
    with desk(tmp_path / "home", demo=True, people=False) as at_desk:
        link, _ = at_desk.site.invite()
        path = str(link).removeprefix(URL)
        for _ in range(30):
            assert at_desk.client().get("/enter?key=wrong").status_code == 403
        abroad = at_desk.client().get(path, headers={"sec-fetch-site": "cross-site"})
        assert (abroad.status_code, code(abroad)) == (403, "link")
        assert at_desk.client().get(path, headers={"sec-fetch-site": "none"}).status_code == 303


def test_there_is_no_link_beside_a_real_day(at_desk: Desk):
    assert at_desk.site.invite() == (None, None)
    at_desk.site.door.link = OnceKey("key")
    proxied = at_desk.client(address="10.0.0.1").get("/enter?key=key")
    assert proxied.status_code == 403


def test_the_person_of_a_demo_cannot_touch_users_settings_or_the_halt(at_desk: Desk):
    client = at_desk.client("demo")
    for path in ("/api/commands/unlock", "/api/users", "/api/settings"):
        answer = client.post(path, json={})
        assert (answer.status_code, code(answer)) == (403, "role")
        assert "at the terminal" in answer.json()["error"]["fix"]
    for path, body in (
        ("/api/password", {"old": "x", "new": NEW}),
        ("/api/totp/begin", {"password": "x"}),
        ("/api/totp/confirm", {"code": "123456"}),
    ):
        assert code(client.post(path, json=body)) == "demo"


# ---- leaving


@pytest.mark.parametrize("path", ["/api/logout", "/api/logout-everywhere"])
def test_whoever_leaves_while_the_disk_is_full_is_out_in_this_browser_and_told(
    at_desk: Desk, monkeypatch: pytest.MonkeyPatch, path: str
):
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    client = at_desk.client("viewer")
    monkeypatch.setattr(at_desk.site.people.sessions, "end", full)
    monkeypatch.setattr(at_desk.site.people.sessions, "end_all", full)
    answer = client.post(path, json={})
    assert (answer.status_code, code(answer)) == (503, "store")
    assert f'{at_desk.site.cookie}="";' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert client.get("/api/session").json()["user"] is None


def test_logging_out_ends_this_session_only(at_desk: Desk):
    here, there = at_desk.client("viewer"), at_desk.client("viewer")
    assert here.post("/api/logout", json={}).status_code == 200
    assert here.get("/api/session").json()["user"] is None
    assert there.get("/api/session").json()["user"] is not None


def test_logging_out_everywhere_ends_all_of_one_person(at_desk: Desk):
    here, there, other = at_desk.client("viewer"), at_desk.client("viewer"), at_desk.client("admin")
    assert len(here.get("/api/session").json()["sessions"]) == 2
    assert here.post("/api/logout-everywhere", json={}).status_code == 200
    assert there.get("/api/session").json()["user"] is None
    assert other.get("/api/session").json()["user"] is not None


def test_a_new_password_ends_every_other_session(at_desk: Desk):
    here, there = at_desk.client("operator"), at_desk.client("operator")
    assert code(here.post("/api/password", json={"old": "wrong", "new": NEW})) == "wrong"
    assert code(here.post("/api/password", json={"old": PASSWORD, "new": "short"})) == "password"
    assert here.post("/api/password", json={"old": PASSWORD, "new": NEW}).status_code == 200
    assert here.get("/api/session").json()["user"]["name"] == NAMES["operator"]
    assert there.get("/api/session").json()["user"] is None
    assert log_in(at_desk.client(), NAMES["operator"], NEW).status_code == 200


def test_whoever_has_a_session_still_has_to_wait_after_wrong_passwords(at_desk: Desk):
    client = at_desk.client("operator")
    wrong = [client.post("/api/password", json={"old": "wrong", "new": NEW}) for _ in range(7)]
    assert [answer.status_code for answer in wrong] == [403] * 5 + [429] * 2


# ---- one's own second factor


def test_a_second_factor_is_set_up_with_password_and_code_and_changed_with_its_own(at_desk: Desk):
    client, elsewhere = at_desk.client("admin"), at_desk.client("admin")
    assert code(client.post("/api/totp/begin", json={"password": "wrong"})) == "wrong"
    begun = client.post("/api/totp/begin", json={"password": PASSWORD}).json()
    app = pyotp.TOTP(begun["secret"])
    assert begun["otpauth"].startswith("otpauth://totp/")
    assert begun["qr_size"] > 20
    assert code(client.post("/api/totp/confirm", json={"code": "000000"})) == "wrong"
    now = at_desk.clock() // 10**9
    assert client.post("/api/totp/confirm", json={"code": app.at(now)}).status_code == 200
    assert client.get("/api/session").json()["user"]["totp"]
    assert elsewhere.get("/api/session").json()["user"] is None
    assert code(client.post("/api/totp/begin", json={"password": PASSWORD})) == "second_factor"
    again = client.post("/api/totp/begin", json={"password": PASSWORD, "totp": app.at(now + 30)})
    assert again.status_code == 200


def test_who_has_the_password_cannot_guess_codes_by_giving_it_again(at_desk: Desk):
    at_desk.second_factor("admin")
    client = at_desk.client("admin")
    body = {"password": PASSWORD, "totp": "000000"}
    answers = [client.post("/api/totp/begin", json=body).status_code for _ in range(20)]
    assert answers == [403] * 5 + [429] * 15
    right = body | {"totp": at_desk.code("admin")}
    assert client.post("/api/totp/begin", json=right).status_code == 429
    new = {"name": "ravi", "role": "viewer", "password": PASSWORD, "totp": "000000"}
    assert client.post("/api/users", json=new).status_code == 429


# ---- users


def test_an_admin_with_a_second_factor_makes_and_removes_users(at_desk: Desk):
    client = at_desk.client("admin")
    new = {"name": "ravi", "role": "viewer", "password": PASSWORD}
    assert code(client.post("/api/users", json=new)) == "second_factor"
    at_desk.second_factor("admin")
    client = at_desk.client("admin")
    assert code(client.post("/api/users", json=new)) == "second_factor"
    assert client.post("/api/users", json=new | {"totp": at_desk.code("admin")}).status_code == 200
    ravi = at_desk.client()
    assert log_in(ravi, "ravi").json()["user"]["role"] == "viewer"
    names = [one["name"] for one in client.get("/api/users").json()["users"]]
    assert names == ["asha", "omar", "ravi", "vera"]

    def changed(path: str, body: dict[str, Any]) -> httpx.Response:
        at_desk.clock.pass_by(30)
        answer: httpx.Response = client.post(path, json=body | {"totp": at_desk.code("admin")})
        return answer

    assert code(changed("/api/users", new)) == "name"
    assert code(changed("/api/users/nobody/remove", {})) == "no_user"
    assert code(changed("/api/users/asha/remove", {})) == "last_admin"
    assert changed("/api/users/ravi/remove", {}).status_code == 200
    assert ravi.get("/api/session").json()["user"] is None


@pytest.mark.parametrize("name", ["", "Asha", "a b", "../x", "x" * 33, "-x", "ä"])
def test_a_name_that_could_be_no_source_of_a_command_is_refused(at_desk: Desk, name: str):
    new = {"name": name, "role": "viewer", "password": PASSWORD}
    answer = at_desk.client("admin").post("/api/users", json=new)
    assert (answer.status_code, code(answer)) == (422, "invalid")
    text = answer.json()["error"]["text"]
    assert text.startswith("this cannot be taken: name needs small letters, digits and _ . -")
    assert "Asha" not in text, "what was sent is not repeated"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"name": "ravi", "role": "viewer", "password": 7}, "password needs at least 10 characters"),
        ({"name": "ravi", "role": "viewer"}, "password is missing"),
        ({"name": "ravi", "role": "viewer", "password": PASSWORD, "x": 1}, "x is nothing this address knows"),
        ({"name": "ravi", "role": "king", "password": PASSWORD}, "role: literal_error"),
    ],
)
def test_what_is_wrong_with_a_new_user_is_said_in_words(at_desk: Desk, body: dict[str, Any], told: str):
    answer = at_desk.client("admin").post("/api/users", json=body)
    assert answer.status_code == 422
    assert told in answer.json()["error"]["text"]
    assert PASSWORD not in answer.text


def test_a_full_disk_is_said_and_nobody_comes_in(at_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> str:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(at_desk.site.people.sessions, "begin", full)
    answer = log_in(at_desk.client())
    assert (answer.status_code, code(answer)) == (503, "store")


def test_browsers_are_told_apart_by_kind_and_system():
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17 Safari/604"
    assert browser_of(phone) == "Safari on iPhone"
    assert browser_of("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537 Edg/130") == "Edge on Windows"
    assert browser_of("Mozilla/5.0 (Macintosh) Firefox/130") == "Firefox on Mac"
    assert browser_of("") == "a browser"
