"""`config check / show / schema` and `init`, as people and scripts use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ninefifteen.cli import execute
from ninefifteen.config.template import default_config, json_schema, manual_page
from ninefifteen.home import Home

Output = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a home may be made; the commands find it by the environment."""
    monkeypatch.setenv("NINEFIFTEEN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("EMERGENCY_STOP_NUMBERS", raising=False)
    return tmp_path / "home"


@pytest.mark.parametrize("words", [["init"], ["config", "check"], ["config", "show"]])
def test_every_command_works_on_a_missing_home_and_makes_it(capsys: Output, home: Path, words: list[str]):
    assert execute([*words, "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), dict)
    assert Home.look(home).config_file.read_text() == default_config()


def test_the_home_option_is_stronger_than_the_environment_and_without_both_it_is_user_data(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    assert execute(["init", "--home", str(tmp_path / "other")]) == 0
    assert (tmp_path / "other").is_dir()
    assert not home.exists()
    monkeypatch.delenv("NINEFIFTEEN_HOME")
    monkeypatch.chdir(tmp_path)
    assert execute(["init"]) == 0
    assert (tmp_path / "user_data" / "config.yaml").exists()


def test_init_says_what_it_made_and_what_was_there(capsys: Output, home: Path):
    assert execute(["init", "--rehearsal", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"created": True, "rehearsal": True, "layout": 1}
    assert execute(["init"]) == 0
    out, err = capsys.readouterr()
    assert (out, "is a rehearsal home" in err) == ("", True)


def test_check_says_plainly_that_the_limits_tighten_the_stop(capsys: Output, home: Path):
    assert execute(["config", "check"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "The settings can be used. Read this before you trade:" in err
    assert "risk.max_daily_loss is Rs 2,000" in err
    assert execute(["config", "check", "--set", "risk.max_daily_loss=9000", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == "The settings can be used.\n"
    document = json.loads(out)
    assert (document["ok"], document["problems"], document["notes"]) == (True, [], [])


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://127.0.0.1:9151/", "needs http://127.0.0.1:PORT/ for this to work"),
        ("http://192.168.1.5:9151/", "needs http://127.0.0.1:PORT/ for this to work"),
        ("http://127.0.0.1:99999/", "is no address"),
    ],
)
def test_check_warns_of_a_redirect_url_in_the_words_of_login(capsys: Output, home: Path, url: str, why: str):
    words = ["--set", "risk.max_daily_loss=9000", "--set", f"login.redirect_url={url}", "--json"]
    assert execute(["config", "check", *words]) == 0
    (note,) = json.loads(capsys.readouterr().out)["notes"]
    assert note.startswith(f"login.redirect_url {url}: {why}")


def test_check_reports_all_problems_to_people_and_to_scripts(capsys: Output, home: Path):
    home.mkdir()
    (home / "config.yaml").write_text("strategy:\n  lots: 0\n  stop: 30\n")
    assert execute(["config", "check", "--json"]) == 2
    out, err = capsys.readouterr()
    lots = f"{home}/config.yaml:2: strategy.lots is 0: it must be at least 1"
    stop = f"{home}/config.yaml:3: strategy.stop is not a setting: did you mean strategy.stop_pct?"
    assert json.loads(out) == {"ok": False, "problems": [stop, lots], "notes": []}
    assert err.splitlines() == ["error: 2 problems in the configuration:", stop, lots]
    assert [entry.name for entry in home.iterdir()] == ["config.yaml"]


def test_show_tells_values_and_sources_and_never_a_secret(capsys: Output, home: Path):
    made = Home.open(home)
    made.env_file.write_text("BROKER_API_KEY=hidden\n")
    assert execute(["config", "show", "--set", "strategy.lots=2"]) == 0
    out = capsys.readouterr().out
    assert "strategy.lots" in out
    assert next(line for line in out.splitlines() if line.startswith("strategy.lots")).split() == [
        "strategy.lots", "2", "#", "--set",
    ]  # fmt: skip
    assert "secrets given: broker_api_key" in out
    assert execute(["config", "show", "--json"]) == 0
    more = capsys.readouterr().out
    document = json.loads(more)
    assert document["settings"]["strategy"]["pcr_min"] == 0.7
    assert document["settings"]["strategy"]["lots"] == 1
    assert document["settings"]["broker_endpoint"] is None
    assert document["sources"]["strategy.lots"].startswith("config.yaml:")
    assert document["secrets_given"] == ["broker_api_key"]
    assert "hidden" not in out + more


def test_the_simulated_broker_of_a_rehearsal_home_is_shown(capsys: Output, home: Path):
    made = Home.open(home, rehearsal=True)
    made.config_file.write_text("broker_endpoint: {rest: 'http://127.0.0.1:1', ws: 'ws://127.0.0.1:2'}\n")
    assert execute(["config", "show", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["rehearsal"] is True
    assert document["settings"]["broker_endpoint"] == {"rest": "http://127.0.0.1:1", "ws": "ws://127.0.0.1:2"}


def test_the_schema_is_printed_as_json_or_as_the_manual_page_and_makes_no_home(capsys: Output, home: Path):
    for words in ([], ["--json"]):
        assert execute(["config", "schema", *words]) == 0
        assert json.loads(capsys.readouterr().out) == json_schema()
    assert execute(["config", "schema", "--markdown"]) == 0
    assert capsys.readouterr().out == manual_page()
    assert execute(["config", "schema", "--markdown", "--json"]) == 2
    assert "--markdown and --json: give one of them" in capsys.readouterr().err
    assert not home.exists()


BAD = [
    (["--set", "strategy.lot=1"], "", 0o600),
    (["--set", "strategy.lots"], "", 0o600),
    (["--set", "strategy.lots=x"], "", 0o600),
    ([], "strategy: {lots: 0}", 0o600),
    ([], "strategy: {target_pct: 0}", 0o600),
    ([], "strategy: {stop_pct: 100}", 0o600),
    ([], "strategy: {exit_at: 09:00}", 0o600),
    ([], "risk: {max_trades: 1}\nrisk_limits: {max_trades: 2}", 0o600),
    ([], "strategy: {\n", 0o600),
    ([], "", 0o644),
]


@pytest.mark.parametrize(("words", "config", "mode"), BAD)
@pytest.mark.parametrize("verb", [["config", "check"], ["config", "show"]])
def test_bad_input_is_one_line_exit_2_and_writes_nothing(
    capsys: Output, home: Path, verb: list[str], words: list[str], config: str, mode: int
):
    home.mkdir()
    (home / "config.yaml").write_text(config)
    (home / ".env").touch()
    (home / ".env").chmod(mode)
    assert execute([*verb, *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), err[:7]) == ("", 1, "error: ")
    assert {entry.name for entry in home.iterdir()} == {"config.yaml", ".env"}


@pytest.mark.parametrize("verb", [["init"], ["config", "check"], ["config", "show"]])
def test_a_home_that_is_a_file_is_one_line_and_exit_2(capsys: Output, home: Path, verb: list[str]):
    home.write_text("mine")
    assert execute(verb) == 2
    assert capsys.readouterr() == ("", f"error: {home}: is a file, a home is a folder: give another --home\n")
    assert home.read_text() == "mine"


def test_a_square_off_after_the_close_is_found_by_the_check(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    """The close is dated: the newest session the calendar knows decides."""
    home = str(tmp_path / "home")
    assert execute(["config", "check", "--home", home, "--set", "strategy.exit_at=15:50:00"]) == 2
    assert "strategy.exit_at 15:50:00: trading ends at 15:40:00" in capsys.readouterr().err
    assert execute(["config", "check", "--home", home, "--set", "strategy.exit_at=15:05:00"]) == 0
