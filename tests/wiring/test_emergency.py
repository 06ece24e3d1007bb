"""An emergency performed against a broker of a few lines: fences, failures, a disk that fails."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.fence import Fence
from ninefifteen.adapters.zerodha.errors import Down, LoggedOut
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import OrderState
from ninefifteen.engine.emergency_acts import Act, Answer, Line, Reading, Stake
from ninefifteen.home import Home
from ninefifteen.wiring.emergency import Outcome, Witness, flatten, latch, new_core, ours_of, take_fence
from tests.adapters.zerodha.scripted_server import StepClock
from tests.engine.emergencies import CALL, PRODUCT, bought, stop


class Script:
    """Gives what it was told to give, one look after the other; the last one again and again."""

    def __init__(self, clock: StepClock, *looks: Any, answer: Answer = "taken") -> None:
        self.clock, self.looks, self.answer = clock, list(looks), answer
        self.requests = 0
        self.acts: list[Act] = []

    async def reading(self) -> Reading:
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(look, Exception):
            raise look
        lines, net = look
        stakes = (Stake(name=CALL, product=PRODUCT, net=net, last=10_000),)
        return Reading(at=self.clock.now(), lines=lines, stakes=stakes)

    async def perform(self, act: Act) -> tuple[Answer, str]:
        self.acts.append(act)
        return self.answer, "" if self.answer == "taken" else "words of the broker"


HELD: tuple[tuple[Line, ...], int] = ((bought(), stop()), 400)
GONE = ((bought(), stop(state=OrderState.COMPLETE, filled=400)), 0)
DOWN = Down("Zerodha: no answer in time")
DEAD = LoggedOut("Zerodha: nobody is logged in: run `ninefifteen login`")


class Stage:
    """A home, a clock that leaps, and everything that was told."""

    def __init__(self, folder: Path) -> None:
        self.home = Home.open(folder / "home", rehearsal=True)
        self.clock = StepClock()
        self.said: list[str] = []
        self.tell = Witness(self.home, self.clock, self.said.append)

    def run(self, *looks: Any, fence: Fence | None = None, **options: Any) -> tuple[Outcome, Script]:
        broker = Script(self.clock, *looks, **options)
        core = new_core(self.home, self.clock, fence)
        return asyncio.run(flatten(core, broker, self.clock, fence, self.tell)), broker


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_a_broker_that_fails_for_a_while_is_asked_until_flat_is_proved(stage: Stage) -> None:
    outcome, broker = stage.run(DOWN, DOWN, HELD, DOWN, GONE)
    assert outcome.proved
    assert len(broker.acts) == 1
    told = [line for line in stage.said if "no answer in time" in line or "as it should" in line]
    assert told == [
        "alarm: Zerodha: no answer in time",
        "emergency: the broker answers as it should again",
        "alarm: Zerodha: no answer in time",
        "emergency: the broker answers as it should again",
    ]


def test_a_broker_that_is_never_reached_ends_it_after_two_minutes(stage: Stage) -> None:
    outcome, _ = stage.run(DOWN)
    assert (outcome.ended, outcome.took // SECOND) == ("unreachable", 120)
    assert (outcome.held, outcome.problem) == ((), str(DOWN))


def test_nobody_logged_in_ends_it_at_once_and_later_is_waited_out(stage: Stage) -> None:
    assert stage.run(DEAD)[0].ended == "logged_out"
    assert stage.run(HELD, DEAD, HELD, GONE)[0].proved


def test_what_cannot_be_sold_in_two_minutes_is_told(stage: Stage) -> None:
    outcome, broker = stage.run(HELD, answer="refused")
    assert outcome.ended == "not_proved"
    assert [held.ours for held in outcome.held] == [400]
    assert [line.order_id for line in outcome.living] == ["2"]
    assert len(broker.acts) < 40
    assert any("refused: words of the broker" in line for line in stage.said)


def test_whoever_takes_the_fence_meanwhile_is_left_alone(stage: Stage) -> None:
    fence, wrong = take_fence(stage.home)
    assert (wrong, fence is not None) == ("", True)
    Fence(stage.home.path / "epoch").take()
    outcome, broker = stage.run(HELD, fence=fence)
    assert (outcome.ended, broker.acts) == ("fenced", [])
    assert any("another start has raised the fence" in line for line in stage.said)


def test_a_reading_that_cannot_be_believed_is_told_as_what_it_is(stage: Stage) -> None:
    stage.run(HELD, ((bought(),), 400), GONE)
    assert "alarm: the order book lacks order 2, which it has shown before" in stage.said


def test_a_fence_that_holds_no_number_cannot_be_raised(stage: Stage) -> None:
    (stage.home.path / "epoch").write_text("seven\n")
    fence, wrong = take_fence(stage.home)
    assert fence is None
    assert "holds no number" in wrong


def test_rules_that_cannot_be_read_stop_nothing(stage: Stage) -> None:
    (stage.home.rules_dir / "order_limits.csv").write_text("damaged")
    assert stage.run(HELD, GONE)[0].proved


def test_a_home_that_takes_no_file_is_told_once(stage: Stage) -> None:
    for name in ("audit.log", "errors.log"):
        (stage.home.logs_dir / name).mkdir()
    stage.tell("alarm", "first")
    stage.tell("alarm", "second")
    assert len([line for line in stage.said if "cannot be written" in line]) == 1
    assert [line for line in stage.said if line.startswith("alarm: second")] == ["alarm: second"]


def test_a_terminal_that_has_gone_stops_nothing(stage: Stage) -> None:
    def gone(_: str) -> None:
        raise BrokenPipeError

    Witness(stage.home, stage.clock, gone)("halt", "told to nobody")
    assert "told to nobody" in (stage.home.logs_dir / "audit.log").read_text()


def test_a_latch_that_cannot_be_made_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Home, "latch", full)
    assert "cannot be made (No space left on device)" in latch(stage.home, 0, "test", "test")


def test_units_of_ours_are_counted_by_what_is_held_and_what_we_bought() -> None:
    stakes = (Stake(name=CALL, product=PRODUCT, net=150),)
    assert ours_of(Reading(at=0, lines=(bought(), stop()), stakes=stakes)) == (150, 1)
    assert ours_of(Reading(at=0, lines=(bought(), stop()), stakes=())) == (400, 1)
    assert ours_of(Reading(at=0, lines=(), stakes=stakes)) == (0, 0)
