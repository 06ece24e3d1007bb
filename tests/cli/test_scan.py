"""`scan`: a dry run of the selection, the same as the day itself makes; nothing is bought or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from ninefifteen.wiring.demo import DEMO_SEED
from tests.cli.command_line import command, demo_day, listing
from tests.cli.contract import check_candidates, check_pick
from tests.cli.recorded_days import bhavcopy_days, snapshot_days


@pytest.mark.parametrize("seed", [DEMO_SEED, 7, 2, 31])
def test_the_scan_of_a_demo_day_is_that_of_its_run(tmp_path: Path, seed: int) -> None:
    ran = demo_day(tmp_path / "run", seed=seed)
    said = command("scan", "--demo", "--seed", str(seed), "--json", "--home", tmp_path / "scan")
    assert said.code == 0
    document = said.document
    check_pick(document["pick"])
    check_candidates(document)
    assert (document["date"], document["synthetic"], document["seed"]) == (ran["date"], True, seed)
    first = next((one["symbol"] for one in ran["candidates"] if one["code"] == "ok"), None)
    assert (document["pick"] or {"symbol": None})["symbol"] == first
    assert document["candidates"] == ran["candidates"][: len(document["candidates"])]
    assert document["shadow_pick"] == ran["shadow_pick"]


def test_settings_of_the_scan_take_part_as_they_do_in_the_run(tmp_path: Path) -> None:
    words = ("--set", "strategy.pcr_min=0", "--set", "strategy.pcr_max=0")
    ran = demo_day(tmp_path, *words, seed=7)
    document = command("scan", "--demo", "--seed", "7", *words, "--json", "--home", tmp_path).document
    assert document["candidates"] == ran["candidates"][: len(document["candidates"])]
    assert not any(one["code"] == "pcr_out_of_range" for one in document["candidates"])


def test_a_scan_leaves_no_trace_beside_the_home_itself(tmp_path: Path) -> None:
    command("init", "--home", tmp_path)
    before = listing(tmp_path)
    assert command("scan", "--demo", "--home", tmp_path).code == 0
    assert listing(tmp_path) == before


def test_the_plan_comes_with_its_three_losses(tmp_path: Path) -> None:
    document = command("scan", "--demo", "--json", "--home", tmp_path).document
    plan = document["plan"]
    assert document["pick"]["contract"] == plan["contract"]
    assert float(plan["loss_at_stop"]) <= 2000 < float(plan["loss_of_premium"])
    said = command("scan", "--demo", "--home", tmp_path)
    assert (said.code, said.out) == (0, "")
    assert document["pick"]["symbol"] in said.err
    assert "SYNTHETIC" in said.err


@pytest.mark.parametrize("kind", ["last", "bhavcopy"])
def test_the_scan_of_a_recorded_day_is_that_of_the_backtest(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "data"
    if kind == "last":
        snapshot_days(folder)
    else:
        bhavcopy_days(folder, (6.0, 6.4, 5.8, 6.2))
    where = ("--data", folder, "--json", "--home", tmp_path / "home")
    document = command("scan", "--date", "2026-01-06", *where).document
    (day,) = command("backtest", "--from", "2026-01-06", "--to", "2026-01-06", *where).document["days"]
    assert (document["price_source"], document["synthetic"]) == (kind, False)
    assert document["pick"] == day["pick"]
    assert document["pick"]["symbol"] == "WIPRO"
    assert document["candidates"] == day["candidates"]


@pytest.mark.real_data
def test_the_scan_of_a_real_day_is_that_of_the_backtest(real_data: Path, tmp_path: Path) -> None:
    where = ("--data", real_data, "--json", "--home", tmp_path)
    document = command("scan", "--date", "2026-01-16", *where).document
    (day,) = command("backtest", "--from", "2026-01-16", "--to", "2026-01-16", *where).document["days"]
    assert (document["pick"], document["candidates"]) == (day["pick"], day["candidates"])


def test_a_day_nobody_can_enter_anymore_is_still_scanned(tmp_path: Path) -> None:
    """The first snapshot is at 09:40: the backtest calls it no_opening_snapshot, the candidates are known."""
    folder = snapshot_days(tmp_path / "data", ("09:40:00", 6.0), ("15:20:00", 7.0))
    where = ("--data", folder, "--json", "--home", tmp_path / "home")
    (day,) = command("backtest", "--from", "2026-01-06", "--to", "2026-01-06", *where).document["days"]
    assert day["reason"] == "no_opening_snapshot"
    document = command("scan", "--date", "2026-01-06", *where).document
    assert document["candidates"] == day["candidates"] != []
