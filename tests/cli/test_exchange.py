"""`ninefifteen exchange` as a process: one line when it is ready, and an end without a fuss."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.cli import execute
from ninefifteen.config import load_config
from ninefifteen.home import Home
from tests.cli.command_line import command
from tests.patience import PATIENCE_S


@contextmanager
def served(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The running command and its ready line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ninefifteen", "exchange", "--home", "home", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def profile(ready: dict[str, Any]) -> Any:
    """What the account says of itself, with the keys of the ready line."""
    request = urllib.request.Request(f"{ready['rest']}/user/profile")
    request.add_header("Authorization", f"token {ready['api_key']}:{ready['access_token']}")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
        return json.load(reply)["data"]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_ready_line_is_all_a_client_needs_and_a_signal_ends_it(
    tmp_path: Path, end: signal.Signals
) -> None:
    with served(tmp_path, "--seed", "7", "--start", "09:10:00", "--cash", "250000.50") as (process, ready):
        assert set(ready) == {
            "protocol", "rest", "ws", "api_key", "api_secret", "access_token", "user_id", "date", "clock",
            "redirect_url", "seed", "synthetic", "rehearsal",
        }  # fmt: skip
        assert (ready["protocol"], ready["seed"], ready["synthetic"], ready["rehearsal"]) == (
            "kite",
            7,
            True,
            True,
        )
        assert ready["clock"]["at"].startswith(f"{ready['date']}T09:10:00.")
        assert ready["clock"]["speed"] == 1
        assert ready["redirect_url"] == "http://127.0.0.1:9151/"
        assert profile(ready)["user_id"] == ready["user_id"]
        process.send_signal(end)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert out == ""
    assert "SYNTHETIC REHEARSAL" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_what_it_tells_a_person_makes_a_rehearsal_home_fit_by_copying(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "rehearsal", rehearsal=True)
    with served(tmp_path, "--speed", "max") as (process, ready):
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_S)
    settings, secrets = err.split("config.yaml, in place of its last line:\n")[1].split(".env:\n")
    lines = home.config_file.read_text().splitlines()
    home.config_file.write_text("\n".join(lines[:-1]) + "\n" + settings)
    home.env_file.write_text(secrets)
    loaded = load_config(home)
    endpoint = loaded.settings.broker_endpoint
    assert endpoint is not None
    assert (endpoint.rest, endpoint.ws) == (ready["rest"], ready["ws"])
    given = (loaded.secrets.broker_api_key, loaded.secrets.broker_api_secret, loaded.secrets.broker_user_id)
    assert [secret and secret.reveal() for secret in given] == [
        ready[name] for name in ("api_key", "api_secret", "user_id")
    ]


def test_the_process_ends_with_the_rules_when_the_exchange_comes_to_the_last_day_they_know(
    tmp_path: Path,
) -> None:
    words = ("--date", "2026-12-21", "--start", "15:49:59", "--speed", "1000")
    with served(tmp_path, *words) as (process, _):
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert "2027" in err
    assert "Traceback" not in err


def test_it_serves_inside_a_process_of_somebody_else_too(tmp_path: Path) -> None:
    """The same in this process: a signal comes a moment after the ready line."""

    class Ready(io.StringIO):
        def flush(self) -> None:
            if self.getvalue().endswith("\n"):
                os.kill(os.getpid(), signal.SIGTERM)

    out = Ready()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        code = execute(["exchange", "--seed", "7", "--speed", "max", "--home", str(tmp_path / "home")])
    assert code == 0
    assert json.loads(out.getvalue())["clock"]["speed"] == "max"


def test_in_lockstep_the_clock_waits_for_the_client(tmp_path: Path) -> None:
    words = ("--speed", "max", "--date", "2026-12-02", "--redirect", "http://127.0.0.1:7000/back")
    with served(tmp_path, *words) as (_, ready):
        assert ready["clock"] == {"at": "2026-12-02T08:30:00.000+05:30", "speed": "max"}
        assert ready["redirect_url"] == "http://127.0.0.1:7000/back"


def test_the_same_seed_has_the_same_keys_and_day_and_another_seed_others(tmp_path: Path) -> None:
    lines = []
    for seed in ("7", "7", "8"):
        with served(tmp_path, "--seed", seed, "--speed", "max") as (_, ready):
            lines.append({name: ready[name] for name in ready if name not in ("rest", "ws")})
    assert lines[0] == lines[1]
    assert lines[0]["api_key"] != lines[2]["api_key"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--protocol", "upstox"], "--protocol upstox does not exist yet: this version has kite"),
        (["--protocol", "telex"], "--protocol telex is not known: this version has kite"),
        (["--start", "9:15"], "--start 9:15: needs a time of day like 09:13:00"),
        (["--start", "25:00:00"], "--start 25:00:00: needs a time of day like 09:13:00"),
        (["--start", "15:50:00"], "--start 15:50:00: the exchange's day is over at 15:50"),
        (["--speed", "0"], "--speed 0: needs max or a number above 0 and up to 1000, like 60"),
        (["--speed", "fast"], "--speed fast: needs max or a number above 0 and up to 1000, like 60"),
        (["--cash", "0"], "--cash 0: needs an amount of rupees above 0, like 100000"),
        (["--cash", "nan"], "--cash nan: needs an amount of rupees above 0, like 100000"),
        (["--cash", "much"], "--cash much: needs an amount of rupees above 0, like 100000"),
        (["--redirect", "here"], "--redirect here: needs an address like http://127.0.0.1:9151/"),
        (
            ["--date", "2026-11-24"],
            "--date 2026-11-24 is not a trading day (calendar show --date 2026-11-24 says why)",
        ),
        (
            ["--date", "2026-11-08"],
            "--date 2026-11-08 is a special session, which this exchange does not hold",
        ),
    ],
)
def test_a_mistake_in_the_command_is_one_line(tmp_path: Path, words: list[str], line: str) -> None:
    said = command("exchange", "--home", tmp_path / "home", *words)
    assert said.code == 2
    assert said.refusal == line
    assert not (tmp_path / "home").exists()


def test_a_day_beyond_the_rules_and_a_port_in_use_are_one_line_too(tmp_path: Path) -> None:
    said = command("exchange", "--home", tmp_path / "home", "--date", "2027-01-05")
    assert (said.code, "2027" in said.refusal) == (2, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = command("exchange", "--home", tmp_path / "home", "--port", str(port))
    assert said.code == 2
    assert said.refusal.startswith(f"--port {port}: cannot be listened on")
