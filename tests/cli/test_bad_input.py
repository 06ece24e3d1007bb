"""A table of mistakes: each is one clear line on stderr and exit 2, and leaves nothing behind."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ninefifteen.home import Home
from tests.adapters.recorded_folders import TUESDAY, shares, write
from tests.cli.command_line import Said, command, listing
from tests.cli.recorded_days import snapshot_days

MISTAKES = tomllib.loads((Path(__file__).parent / "bad_input.toml").read_text(encoding="utf-8"))["mistake"]
LONGEST = 300
"""Characters a person reads as one line."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recorded days that are in order; tests must leave them so."""
    return snapshot_days(tmp_path_factory.mktemp("recorded") / "data")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which nothing has run yet."""
    Home.open(tmp_path / "home")
    return tmp_path / "home"


def assert_refused(said: Said, line: str) -> None:
    """One line that says what, and where or what to do."""
    assert said.code == 2, said
    assert said.out == ""
    assert line in said.refusal
    assert len(said.refusal) < LONGEST


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["words"])
def test_a_mistake_is_one_line_and_exit_2_and_nothing_is_written(
    home: Path, data: Path, monkeypatch: pytest.MonkeyPatch, mistake: dict[str, str]
) -> None:
    monkeypatch.chdir(home.parent)
    words = [str(data) if word == "DATA" else word for word in mistake["words"].split()]
    before = listing(home), listing(data)
    assert_refused(command(*words, "--home", home), mistake["line"])
    assert (listing(home), listing(data)) == before
    assert sorted(path.name for path in home.parent.iterdir()) == ["home"]


def test_with_json_the_line_is_the_one_document_too(home: Path) -> None:
    said = command("run", "--demo", "--speed", "fast", "--json", "--home", home)
    assert said.document["error"] == said.refusal
    assert (said.document["exit_code"], said.document["details"]) == (2, [])


@pytest.mark.parametrize("verb", ["run --demo --once --speed max", "scan --demo", "backtest --data DATA"])
@pytest.mark.parametrize(
    ("config", "line"),
    [
        ("strategy: {lots: 0}\n", "config.yaml:1: strategy.lots is 0: it must be at least 1"),
        ("strategy: {lot: 1}\n", "strategy.lot is not a setting: did you mean strategy.lots?"),
        ("risk: {max_trades: 1}\nrisk_limits: {max_trades: 2}\n", "risk_limits"),
        ("strategy: [\n", "config.yaml"),
    ],
    ids=["impossible", "mistyped", "both spellings", "no YAML"],
)
def test_a_mistake_in_the_file_stops_every_verb_before_it_begins(
    home: Path, data: Path, verb: str, config: str, line: str
) -> None:
    (home / "config.yaml").write_text(config)
    before = listing(home)
    words = verb.replace("DATA", str(data)).split()
    if "backtest" in verb:
        words += ["--from", "2026-01-06", "--to", "2026-01-06"]
    said = command(*words, "--home", home)
    assert said.code == 2
    assert line in said.err
    assert "Traceback" not in said.err
    assert listing(home) == before


def test_a_home_that_cannot_be_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("something else")
    assert_refused(command("run", "--demo", "--home", "file"), "is a file, a home is a folder")
    assert_refused(command("run", "--demo", "--home", "."), "--home needs a folder of its own")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.doc").write_text("mine")
    assert_refused(
        command("run", "--demo", "--home", "foreign"), "holds other files (thesis.doc) and is no home"
    )
    assert [path.name for path in (tmp_path / "foreign").iterdir()] == ["thesis.doc"]


# ---- recorded data that are not what they seem


def scan_and_backtest(folder: Path, home: Path) -> list[Said]:
    """Both verbs that read Tuesday."""
    where = ("--data", folder, "--home", home)
    return [
        command("scan", "--date", "2026-01-06", *where),
        command("backtest", "--from", "2026-01-06", "--to", "2026-01-06", *where),
    ]


def test_a_cut_parquet_file_is_named(tmp_path: Path, home: Path) -> None:
    folder = snapshot_days(tmp_path / "data")
    path = folder / "options_intraday" / "stock_chain_x.parquet"
    path.write_bytes(path.read_bytes()[:-200])
    for said in scan_and_backtest(folder, home):
        assert_refused(said, "stock_chain_x.parquet")


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path, home: Path) -> None:
    folder = snapshot_days(tmp_path / "data")
    (folder / "cash_bhavcopy" / "a.parquet").write_text("date,symbol\n")
    for said in scan_and_backtest(folder, home):
        assert_refused(said, "a.parquet")


def test_a_missing_column_is_named(tmp_path: Path, home: Path) -> None:
    folder = snapshot_days(tmp_path / "data")
    path = folder / "cash_bhavcopy" / "a.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["prev_close"]), path)
    for said in scan_and_backtest(folder, home):
        assert_refused(said, "prev_close")


def test_a_folder_with_another_layout_is_refused(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "data"
    write(folder / "prices" / "all.parquet", shares(TUESDAY, WIPRO=(100.0, 101.0)))
    for said in scan_and_backtest(folder, home):
        assert_refused(said, str(folder))
    (tmp_path / "empty").mkdir()
    for said in scan_and_backtest(tmp_path / "empty", home):
        assert_refused(said, "empty")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path, home: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    for said in scan_and_backtest(tmp_path / "data", home):
        assert_refused(said, "data")


def test_a_backtest_without_the_files_of_a_day_says_so_in_that_day_and_is_no_mistake(
    tmp_path: Path, home: Path
) -> None:
    """Only the cash prices are there: the days are processed, and each says what it lacks."""
    folder = snapshot_days(tmp_path / "data")
    (folder / "options_intraday" / "stock_chain_x.parquet").unlink()
    where = ("--data", folder, "--home", home, "--json")
    said = command("backtest", "--from", "2026-01-05", "--to", "2026-01-06", *where)
    assert said.code == 0
    assert [day["reason"] for day in said.document["days"]] == ["no_option_prices"] * 2
