"""`/api/odds`: the same odds as at the terminal, from the settings as they are now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command_line import command
from tests.web.sites import desk


def test_the_page_gets_the_odds_that_the_terminal_says(tmp_path: Path) -> None:
    with desk(tmp_path / "home") as site:
        found = site.client("viewer").get("/api/odds").json()
        said = command("setup", "--json", "--home", tmp_path / "home").document["odds"]
    assert found == said
    assert [one["name"] for one in found["sections"]][-1] == "never"


def test_they_follow_a_change_of_the_settings_without_a_new_start(tmp_path: Path) -> None:
    with desk(tmp_path / "home") as site:
        client = site.client("admin")
        before = client.get("/api/odds").json()
        site.site.home.config_file.write_text("risk: {max_daily_loss: 20000}\n")
        after = client.get("/api/odds").json()
    assert before["positions"][0]["tightened"]
    assert not after["positions"][0]["tightened"]
    assert {"key": "risk.max_daily_loss", "value": "20000", "changed": True} in [
        setting for rule in after["rules"] for setting in rule["settings"]
    ]


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        ("config.yaml", "risk: {max_daily_loss: -1}\n", "settings"),
        ("rules/charges.csv", "nonsense\n", "rules"),
    ],
)
def test_what_cannot_be_read_is_told_and_no_figure_is_made_up(
    tmp_path: Path, file: str, text: str, code: str
) -> None:
    with desk(tmp_path / "home") as site:
        client = site.client("viewer")
        (site.site.home.path / file).write_text(text)
        answer = client.get("/api/odds")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, code)


def test_nobody_reads_them_without_a_login(tmp_path: Path) -> None:
    with desk(tmp_path / "home") as site:
        assert site.client().get("/api/odds").status_code == 401
