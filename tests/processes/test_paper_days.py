"""Paper days as real processes against our exchange: traded, told, recorded, replayed, day after day."""

from __future__ import annotations

import json
import signal
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet
import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.domain.events import DayOpened
from ninefifteen.domain.market import DayFacts
from tests.cli.command_line import command, demo_day
from tests.processes.paper_homes import Exchange, Paper, exchange, finished, rehearsal_home
from tests.processes.running import ledger

TRADED_SEED = 16
"""5 November 2026: the first pick's spread stays too wide, the second is bought and sold within a minute."""
WRITING = ("POST", "PUT", "DELETE")


class Day(NamedTuple):
    """One finished paper day: its home, its document, what was told people and asked of the exchange."""

    home: Path
    document: dict[str, Any]
    told: str
    counts: dict[str, int]
    market: Exchange

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.market.date}.rehearsal-{self.market.seed}"


def opening(home: Path, day: str) -> DayFacts:
    """What the journal says the day began with."""
    (path,) = (home / "journal").glob(f"{day}*.journal")
    first = read_journal(path).steps[0].event
    assert isinstance(first, DayOpened)
    return first.facts


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """A day with a trade, in lockstep from 08:45 to the close."""
    home = tmp_path_factory.mktemp("traded") / "home"
    with exchange(seed=TRADED_SEED) as market:
        document, told = finished(rehearsal_home(home, market))
        return Day(home, document, told, market.asked("counts"), market)


def test_a_traded_day_ends_flat_and_its_journal_proves_itself(traded: Day) -> None:
    document = traded.document
    assert (document["mode"], document["date"]) == ("paper", traded.market.date)
    assert (document["flat"], document["journal_ok"], document["alarms"]) == (True, True, 0)
    assert len(document["trades"]) == 1
    assert document["halted"] is None


def test_everything_it_leaves_is_marked_synthetic_and_rehearsal(traded: Day) -> None:
    document, home = traded.document, traded.home
    assert (document["synthetic"], document["rehearsal"], document["seed"]) == (True, True, TRADED_SEED)
    assert [path.name for path in (home / "journal").iterdir()] == [f"{traded.name}.journal"]
    assert [path.name for path in (home / "days").iterdir()] == [f"{traded.name}.json"]
    assert [path.name for path in (home / "ticks").iterdir()] == [f"{traded.market.date}.rehearsal.parquet"]
    for log in (home / "logs").iterdir():
        assert all(json.loads(line)["synthetic"] for line in log.read_text().splitlines())
    kept = json.loads((home / "days" / f"{traded.name}.json").read_text())
    assert (kept["rehearsal"], kept["data_source"]) == (
        True,
        f"simulated exchange, seed {TRADED_SEED}, price source quotes",
    )
    told = [line for line in traded.told.splitlines() if line[:1] == "["]
    assert told
    assert all(line.startswith(f"[synthetic {TRADED_SEED}] ") for line in told)


def test_the_ledger_holds_the_day_once_and_marked(traded: Day) -> None:
    rows = ledger(traded.home / "ninefifteen.db")
    ((_, day, synthetic, rehearsal, *_),) = rows["days"]
    assert (day, synthetic, rehearsal) == (traded.market.date, 1, 1)
    assert len(rows["trades"]) == 1


def test_no_order_reaches_the_broker(traded: Day) -> None:
    written = [what for what in traded.counts if what.split()[0] in WRITING]
    assert written == []
    assert not [what for what in traded.counts if "/orders" in what or "/gtt" in what or "/portfolio" in what]
    assert traded.counts["GET /quote"] > 0


def test_the_opening_is_recorded_with_all_members_and_the_chain_of_the_contract(traded: Day) -> None:
    (path,) = (traded.home / "ticks").iterdir()
    names = set(pyarrow.parquet.read_table(path, columns=["symbol"])["symbol"].to_pylist())
    members = set(opening(traded.home, traded.market.date).universe)
    assert len(members) == 50
    assert members <= names
    pick = traded.document["pick"]
    assert pick["contract"] in names
    assert any(name.startswith(pick["symbol"]) and name.endswith("PE") for name in names)


def test_replay_gives_the_same_decisions_and_why_explains_them(traded: Day) -> None:
    said = command("replay", traded.market.date, "--home", traded.home, "--json")
    assert said.code == 0
    assert (said.document["same"], said.document["finished"]) == (True, True)
    why = command("why", "--date", traded.market.date, "--home", traded.home)
    assert why.code == 0
    pick, (trade,) = traded.document["pick"], traded.document["trades"]
    assert f"buy {trade['quantity']} {pick['contract']}" in why.out + why.err
    assert "SYNTHETIC DAY" in why.out + why.err


def test_the_demo_day_of_the_seed_picks_and_pays_the_same(traded: Day, tmp_path: Path) -> None:
    """Only what the way of running adds differs: the broker's names of contracts, milliseconds on the way."""
    paper, demo = traded.document, demo_day(tmp_path, seed=TRADED_SEED)
    for key in ("date", "seed", "status", "no_trade_reason", "candidates", "shadow_pick", "unknown", "flat"):
        assert paper[key] == demo[key], key
    for key in ("symbol", "expiry", "strike", "lot_size", "gain", "pcr", "estimate"):
        assert paper["pick"][key] == demo["pick"][key], key
    (ours,), (theirs,) = paper["trades"], demo["trades"]
    for key in ("quantity", "entry", "exit", "exit_reason", "gross", "charges", "net"):
        assert ours[key] == theirs[key], key
    assert ours["entry_at"][:19] == theirs["entry_at"][:19]


# ---- day after day


def days_in_a_row(home: Path, market: Exchange, number: signal.Signals, *words: str) -> dict[str, Any]:
    """Run without --once until three days are done, then ask it to stop; the one document it leaves."""
    with Paper(home, *words) as process:
        process.wait_for_days(3)
        process.send(number)
        code, out, err = process.ended()
    assert code == 130, err
    assert "Traceback" not in err
    document: dict[str, Any] = json.loads(out)
    assert document["stopped"] is True
    assert len(document["days"]) >= 3
    return document


def assert_carried(home: Path, days: list[dict[str, Any]]) -> None:
    """Every day began with the cash and the losing trades in a row that those before it left."""
    cash, streak = Decimal(100_000), 0
    for day in days:
        facts = opening(home, day["date"])
        assert (facts.free_cash, facts.losing_streak) == (int(cash * 100 // 1), streak)
        assert (day["flat"], day["journal_ok"], day["alarms"]) == (True, True, 0)
        for trade in day["trades"]:
            net = Decimal(trade["net"])
            cash, streak = cash + net, 0 if net > 0 else streak + 1


def logins(home: Path) -> list[str]:
    """When somebody logged in, HH:MM of each."""
    lines = [json.loads(line) for line in (home / "logs" / "audit.log").read_text().splitlines()]
    return [line["at"][:16] for line in lines if line["text"].startswith("logged in as")]


def test_three_days_and_a_holiday_in_a_row_with_a_login_each_morning_and_cash_carried(tmp_path: Path) -> None:
    """19 October has a trade; the 20th is a holiday; on the 21st and 22nd no gain is large enough."""
    with exchange(seed=0, start="08:29:00", day="2026-10-19") as market:
        home = rehearsal_home(tmp_path, market, {"BROKER_ACCESS_TOKEN": None})
        document = days_in_a_row(home, market, signal.SIGINT, "--set", "strategy.min_gain_pct=2.5")
    days = document["days"][:3]
    assert [day["date"] for day in days] == ["2026-10-19", "2026-10-21", "2026-10-22"]
    assert [len(day["trades"]) for day in days] == [1, 0, 0]
    assert Decimal(days[0]["trades"][0]["net"]) < 0
    assert_carried(home, days)
    assert logins(home)[:3] == [f"{day['date']}T08:30" for day in days]


@pytest.mark.nightly
def test_three_traded_days_over_a_holiday_and_a_weekend(tmp_path: Path) -> None:
    with exchange(seed=18, start="08:29:00", day="2026-09-30") as market:
        home = rehearsal_home(tmp_path, market, {"BROKER_ACCESS_TOKEN": None})
        document = days_in_a_row(home, market, signal.SIGTERM)
    days = document["days"][:3]
    assert [day["date"] for day in days] == ["2026-09-30", "2026-10-01", "2026-10-05"]
    assert [len(day["trades"]) for day in days] == [1, 1, 1]
    assert_carried(home, days)
    assert logins(home)[:3] == [f"{day['date']}T08:30" for day in days]
