"""Going on with a stopped day: it is lived again from its steps, and refused where it differs."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain.effects import Effect, Note
from ninefifteen.domain.events import Event, Flattened, Halted, Paused, Quote, Restarted, Resumed
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.record import DayRecord
from ninefifteen.domain.settings import Settings
from ninefifteen.runtime.recovery import JournalDiffers, relive
from ninefifteen.runtime.runner import Runner
from ninefifteen.simulator.synthetic import demo_date
from ninefifteen.wiring.demo import DEMO_SEED, synthetic_day_session

Steps = list[tuple[Event, tuple[Effect, ...]]]
RULES = load_rules()


class Kept:
    """A journal in memory."""

    def __init__(self) -> None:
        self.steps: Steps = []

    def record(self, event: Event, effects: tuple[Effect, ...]) -> None:
        self.steps.append((event, tuple(effects)))

    def close(self) -> None:
        """Nothing to let go of."""


def a_day() -> tuple[Runner, Kept]:
    """The demo seed's day, about to begin."""
    settings = Settings()
    runner = synthetic_day_session(settings, RULES, demo_date(DEMO_SEED, RULES.calendar), DEMO_SEED).runner
    kept = runner.journal = Kept()  # type: ignore[assignment]
    return runner, kept


def live(runner: Runner, events: int | None = None) -> DayRecord | None:
    """Take so many events, or all until the day has ended."""
    while runner.record is None and events != 0:
        runner.take_next()
        events = None if events is None else events - 1
    return runner.record


@cache
def whole() -> tuple[DayRecord, Steps]:
    """The day that nothing disturbs."""
    runner, kept = a_day()
    record = live(runner)
    assert record is not None
    return record, kept.steps


@pytest.mark.parametrize("count", [0, 1, 5, 7, 9, 10, 11, 300, 5000])
def test_lived_again_from_any_step_the_day_ends_with_the_same_steps(count: int) -> None:
    record, steps = whole()
    runner, kept = a_day()
    assert relive(runner, steps[:count]) == 1
    assert kept.steps == []
    assert live(runner) == record
    assert steps[:count] + kept.steps == steps


@pytest.mark.parametrize("kind", [Halted, Paused, Resumed, Flattened])
def test_what_came_from_outside_is_taken_from_the_journal_where_it_stands(kind: type[Event]) -> None:
    first, kept = a_day()
    live(first, 400)
    moment = first.inbox.now + SECOND // 7
    first.inbox.now = moment
    first.take(kind(moment, source="test", reason="because"))  # type: ignore[call-arg]
    again, _ = a_day()
    relive(again, kept.steps)
    assert again.inbox.now == moment
    assert again.engine.state.now == moment
    record = live(first)
    assert record is not None
    assert live(again) == record


def test_restarts_are_counted() -> None:
    runner, kept = a_day()
    live(runner, 500)
    for epoch in (1, 2):
        runner.take(Restarted(runner.inbox.now, epoch=epoch))
        live(runner, 50)
    again, _ = a_day()
    assert relive(again, kept.steps) == 3


def test_other_effects_than_this_program_gives_are_refused_with_their_step() -> None:
    _, steps = whole()
    altered = list(steps[:50])
    altered[6] = (altered[6][0], (*altered[6][1], Note("other", "was not said")))
    with pytest.raises(JournalDiffers, match="step 7") as refused:
        relive(a_day()[0], altered)
    assert refused.value.step == 7


def test_another_event_than_this_program_gives_is_refused_with_its_step() -> None:
    _, steps = whole()
    number = next(n for n, (event, _) in enumerate(steps) if n > 100 and isinstance(event, Quote))
    event = steps[number][0]
    assert isinstance(event, Quote)
    altered = list(steps[: number + 1])
    altered[number] = (msgspec.structs.replace(event, bid=event.bid + 5), altered[number][1])
    with pytest.raises(JournalDiffers) as refused:
        relive(a_day()[0], altered)
    assert refused.value.step == number + 1


def test_more_steps_than_the_day_has_are_refused() -> None:
    """Behind the end nothing of the world is due any more."""
    _, steps = whole()
    runner, _ = a_day()
    relive(runner, steps)
    while runner.inbox.next_at() is not None:
        runner.inbox.pop()
    with pytest.raises(JournalDiffers, match="step 1"):
        relive(runner, steps[-1:])
