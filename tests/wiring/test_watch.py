"""The watchdog in the moments that processes seldom meet: the engine is back, the exchange is gone."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.clocks.exchange import NotThere
from ninefifteen.config import load_config
from ninefifteen.domain.instants import SECOND
from ninefifteen.home import Home
from ninefifteen.wiring import watch
from ninefifteen.wiring.emergency import Outcome
from ninefifteen.wiring.heartbeat import HEARTBEAT
from ninefifteen.wiring.watch import Watchdog
from tests.patience import PATIENCE_S
from tests.processes.emergency_homes import Account, account


def dog_of(home: Home, said: list[str]) -> Watchdog:
    """A watchdog with no patience."""
    return Watchdog(home, load_config(home, ()), said.append, silence=1, every=SECOND)


def never() -> bool:
    return False


def test_an_engine_that_comes_back_before_the_fence_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        said: list[str] = []
        dog = Watchdog(one.home, one.loaded, said.append, silence=SECOND // 2, every=SECOND)

        def beats_meanwhile(home: Home, *_: Any) -> bool:
            (home.path / HEARTBEAT).write_text('{"at":9,"pid":1,"epoch":1}')
            return False

        monkeypatch.setattr(watch, "try_lock", beats_meanwhile)
        asyncio.run(_silent(dog))
        assert said[-1] == "watchdog: the engine is back: hands off"
        assert one.net() > 0
        assert not one.home.halt_file.exists()
        assert not (one.home.path / "epoch").exists()


async def _silent(dog: Watchdog) -> None:
    await asyncio.sleep(0.6)
    await dog.turn()


@pytest.mark.parametrize("where", ["clock", "fence"])
def test_a_disk_or_an_exchange_that_fails_in_the_act_is_an_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        said: list[str] = []
        dog = dog_of(one.home, said)
        if where == "clock":

            def gone(_: object) -> Any:
                raise NotThere("nothing answers at the exchange")

            monkeypatch.setattr(watch, "home_clock", gone)
        else:
            (one.home.path / "epoch").write_text("seven")
        found = asyncio.run(dog.once())
        assert found.state == ("unknown" if where == "clock" else "flat")
        assert any("nothing answers at the exchange" in line or "holds no number" in line for line in said)


def test_it_ends_when_the_exchange_of_a_rehearsal_has_gone_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_GONE", SECOND)
    with account(tmp_path) as one:
        pass
    said: list[str] = []
    found = asyncio.run(dog_of(one.home, said).run(never))
    assert found.state == "unknown"
    assert len([line for line in said if "nothing answers at" in line]) == 1


def test_it_ends_when_its_home_is_removed(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        dog = dog_of(one.home, [])
        asyncio.run(_removed(dog, one))


@pytest.mark.parametrize("locked", [False, True])
def test_it_ends_with_an_engine_that_has_ended_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, locked: bool
) -> None:
    """Its heartbeat is put away and the home is free; a run between two days keeps the home's lock."""
    monkeypatch.setattr(watch, "_LEFT", SECOND // 10)
    with account(tmp_path) as one:
        said: list[str] = []
        dog = Watchdog(one.home, one.loaded, said.append, silence=60 * SECOND, every=SECOND)
        asyncio.run(_ended(dog, one, locked=locked))
        assert not [line for line in said if line.startswith("alarm")]


async def _ended(dog: Watchdog, one: Account, *, locked: bool) -> None:
    heart, turns = one.home.path / HEARTBEAT, 0
    heart.write_text('{"at":1,"pid":1,"epoch":1}')
    with ExitStack() as stack:
        if locked:
            stack.enter_context(one.home.lock())

        def stopped() -> bool:
            nonlocal turns
            turns += 1
            if turns == 2:
                heart.write_text('{"at":2,"pid":1,"epoch":1}')
            elif turns == 3:
                heart.unlink()
            return turns == 12

        await dog.run(stopped)
    assert (turns == 12) is locked


async def _removed(dog: Watchdog, one: Account) -> None:
    running = asyncio.create_task(dog.run(never))
    await asyncio.sleep(0.3)
    shutil.rmtree(one.home.path)
    await asyncio.wait_for(running, PATIENCE_S)


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ("proved", "has made the bot flat"),
        ("fenced", "another start has taken over"),
        ("not_proved", "could not prove flat (see the broker)"),
    ],
)
def test_the_verdict_says_what_to_do(ended: Any, words: str) -> None:
    nothing: Any = {"held": (), "others": (), "other_orders": (), "living": (), "in_doubt": (), "problem": ""}
    assert words in watch._verdict(Outcome(ended=ended, took=0, **nothing))
