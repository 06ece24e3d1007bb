"""A heart that beats, one that does not, and the locks of a home."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

import pytest

from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import HomeLocked
from ninefifteen.home import Home
from ninefifteen.wiring.heartbeat import HEARTBEAT, Pulse, beats, engine_of, pulse_of, sole_watch, try_lock


class Ticks:
    """A clock of this machine that a test turns."""

    def __init__(self) -> None:
        self.at = 50 * SECOND

    def __call__(self) -> int:
        return self.at


def test_silence_is_counted_from_the_last_change_of_the_file(tmp_path: Path) -> None:
    clock, file = Ticks(), tmp_path / HEARTBEAT
    file.write_text('{"at":1,"pid":7,"epoch":2,"holding":true,"contract":"X"}')
    pulse = Pulse(file, clock)
    assert pulse.last is not None
    assert (pulse.last.pid, pulse.last.holding) == (7, True)
    clock.at += 4 * SECOND
    pulse.look()
    assert (pulse.silence, pulse.beats) == (4 * SECOND, 0)
    file.write_text('{"at":2,"pid":7,"epoch":2}')
    pulse.look()
    assert (pulse.silence, pulse.beats) == (0, 1)
    clock.at += SECOND
    file.unlink()
    pulse.look()
    assert (pulse.silence, pulse.beats) == (SECOND, 1)
    assert pulse.last is None


def test_a_home_is_taken_where_nobody_keeps_it(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    with ExitStack() as mine, ExitStack() as other:
        assert asyncio.run(engine_of(home, mine, pulse_of(home))) == "none"
        assert not try_lock(home, other)


def test_a_lock_that_cannot_be_written_keeps_nobody_from_acting(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    home.lock_file.unlink(missing_ok=True)
    home.lock_file.mkdir()
    (home.path / "watchdog.lock").mkdir()
    with ExitStack() as stack, sole_watch(home):
        assert try_lock(home, stack)


def test_one_watchdog_is_enough(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    with sole_watch(home), pytest.raises(HomeLocked, match="watches it already"), sole_watch(home):
        raise AssertionError("two watch")


def test_no_beat_is_waited_for_longer_than_asked(tmp_path: Path) -> None:
    assert not asyncio.run(beats(Pulse(tmp_path / HEARTBEAT), SECOND // 5))
