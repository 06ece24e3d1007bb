"""Paper days in a home: begun, gone on with in the middle of a position, ended late, played again."""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import partial
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ninefifteen.adapters.journal import FileJournal, Header, read_journal, settings_json
from ninefifteen.config import LoadedConfig, load_config
from ninefifteen.domain.effects import StartTimer, Submit
from ninefifteen.domain.events import DayClosed, DayOpened, OrderUpdate, Restarted, TimerFired
from ninefifteen.domain.instants import SECOND, Instant, at
from ninefifteen.domain.market import DayFacts
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.wiring.home_day import replays
from ninefifteen.wiring.paper_account import account_before
from tests.simulator.synthetic_facts import facts_of
from tests.wiring.paper_days import (
    DAY,
    LATER,
    SEED,
    days_of,
    exchange_of,
    facts_for,
    journal,
    live,
    opened,
    whole_day,
)

HELD = at(DAY, time(9, 16, 30))
"""In the middle of the position of `DAY`."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home", rehearsal=True)


@pytest.fixture
def config(home: Home) -> LoadedConfig:
    return load_config(home, environment={})


def unasked() -> DayFacts:
    raise AssertionError("the facts of a day that goes on are those it began with")


# --------------------------------------------------------------------------------------------- from the start


def test_a_day_is_lived_to_its_document_and_its_journal_proves_it(home: Home, config: LoadedConfig) -> None:
    document = whole_day(home, config)
    assert (document["mode"], document["rehearsal"], document["journal_ok"]) == ("paper", True, True)
    assert (document["status"], document["flat"], len(document["trades"])) == ("traded", True, 1)
    contents = read_journal(journal(home))
    assert (contents.header.rehearsal, contents.header.seed, contents.finished) == (True, SEED, True)
    assert contents.header.settings_hash == config.settings_hash
    kept = msgspec.json.decode((home.days_dir / f"{DAY}.rehearsal-{SEED}.json").read_bytes())
    assert kept["data_source"] == f"simulated exchange, seed {SEED}, price source quotes"
    assert kept["fills"][0]["price"] == document["trades"][0]["entry"]


def test_a_real_home_names_its_days_by_their_date(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "real")
    config = load_config(home, environment={})
    facts = msgspec.structs.replace(facts_of(DAY), synthetic=False)
    paper = days_of(home, config).open(lambda: facts, DAY, None, at(DAY, time(9, 0)))
    with paper.home_day:
        assert paper.home_day.journal_path == home.journal_dir / f"{DAY}.journal"
        assert paper.home_day.source == "live data of zerodha"
        assert paper.facts == facts


def test_the_lists_in_the_home_are_facts_of_the_day(home: Home, config: LoadedConfig) -> None:
    told: list[str] = []
    (home.rules_dir / "fo_secban.csv").write_text(
        f"Securities in Ban For Trade Date {DAY:%d-%b-%Y}:\n1,RELIANCE\n".upper()
    )
    facts = facts_for(home, config.settings, told=told)
    assert facts.banned == ("RELIANCE",)
    assert facts.events is None
    assert all(line.startswith("lists: ") for line in told)
    assert (facts.seed, facts.synthetic, facts.price_source, len(facts.universe)) == (
        SEED,
        True,
        "quotes",
        50,
    )


def test_the_next_day_has_the_cash_and_the_streak_the_day_before_left(
    home: Home, config: LoadedConfig
) -> None:
    first = whole_day(home, config)
    [trade] = first["trades"]
    second = whole_day(home, config, LATER)
    opening = read_journal(journal(home, LATER)).steps[0].event
    assert isinstance(opening, DayOpened)
    net = round(float(trade["net"]) * 10_000)
    assert net < 0
    assert opening.facts.free_cash == (100_000_0000 + net) // 100
    assert opening.facts.losing_streak == 1
    both = account_before(home, config.settings, LATER + timedelta(days=1))
    assert both.losing_streak == 2
    assert both.free_cash == (100_000_0000 + net + round(float(second["trades"][0]["net"]) * 10_000)) // 100


# ------------------------------------------------------------------------------------------------ going on


@pytest.mark.parametrize(
    "stops",
    [
        time(9, 13, 45), time(9, 14, 0, 100_000), time(9, 15, 0, 300_000), time(9, 15, 11, 30_000),
        time(9, 15, 11, 400_000), time(9, 15, 13), time(9, 16, 30), time(9, 17, 57, 200_000), time(14, 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("killed", [True, False])
def test_a_day_that_was_stopped_anywhere_is_gone_on_with_and_ends_flat(
    home: Home, config: LoadedConfig, stops: time, killed: bool
) -> None:
    first = opened(home, config)
    if killed:  # nothing is flushed and nothing is said: what the system has is what is left
        first.home_day._journal.close = lambda: None  # type: ignore[method-assign]
    assert live(first, stops=at(DAY, stops)) is None
    if killed:
        assert isinstance(first.runner.journal, FileJournal)
        first.runner.journal._file.close()
    before = exchange_of(first)
    again = days_of(home, config).open(unasked, DAY, SEED, at(DAY, stops))
    after = exchange_of(again)
    assert again.home_day.restarts == 1
    assert not again.home_day.settings_changed
    if not killed:
        assert after.orders_of_day() == before.orders_of_day()
        assert after.trades_of_day() == before.trades_of_day()
        assert after.cash == before.cash
    record = live(again, now=at(DAY, stops) + 2 * SECOND)
    assert record is not None
    document = again.home_day.finish(record)
    assert (document["journal_ok"], document["flat"], document["alarms"]) == (True, True, 0)
    entries = [
        effect
        for step in read_journal(journal(home)).steps
        for effect in step.effects
        if isinstance(effect, Submit) and effect.order.request.side == "BUY"
    ]
    assert len(entries) <= 1
    assert len(document["trades"]) == len(entries)


def test_a_day_can_be_stopped_and_gone_on_with_many_times(home: Home, config: LoadedConfig) -> None:
    moment: Instant = at(DAY, time(9, 14, 30))
    for number in range(6):
        paper = opened(home, config, now=moment)
        assert paper.home_day.restarts == number
        moment += 7 * SECOND
        assert live(paper, now=moment - 6 * SECOND, stops=moment) is None
    paper = opened(home, config)
    record = live(paper, now=moment)
    assert record is not None
    assert paper.home_day.finish(record)["journal_ok"]
    epochs = [step.event.epoch for step in read_journal(journal(home)).steps
              if isinstance(step.event, Restarted)]  # fmt: skip
    assert epochs == [1, 2, 3, 4, 5, 6]


def test_a_day_goes_on_with_the_settings_it_began_with(home: Home, config: LoadedConfig) -> None:
    live(opened(home, config), stops=HELD)
    other = load_config(home, ["strategy.target_pct=3"], environment={})
    again = days_of(home, other).open(unasked, DAY, SEED, HELD)
    with again.home_day:
        assert again.home_day.settings_changed
        assert again.home_day.settings == config.settings


def test_a_journal_this_program_would_not_have_written_is_refused_and_left_as_it_is(
    home: Home, config: LoadedConfig
) -> None:
    live(opened(home, config), stops=HELD)
    path = journal(home)
    contents = read_journal(path)
    path.unlink()
    with FileJournal.create(path, contents.header) as forged:
        for step in contents.steps:
            event = step.event
            if isinstance(event, OrderUpdate) and event.report.filled:
                dearer = msgspec.structs.replace(event.report, average=event.report.average + 5)
                event = msgspec.structs.replace(event, report=dearer)
            forged.record(event, step.effects)
    data = path.read_bytes()
    with pytest.raises(BadInput) as refused:
        opened(home, config)
    text = str(refused.value)
    assert text.startswith(f"{path} cannot be gone on with: at step ")
    assert "move the file away" in text
    assert "\n" not in text
    assert path.read_bytes() == data


def test_a_journal_without_a_step_begins_its_day(home: Home, config: LoadedConfig) -> None:
    started = at(DAY, time(8, 31))
    empty_journal(home, config, started)
    paper = opened(home, config)
    with paper.home_day:
        assert paper.home_day.restarts == 0
        opening = paper.runner.inbox.pop()
    assert opening == DayOpened(started, facts=facts_for(home, config.settings))


def empty_journal(home: Home, config: LoadedConfig, started: Instant) -> None:
    """What is left when the process dies between making the file and the first step."""
    header = Header(
        program="0.1.0",
        date=DAY,
        synthetic=True,
        seed=SEED,
        rehearsal=True,
        settings=settings_json(config.settings),
        settings_hash=config.settings_hash,
        started=started,
    )
    FileJournal.create(journal(home), header).close()


# ------------------------------------------------------------------------------------------- ended by others


def test_a_day_left_in_a_position_is_closed_as_it_stood_and_says_so(home: Home, config: LoadedConfig) -> None:
    live(opened(home, config), stops=HELD)
    assert days_of(home, config).unfinished_before(DAY) == []
    assert days_of(home, config).unfinished_before(LATER) == [journal(home)]
    document = days_of(home, config).close_out(journal(home))
    assert (document["flat"], document["journal_ok"], document["alarms"]) == (False, True, 1)
    last = read_journal(journal(home)).steps[-1].event
    assert last == DayClosed(facts_of(DAY).close_at)
    assert read_journal(journal(home)).finished
    assert days_of(home, config).unfinished_before(LATER) == []


def test_a_day_left_before_anything_was_bought_is_closed_flat(home: Home, config: LoadedConfig) -> None:
    live(opened(home, config), stops=at(DAY, time(9, 14, 30)))
    document = days_of(home, config).close_out(journal(home))
    assert (document["flat"], document["status"], document["trades"]) == (True, "no_trade", [])


def test_a_day_that_ended_without_its_document_gets_it_and_is_missing_in_no_account(
    home: Home, config: LoadedConfig
) -> None:
    paper = opened(home, config)
    live(paper)  # and the process dies before it could write the document
    steps = len(read_journal(journal(home)).steps)
    assert account_before(home, config.settings, LATER).free_cash == 10_000_000
    assert days_of(home, config).unfinished_before(DAY) == [journal(home)]
    document = days_of(home, config).close_out(journal(home))
    assert document["status"] == "traded"
    assert len(read_journal(journal(home)).steps) == steps
    assert account_before(home, config.settings, LATER).free_cash < 10_000_000
    assert days_of(home, config).unfinished_before(LATER) == []


def test_a_journal_without_a_step_is_no_day_and_stops_nobody(home: Home, config: LoadedConfig) -> None:
    empty_journal(home, config, at(DAY, time(8, 31)))
    assert days_of(home, config).unfinished_before(LATER) == []
    with pytest.raises(BadInput, match="holds no step of its day: move it away"):
        days_of(home, config).close_out(journal(home))


def test_only_this_kind_of_home_s_own_days_are_looked_for(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "real")
    config = load_config(home, environment={})
    days = {day: msgspec.structs.replace(facts_of(day), synthetic=False) for day in (DAY, date(2026, 12, 4))}
    for day, facts in days.items():
        paper = days_of(home, config).open(partial(days.__getitem__, day), day, None, facts.open_at)
        paper.runner.take_next()
        paper.home_day._journal.close()
    synthetic = f"{DAY}.synthetic-7.journal"
    (home.journal_dir / synthetic).write_bytes(journal_bytes(home, DAY))
    expected = [home.journal_dir / "2026-12-04.journal", home.journal_dir / f"{DAY}.journal"]
    assert days_of(home, config).unfinished_before(LATER) == expected


def journal_bytes(home: Home, day: date) -> bytes:
    """A journal of a real day."""
    return (home.journal_dir / f"{day}.journal").read_bytes()


def test_a_rehearsed_day_that_is_played_again_leaves_its_runs_numbered(
    home: Home, config: LoadedConfig
) -> None:
    for _ in range(2):
        whole_day(home, config)
        days_of(home, config).set_aside(journal(home))
    live(opened(home, config), stops=HELD)
    days_of(home, config).set_aside(journal(home))  # without a document yet
    stem = f"{DAY}.rehearsal-{SEED}"
    assert sorted(path.name for path in home.journal_dir.iterdir()) == [
        f"{stem}.run-{number}.journal" for number in (1, 2, 3)
    ]
    assert sorted(path.name for path in home.days_dir.iterdir()) == [
        f"{stem}.run-{number}.json" for number in (1, 2)
    ]
    assert account_before(home, config.settings, LATER).free_cash == 10_000_000
    assert days_of(home, config).unfinished_before(LATER) == []


def test_a_real_day_is_never_set_aside(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "real")
    path = home.journal_dir / f"{DAY}.journal"
    path.write_bytes(b"the record of what happened")
    with pytest.raises(BadInput, match="stays where it is"):
        days_of(home, load_config(home, environment={})).set_aside(path)
    assert path.exists()


def test_a_journal_that_cannot_be_closed_is_told_behind_the_document_which_says_so(
    home: Home, config: LoadedConfig
) -> None:
    paper = opened(home, config)
    record = live(paper)
    assert record is not None

    def full() -> None:
        raise OSError(28, "No space left on device")

    paper.home_day._journal.close = full  # type: ignore[method-assign]
    with pytest.raises(OSError, match="No space left"):
        paper.home_day.finish(record)
    kept = msgspec.json.decode(paper.home_day.document_path.read_bytes())
    assert (kept["journal_ok"], kept["status"]) == (False, "traded")


# ------------------------------------------------------------------------------------------- any day at all


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10_000), luck=st.integers(0, 10_000), stopped=st.booleans())
def test_any_day_lived_through_the_live_line_replays_byte_for_byte(
    seed: int, luck: int, stopped: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However late the loop takes what comes, and whether or not it was stopped on the way."""
    home = Home.open(tmp_path_factory.mktemp("any") / "home", rehearsal=True)
    config = load_config(home, environment={})
    chance = Random(luck)
    paper = opened(home, config, seed=seed)
    if stopped:
        stop = at(DAY, time(9, 14)) + chance.randrange(90 * SECOND)
        assert live(paper, chance=chance, stops=stop) is None
        paper = opened(home, config, seed=seed)
        record = live(paper, chance=chance, now=stop + SECOND)
    else:
        record = live(paper, chance=chance)
    assert record is not None
    path = journal(home, seed=seed)
    assert replays(path)
    assert paper.home_day.session.flat
    assert record.flat
    steps = read_journal(path).steps
    assert all(steps[n].event.at <= steps[n + 1].event.at for n in range(len(steps) - 1))
    due: dict[str, Instant] = {}
    for step in steps:
        if isinstance(step.event, TimerFired):
            assert step.event.at >= due[step.event.timer]
        due |= {effect.timer: effect.due for effect in step.effects if isinstance(effect, StartTimer)}
