"""`why`: why this trade or none, from the journal of the day; the newest day unless another is asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ninefifteen.config import load_config
from ninefifteen.domain.events import NoData
from ninefifteen.home import Home
from ninefifteen.wiring.demo import DEMO_SEED
from tests.cli.command_line import command, demo_day
from tests.cli.contract import check_candidates, check_pick, check_trade
from tests.wiring.paper_days import morning, opened

DAY, QUIET_SEED, QUIET_DAY = "2026-12-04", 7, "2026-11-19"
"""The demo seed's day trades; that of seed 7 finds no candidate."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a day without a trade and, newer, a losing one."""
    home = tmp_path_factory.mktemp("lived") / "home"
    assert demo_day(home, seed=QUIET_SEED)["date"] == QUIET_DAY
    demo_day(home, seed=DEMO_SEED)
    for path in (home / "journal").iterdir():
        newer = path.name.startswith(DAY)
        os.utime(path, ns=(2 + newer, 2 + newer))
    return home


def test_without_a_date_it_is_the_newest_day(lived: Path) -> None:
    document = command("why", "--json", "--home", lived).document
    assert (document["date"], document["status"], document["finished"]) == (DAY, "traded", True)
    check_pick(document["pick"])
    check_candidates(document)
    (trade,) = document["trades"]
    check_trade(trade)
    plan = document["plan"]
    losses = [float(plan[key]) for key in ("loss_at_stop", "loss_at_stop_limit", "loss_of_premium")]
    assert losses == sorted(losses)
    assert 0 < plan["break_even_win_rate"] < 1
    assert plan["contract"] == trade["contract"]


def test_a_date_brings_that_day_with_the_reason_of_every_stock(lived: Path) -> None:
    document = command("why", "--date", QUIET_DAY, "--json", "--home", lived).document
    assert (document["status"], document["no_trade_reason"]) == ("no_trade", "no_candidate")
    assert (document["pick"], document["plan"], document["trades"]) == (None, None, [])
    assert len(document["candidates"]) == 10
    assert all(one["code"] != "ok" and one["detail"] for one in document["candidates"])


def test_why_says_what_the_run_said(lived: Path, tmp_path: Path) -> None:
    ran = demo_day(tmp_path, seed=DEMO_SEED)
    told = command("why", "--date", DAY, "--json", "--home", lived).document
    for key in ("candidates", "pick", "trades", "shadow_pick", "no_trade_reason", "flat"):
        assert told[key] == ran[key], key


def test_people_get_the_table_and_that_the_day_was_invented(lived: Path) -> None:
    said = command("why", "--home", lived)
    assert (said.code, said.out) == (0, "")
    for words in ("SYNTHETIC", "MARUTI", "pcr_out_of_range", "risk_too_large"):
        assert words in said.err


@pytest.mark.parametrize(("share", "status"), [(0.5, "unfinished"), (0.995, "traded")])
def test_of_a_day_cut_short_it_says_what_was_known_by_then(
    lived: Path, tmp_path: Path, share: float, status: str
) -> None:
    whole = next((lived / "journal").glob(f"{DAY}*"))
    command("init", "--home", tmp_path)
    data = whole.read_bytes()
    (tmp_path / "journal" / whole.name).write_bytes(data[: int(len(data) * share)])
    document = command("why", "--json", "--home", tmp_path).document
    assert (document["finished"], document["status"]) == (False, status)
    assert document["flat"] is (status == "traded")
    assert document["pick"]["symbol"] == "MARUTI"


def test_a_day_stopped_before_its_scan_says_so_and_where_to_read_on(lived: Path, tmp_path: Path) -> None:
    whole = next((lived / "journal").glob(f"{DAY}*"))
    command("init", "--home", tmp_path)
    data = whole.read_bytes()
    (tmp_path / "journal" / whole.name).write_bytes(data[: data.index(b'{"seq":2,') - 8])
    said = command("why", "--home", tmp_path)
    assert (said.code, said.out) == (0, "")
    assert f"{DAY}  SYNTHETIC DAY, seed {DEMO_SEED}" in said.err
    assert "the day is not finished, its journal ends at 09:13:30 without a scan" in said.err
    assert str(tmp_path / "logs" / "audit.log") in said.err
    document = command("why", "--json", "--home", tmp_path).document
    assert document.keys() == command("why", "--json", "--home", lived).document.keys()
    assert (document["status"], document["finished"], document["candidates"]) == ("unfinished", False, [])


@pytest.mark.parametrize("ended", [True, False])
def test_a_day_without_a_scan_tells_its_notes_and_its_reason(tmp_path: Path, ended: bool) -> None:
    home = Home.open(tmp_path / "home", rehearsal=True)
    config = load_config(home)
    paper = opened(home, config)
    with paper.home_day:
        paper.runner.take_next()
        paper.runner.take(NoData(morning(), "no_pre_open", fatal=ended))
    said = command("why", "--home", home.path)
    assert (said.code, said.out) == (0, "")
    assert "the rules cannot be applied: no_pre_open" in said.err
    assert ("(no_pre_open)" in said.err) is ended
    assert ("without a scan" in said.err) is not ended
    document = command("why", "--json", "--home", home.path).document
    assert document["status"] == ("no_data" if ended else "unfinished")
    assert "no_pre_open" in str(document["told"])


def test_a_home_without_a_journal_says_how_to_make_one(tmp_path: Path) -> None:
    said = command("why", "--home", tmp_path)
    assert said.code == 2
    assert "run --demo makes a first day" in said.refusal
    assert command("why", "--date", DAY, "--home", tmp_path).code == 2
