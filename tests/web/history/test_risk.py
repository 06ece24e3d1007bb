"""The risk page: every gauge with the setting behind it, what one position could lose, what clashes."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.domain.instants import at
from ninefifteen.home import Home, Latch, PauseNote
from ninefifteen.reports.state_document import state_document
from ninefifteen.web.errors import Refused
from ninefifteen.web.history.records import Records
from ninefifteen.web.history.risk import risk_page
from ninefifteen.web.models.risk import Gauge, Risk
from tests.web.history.homes import TRADED, copied, journal, running
from tests.web.sites import Desk

GAUGES = ["daily_loss", "trades", "position_value", "losses_in_a_row", "exposure"]


def gauge(page: Risk, name: str) -> Gauge:
    return next(one for one in page.gauges if one.name == name)


def engine(records: Records, **changes: Any) -> dict[str, Any]:
    """What a running engine would say where the journal ends."""
    with records.book(journal(records)) as book:
        now = at(TRADED, time(10, 0))
        return state_document(book.state, now, wiring="demo", rehearsal=False, speed="") | changes


def empty(tmp_path: Path, config: str = "") -> Records:
    home = Home.open(tmp_path / "home")
    if config:
        home.config_file.write_text(config)
    return Records(home, {})


def test_after_a_losing_day_the_gauge_shows_what_is_used_of_the_limit(records: Records):
    page = risk_page(records, None)
    assert [one.name for one in page.gauges] == GAUGES
    loss = gauge(page, "daily_loss")
    assert (loss.used, loss.limit, loss.state, loss.rule) == (
        "1905.83",
        "2000.00",
        "amber",
        "risk.max_daily_loss",
    )
    assert loss.share == pytest.approx(0.9529)
    assert (gauge(page, "trades").used, gauge(page, "trades").limit) == ("1", "2")
    assert (gauge(page, "losses_in_a_row").used, page.from_engine, page.date) == ("1", False, str(TRADED))
    assert gauge(page, "exposure").limit == "100000.00"


def test_a_gain_uses_nothing_of_the_loss_limit(lived: Path, tmp_path: Path):
    records = running(lived, tmp_path / "home", time(10, 0))
    page = risk_page(records, engine(records, day_result="750.00"))
    assert (gauge(page, "daily_loss").used, gauge(page, "daily_loss").state) == ("0.00", "green")


def test_an_open_position_counts_with_what_was_paid_and_open_entries_with_what_they_may_buy(
    lived: Path, tmp_path: Path
):
    records = running(lived, tmp_path / "home", time(10, 0))
    state = engine(records)
    (held,) = state["positions"]
    paid = held["quantity"] * Decimal(held["average"])
    page = risk_page(records, state)
    assert (gauge(page, "position_value").used, page.from_engine) == (f"{paid:.2f}", True)
    assert gauge(page, "exposure").used == f"{paid:.2f}"
    entry = {"side": "BUY", "quantity": 100, "filled": 25, "limit": "10.00", "state": "open"}
    over = entry | {"state": "cancelled"}
    sell = entry | {"side": "SELL"}
    page = risk_page(records, state | {"orders": [entry, over, sell]})
    assert gauge(page, "exposure").used == f"{paid + 750:.2f}"


@pytest.mark.parametrize(
    ("result", "state"),
    [("-1000.00", "green"), ("-1500.00", "amber"), ("-2000.00", "red"), ("-2600.00", "red")],
)
def test_a_gauge_turns_amber_and_red(lived: Path, tmp_path: Path, result: str, state: str):
    records = running(lived, tmp_path / "home", time(10, 0))
    assert gauge(risk_page(records, engine(records, day_result=result)), "daily_loss").state == state


def test_before_any_day_the_limits_are_there_and_nothing_is_made_up(tmp_path: Path):
    page = risk_page(empty(tmp_path), None)
    assert [(one.used, one.share, one.state) for one in page.gauges] == [(None, None, "unknown")] * 5
    assert gauge(page, "daily_loss").limit == "2000.00"
    assert (page.as_of, page.date) == (None, None)
    assert {one.detail for one in page.gauges} == {"no day has been run yet"}


def test_the_days_own_plan_says_what_its_position_could_lose(lived: Path, tmp_path: Path):
    records = running(lived, tmp_path / "home", time(9, 14, 30))
    lot = risk_page(records, None).lot
    assert (lot.basis, lot.contract) == ("plan", "MARUTI 2026-12-29 13600 CE")
    assert "(synthetic)" in lot.basis_text
    money = {one.name: Decimal(one.amount or 0) for one in lot.losses}
    assert money["stop"] <= 2000 < money["stop_limit"] < money["premium"] < money["delivery"]
    assert money["delivery"] == 13600 * 50
    stop = lot.losses[0]
    assert (stop.rule, "raised to fit" in stop.detail) == ("risk.max_daily_loss", True)


def test_without_a_plan_a_typical_position_stands_in_and_says_so(tmp_path: Path):
    lot = risk_page(empty(tmp_path), None).lot
    money = {one.name: one.amount for one in lot.losses}
    assert money == {"stop": "2000.00", "stop_limit": None, "premium": "20000.00", "delivery": None}
    assert lot.basis == "typical"
    assert "dearer ones are refused" in lot.basis_text


@pytest.mark.parametrize(
    ("config", "stop", "rule", "told"),
    [
        ("risk: {max_daily_loss: 9000}\n", "7500.00", "strategy.stop_pct", "30 % of a premium of Rs 25,000"),
        (
            "risk: {when_stop_exceeds_limit: refuse}\n",
            "7500.00",
            "strategy.stop_pct",
            "such a trade is refused",
        ),
        ("strategy: {lots: 2}\nrisk: {max_daily_loss: 16000}\n", "15000.00", "strategy.stop_pct", "50,000"),
    ],
)
def test_the_typical_loss_follows_the_settings(tmp_path: Path, config: str, stop: str, rule: str, told: str):
    first = risk_page(empty(tmp_path, config), None).lot.losses[0]
    assert (first.amount, first.rule) == (stop, rule)
    assert told in first.detail


def test_settings_that_clash_are_told_with_their_names(tmp_path: Path):
    (clash,) = risk_page(empty(tmp_path), None).warnings
    assert {"risk.max_daily_loss", "strategy.stop_pct", "risk.max_trades"} <= set(clash.keys)


def test_whatever_stops_entries_is_named(lived: Path, tmp_path: Path):
    records = running(lived, tmp_path / "home", time(10, 0))
    state = engine(
        records,
        halted="cli:asha: enough",
        paused="cli:asha: lunch",
        losing_streak=4,
        entries_today=2,
        loss_left="0.00",
        broker={"reconciled": True, "differs": "3 units too many", "blind_since": "10:00"},
    )
    told = "; ".join(risk_page(records, state).stops)
    for words in (
        "halted by",
        "paused by",
        "4 losing trades",
        "3 units too many",
        "cannot be read",
        "are used",
    ):
        assert words in told
    assert "the loss limit of the day is used up" in told
    assert risk_page(records, engine(records)).stops == []


def test_without_an_engine_the_files_of_the_home_say_what_stops_the_next_start(tmp_path: Path):
    records = empty(tmp_path)
    records.home.latch(Latch(source="file:asha", reason="storm"))
    records.home.keep_pause(PauseNote(source="cli:asha", reason="holiday"))
    assert risk_page(records, None).stops == [
        "halted by file:asha: storm: `ninefifteen unlock` lifts it",
        "paused by cli:asha: holiday",
    ]


def test_a_journal_that_cannot_be_read_leaves_the_limits(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    for path in records.home.journal_dir.iterdir():
        path.write_bytes(b"nonsense")
    assert gauge(risk_page(records, None), "daily_loss").state == "unknown"


def test_settings_that_cannot_be_used_are_refused_with_their_line(tmp_path: Path):
    with pytest.raises(Refused) as caught:
        risk_page(empty(tmp_path, "risk: {max_daily_loss: none}\n"), None)
    assert (caught.value.status, "max_daily_loss" in caught.value.text) == (409, True)


def test_the_page_is_there_for_every_role(at_desk: Desk):
    for role in ("viewer", "operator", "admin", "demo"):
        assert at_desk.client(role).get("/api/risk").status_code == 200
    assert at_desk.client().get("/api/risk").status_code == 401
