"""Going on with a paper day: the market is taken from the journal, the exchange is asked the same again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import msgspec
import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.config import load_config
from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Effect, Note, Submit
from ninefifteen.domain.events import Event
from ninefifteen.home import Home
from ninefifteen.runtime.recovery import JournalDiffers, relive_at_the_exchange
from ninefifteen.runtime.runner import Runner
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.wiring.home_day import replays
from ninefifteen.wiring.market_day import LateFeed, MarketDay
from tests.wiring.paper_days import exchange_of, journal, live, opened

Steps = tuple[tuple[Event, tuple[Effect, ...]], ...]
ANSWERS = (ev.OrderAccepted, ev.OrderUpdate, ev.OrdersRead, ev.ChangeAnswered, ev.OrderRefused)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


@cache
def whole(homes: Path) -> tuple[MarketDay, Steps]:
    """A day with one trade, lived by a loop that is a little late everywhere."""
    home = Home.open(homes / "whole", rehearsal=True)
    paper = opened(home, load_config(home, environment={}))
    assert live(paper, chance=Random(5)) is not None
    return paper, tuple((step.event, step.effects) for step in read_journal(journal(home)).steps)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[MarketDay]:
    """The same day, about to begin."""
    home = Home.open(tmp_path / "fresh", rehearsal=True)
    paper = opened(home, load_config(home, environment={}))
    with paper.home_day:
        yield paper


def relived(paper: MarketDay, steps: Steps) -> tuple[Runner, Exchange, int]:
    """The day after these steps have been lived again."""
    exchange = exchange_of(paper)
    number = relive_at_the_exchange(paper.runner, exchange, steps)
    return paper.runner, exchange, number


def place_of(steps: Steps, kind: type[Event]) -> int:
    """Where the first such event stands."""
    return next(n for n, (event, _) in enumerate(steps) if isinstance(event, kind))


def test_the_exchange_holds_the_same_orders_with_the_same_story(homes: Path, fresh: MarketDay) -> None:
    paper, steps = whole(homes)
    runner, exchange, number = relived(fresh, steps)
    before = exchange_of(paper)
    assert number == 1
    assert exchange.orders_of_day() == before.orders_of_day()
    assert len(exchange.orders_of_day()) == 2
    for report in exchange.orders_of_day():
        assert exchange.history(report.order_id) == before.history(report.order_id)
    assert exchange.trades_of_day() == before.trades_of_day()
    assert (exchange.cash, exchange.free_cash) == (before.cash, before.free_cash)
    assert runner.record == paper.runner.record
    assert runner.inbox.now == paper.runner.inbox.now


def test_lived_again_up_to_any_order_event_the_next_answer_is_the_one_that_was_written(
    homes: Path, tmp_path: Path
) -> None:
    _, steps = whole(homes)
    places = [n for n, (event, _) in enumerate(steps) if isinstance(event, ANSWERS)]
    assert len(places) >= 5
    for number in places:
        home = Home.open(tmp_path / f"{number}", rehearsal=True)
        paper = opened(home, load_config(home, environment={}))
        with paper.home_day:
            _, exchange, _ = relived(paper, steps[:number])
            written = steps[number][0]
            assert exchange.next_at() is not None
            assert msgspec.structs.replace(exchange.pop(), at=written.at) == written


def test_nothing_is_journaled_and_neither_the_feed_nor_a_timer_is_set(homes: Path, fresh: MarketDay) -> None:
    _, steps = whole(homes)
    fresh.runner.inbox.pop()  # the opening that waited there
    runner, _, _ = relived(fresh, steps[:400])
    journal = fresh.home_day._journal
    assert journal.steps == 0
    asked: LateFeed = fresh.late_feed
    assert asked._waiting == []
    while runner.inbox.next_at() is not None:
        assert not isinstance(runner.inbox.pop(), ev.TimerFired)


def test_commands_are_taken_where_they_stand_and_restarts_are_counted(
    homes: Path, fresh: MarketDay, tmp_path: Path
) -> None:
    _, steps = whole(homes)
    cut = place_of(steps, ev.Quote)
    moment = steps[cut][0].at
    first, _, _ = relived(fresh, steps[:cut])
    outside: list[Event] = [
        ev.Restarted(moment, epoch=1),
        ev.Paused(moment, source="user", reason="lunch"),
        ev.Resumed(moment, source="user", reason="back"),
        ev.Restarted(moment, epoch=2),
        ev.Flattened(moment, source="user", reason="enough"),
        ev.Halted(moment, source="user", reason="stop"),
    ]
    written = tuple((event, first.take(event)) for event in outside)
    home = Home.open(tmp_path / "again", rehearsal=True)
    paper = opened(home, load_config(home, environment={}))
    with paper.home_day:
        again, _, number = relived(paper, steps[:cut] + written)
    assert number == 3
    assert again.engine.state.halted == first.engine.state.halted == "user: stop"


def test_another_answer_than_the_exchange_gives_is_refused_with_its_step(
    homes: Path, fresh: MarketDay
) -> None:
    _, steps = whole(homes)
    number = place_of(steps, ev.OrderUpdate)
    event, effects = steps[number]
    assert isinstance(event, ev.OrderUpdate)
    forged = msgspec.structs.replace(event.report, average=event.report.average + 5)
    altered = (*steps[:number], (msgspec.structs.replace(event, report=forged), effects))
    with pytest.raises(JournalDiffers) as refused:
        relived(fresh, altered)
    assert refused.value.step == number + 1


def test_an_answer_to_what_was_never_asked_is_refused(homes: Path, fresh: MarketDay) -> None:
    _, steps = whole(homes)
    answer = steps[place_of(steps, ev.OrderAccepted)]
    with pytest.raises(JournalDiffers, match="step 2"):
        relived(fresh, (steps[0], answer))


@pytest.mark.parametrize("kind", [ev.OrderAccepted, Submit])
def test_other_effects_than_this_program_gives_are_refused(homes: Path, fresh: MarketDay, kind: type) -> None:
    _, steps = whole(homes)
    number = next(
        n
        for n, (event, effects) in enumerate(steps)
        if isinstance(event, kind) or any(isinstance(effect, kind) for effect in effects)
    )
    event, effects = steps[number]
    altered = (*steps[:number], (event, (*effects, Note("other", "was not said"))))
    with pytest.raises(JournalDiffers) as refused:
        relived(fresh, altered)
    assert refused.value.step == number + 1


def test_other_prices_than_were_written_are_a_difference_as_soon_as_they_decide(
    homes: Path, fresh: MarketDay
) -> None:
    _, steps = whole(homes)
    number = next(n for n, (_, effects) in enumerate(steps) if any(isinstance(e, Submit) for e in effects))
    altered = list(steps)
    event = altered[number][0]
    assert isinstance(event, ev.Quote)
    altered[number] = (msgspec.structs.replace(event, ask=event.ask + 5), altered[number][1])
    with pytest.raises(JournalDiffers) as refused:
        relived(fresh, tuple(altered))
    assert refused.value.step == number + 1


def test_the_day_it_was_taken_from_proves_itself(homes: Path) -> None:
    paper, _ = whole(homes)
    assert replays(paper.home_day.journal_path)
