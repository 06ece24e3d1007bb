"""The command line as a whole: exit codes, one line per error, one JSON document, quick start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from ninefifteen import cli
from ninefifteen.cli import common, execute
from ninefifteen.errors import BadInput, HomeLocked

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _no_home_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NINEFIFTEEN_HOME", raising=False)


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch):
    """Replaces the work of `config check` by raising an error."""

    def _breaking(error: BaseException, *, document: bool = False) -> None:
        def check(as_json: common.JsonOption = False) -> None:
            if document:
                common.print_json({"said": True})
            raise error

        def register(app: typer.Typer) -> None:
            group = typer.Typer()
            group.command("check")(check)
            group.command("other")(lambda: None)
            app.add_typer(group, name="config")

        monkeypatch.setattr("ninefifteen.cli.config.register", register)

    return _breaking


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["conifg"], "conifg is not a verb: did you mean config?"),
        (["qqqq"], "qqqq is not a verb: see ninefifteen --help"),
        (["config"], "config needs one more word: see ninefifteen config --help"),
        (["config", "chek"], "No such command 'chek'. Did you mean 'check', 'schema'?"),
        (["config", "show", "--hom", "x"], "No such option: --hom (Possible options: --home)"),
        (["config", "show", "--home"], "Option '--home' requires an argument."),
        (["config", "show", "more"], "Got unexpected extra argument(s) (more)"),
        (["--verbose"], "No such option: --verbose (Possible options: --version)"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(capsys: Output, words: list[str], line: str):
    assert execute(words) == 2
    assert capsys.readouterr() == ("", f"error: {line}\n")


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (BadInput("what, where, what to do"), 2, "error: what, where, what to do\n"),
        (HomeLocked("home: in use"), 5, "error: home: in use\n"),
        (KeyboardInterrupt(), 130, ""),
        (typer.Abort(), 130, ""),
        (typer.Exit(3), 3, ""),
    ],
)
def test_every_ending_has_its_code_and_no_traceback(capsys: Output, breaking, error, code: int, line: str):
    breaking(error)
    assert execute(["config", "check"]) == code
    assert capsys.readouterr() == ("", line)


def test_with_json_an_error_is_the_one_document(capsys: Output, breaking):
    breaking(BadInput("2 problems:\none\ntwo"))
    assert execute(["config", "check", "--json"]) == 2
    assert json.loads(capsys.readouterr().out) == {
        "error": "2 problems:",
        "details": ["one", "two"],
        "exit_code": 2,
    }


def test_with_json_an_error_adds_no_second_document(capsys: Output, breaking):
    breaking(BadInput("late"), document=True)
    assert execute(["config", "check", "--json"]) == 2
    assert json.loads(capsys.readouterr().out) == {"said": True}


def test_help_lists_every_verb_and_a_bare_call_shows_it(capsys: Output):
    assert execute(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(verb in text for verb in cli.VERBS)
    assert execute([]) == 0
    assert capsys.readouterr().out == text


def test_the_version_is_told(capsys: Output):
    assert execute(["--version"]) == 0
    assert capsys.readouterr().out.startswith("ninefifteen 0.")


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_verb_of_the_table_registers_itself_under_its_name(capsys: Output, verb: str):
    assert execute([verb, "--help"]) == 0
    assert f"ninefifteen {verb}" in capsys.readouterr().out


def test_the_process_ends_with_the_code(monkeypatch: pytest.MonkeyPatch, capsys: Output):
    monkeypatch.setattr(sys, "argv", ["ninefifteen", "nothing"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "nothing is not a verb" in capsys.readouterr().err


def test_the_package_runs_as_a_module_and_settings_load_no_array_or_table_library():
    code = (
        "import sys; from ninefifteen.cli import execute; execute(['config', 'schema'])\n"
        "heavy = ('numpy', 'pyarrow', 'sqlalchemy', 'pandas', 'ninefifteen.simulator')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
    done = subprocess.run(
        [sys.executable, "-m", "ninefifteen", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("ninefifteen 0.")


def test_a_date_is_read_or_refused_with_its_option():
    assert common.parse_date("2026-11-23").isoformat() == "2026-11-23"
    for text in ("2026-13-01", "2026-02-30", "20261123", "23-11-2026", "today", ""):
        with pytest.raises(BadInput, match=r"--from .*: needs a date that exists, written like 2026-11-23"):
            common.parse_date(text, "--from")


def test_the_current_folder_is_no_home():
    with pytest.raises(BadInput, match="--home needs a folder of its own"):
        common.open_home(Path())


def test_opening_a_home_makes_it(tmp_path: Path):
    assert common.open_home(tmp_path / "h", rehearsal=True).rehearsal
    assert (tmp_path / "h" / "config.yaml").exists()


def test_the_console_of_people_writes_to_stderr():
    assert common.console().stderr
    assert common.console() is common.console()
