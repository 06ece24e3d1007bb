"""Invented days on which restarts, pauses, halts and flattens come at any moment end flat, with one entry."""

from __future__ import annotations

from random import Random

import pytest

from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain import events as ev
from ninefifteen.domain.effects import Submit
from ninefifteen.simulator.synthetic import demo_date
from ninefifteen.wiring.demo import synthetic_day_session
from tests.engine.builders import settings

RULES = load_rules()
BUSY = (ev.OrderAccepted, ev.OrderUpdate, ev.PreOpen, ev.Chains)
"""After these a decision has just been made: the moment at which an interruption hurts most."""


def interruption(chance: Random, event: ev.Event, number: int) -> ev.Event | None:
    """What happens right after this event, if anything."""
    likely = 0.3 if isinstance(event, BUSY) else 0.0005
    if chance.random() >= likely:
        return None
    at = event.at
    kinds: tuple[ev.Event, ...] = (
        *(ev.Restarted(at, number),) * 4,
        ev.Paused(at, "dashboard", "wait"),
        ev.Resumed(at, "dashboard", "go on"),
        ev.Halted(at, "sms", "stop"),
        ev.Flattened(at, "telegram", "enough"),
    )
    return chance.choice(kinds)


@pytest.mark.parametrize("seed", range(12))
def test_a_day_interrupted_anywhere_ends_flat_with_one_entry_a_strategy(seed: int):
    chosen = settings(
        opening_range={"enabled": True},
        risk={"max_daily_loss": "9000"},
        strategy={"lots": 2, "trail_pct": 6, "max_spread_pct": 5},
    )
    session = synthetic_day_session(chosen, RULES, demo_date(seed, RULES.calendar), seed)
    runner, chance, number, entries = session.runner, Random(seed), 0, 0
    while not runner.engine.state.ended:
        event = runner.inbox.pop()
        happened = [runner.take(event)]
        after = interruption(chance, event, number + 1)
        if after is not None:
            number += 1
            happened.append(runner.take(after))
        submits = (e for effects in happened for e in effects if isinstance(e, Submit))
        entries += sum(1 for submit in submits if submit.order.request.side == "BUY")
    assert runner.record is not None
    assert runner.record.flat
    assert session.flat
    assert entries <= len(runner.engine.state.runs)
