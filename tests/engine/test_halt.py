"""A halt is latched, proved, told; an unlock lifts it; a command is obeyed once."""

from __future__ import annotations

import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.instants import MINUTE
from ninefifteen.engine import Engine
from ninefifteen.engine.state import Phase
from ninefifteen.strategies.nine_fifteen import NineFifteen

from .builders import LOT, Desk, clock
from .careful import CarefulDesk


def halt(desk: Desk, command: str = "") -> Desk:
    desk.step(ev.Halted(desk.now, "sms", "stop", command))
    return desk


def unlock(desk: Desk) -> Desk:
    desk.step(ev.Unlocked(desk.now, "cli", "all clear"))
    return desk


def done(desk: Desk) -> list[ef.Note]:
    return [note for note in desk.all(ef.Note) if note.kind == "halt_done"]


# ---- the proof of a halt


def test_a_halt_with_nothing_held_is_proved_by_two_readings():
    desk = halt(Desk().watching())
    assert desk.new(ef.ReadPositions)
    assert not desk.engine.finished
    desk.wait(0.1).positions().wait(2).positions()
    (note,) = done(desk)
    assert "nothing was held" in note.text
    assert note.data["seconds"] == 2.1
    assert desk.engine.finished


def test_a_halt_while_holding_is_done_when_what_it_closed_is_proved_flat():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    halt(desk)
    desk.report("open", 0, desk.exit).wait(5)
    assert not done(desk)
    desk.net = 0
    desk.report("complete", LOT, desk.exit, average=4_900).wait(5)
    (note,) = done(desk)
    assert f"{LOT} AAA" in note.text
    assert isinstance(note.data["seconds"], float)
    assert note.data["seconds"] > 5
    assert desk.run.phase is Phase.DONE


def test_a_later_halt_does_not_tell_again_what_was_closed_before_it():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    halt(desk)
    desk.net = 0
    desk.report("complete", LOT, desk.exit, average=4_900).wait(20)
    halt(desk.wait(60)).wait(20)
    first, later = done(desk)
    assert f"{LOT} AAA" in first.text
    assert later.text.startswith("halt done: nothing was held;")


def test_a_halt_of_before_the_day_began_lets_nothing_enter():
    desk = Desk()
    halt(desk)
    desk.open()
    assert desk.reason() == "halted"
    desk.proved()
    assert done(desk)
    assert desk.record.reason == "halted"


def test_a_halt_twice_is_proved_once():
    desk = halt(halt(Desk().watching())).proved()
    desk.fair_positions()
    assert len(done(desk)) == 1


def test_a_parked_entry_keeps_a_halt_from_being_done_without_a_false_alarm():
    desk = Desk().watching().quote(4_950, 5_000).lose()
    halt(desk)
    for _ in range(40):
        desk.wait(1).read()
        desk.fair_positions()
    assert not done(desk)
    assert not any("not proved flat" in text for text in desk.alerts())


# ---- unlock


def test_an_unlock_lifts_the_halt_and_reopens_nothing():
    desk = unlock(halt(Desk().watching()).proved())
    assert desk.engine.state.halted is None
    assert not desk.stocks().quote(4_950, 5_000).all(ef.Submit)
    assert desk.reason() == "halted"


def test_what_is_held_keeps_the_halt():
    desk = unlock(halt(Desk().holding()))
    assert desk.engine.state.halted is not None
    assert "held" in desk.alerts("P2")[-1]


def test_what_may_still_trade_keeps_the_halt():
    desk = unlock(halt(Desk().entering()))
    assert desk.engine.state.halted is not None
    assert "may still trade" in desk.alerts("P2")[-1]


def test_a_halt_that_is_not_proved_yet_is_not_unlocked():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    halt(desk)
    desk.report("open", 0, desk.exit)
    desk.net, desk.positions_readable = 0, False
    desk.report("complete", LOT, desk.exit, average=4_900).wait(15)
    unlock(desk)
    assert "not proved yet: the broker's positions cannot be read" in desk.alerts("P2")[-1]
    desk.positions_readable = True
    desk.wait(0.5)
    while desk.engine.state.books.positions.failing_since is not None:
        desk.wait(0.5)
    unlock(desk)
    assert "it takes two readings" in desk.alerts("P2")[-1]
    assert desk.engine.state.halted is not None
    desk.wait(15)
    assert done(desk)
    unlock(desk)
    assert desk.engine.state.halted is None


def test_a_short_keeps_the_halt_until_the_broker_shows_it_bought_back():
    desk = Desk().holding()
    desk.exit.quantity = 2 * LOT  # the broker has let somebody enlarge our stop
    desk.report("complete", 2 * LOT, desk.exit, quantity=2 * LOT, average=4_200)
    assert desk.position.net == -LOT
    unlock(desk)
    assert desk.engine.state.halted is not None
    desk.wait(1).holds(-LOT)
    unlock(desk)
    assert "held" in desk.alerts("P2")[-1]
    desk.wait(2).holds(0).wait(2).holds(0)
    unlock(desk)
    assert desk.engine.state.halted is None


# ---- commands


COMMANDS = (ev.Halted, ev.Paused, ev.Resumed, ev.Flattened, ev.Unlocked)


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=[kind.__name__ for kind in COMMANDS])
def test_a_command_is_obeyed_once_also_after_a_replay(number: int):
    desk = Desk().watching()
    event = COMMANDS[number](desk.now, "cli", "please", "c-1")
    assert any(getattr(e, "kind", "") != "command" for e in desk.step(event))
    (note,) = desk.step(event)
    assert isinstance(note, ef.Note)
    assert note.kind == "command"
    again = Engine(desk.settings, [NineFifteen(desk.settings)])
    for past in desk.events[:-1]:
        again.step(past)
    (note,) = again.step(event)
    assert isinstance(note, ef.Note)
    assert note.kind == "command"


def test_commands_without_an_id_are_obeyed_every_time():
    desk = Desk().watching()
    for _ in range(2):
        desk.step(ev.Paused(desk.now, "file", "stop"))
    assert sum(note.kind == "pause" for note in desk.all(ef.Note)) == 2


# ---- the ladder behind the square-off


def test_not_flat_is_told_two_minutes_after_the_square_off_and_louder_from_four_on():
    desk = Desk().holding()
    exit_at = desk.run.hours.exit_at
    desk.go(exit_at + 2 * MINUTE - 1)
    before = len(desk.alerts("P2"))
    desk.wait(0.001)
    assert "still held" in desk.alerts("P2")[before]
    loud = [text for text in desk.alerts() if "still held: close it" in text]
    assert not loud
    desk.go(exit_at + 6 * MINUTE)
    assert len([text for text in desk.alerts() if "still held: close it" in text]) == 3


def test_an_order_that_may_still_trade_behind_the_square_off_is_told_as_well():
    desk = Desk().watching().quote(4_950, 5_000).lose()
    desk.go(desk.run.hours.exit_at + 4 * MINUTE)
    assert any("may still trade" in text for text in desk.alerts())


def test_what_is_closed_in_time_is_not_told():
    desk = Desk().holding().report("complete", LOT, average=4_200).proved()
    desk.go(clock("15:20:00"))
    assert not desk.alerts()
