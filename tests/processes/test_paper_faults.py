"""Paper days on which the exchange goes wrong: told clearly, gone on with, never traded on what is stale."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.processes.paper_homes import Exchange, Paper, exchange, finished, rehearsal_home

SEED, QUIET_SEED = 4, 1
"""A day that is bought with the first quote and held for four minutes; a day on which nothing passes."""


@contextmanager
def spoiled(
    tmp_path: Path, fault: str, *, seed: int, start: str = "09:05:00", speed: str = "max"
) -> Iterator[Exchange]:
    """An exchange on which this goes wrong."""
    file = tmp_path / "faults.yaml"
    file.write_text(f"- {{{fault}}}\n")
    with exchange(seed=seed, start=start, speed=speed, words=("--faults", str(file))) as market:
        yield market


def day(tmp_path: Path, fault: str, *, seed: int, start: str = "09:05:00") -> tuple[dict[str, Any], str]:
    """One day in lockstep on which this goes wrong: its document, and what was told people."""
    with spoiled(tmp_path, fault, seed=seed, start=start) as market:
        document, told = finished(rehearsal_home(tmp_path / "home", market))
    assert (document["flat"], document["journal_ok"]) == (True, True)
    return document, told


@pytest.mark.nightly
def test_a_login_ended_elsewhere_before_the_scan_is_made_anew_and_the_day_is_traded(tmp_path: Path) -> None:
    document, told = day(tmp_path, "on: session, what: killed, at: 09:10:00", seed=SEED)
    assert "the login has been ended elsewhere" in told
    assert "09:10:00.000 logged in as RH0001" in told
    assert [trade["entry_at"][11:19] for trade in document["trades"]] == ["09:15:00"]


def test_prices_that_stand_still_at_the_bell_are_never_traded_on(tmp_path: Path) -> None:
    document, told = day(tmp_path, "on: feed, what: stale, between: [09:14:50, 09:15:40]", seed=SEED)
    assert (document["status"], document["no_trade_reason"]) == ("no_trade", "not_filled")
    assert "no acceptable price by the cutoff" in told


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("on: GET /instruments, what: cut, count: 2", "answered with a gzip that is cut off"),
        ("on: GET /instruments, what: missing_column, column: lot_size, count: 2", "lot_size"),
        ("on: /quote, what: error, status: 429, between: [09:14:00, 09:14:08]", "HTTP 429"),
        ("on: /quote, what: error, status: 502, body: html, between: [09:14:00, 09:14:08]", "HTTP 502"),
    ],
    ids=["cut", "a column missing", "429", "html"],
)
def test_what_cannot_be_read_for_a_while_is_told_and_read_again_in_time(
    tmp_path: Path, fault: str, told: str
) -> None:
    document, said = day(tmp_path, fault, seed=QUIET_SEED)
    assert told in said
    assert (document["status"], document["no_trade_reason"]) == ("no_trade", "no_candidate")
    assert len(document["candidates"]) > 0


def test_on_the_instruments_list_of_yesterday_nothing_is_traded(tmp_path: Path) -> None:
    """Its tokens are other contracts' today."""
    fault = "on: GET /instruments/NFO, what: yesterday"
    document, told = day(tmp_path, fault, seed=SEED, start="09:14:30")
    assert "the instruments list is of another day" in told
    assert "no data today: the entry window has closed without the lists of what is traded" in told
    assert (document["status"], document["trades"]) == ("no_data", [])


@pytest.mark.nightly
def test_a_connection_cut_while_holding_comes_back_and_the_exit_works(tmp_path: Path) -> None:
    """At a real speed, because sockets live in this machine's time: 5 November, left at the target."""
    fault = "on: feed, what: dropped, at: 09:15:16"
    with (
        spoiled(tmp_path, fault, seed=16, start="09:14:00", speed="8") as market,
        Paper(rehearsal_home(tmp_path / "home", market), "--once") as process,
    ):
        process.wait_until(market, "09:16:15")
        process.send(signal.SIGTERM)
        code, _, told = process.ended()
    assert code == 130
    lines = told.splitlines()
    held = next(n for n, line in enumerate(lines) if "400 of 400 filled" in line)
    down = next(n for n, line in enumerate(lines) if "live data: down" in line)
    flat = next(n for n, line in enumerate(lines) if "flat: " in line)
    assert held < down < flat
    assert any("live data: live" in line for line in lines[down:flat])


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("fault", "entered"),
    [
        ("on: feed, what: frozen, between: [09:14:55, 09:15:40]", None),
        ("on: feed, what: yesterday, between: [09:14:50, 09:15:20]", "09:15:20"),
        ("on: feed, what: silent, between: [09:16:00, 09:16:40]", "09:15:00"),
        ("on: feed, what: dropped, at: '09:17:00', count: 2, seconds: 10", "09:15:00"),
        ("on: GET /quote, what: error, status: 503, body: html, between: [09:14:00, 09:14:20]", "09:15:00"),
    ],
    ids=["frozen", "yesterday's", "silent", "dropped", "503"],
)
def test_a_feed_that_fails_for_a_while_is_traded_on_only_when_it_is_fresh(
    tmp_path: Path, fault: str, entered: str | None
) -> None:
    document, _ = day(tmp_path, fault, seed=SEED)
    found = [trade["entry_at"][11:19] for trade in document["trades"]]
    assert found == ([] if entered is None else [entered])
