"""Settings over HTTP: each with its source, a diff before a save, dangerous ones with a second factor."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from ninefifteen.config import load_config
from ninefifteen.config.pending import pending_file, read_pending
from ninefifteen.domain.settings_check import keys
from ninefifteen.web.history.settings_page import settings_page
from ninefifteen.web.history.settings_save import preview_changes
from tests.web.history.homes import running
from tests.web.sites import Desk, Document, desk


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    """A dashboard whose environment names no database and no secret."""
    for name in [name for name in os.environ if name.startswith(("BROKER_", "TELEGRAM_", "DATABASE_URL"))]:
        monkeypatch.delenv(name)
    with desk(tmp_path / "home") as opened:
        yield opened


def page(at_desk: Desk) -> Document:
    answer = at_desk.client("viewer").get("/api/settings")
    assert answer.status_code == 200
    found: Document = answer.json()
    return found


def row(at_desk: Desk, key: str) -> Document:
    return next(one for one in page(at_desk)["settings"] if one["key"] == key)


def preview(at_desk: Desk, changes: dict[str, Any]) -> Document:
    answer = at_desk.client("admin").post("/api/settings/preview", json={"changes": changes})
    assert answer.status_code == 200, answer.text
    found: Document = answer.json()
    return found


def save(at_desk: Desk, changes: dict[str, Any], **more: Any) -> httpx.Response:
    answer: httpx.Response = at_desk.client("admin").post("/api/settings", json={"changes": changes} | more)
    return answer


def test_every_setting_is_there_with_its_value_source_and_meaning(alone: Desk):
    found = page(alone)
    assert [one["key"] for one in found["settings"]] == list(keys())
    loss = row(alone, "risk.max_daily_loss")
    assert (loss["value"], loss["unit"], loss["kind"], loss["is_default"]) == (
        "2000",
        "rupees",
        "number",
        True,
    )
    assert loss["source"].startswith("config.yaml:")
    assert (loss["dangerous"], loss["danger"]) == ("raise", "it is the most a day may cost")
    assert {one["group"] for one in found["settings"]} <= {one["name"] for one in found["groups"]}
    assert found["next_trading_day"] > "2026"


@pytest.mark.parametrize(
    ("key", "kind", "optional"),
    [
        ("strategy.exit_at", "time", True),
        ("trading.mode", "choice", False),
        ("risk.max_trades", "whole", False),
        ("opening_range.enabled", "truth", False),
        ("telegram.operators", "list", False),
        ("dashboard.host", "text", False),
        ("dashboard.tls_cert", "text", True),
    ],
)
def test_the_page_knows_how_to_ask_for_each(alone: Desk, key: str, kind: str, optional: bool):
    found = row(alone, key)
    assert (found["kind"], found["optional"]) == (kind, optional)
    if kind == "choice":
        assert found["choices"] == ["paper", "live"]


def test_secrets_are_set_or_not_set_and_never_more(alone: Desk):
    home = alone.site.home
    home.env_file.write_text("BROKER_API_KEY=geheim-key\nBROKER_API_SECRET=geheim-secret\n")
    home.env_file.chmod(0o600)
    answer = alone.client("admin").get("/api/settings")
    assert "geheim" not in answer.text
    secrets = {one["name"]: one for one in answer.json()["secrets"]}
    assert (secrets["BROKER_API_KEY"]["set"], secrets["BROKER_API_KEY"]["source"]) == (True, ".env:1")
    assert (secrets["TELEGRAM_BOT_TOKEN"]["set"], secrets["TELEGRAM_BOT_TOKEN"]["text"]) == (
        False,
        "not set in .env",
    )


def test_a_preview_shows_the_change_and_writes_nothing(alone: Desk):
    before = alone.site.home.config_file.read_bytes()
    found = preview(alone, {"strategy.target_pct": "9.5"})
    assert found["valid"]
    assert [line for line in found["diff"] if line[:2] in ("- ", "+ ")] == [
        "-  target_pct: 8",
        "+  target_pct: 9.5",
    ]
    assert found["changed"] == [{"key": "strategy.target_pct", "before": "8", "after": "9.5"}]
    assert (found["dangerous"], found["needs_second_factor"]) == ([], False)
    assert alone.site.home.config_file.read_bytes() == before


def test_a_preview_says_which_contradictions_it_makes_or_mends(alone: Desk):
    found = preview(alone, {"strategy.stop_pct": 8})
    assert any("max_daily_loss" in text for text in found["contradictions_now"])
    assert not any("max_daily_loss is Rs 2,000" in text for text in found["contradictions_then"])
    assert any("min_working_stop_pct" in text for text in found["contradictions_then"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"risk.max_daily_loss": "-1"}, "must be above 0"),
        ({"risk.max_daily_loss": "lots"}, "needs a number"),
        ({"no.such": 1}, "no.such is not a setting"),
        ({"strategy.pcr_min": 2}, "pcr_max"),
        ({"broker_endpoint.rest": "http://127.0.0.1:1"}, "written by hand"),
        ({"strategy.name": "nine_fifteen"}, "one strategy"),
        ({"emergency.sms_numbers": ["112"]}, "country code"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_written(
    alone: Desk, changes: dict[str, Any], told: str
):
    before = alone.site.home.config_file.read_bytes()
    found = preview(alone, changes)
    assert not found["valid"]
    assert any(told in text for text in found["problems"]), found["problems"]
    answer = save(alone, changes)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "settings")
    assert alone.site.home.config_file.read_bytes() == before


def test_a_harmless_change_is_written_at_once_and_kept_in_the_history(alone: Desk):
    home = alone.site.home
    answer = save(alone, {"strategy.target_pct": 9, "risk.max_trades": 1})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["written"], answer.json()["pending"]) == (
        ["strategy.target_pct", "risk.max_trades"],
        [],
    )
    settings = load_config(home, environment={}).settings
    assert (str(settings.strategy.target_pct), settings.risk.max_trades) == ("9", 1)
    (entry,) = page(alone)["history"]
    assert (entry["who"], entry["effective"]) == ("dashboard:asha", "next start")
    assert {one["key"]: (one["before"], one["after"]) for one in entry["changes"]} == {
        "strategy.target_pct": ("8", "9"),
        "risk.max_trades": ("2", "1"),
    }
    assert any("settings: changed strategy.target_pct" in text for text in alone.audited())


def test_a_dangerous_change_needs_the_second_factor(alone: Desk):
    before = alone.site.home.config_file.read_bytes()
    answer = save(alone, {"risk.max_daily_loss": 5000})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "second_factor")
    alone.second_factor("admin")
    for totp in (None, "", "000000"):
        answer = save(alone, {"risk.max_daily_loss": 5000}, totp=totp)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "second_factor")
    assert alone.site.home.config_file.read_bytes() == before
    assert not pending_file(alone.site.home).exists()


def test_with_it_the_change_waits_for_the_next_trading_day(alone: Desk):
    alone.second_factor("admin")
    home, before = alone.site.home, alone.site.home.config_file.read_bytes()
    day = page(alone)["next_trading_day"]
    answer = save(alone, {"risk.max_daily_loss": "5000"}, totp=alone.code("admin"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["pending"] == [
        {"key": "risk.max_daily_loss", "reason": "it is the most a day may cost", "effective": day}
    ]
    assert home.config_file.read_bytes() == before, "today's limit is today's limit"
    (waiting,) = read_pending(home)
    assert (waiting.key, waiting.value, str(waiting.effective)) == ("risk.max_daily_loss", "5000", day)
    shown = row(alone, "risk.max_daily_loss")
    assert (shown["value"], shown["pending"]["value"], shown["pending"]["effective"]) == ("2000", "5000", day)


def test_a_change_that_waits_is_taken_back_by_saving_what_is_in_force(alone: Desk):
    alone.second_factor("admin")
    save(alone, {"risk.max_daily_loss": "5000"}, totp=alone.code("admin"))
    answer = save(alone, {"risk.max_daily_loss": "2000"})
    assert (answer.json()["cancelled"], answer.json()["written"]) == (["risk.max_daily_loss"], [])
    assert read_pending(alone.site.home) == []


def test_a_lower_limit_counts_at_once_and_puts_the_waiting_one_away(alone: Desk):
    alone.second_factor("admin")
    save(alone, {"risk.max_daily_loss": "5000", "strategy.target_pct": 9}, totp=alone.code("admin"))
    answer = save(alone, {"risk.max_daily_loss": "1000"})
    assert answer.json()["written"] == ["risk.max_daily_loss"]
    assert read_pending(alone.site.home) == []
    assert load_config(alone.site.home, environment={}).settings.risk.max_daily_loss == 1000


def test_one_save_of_both_kinds_says_when_each_counts(alone: Desk):
    found = preview(alone, {"risk.max_daily_loss": "5000", "strategy.target_pct": 9})
    assert "risk.max_daily_loss: from 20" in found["applies"]
    assert "the rest: at the next start" in found["applies"]
    assert preview(alone, {"strategy.target_pct": 8})["applies"] == "nothing is changed"


def test_a_file_that_somebody_edited_meanwhile_is_not_overrun(alone: Desk):
    version = preview(alone, {"strategy.target_pct": 9})["version"]
    with alone.site.home.config_file.open("a") as file:
        file.write("# by hand\n")
    answer = save(alone, {"strategy.target_pct": 9}, version=version)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "changed")
    assert save(alone, {"strategy.target_pct": 9}, version=page(alone)["version"]).status_code == 200


def test_a_file_that_cannot_be_used_is_shown_with_its_lines_and_not_written(alone: Desk):
    home = alone.site.home
    home.config_file.write_text("risk: {max_trades: none}\nstrategie: {}\n")
    found = page(alone)
    assert (found["settings"], len(found["problems"])) == ([], 3)
    assert not preview(alone, {"risk.max_trades": 1})["valid"]
    assert save(alone, {"risk.max_trades": 1}).status_code == 422
    assert "strategie" in home.config_file.read_text()


def test_a_value_that_the_environment_overrides_is_not_pretended_to_change(
    alone: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("EMERGENCY_STOP_NUMBERS", "+919812345678")
    found = preview(alone, {"emergency.sms_numbers": ["+919800000000"]})
    assert not found["valid"]
    assert any("differ" in text or "stronger" in text or "same setting" in text for text in found["problems"])


def test_damaged_waiting_changes_are_told(alone: Desk):
    pending_file(alone.site.home).write_text("{")
    assert any("settings-pending.json" in text for text in page(alone)["problems"])
    assert not preview(alone, {"strategy.target_pct": 9})["valid"]


def test_a_disk_that_is_full_is_told_and_the_old_file_stays(alone: Desk, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ninefifteen.config.changing.write_config", full)
    before = alone.site.home.config_file.read_bytes()
    answer = save(alone, {"strategy.target_pct": 9})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "disk")
    assert alone.site.home.config_file.read_bytes() == before


def test_without_a_calendar_nothing_dangerous_is_saved(alone: Desk):
    (alone.site.home.rules_dir / "calendar.csv").write_text("nonsense\n")
    found = preview(alone, {"risk.max_daily_loss": 5000})
    assert any("next trading day" in text for text in found["problems"])
    assert page(alone)["next_trading_day"] is None


@pytest.mark.parametrize("role", ["viewer", "operator", "demo"])
def test_only_an_admin_changes_settings(alone: Desk, role: str):
    client = alone.client(role)
    for path in ("/api/settings", "/api/settings/preview"):
        assert client.post(path, json={"changes": {"risk.max_trades": 1}}).status_code == 403
    assert client.get("/api/settings").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"changes": {}},
        {"changes": [1]},
        {"changes": {"risk.max_trades": {"a": 1}}},
        {"changes": {"x" * 200: 1}},
        {"changes": {"risk.max_trades": "9" * 300}},
        {"changes": {f"k{n}": 1 for n in range(60)}},
        {"changes": {"risk.max_trades": 1}, "more": 1},
    ],
)
def test_bodies_of_another_shape_are_refused(alone: Desk, body: Any):
    for path in ("/api/settings", "/api/settings/preview"):
        assert alone.client("admin").post(path, json=body).status_code == 422


def test_what_the_running_day_began_with_is_compared_with_the_file(lived: Path, tmp_path: Path):
    records = running(lived, tmp_path / "home", time(10, 0))
    records.home.config_file.write_text("strategy: {target_pct: 9}\n")
    engine = {"date": "2026-12-04"}
    found = {one.key: one for one in settings_page(records, engine).settings}
    assert (found["strategy.target_pct"].changed, found["strategy.target_pct"].running) == (True, "8")
    assert found["risk.max_trades"].changed is False
    other = {one.key: one for one in settings_page(records, {"date": "2026-12-05"}).settings}
    assert other["strategy.target_pct"].changed is None
    for path in records.home.journal_dir.iterdir():
        path.write_bytes(b"nonsense")
    assert settings_page(records, engine).running_settings_hash is None


def test_a_preview_needs_no_web_at_all(lived: Path, tmp_path: Path):
    records = running(lived, tmp_path / "home", time(10, 0))
    assert preview_changes(records, {"strategy.target_pct": 9}).valid


def test_the_history_holds_no_secret_and_belongs_to_the_home(alone: Desk):
    save(alone, {"strategy.target_pct": 9})
    file = alone.site.home.path / "settings-history.jsonl"
    (line,) = file.read_text().splitlines()
    assert set(json.loads(line)) == {"at", "who", "changes", "effective"}
    assert stat.S_ISREG(file.stat().st_mode)
