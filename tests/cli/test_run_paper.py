"""`run --paper` told wrong things, started late, halted: one clear line each, and the right exit code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.domain.effects import Submit
from tests.cli.command_line import Said, command
from tests.processes.paper_homes import Exchange, exchange, rehearsal_home

QUIET_SEED = 1
"""25 September 2026: no stock passes every test, so the day takes a second or two."""


def paper(home: Path, *words: str) -> Said:
    """`run --paper --once` in this process."""
    return command("run", "--paper", "--once", "--no-dashboard", "--json", "--home", home, *words)


def one_line(said: Said) -> str:
    """The last line told people, which must be the refusal."""
    line = said.err.splitlines()[-1]
    assert line.startswith("error: ")
    assert "Traceback" not in said.err
    assert said.document["error"] == line.removeprefix("error: ")
    return line


def journals(home: Path) -> list[str]:
    """The names of all journals of a home."""
    return sorted(path.name for path in (home / "journal").iterdir())


def entries(home: Path) -> int:
    """Orders in all journals of a home."""
    steps = [step for path in (home / "journal").iterdir() for step in read_journal(path).steps]
    return sum(isinstance(effect, Submit) for step in steps for effect in step.effects)


@pytest.fixture(scope="module")
def standing() -> Iterator[Exchange]:
    """An exchange whose clock nobody turns on: for everything that is refused before the day begins."""
    with exchange(seed=QUIET_SEED, start="08:59:00") as market:
        yield market


# ---- refused before the day begins


def test_without_a_key_nothing_starts(tmp_path: Path, standing: Exchange) -> None:
    home = rehearsal_home(tmp_path, standing, {"BROKER_API_KEY": None})
    said = paper(home)
    assert said.code == 2
    assert f"{home}/.env: BROKER_API_KEY is missing" in one_line(said)
    assert journals(home) == []


def test_without_a_token_and_the_secret_to_get_one_nothing_starts(tmp_path: Path, standing: Exchange) -> None:
    home = rehearsal_home(tmp_path, standing, {"BROKER_API_SECRET": None, "BROKER_ACCESS_TOKEN": None})
    said = paper(home)
    assert said.code == 2
    assert "nobody has logged in yet" in one_line(said)
    assert f"BROKER_API_SECRET is missing in {home}/.env" in one_line(said)
    assert journals(home) == []


def test_an_exchange_that_is_not_running_is_exit_3_and_says_what_to_start(tmp_path: Path) -> None:
    with exchange(seed=QUIET_SEED) as market:
        home = rehearsal_home(tmp_path, market)
    said = paper(home)
    assert said.code == 3
    assert f"nothing answers at {market.rest}" in one_line(said)
    assert "start `ninefifteen exchange --protocol kite`" in one_line(said)


def test_a_real_home_names_no_broker_of_its_own(tmp_path: Path, standing: Exchange) -> None:
    (tmp_path / "config.yaml").write_text(
        f"broker_endpoint: {{rest: '{standing.rest}', ws: '{standing.ready['ws']}'}}\n"
    )
    said = paper(tmp_path)
    assert said.code == 2
    assert "broker_endpoint is for rehearsal homes only" in said.err


@pytest.mark.parametrize("words", [("--speed", "60"), ("--seed", "3"), ("--date", "2026-10-01")])
def test_on_paper_the_market_decides_speed_seed_and_date(
    tmp_path: Path, standing: Exchange, words: tuple[str, ...]
) -> None:
    said = paper(rehearsal_home(tmp_path, standing), *words)
    assert said.code == 2
    assert "on paper the market decides" in one_line(said)


def test_another_broker_is_refused_not_replaced(tmp_path: Path, standing: Exchange) -> None:
    said = paper(rehearsal_home(tmp_path, standing), "--set", "trading.broker=upstox")
    assert said.code == 2
    assert "trading.broker upstox" in one_line(said)


def test_an_earlier_day_that_cannot_be_read_is_told_before_anybody_waits_for_the_morning(
    tmp_path: Path, standing: Exchange
) -> None:
    home = rehearsal_home(tmp_path, standing)
    broken = home / "days" / "2026-09-24.rehearsal-1.json"
    broken.write_text("{broken")
    said = paper(home)
    assert said.code == 2
    assert f"{broken}: cannot be read" in one_line(said)
    assert broken.read_text() == "{broken"
    assert journals(home) == []
    assert "login" not in said.err


@pytest.mark.parametrize("day", ["2026-09-24", "2026-09-25"])
def test_a_journal_that_cannot_be_read_is_left_as_it_is(tmp_path: Path, standing: Exchange, day: str) -> None:
    home = rehearsal_home(tmp_path, standing)
    broken = home / "journal" / f"{day}.rehearsal-1.journal"
    broken.write_bytes(b"no journal at all")
    said = paper(home)
    assert said.code == 2
    assert f"{broken}: not a journal" in one_line(said)
    assert broken.read_bytes() == b"no journal at all"


# ---- no login: the day has no data, and says why


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"BROKER_API_KEY": "somebodyelses"}, "the login page does not know this app"),
        ({"BROKER_API_SECRET": "x" * 30, "BROKER_ACCESS_TOKEN": None}, "Invalid `checksum`"),
        ({"BROKER_USER_ID": "AB1234"}, "RH0001 is logged in, but BROKER_USER_ID is AB1234"),
    ],
    ids=["wrong key", "wrong secret", "token of another user"],
)
def test_without_a_login_the_day_has_no_data_and_says_why(
    tmp_path: Path, wrong: dict[str, str | None], told: str
) -> None:
    with exchange(seed=QUIET_SEED, start="08:59:00") as market:
        home = rehearsal_home(tmp_path, market, wrong)
        said = paper(home)
    assert said.code == 0
    assert told in said.err
    assert "no data today: the entry window has closed without a login" in said.err
    document = said.document
    assert (document["status"], document["no_trade_reason"]) == ("no_data", "no_pre_open")
    assert (document["flat"], document["journal_ok"], entries(home)) == (True, True, 0)
    for name in ("api_secret", "access_token"):
        assert str(market.ready[name]) not in said.err + said.out


# ---- when it is started


def test_started_after_the_entry_window_it_enters_nothing_and_the_record_says_so(tmp_path: Path) -> None:
    with exchange(seed=QUIET_SEED, start="15:20:00") as market:
        home = rehearsal_home(tmp_path, market)
        said = paper(home)
    assert said.code == 0
    assert (said.document["status"], said.document["no_trade_reason"]) == ("no_trade", "late_start")
    assert entries(home) == 0


def test_started_after_the_close_it_waits_for_the_next_trading_day(tmp_path: Path) -> None:
    with exchange(seed=QUIET_SEED, start="15:45:00", day="2026-10-01") as market:
        home = rehearsal_home(tmp_path, market)
        said = paper(home, "--set", "strategy.min_gain_pct=19")
    assert said.code == 0
    assert "nothing to do until Monday 05 October 08:30" in said.err
    assert (said.document["date"], said.document["no_trade_reason"]) == ("2026-10-05", "no_candidate")


def test_a_rehearsed_day_is_played_again_and_the_first_record_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        with exchange(seed=QUIET_SEED, start="09:13:50") as market:
            assert paper(rehearsal_home(tmp_path, market)).code == 0
    assert journals(tmp_path) == ["2026-09-25.rehearsal-1.journal", "2026-09-25.rehearsal-1.run-1.journal"]
    assert len(list((tmp_path / "days").iterdir())) == 2


# ---- the HALT file


def test_with_the_halt_file_there_nothing_enters_and_it_is_exit_4(tmp_path: Path) -> None:
    with exchange(seed=4, start="09:13:50") as market:
        home = rehearsal_home(tmp_path, market)
        (home / "HALT").touch()
        said = paper(home)
    assert said.code == 4
    document = said.document
    assert document["halted"] == "file: the HALT file is there"
    assert (document["trades"], document["flat"], entries(home)) == ([], True, 0)
    assert "nothing enters until `ninefifteen unlock` and a new start" in said.err
