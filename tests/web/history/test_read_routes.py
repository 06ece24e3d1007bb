"""The routes that only read: who may, what is refused, and that nothing they do changes a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command_line import listing
from tests.web.history.homes import TRADED, TRADED_RUN
from tests.web.sites import Desk, desk

PATHS = [
    "/api/days",
    f"/api/days/{TRADED}",
    f"/api/days/{TRADED}?run={TRADED_RUN}",
    f"/api/days/{TRADED}/chart?of=stock&since=1796355900",
    "/api/log/trades?limit=5&contains=maruti",
    "/api/log/errors",
    "/api/risk",
    "/api/readiness",
    "/api/settings",
    "/api/help",
    "/api/emergency",
]


@pytest.fixture
def read(lived: Path, tmp_path: Path) -> Iterator[Desk]:
    """A dashboard over a home with two days."""
    shutil.copytree(lived, tmp_path / "home")
    with desk(tmp_path / "home") as opened:
        yield opened


@pytest.mark.parametrize("path", PATHS)
def test_everybody_who_is_logged_in_may_read(read: Desk, path: str):
    answer = read.client("viewer").get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert read.client().get(path).status_code == 401


def test_the_audit_log_is_for_operators(read: Desk):
    assert read.client("viewer").get("/api/log/audit").status_code == 403
    answer = read.client("operator").get("/api/log/audit?limit=500")
    assert answer.status_code == 200
    assert any("is the pick" in line["text"] or line["kind"] == "plan" for line in answer.json()["lines"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/days/2026-12-01", 404),
        ("/api/days/tomorrow", 422),
        (f"/api/days/{TRADED}?run=../../etc/passwd", 422),
        (f"/api/days/{TRADED}?run=2026-12-04.synthetic-1", 404),
        (f"/api/days/{TRADED}/chart?name=NOBODY", 404),
        (f"/api/days/{TRADED}/chart?of=moon", 422),
        ("/api/days?limit=0", 422),
        ("/api/days?limit=100000", 422),
        ("/api/log/trades?before=1", 422),
        ("/api/log/trades?before=99999999999999999999999:1", 200),
        ("/api/log/secrets", 404),
    ],
)
def test_what_is_not_there_or_makes_no_sense_is_refused_in_one_shape(read: Desk, path: str, status: int):
    answer = read.client("viewer").get(path)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert set(answer.json()["error"]) == {"code", "text", "fix"}


def test_reading_changes_no_record(read: Desk):
    records = ("journal", "days", "config.yaml", ".env", "logs/trades.log", "home.json")
    client = read.client("admin")
    before = {name: data for name, data in listing(read.site.home.path).items() if name.startswith(records)}
    for path in PATHS:
        client.get(path)
    after = {name: data for name, data in listing(read.site.home.path).items() if name.startswith(records)}
    assert after == before
