"""The benchmarks of the live parts measure what they say: few rounds, and figures that can be true."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from benchmarks import at_rest as at_rest_module
from benchmarks.bell import bells
from benchmarks.line_append import line_appends, longest_callback, sqlite_appends
from benchmarks.live_rows import order_rows
from benchmarks.measuring import Measured
from benchmarks.opening import opening, opening_frame
from benchmarks.tick_rivals import naive_way, official_way
from benchmarks.tick_to_order import spread, tick_to_order
from ninefifteen.adapters.zerodha.wire import decode


def ordered(facts: dict[str, object], name: str) -> list[float]:
    """Middle, 99th percentile and largest under that name."""
    return [float(str(facts[f"{name}_{which}"])) for which in ("p50", "p99", "max")]


def test_the_opening_ends_before_the_exchange_opens_and_its_frame_holds_the_quote() -> None:
    opened = opening("first_quote")
    assert all(event.at < opened.facts.open_at for event in opened.events)
    assert opened.quote is not None
    row = next(row for row in decode(opening_frame(opened, 50)).rows() if row.token == opened.contract.token)
    assert row.bids[0].price == opened.quote.bid
    assert row.asks[0].price == opened.quote.ask
    one_sided = decode(opening_frame(opened, 50, one_sided=True)).rows()
    assert not any(row.bids[0].price for row in one_sided if row.token == opened.contract.token)


def test_at_the_bell_there_is_no_quote_to_wait_for() -> None:
    opened = opening("bell")
    assert opened.quote is None
    with pytest.raises(RuntimeError, match="no quote"):
        opening_frame(opened, 50)


def test_a_tick_becomes_an_order_that_a_server_reads(tmp_path: Path) -> None:
    facts = tick_to_order(tmp_path, 3)
    assert 0 < ordered(facts, "out")[0] < ordered(facts, "there")[2] < 5_000_000
    assert list(tmp_path.iterdir()) == []


def test_the_other_ways_reach_the_same_server(tmp_path: Path) -> None:
    for facts in (naive_way(tmp_path, 3), official_way(3)):
        if facts:  # the official client may not be installed
            assert 0 < ordered(facts, "out")[0] < ordered(facts, "there")[2]


@pytest.mark.nightly
def test_an_order_at_the_bell_is_taken_by_our_exchange_and_never_early(tmp_path: Path) -> None:
    facts = bells(tmp_path, 2)
    assert facts["early"] == 0
    assert float(str(facts["least"])) >= 0
    assert float(str(facts["came_max"])) >= float(str(facts["left_p50"]))
    assert int(str(facts["frames"])) > 10
    assert int(str(facts["objects"])) == 300_000


def test_an_append_on_the_line_and_in_sqlite(tmp_path: Path) -> None:
    for facts in (line_appends(tmp_path, 20), sqlite_appends(tmp_path, 20)):
        middle, late, largest = ordered(facts, "append")
        assert 0 < middle <= late <= largest
        assert float(str(facts["longest_callback"])) > 0
    assert list(tmp_path.iterdir()) == []


def test_a_loop_that_stands_still_is_seen() -> None:
    async def stands_still() -> None:
        until = asyncio.get_running_loop().time() + 0.02
        while asyncio.get_running_loop().time() < until:
            pass

    with longest_callback() as longest:
        asyncio.run(stands_still())
    assert longest[0] >= 20_000


def test_a_spread_has_its_middle_its_late_ones_and_its_worst() -> None:
    assert spread("x", [1.0, 2.0, 3.0]) == {
        "x_p50": 2.0,
        "x_p99": pytest.approx(2.98),
        "x_max": 3.0,
    }


def test_rows_without_the_official_client_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = {"out_p50": 100.0, "out_p99": 900.0, "there_p50": 150.0, "out_first": 7e3}

    def case(name: str, number: int = 0) -> Measured:
        del number
        found: dict[str, Any] = {} if name == "order_official" else printed
        return Measured(0, 0, 0, 0, found)

    monkeypatch.setattr("benchmarks.live_rows.case", case)
    p50, p99, official, naive = order_rows(1)
    assert (p50.verdict, p99.verdict) == ("met", "met")
    assert (official.verdict, official.value) == ("peer not installed", None)
    assert naive.note.startswith("1.0 x ours")


def test_the_running_engine_is_looked_at_from_outside() -> None:
    facts = at_rest_module.at_rest(starts="09:14:50", since="09:14:53", seconds=1.0)
    assert facts["instruments"] == 500
    assert 0 < float(str(facts["ready_s"])) < 60
    assert 20 < float(str(facts["ours_mb"])) < 500
    assert 0 <= float(str(facts["ours_cpu_pct"])) <= 200
