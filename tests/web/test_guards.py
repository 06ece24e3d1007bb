"""Every answer carries the policy, and what is not ours gets no further than the guards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse

from ninefifteen.web.guards import DEEPEST, LARGEST_BODY, POLICY, cookies_of, too_deep
from ninefifteen.web.routes import page
from ninefifteen.web.site import CSRF_HEADER
from tests.web.sites import URL, Desk, live

LOGIN = {"name": "asha", "password": "wrong horse battery"}


def code(answer: object) -> str:
    return str(answer.json()["error"]["code"])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", None),
        ("GET", "/healthz", 200),
        ("GET", "/favicon.svg", None),
        ("GET", "/assets/no-such-file.js", 404),
        ("GET", "/assets/..%2f..%2fapp.py", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/api/login", 405),
        ("POST", "/api/session", 405),
        ("DELETE", "/api/session", 405),
        ("HEAD", "/", 405),
        ("OPTIONS", "/api/login", 405),
        ("POST", "/api/login", 422),
        ("GET", "/api/users", 401),
        ("GET", "/enter?key=no", 403),
    ],
)
def test_every_answer_carries_the_policy(at_desk: Desk, method: str, path: str, status: int | None):
    answer = at_desk.client().request(method, path)
    assert status is None or answer.status_code == status
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"]


def test_an_error_of_ours_says_nothing_of_it_and_carries_the_policy(
    at_desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(at_desk.site.people, "who", lambda _: 1 / 0)
    answer = at_desk.client("viewer").get("/api/session")
    assert (answer.status_code, code(answer)) == (500, "error")
    assert answer.headers["content-security-policy"] == POLICY
    assert "division" not in answer.text
    assert "division" in caplog.text


def test_even_guards_that_fail_leave_no_answer_bare(at_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(at_desk.site, "origins", None)
    answer = at_desk.client().get("/healthz")
    assert answer.status_code == 500
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:9", "127.0.0.1", "", "127.0.0.1:8080.evil.example"]
)
def test_a_foreign_host_gets_nothing(at_desk: Desk, host: str):
    answer = at_desk.client().get("/api/session", headers={"host": host})
    assert (answer.status_code, code(answer)) == (403, "host")


@pytest.mark.parametrize("url", [URL, "http://localhost:8080", "http://[::1]:8080"])
def test_this_machine_may_be_called_by_its_three_names(at_desk: Desk, url: str):
    assert at_desk.client(url=url).post("/api/login", json=LOGIN).status_code == 401


@pytest.mark.parametrize(
    "origin", ["https://127.0.0.1:8080", "http://localhost:8080", "http://evil.example", "null", ""]
)
def test_a_post_of_a_foreign_page_is_refused(at_desk: Desk, origin: str):
    answer = at_desk.client("admin").post("/api/logout", json={}, headers={"origin": origin})
    assert (answer.status_code, code(answer)) == (403, "origin")


def test_a_post_without_any_origin_is_refused(at_desk: Desk):
    client = at_desk.client("admin")
    del client.headers["origin"]
    assert code(client.post("/api/logout", json={})) == "origin"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
def test_a_body_that_is_not_json_is_refused(at_desk: Desk, kind: str):
    answer = at_desk.client("admin").post("/api/logout", content="{}", headers={"content-type": kind})
    assert (answer.status_code, code(answer)) == (415, "content_type")


def test_a_post_without_the_word_of_its_own_session_is_refused(at_desk: Desk):
    client = at_desk.client("admin")
    for word in ("", "x", at_desk.site.csrf(None), at_desk.client("viewer").headers[CSRF_HEADER]):
        answer = client.post("/api/logout", json={}, headers={CSRF_HEADER: word})
        assert (answer.status_code, code(answer)) == (403, "csrf")
    assert client.post("/api/logout", json={}).status_code == 200


def chunks(count: int) -> Iterator[bytes]:
    yield from (b"[" + b" " * 1023 for _ in range(count))


def test_a_body_that_is_too_large_is_refused_announced_or_not(at_desk: Desk):
    client = at_desk.client()
    announced = client.post("/api/login", content=b" " * (LARGEST_BODY + 1))
    chunked = client.post("/api/login", content=chunks(LARGEST_BODY // 1024 + 1))
    assert (announced.status_code, chunked.status_code) == (413, 413)


@pytest.mark.parametrize("length", ["-1", "1e9", "99999999999999999999", "x"])
def test_a_length_that_is_none_is_refused(at_desk: Desk, length: str):
    assert at_desk.client().post("/api/login", headers={"content-length": length}).status_code == 413


def test_brackets_nested_too_deep_are_refused_before_they_are_parsed(at_desk: Desk):
    answer = at_desk.client().post("/api/login", content=b"[" * 50_000)
    assert (answer.status_code, code(answer)) == (413, "too_deep")


def test_depth_counts_brackets_but_not_those_in_texts():
    assert not too_deep(b"[" * DEEPEST + b"]" * DEEPEST)
    assert too_deep(b'{"a":' * (DEEPEST + 1))
    assert not too_deep(b'"' + b"[" * 100 + b'"')
    assert not too_deep(b'"\\"' + b"[" * 100 + b'"')
    assert not too_deep(b"[]" * 100)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"nul", b'{"name": NaN}', b'"\\ud800"', b"1" * 5000]
)
def test_a_body_that_is_no_request_is_refused_in_our_shape(at_desk: Desk, body: bytes):
    answer = at_desk.client().post("/api/login", content=body)
    assert answer.status_code in (400, 422)
    assert set(answer.json()["error"]) == {"code", "text", "fix"}


def test_what_is_wrong_with_a_body_is_said_without_repeating_it(at_desk: Desk):
    wrong = {"name": 5, "password": ["swordfish"], "extra": "swordfish", "totp": {"swordfish": 1}}
    answer = at_desk.client().post("/api/login", json=wrong)
    assert answer.status_code == 422
    assert "swordfish" not in answer.text
    assert "totp: string_type" in answer.text


def test_unreadable_cookies_are_nobodys():
    assert cookies_of({"cookie": "session=abc; other=1"})["session"] == "abc"
    assert cookies_of({"cookie": "bad cookie=\x00;"}).get("session") is None


@pytest.mark.parametrize(
    "forged", ["", "x", "A" * 43, "A" * 5000, "../../etc", "' OR 1=1 --", "%00", "vera", "{}"]
)
def test_a_forged_cookie_is_nobodys(at_desk: Desk, forged: str):
    client = at_desk.client()
    client.headers["cookie"] = f"{at_desk.site.cookie}={forged}"
    assert client.get("/api/users").status_code == 401
    assert client.get("/api/session").json()["user"] is None


def test_a_socket_of_a_foreign_page_or_host_is_refused_with_the_policy(at_desk: Desk):
    client = at_desk.client("viewer")
    for headers, why in (
        ({"origin": "http://evil.example"}, "origin"),
        ({"host": "evil.example"}, "host"),
        ({"host": "evil.example", "origin": "http://evil.example"}, "host"),
        ({"origin": ""}, "origin"),
    ):
        with pytest.raises(WebSocketDenialResponse) as denied, live(client, **headers):
            pass
        assert (denied.value.status_code, code(denied.value)) == (403, why)
        assert denied.value.headers["content-security-policy"] == POLICY


def test_there_is_one_socket_and_no_other(at_desk: Desk):
    client = at_desk.client("viewer")
    address = "ws://127.0.0.1:8080/nowhere"
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect(address):
        pass
    assert (denied.value.status_code, code(denied.value)) == (404, "not_found")
    assert denied.value.headers["content-security-policy"] == POLICY


def test_refusals_are_audited_up_to_sixty_a_minute(at_desk: Desk):
    client = at_desk.client()
    for _ in range(100):
        client.get("/", headers={"host": "evil.example"})
    refused = [text for text in at_desk.audited() if "GET /" in text or "further" in text]
    assert len(refused) == 60
    assert refused[-1] == "further refusals of this minute are not told"


def test_a_page_that_was_not_built_says_how_and_is_no_error_of_the_engine(
    at_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(page, "BUILT", tmp_path / "none")
    answer = at_desk.client().get("/")
    assert answer.status_code == 503
    assert "make page" in answer.text


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "assets" / "main-1a2b.js").write_text("plain")
    (folder / "assets" / "main-1a2b.js.gz").write_bytes(b"packed")
    (folder / "assets" / "main.map").write_text("{}")
    (folder / "secret.txt").write_text("no")
    monkeypatch.setattr(page, "BUILT", folder)
    return folder


def raw(client: TestClient, path: str, accept: str) -> tuple[int, bytes, str | None]:
    with client.stream("GET", path, headers={"accept-encoding": accept}) as answer:
        return answer.status_code, b"".join(answer.iter_raw()), answer.headers.get("content-encoding")


def test_the_page_is_never_kept_and_its_parts_are_for_ever(at_desk: Desk, built: Path):
    client = at_desk.client()
    assert client.get("/").headers["cache-control"] == "no-store"
    assert (
        "immutable"
        in client.get("/assets/main-1a2b.js", headers={"accept-encoding": ""}).headers["cache-control"]
    )


def test_compressed_files_go_to_who_takes_them(at_desk: Desk, built: Path):
    client = at_desk.client()
    assert raw(client, "/assets/main-1a2b.js", "br, gzip;q=0.8") == (200, b"packed", "gzip")
    assert raw(client, "/assets/main-1a2b.js", "gzip;q=0") == (200, b"plain", None)
    assert raw(client, "/assets/main-1a2b.js", "identity") == (200, b"plain", None)


@pytest.mark.parametrize(
    "name", ["main.map", "../secret.txt", "%2e%2e%2fsecret.txt", ".hidden.js", "main-1a2b.js.gz"]
)
def test_nothing_but_parts_of_the_page_is_served(at_desk: Desk, built: Path, name: str):
    assert at_desk.client().get(f"/assets/{name}").status_code == 404


def test_the_policy_allows_no_script_or_style_but_our_own():
    directives = dict(part.strip().partition(" ")[::2] for part in POLICY.split(";"))
    assert directives["default-src"] == directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert "unsafe" not in json.dumps(directives)
