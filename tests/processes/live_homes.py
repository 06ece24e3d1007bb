"""A rehearsal home that trades for real at our exchange, and what is true there after the day."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ninefifteen.adapters.journal import JournalTail, read_journal, settings_of
from ninefifteen.domain.effects import Submit
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.order import Role
from ninefifteen.engine import Engine
from ninefifteen.strategies.chosen import strategies_of
from ninefifteen.wiring.home_day import replays
from tests.patience import PATIENCE_S
from tests.processes.paper_homes import LOOPBACK_ONLY, PROGRAM, Exchange, Paper

LIVE = ("run", "--production", "--no-dashboard", "--json")

_ASKED_EVERY_S = 0.1


class Live(Paper):
    """One running `run --production --once`, on a machine of that time zone."""

    def __init__(self, home: Path, *words: str, zone: str = "UTC") -> None:
        self.home = home
        self.child = subprocess.Popen(
            [*PROGRAM, *LIVE, "--once", *words, "--home", str(home)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "TZ": zone},
        )

    def until(self, what: str, true: Callable[[], object], seconds: float = PATIENCE_S) -> None:
        """Until `true()` is, looking often, as long as the process lives; `what` is waited for."""
        deadline = time.monotonic() + seconds
        while not true():
            assert self.child.poll() is None, self.ended()
            assert time.monotonic() < deadline, f"{what} did not come in {seconds} s"
            time.sleep(0.02)

    def wait_for_steps(self, market: Exchange, more: int, until: str) -> None:
        """Until the journal has so many steps more than when this began, or until this time of day."""
        deadline = time.monotonic() + PATIENCE_S
        tail: JournalTail | None = None
        seen = -written(self.home)
        looked = 0.0
        while seen < more:
            if time.monotonic() > looked + _ASKED_EVERY_S:  # asking costs the exchange time
                looked = time.monotonic()
                if market.clock() >= until:
                    return
            assert self.child.poll() is None, self.ended()
            assert time.monotonic() < deadline, f"{more} steps were not written in {PATIENCE_S} s"
            if tail is None:
                tail = next((JournalTail(path) for path in (self.home / "journal").glob("*.journal")), None)
            if tail is not None:
                seen += sum(1 for _ in tail.more())
            time.sleep(0.002)


def written(home: Path) -> int:
    """How many steps the home's journal holds; 0 where there is none yet."""
    return sum(len(read_journal(path).steps) for path in (home / "journal").glob("*.journal"))


def finished_live(home: Path) -> tuple[dict[str, Any], str]:
    """Let the day go to its end: its document, and what was told people."""
    with Live(home) as process:
        code, out, err = process.ended()
    assert code in (0, 4), err
    document: dict[str, Any] = json.loads(out)
    return document, err


def asked(market: Exchange, what: str, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A private address of the exchange; with a document it is posted."""
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(f"{market.rest}/ninefifteen/{what}", data=body)
    with LOOPBACK_ONLY.open(request, timeout=PATIENCE_S) as reply:
        answer: dict[str, Any] = json.loads(reply.read())
        return answer


def truth(market: Exchange) -> dict[str, Any]:
    """What really happened on the exchange's first day."""
    days: list[dict[str, Any]] = asked(market, "truth")["days"]
    return days[0]


def pass_time(market: Exchange, seconds: float) -> None:
    """Time goes by at an exchange in lockstep while nobody is there to turn its clock."""
    until: Instant = asked(market, "clock")["at"] + round(seconds * SECOND)
    while asked(market, "advance", {"until": until})["at"] < until:
        pass


def journal_of(home: Path) -> Path:
    """The one journal of the home."""
    (path,) = (home / "journal").iterdir()
    return path


def sent(home: Path) -> list[tuple[str, Role]]:
    """Tag and role of every order the journal sent, in order."""
    return [
        (effect.order.request.tag, effect.order.request.role)
        for step in read_journal(journal_of(home)).steps
        for effect in step.effects
        if isinstance(effect, Submit)
    ]


def exit_reason(home: Path) -> str | None:
    """Why the day's trade ended, as the engine knows it by its journal; None while there is none."""
    contents = read_journal(journal_of(home))
    settings = settings_of(contents.header)
    engine = Engine(settings, strategies_of(settings))
    for step in contents.steps:
        engine.step(step.event)
    trade = engine.state.runs[0].trade
    return None if trade is None else trade.exit_reason


def assert_nothing_went_wrong(home: Path, market: Exchange) -> dict[str, Any]:
    """One entry at most, one order a tag, all of them written first, never short, flat; returns the truth."""
    seen, ours = truth(market), sent(home)
    tags = Counter(write["tag"] for write in seen["writes"] if write["what"] == "place")
    assert all(count == 1 for count in tags.values()), tags  # I1
    assert set(tags) <= {tag for tag, _ in ours}, "an order left that the journal does not know"  # I4
    assert [role for _, role in ours].count(Role.ENTRY) <= 1  # I8
    for contract in seen["contracts"]:  # I2
        assert contract["least_net"] >= 0, seen
        assert contract["least_spare"] >= 0, seen
        assert contract["net"] == 0, seen
    assert seen["flat"], seen
    assert replays(journal_of(home))  # I14
    return seen


@contextlib.contextmanager
def frozen(process: Paper) -> Iterator[None]:
    """The process is stopped as a laptop is by its lid."""
    process.send(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send(signal.SIGCONT)
