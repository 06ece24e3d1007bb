"""The benchmarks of the dashboard measure what they say: our own shapes, and figures that can be true."""

from __future__ import annotations

import json
import shutil
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from benchmarks.measuring import Measured
from benchmarks.page_beats import heartbeat
from benchmarks.page_beats_run import FROM, Notes
from benchmarks.page_first import STATIC, first_load
from benchmarks.page_process import Change, as_in_a_day, big_state, every_row, web_process
from benchmarks.page_rows import page_rows
from ninefifteen.domain.instants import SECOND, at
from ninefifteen.web.models.state import State
from ninefifteen.web.patches import patch, reshaped

DAY = date(2026, 12, 4)


def rows_of(state: dict[str, Any]) -> list[dict[str, Any]]:
    return [*state["strategies"][0]["candidates"], *state["orders"]]


@pytest.mark.parametrize("change", [as_in_a_day, every_row])
def test_the_big_state_is_one_the_page_knows_and_each_frame_is_another(change: Change) -> None:
    state, seen = big_state(), []
    assert len(rows_of(state)) == 200
    for number in range(3):
        change(state, number)
        State.model_validate(reshaped(deepcopy(state)))
        seen.append(reshaped(deepcopy(state)))
    changes = patch(seen[1], seen[2])
    assert {"clock", "positions", "strategies", "feed"} <= set(changes)
    assert ("candidates" in changes, "orders" in changes) == ((change is every_row),) * 2


def test_the_loop_is_noted_from_behind_the_opening_for_so_long(tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    notes, opening = Notes(told, 2.0), at(DAY, FROM)
    notes.look(opening)
    notes.begins(DAY)
    for step in range(-5, 40):
        notes.look(opening + step * SECOND // 10)
    found = json.loads(told.read_text())
    assert len(found["us"]) == 20
    assert all(us >= 0 for us in found["us"])


@pytest.mark.nightly
def test_three_pages_of_the_real_process_get_frames(tmp_path: Path) -> None:
    facts = web_process(settle_s=1.0, seconds=2.0)
    assert 0 < float(str(facts["day_frames_per_s"])) <= 4
    assert float(str(facts["day_kb_per_s"])) < float(str(facts["all_kb_per_s"]))
    assert 20 < float(str(facts["start_mb"])) <= float(str(facts["visited_mb"])) < 500


@pytest.mark.nightly
def test_a_day_is_noted_alone_and_with_three_pages() -> None:
    facts = heartbeat(1.0)
    for name in ("alone", "pages"):
        assert 0 < float(str(facts[f"{name}_p50_us"])) <= float(str(facts[f"{name}_max_us"]))


@pytest.mark.ui
@pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the page is not built: make page")
def test_what_a_browser_fetches_is_counted() -> None:
    facts = first_load(stands_s=0.1, later_s=0.1)
    assert float(str(facts["script_kb"])) > 1
    if shutil.which("chromium"):
        assert isinstance(facts["fetched"], list)
        assert [one for one in facts["fetched"] if one.startswith("/assets/index-")]


@pytest.mark.parametrize(("pages_us", "verdict"), [(1900.0, "met"), (2100.0, "MISSED")])
def test_the_rows_say_what_is_missed(monkeypatch: pytest.MonkeyPatch, pages_us: float, verdict: str) -> None:
    one = {"cpu_pct": 0.5, "frames_per_s": 2.0, "kb_per_s": 1.7}
    printed: dict[str, dict[str, Any]] = {
        "page_process": {f"{key}_{name}": value for key in ("day", "all") for name, value in one.items()}
        | {"start_mb": 59.0, "all_mb": 61.0, "visited_mb": 71.0},
        "page_first": {"scripts": 3, "script_kb": 109.6},
        "page_beats": {
            f"{key}_{name}": 1000.0
            for key in ("alone", "pages")
            for name in ("p50_us", "p99_us", "p999_us", "max_us", "looks", "cpu_pct")
        }
        | {"pages_p99_us": pages_us},
    }
    monkeypatch.setattr(
        "benchmarks.page_rows.case", lambda name, _=0: Measured(1.0, 1.0, 1.0, 0, printed[name])
    )
    verdicts = [row.verdict for row in page_rows(3)]
    assert verdicts == ["met", "met", "met", "MISSED", "met", "no chromium here", "for comparison", verdict]
