"""Days at the broker: lived in a rehearsal home, written under a name of their own, gone on with alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ninefifteen.adapters.emergency_file import EmergencyFile, emergency_path
from ninefifteen.adapters.fence import Fence
from ninefifteen.adapters.journal import FileJournal, find_journal, read_journal
from ninefifteen.adapters.zerodha.client import KiteClient, simulated
from ninefifteen.config import load_config
from ninefifteen.domain.effects import Submit
from ninefifteen.domain.events import DayOpened, OrdersRead, PositionsRead, Restarted
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.secret import SecretText
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.runtime.exposed import held
from ninefifteen.runtime.fencing import Fenced
from ninefifteen.wiring.emergency import take_fence
from ninefifteen.wiring.epochs import known_number, take_number
from ninefifteen.wiring.home_day import replays
from ninefifteen.wiring.live import LiveSession, LiveTrading
from ninefifteen.wiring.market_day import MarketDay, MarketDays
from ninefifteen.wiring.paper import PaperTrading
from ninefifteen.wiring.paper_account import account_before
from tests.runtime.live_stage import HandClock
from tests.wiring.live_days import TRADED, Lived, lived


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    with lived(tmp_path_factory.mktemp("live") / "home", TRADED) as found:
        yield found


# ------------------------------------------------------------------------------------------------- the day


def test_a_day_at_the_broker_ends_flat_and_its_journal_proves_it(day: Lived) -> None:
    assert day.said.code == 0, day.said.err
    document = day.said.document
    assert (document["mode"], document["rehearsal"], document["journal_ok"]) == ("live", True, True)
    assert (document["status"], document["flat"], document["alarms"]) == ("traded", True, 0)
    assert replays(day.journal)


def test_its_orders_went_to_the_broker_and_its_fills_are_the_broker_s(day: Lived) -> None:
    assert day.counts["POST /orders/regular"] == 2
    kept = json.loads((day.home / "days" / day.journal.with_suffix(".json").name).read_text())
    bought, sold = kept["fills"]
    (trade,) = kept["trades"]
    assert (bought["side"], bought["price"], bought["quantity"]) == ("BUY", trade["entry"], trade["quantity"])
    assert (sold["side"], sold["price"]) == ("SELL", trade["exit"])
    assert {fill["order_id"] for fill in kept["fills"]} == {order["order_id"] for order in kept["orders"]}
    assert kept["data_source"] == f"simulated exchange, seed {TRADED}, price source quotes"


def test_it_began_under_a_number_and_reconciles_every_five_seconds(day: Lived) -> None:
    first, second = (read_journal(day.journal).steps[n].event for n in (0, 1))
    assert isinstance(first, DayOpened)
    assert first.facts.reconcile_every == 5 * SECOND
    assert 0 < first.facts.free_cash <= 10_000_000
    assert isinstance(second, Restarted)
    assert second.epoch == Fence(day.home / "epoch").read() == 1
    tags = [e.order.request.tag for step in read_journal(day.journal).steps for e in step.effects
            if isinstance(e, Submit)]  # fmt: skip
    assert all(tag.startswith("x01") for tag in tags)


def test_flat_was_proved_by_readings_of_the_broker_s_positions(day: Lived) -> None:
    events = [step.event for step in read_journal(day.journal).steps]
    good = [event for event in events if isinstance(event, PositionsRead) and event.ok]
    assert len(good) >= 3
    assert [event for event in events if isinstance(event, OrdersRead) and event.ok]
    assert "two readings of the broker's positions show nothing of ours" in day.said.err


def test_people_are_told_that_it_is_a_rehearsal_of_a_day_at_the_broker(day: Lived) -> None:
    log = (day.home / "logs" / "audit.log").read_text()
    assert f"starting the rehearsal live day {day.date}" in log
    assert f"[synthetic {TRADED}] " in day.said.err


def test_readers_find_it_before_a_rehearsal_on_paper_of_the_same_day(day: Lived, tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    folder.mkdir()
    shutil.copy(day.journal, folder)
    paper = folder / f"{day.date}.rehearsal-{TRADED}.journal"
    paper.touch()
    for seed in (None, TRADED):
        assert find_journal(folder, date.fromisoformat(day.date), seed) == folder / day.journal.name
    (folder / day.journal.name).unlink()
    assert find_journal(folder, date.fromisoformat(day.date)) == paper


def test_what_it_earned_is_no_paper_money_and_its_losses_count_among_its_own(day: Lived) -> None:
    home = Home.open(day.home)
    settings = load_config(home, environment={}).settings
    later = date(2026, 12, 31)
    on_paper = account_before(home, settings, later)
    assert (on_paper.free_cash, on_paper.losing_streak) == (10_000_000, 0)
    assert account_before(home, settings, later, "live").losing_streak == 1


def test_the_heart_has_stopped_with_the_day(day: Lived) -> None:
    assert not (day.home / "heartbeat.json").exists()


# ---------------------------------------------------------------------------------------------- going on


def trading_in(home: Home) -> tuple[LiveTrading, Fence]:
    """The way of trading at a broker nobody talks to here."""
    fence = Fence(home.path / "epoch")
    client = KiteClient(simulated("http://127.0.0.1:9", "ws://127.0.0.1:9"), SecretText("key"), HandClock())
    return LiveTrading(client, fence), fence


def steps_of(day: Lived) -> int:
    """Where in the day the stop rests at the broker: right behind the second order's acceptance."""
    steps = read_journal(day.journal).steps
    orders = [step.seq for step in steps for effect in step.effects if isinstance(effect, Submit)]
    assert len(orders) == 2
    return orders[1] + 3


def stopped(day: Lived, folder: Path, steps: int) -> Home:
    """A home whose day was killed behind so many steps."""
    home = Home.open(folder / "stopped", rehearsal=True)
    contents = read_journal(day.journal)
    with FileJournal.create(home.journal_dir / day.journal.name, contents.header) as journal:
        for step in contents.steps[:steps]:
            journal.write(step.event, step.effects)
    return home


def again(home: Home, day: Lived) -> tuple[MarketDay, Fence]:
    """The day taken up again."""
    trading, fence = trading_in(home)
    fence.take(above=1)
    days = MarketDays(home, load_config(home, environment={}), trading)

    def unasked() -> DayFacts:
        raise AssertionError("the facts of a day that goes on are those it began with")

    return days.open(unasked, date.fromisoformat(day.date), TRADED, 0), fence


def test_a_day_is_gone_on_with_from_its_journal_alone_and_knows_its_orders_by_their_ids(
    day: Lived, tmp_path: Path
) -> None:
    home = stopped(day, tmp_path, steps_of(day))
    market, fence = again(home, day)
    with market.home_day:
        assert (market.home_day.restarts, market.home_day.kept_aside) == (1, 0)
        assert len(held(market.runner.engine.state)) == 1
        session = market.home_day.session
        assert isinstance(session, LiveSession)
        known = [order.order_id for order in market.runner.engine.state.orders.by_tag.values()]
        assert session.orders.hint({"order_id": known[0]})
        assert not session.orders.hint({"order_id": "somebody else's"})
        started = market.trading.started(7, market.home_day.restarts)
        assert started == Restarted(7, epoch=fence.number)
        assert not session.flat


def test_steps_that_lie_beside_the_journal_are_lived_and_taken_into_it(day: Lived, tmp_path: Path) -> None:
    count = steps_of(day)
    home = stopped(day, tmp_path, count - 3)
    path = home.journal_dir / day.journal.name
    for step in read_journal(day.journal).steps[count - 5 : count]:
        EmergencyFile(emergency_path(path)).keep(step.seq, step.event, step.effects)
    market, _ = again(home, day)
    with market.home_day:
        assert market.home_day.kept_aside == 3
        assert len(held(market.runner.engine.state)) == 1
    assert len(read_journal(path).steps) == count
    assert replays(path)
    assert not emergency_path(path).exists()
    assert path.with_suffix(".emergency-used").exists()


def test_a_journal_this_program_would_not_have_written_is_refused(day: Lived, tmp_path: Path) -> None:
    home = stopped(day, tmp_path, 4)
    path = home.journal_dir / day.journal.name
    steps = read_journal(day.journal).steps
    EmergencyFile(emergency_path(path)).keep(5, steps[4].event, (*steps[4].effects, *steps[0].effects))
    with pytest.raises(BadInput, match="cannot be gone on with: at step 5 this program gives something else"):
        again(home, day)
    assert emergency_path(path).exists()


def test_once_somebody_has_taken_over_the_day_takes_nothing_more(day: Lived, tmp_path: Path) -> None:
    home = stopped(day, tmp_path, steps_of(day))
    market, fence = again(home, day)
    with market.home_day:
        Fence(fence.path).take()
        with pytest.raises(Fenced):
            market.runner.take(Restarted(market.runner.inbox.now, epoch=fence.number))
    assert len(read_journal(home.journal_dir / day.journal.name).steps) == steps_of(day)


def test_a_home_whose_fence_was_lost_goes_on_above_the_numbers_of_its_journals(
    day: Lived, tmp_path: Path
) -> None:
    home = stopped(day, tmp_path, steps_of(day))
    with FileJournal.reopen(home.journal_dir / day.journal.name)[0] as journal:
        journal.write(Restarted(0, epoch=7), ())
    (home.journal_dir / "2026-10-01.rehearsal-9.live.journal").write_text("damaged")
    (home.journal_dir / f"{day.date}.rehearsal-9.journal").write_text("on paper")
    assert known_number(home) == 7
    start = Fence(home.path / "epoch")
    assert take_number(home, start) == 8
    start.path.unlink()
    taken, _ = take_fence(home)
    assert taken is not None
    assert taken.number == 8
    assert (taken.holds(), start.holds()) == (True, False)


def test_a_home_without_journals_begins_at_one(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home", rehearsal=True)
    home.journal_dir.rmdir()
    assert take_number(home, Fence(home.path / "epoch")) == 1


def test_days_on_paper_and_days_at_the_broker_are_left_to_their_own_kind(day: Lived, tmp_path: Path) -> None:
    home = stopped(day, tmp_path, steps_of(day))
    config = load_config(home, environment={})
    later = date(2026, 12, 31)
    trading, fence = trading_in(home)
    fence.take()
    assert MarketDays(home, config, PaperTrading()).unfinished_before(later) == []
    at_the_broker = MarketDays(home, config, trading)
    (left,) = at_the_broker.unfinished_before(later)
    document = at_the_broker.close_out(left)
    assert (document["mode"], document["flat"]) == ("live", False)
    at_the_broker.set_aside(left)
    names = sorted(path.name for path in home.journal_dir.iterdir())
    assert names == [f"{day.date}.rehearsal-{TRADED}.live.run-1.journal"]


def test_another_kind_of_session_is_no_day_of_this_kind(tmp_path: Path) -> None:
    trading, _ = trading_in(Home.open(tmp_path / "home", rehearsal=True))
    with pytest.raises(TypeError, match="has its exchange"):
        PaperTrading().relive(trading, [])  # type: ignore[arg-type]
