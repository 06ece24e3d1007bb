"""The program: where it may listen, what it says, how it ends, and what it makes of rude connections."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from msgspec.structs import replace

from ninefifteen.domain.settings import Dashboard
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.web import server
from ninefifteen.web.__main__ import main
from ninefifteen.web.origins import check_address, is_loopback, origins_of
from ninefifteen.web.server import bound, config_of
from tests.web.sites import desk

PUBLIC = "https://desk.example.org"
PROGRAM = [sys.executable, "-m", "ninefifteen.web"]


# ---- where it may listen


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_machine_needs_nothing(host: str):
    check_address(Dashboard(host=host), first_run=True)
    assert is_loopback(host)


@pytest.mark.parametrize(
    ("dashboard", "first_run", "why"),
    [
        (Dashboard(host="0.0.0.0"), False, "needs dashboard.tls_cert"),
        (Dashboard(host="desk.example.org"), False, "needs dashboard.tls_cert"),
        (Dashboard(host="10.0.0.1", tls_cert=__file__, tls_key=__file__), True, "make the first user"),
        (Dashboard(host="0.0.0.0", behind_proxy=True, public_url=PUBLIC), True, "make the first user"),
        (Dashboard(host="0.0.0.0", tls_cert=__file__, tls_key=__file__), False, "dashboard.public_url"),
        (Dashboard(tls_cert="only-one.pem"), False, "belong together"),
        (Dashboard(tls_cert="/no/cert.pem", tls_key="/no/key.pem"), False, "there is no file"),
        (Dashboard(host="0.0.0.0", behind_proxy=True), False, "needs dashboard.public_url"),
        (Dashboard(public_url="http://desk.example.org"), False, "must be https"),
        (Dashboard(public_url="https://desk.example.org/path"), False, "must be https"),
        (Dashboard(public_url="https://me@desk.example.org"), False, "must be https"),
        (Dashboard(public_url="https://[bad"), False, "must be https"),
    ],
)
def test_an_address_others_can_reach_is_refused_without_its_guards(
    dashboard: Dashboard, first_run: bool, why: str
):
    with pytest.raises(BadInput, match=why):
        check_address(dashboard, first_run=first_run)


def test_an_address_others_can_reach_is_fine_with_users_and_tls_or_behind_a_proxy():
    own = Dashboard(host="10.0.0.1", tls_cert=__file__, tls_key=__file__)
    check_address(own, first_run=False)
    check_address(replace(own, host="0.0.0.0", public_url=PUBLIC), first_run=False)
    check_address(Dashboard(host="0.0.0.0", behind_proxy=True, public_url=PUBLIC), first_run=False)
    check_address(Dashboard(behind_proxy=True, public_url=PUBLIC), first_run=True)


def test_what_it_may_be_called_follows_from_where_it_listens():
    plain = origins_of(Dashboard(), 8080)
    assert plain.url == "http://127.0.0.1:8080"
    assert plain.fitting("LOCALHOST:8080", here=True) == "http://localhost:8080"
    assert plain.fitting("0.0.0.0:8080", here=True) is None
    public = Dashboard(host="0.0.0.0", behind_proxy=True, public_url="https://Desk.example.org")
    proxied = origins_of(public, 8080)
    assert proxied.fitting("desk.example.org", here=False) == "https://desk.example.org"
    assert proxied.secure("desk.example.org")
    assert not proxied.secure("127.0.0.1:8080")
    own = origins_of(Dashboard(host="fd00::1", tls_cert="c", tls_key="k"), 443)
    assert (own.url, own.fitting("[fd00::1]", here=False)) == ("https://[fd00::1]", "https://[fd00::1]")


@pytest.mark.parametrize(
    ("public", "host"),
    [
        ("https://desk.example.org:443", "desk.example.org"),
        ("https://Desk.example.org:443/", "desk.example.org"),
        ("https://desk.example.org:8443", "desk.example.org:8443"),
        ("https://[fd00::1]:443", "[fd00::1]"),
    ],
)
def test_the_usual_port_is_no_part_of_what_browsers_call_it(public: str, host: str):
    named = origins_of(Dashboard(behind_proxy=True, public_url=public), 8080)
    assert named.fitting(host, here=False) == f"https://{host}"


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1"])
def test_nobody_elsewhere_comes_past_the_proxy_by_a_name_of_this_machine(tmp_path: Path, host: str):
    config = f"dashboard:\n  behind_proxy: true\n  public_url: {PUBLIC}\n"
    with desk(tmp_path / "home", config=config) as opened:
        opened.site.origins = origins_of(Dashboard(host=host, behind_proxy=True, public_url=PUBLIC), 8080)

        def status(url: str, address: str) -> int:
            return int(opened.client(url=url, address=address).get("/healthz").status_code)

        assert status("http://127.0.0.1:8080", "127.0.0.1") == 200
        assert status("http://127.0.0.1:8080", "10.0.0.5") == 403
        assert status("http://10.0.0.1:8080", "10.0.0.5") == 403
        assert status(PUBLIC, "10.0.0.5") == 200


def test_a_cookie_is_secure_where_the_browser_comes_over_tls(tmp_path: Path):
    config = "dashboard:\n  behind_proxy: true\n  public_url: https://desk.example.org\n"
    with desk(tmp_path / "home", config=config) as opened:
        client = opened.client(url="https://desk.example.org")
        body = {"name": "asha", "password": "correct horse battery"}
        assert "secure" in client.post("/api/login", json=body).headers["set-cookie"].lower()


@pytest.mark.parametrize("forwarded", ["<b>me</b>", "fe80::1%<b>", "10.0.0.5, me"])
def test_a_browsers_address_that_is_none_is_unknown(tmp_path: Path, forwarded: str):
    config = "dashboard:\n  behind_proxy: true\n  public_url: https://desk.example.org\n"
    with desk(tmp_path / "home", config=config) as opened:
        client = opened.client(url="https://desk.example.org", address=forwarded)
        body = {"name": "asha", "password": "correct horse battery"}
        assert client.post("/api/login", json=body).status_code == 200
        (one,) = opened.site.people.sessions.of("asha")
        assert one.place.endswith(", unknown")


def test_over_tls_the_name_others_call_it_by_stays_safe_and_this_machines_names_stay_plain(tmp_path: Path):
    config = "dashboard:\n  behind_proxy: true\n  public_url: https://desk.example.org\n"
    with desk(tmp_path / "home", config=config) as opened:
        there = opened.client(url="https://desk.example.org").get("/healthz")
        assert there.headers["strict-transport-security"] == "max-age=31536000"
        assert "strict-transport-security" not in opened.client().get("/healthz").headers


def test_the_cookie_tells_dashboards_of_one_machine_apart_and_over_tls_nobody_else_sets_it(tmp_path: Path):
    config = "dashboard:\n  behind_proxy: true\n  public_url: https://desk.example.org\n"
    with desk(tmp_path / "home", config=config) as opened:
        body = {"name": "asha", "password": "correct horse battery"}
        client = opened.client(url="https://desk.example.org")
        kept = client.post("/api/login", json=body).headers["set-cookie"]
        assert kept.startswith("__Host-ninefifteen_session_8080=")
        assert "domain" not in kept.lower()
        token = client.cookies["__Host-ninefifteen_session_8080"]
        assert client.get("/api/session").json()["user"]["name"] == "asha"
        plain = opened.client(url="https://desk.example.org")
        plain.cookies.set("ninefifteen_session_8080", token, domain="desk.example.org")
        assert plain.get("/api/session").json()["user"] is None
        here = opened.client().post("/api/login", json=body).headers["set-cookie"]
        assert here.startswith("ninefifteen_session_8080=")


def test_behind_a_proxy_its_word_for_the_browsers_address_counts_and_otherwise_nobodys(tmp_path: Path):
    config = "dashboard:\n  behind_proxy: true\n  public_url: https://desk.example.org\n"
    with desk(tmp_path / "proxied", config=config) as proxied, desk(tmp_path / "plain") as plain:
        assert config_of(proxied.site).proxy_headers
        assert not config_of(plain.site).proxy_headers


def test_tls_of_its_own_is_what_the_server_serves(tmp_path: Path):
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    config = f"dashboard:\n  tls_cert: {tmp_path}/cert.pem\n  tls_key: {tmp_path}/key.pem\n"
    with desk(tmp_path / "home", config=config) as opened:
        assert config_of(opened.site).ssl_keyfile == str(tmp_path / "key.pem")


def test_a_port_that_is_taken_is_said(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BadInput, match="cannot listen"):
        bound("127.0.0.1", taken.getsockname()[1])
    with socket.create_server(("127.0.0.1", 65535)), pytest.raises(BadInput, match="cannot listen"):
        bound("127.0.0.1", 65535, further=20)
    with pytest.raises(BadInput, match="cannot listen"):
        bound("192.0.2.1", 8080, further=20)
    with bound("::1", 0) as listener:
        assert listener.family == socket.AF_INET6


# ---- the program


def test_it_says_one_line_and_ends_with_whoever_started_it(tmp_path: Path):
    with subprocess.Popen(
        [*PROGRAM, str(tmp_path / "home"), "--port", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        ready = json.loads(child.stdout.readline())
        assert (ready["enter"], len(ready["setup_code"])) == (None, 9)
        assert httpx.get(ready["url"] + "/healthz").json() == {"text": "alive"}
        if sys.platform == "linux":
            assert os.getpriority(os.PRIO_PROCESS, child.pid) >= 10
        child.stdin.close()
        assert child.wait(10) == 0
        assert child.stdout.read() == b""


def test_what_may_not_start_ends_with_two_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    home = Home.open(tmp_path / "home")
    home.config_file.write_text("dashboard: {host: 0.0.0.0}\n")
    assert main([str(home.path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("dashboard.host is 0.0.0.0, which others can reach")
    assert said.err.count("\n") == 1


def test_a_host_that_is_given_is_listened_at_under_the_same_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setattr("ninefifteen.web.__main__.give_way", lambda: None)
    home = str(tmp_path / "home")
    assert main([home, "--host", "localhost", "--port", "0"]) == 0
    assert json.loads(capsys.readouterr().out)["url"].startswith("http://localhost:")
    assert main([home, "--host", "0.0.0.0", "--port", "0"]) == 2
    assert "dashboard.host is 0.0.0.0, which others can reach" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "ends"), [(["--demo"], 0), ([], 2)])
def test_where_the_port_is_taken_a_demo_takes_the_next_one_and_a_run_does_not(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    ends: int,
):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setattr("ninefifteen.web.__main__.give_way", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main([str(tmp_path / "home"), "--port", str(port), *words]) == ends
    said = capsys.readouterr()
    if ends:
        assert f"dashboard.port {port}: cannot listen there" in said.err
    else:
        assert port < int(json.loads(said.out)["url"].rpartition(":")[2]) <= port + 20


def test_what_a_run_was_told_by_set_counts_here_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(tmp_path / "home"), "--set", "dashboard.behind_proxy=true", "--port", "0"]) == 2
    assert "behind_proxy needs dashboard.public_url" in capsys.readouterr().err


def test_the_program_serves_until_its_input_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setattr("ninefifteen.web.__main__.give_way", lambda: None)
    assert main([str(tmp_path / "home"), "--port", "0", "--demo"]) == 0
    assert json.loads(capsys.readouterr().out)["enter"].startswith("http://127.0.0.1:")


def test_without_a_home_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "HOME is missing" in capsys.readouterr().err


def test_the_committed_interface_is_the_programs(repository: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--openapi"]) == 0
    made = capsys.readouterr().out
    kept = (repository / "frontend" / "openapi.json").read_text(encoding="utf-8")
    assert json.loads(kept) == json.loads(made), "python -m ninefifteen.web --openapi > frontend/openapi.json"


def test_it_gives_way_to_whatever_trades(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []

    def nice(more: int) -> int:
        asked.append(more)
        if more:
            raise OSError
        return 4

    monkeypatch.setattr(os, "nice", nice)
    server.give_way()
    assert asked == ([0, 6] if sys.platform != "win32" else [])


HASHES = """
import asyncio, re, sys
from pathlib import Path
from ninefifteen.web.accounts.passwords import Passwords
from ninefifteen.web.server import stay_small

def resident_mb():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

async def story():
    passwords = Passwords()
    before = resident_mb()
    for _ in range(3):
        await passwords.hashed("correct horse battery")
    print(resident_mb() - before)
    passwords.close()

stay_small()
asyncio.run(story())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the C library has no such setting")
def test_what_a_login_needs_is_given_back():
    with subprocess.Popen([sys.executable, "-c", HASHES], stdout=subprocess.PIPE) as child:
        more_mb = float(child.communicate()[0])
    assert more_mb < 10, "one hash takes 19 MB"


def test_where_the_c_library_has_no_such_setting_it_goes_without(monkeypatch: pytest.MonkeyPatch):
    for library in (SimpleNamespace(), SimpleNamespace(mallopt=lambda *_: 0)):
        monkeypatch.setattr("ctypes.CDLL", lambda _, found=library: found)
        server.stay_small()
