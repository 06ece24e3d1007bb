"""Simulated days go through every state, transition and mishap there is a checker for."""

from __future__ import annotations

import msgspec
import pytest

from ninefifteen.simulator.disaster.tally import Tally
from ninefifteen.wiring.disaster import SHIPPED, live_through
from tests.simulation.seen_lists import COMMON, RARE, STATES, TOLD, Told, states_seen, unseen

RARELY_TOLD = (
    "our sell is put back after all",
    "a budget of modifications is used up",
    "a command comes twice",
    "a sale is proved absent",
    "a price told late",
    "held at the close",
    "books agree again",
    "a sale by hand is noticed",
    "an order under our tag is flagged",
)


def days(seeds: range) -> tuple[Tally, Told]:
    tally, told = Tally(), Told()
    parts = msgspec.structs.replace(SHIPPED, watch=told)
    for seed in seeds:
        tally.add(live_through(seed, parts=parts))
    return tally, told


def test_a_few_hundred_days_see_what_is_common():
    tally, told = days(range(400))
    assert unseen(tally.seen, COMMON) == ()
    assert unseen(told.seen, (name for name in TOLD if name not in RARELY_TOLD)) == ()


@pytest.mark.nightly
def test_ten_thousand_days_see_everything():
    """About five minutes on one core."""
    tally, told = days(range(10_000))
    assert unseen(tally.seen, (*COMMON, *RARE)) == ()
    assert set(STATES) <= states_seen(tally.seen)
    assert unseen(told.seen, TOLD) == ()


def test_what_was_never_seen_is_named_in_order():
    assert unseen({"b": 2, "c": 0}, ("a", "b", "c")) == ("a", "c")


def test_states_are_read_from_names_of_states_and_transitions():
    assert states_seen(["order acked", "order open>cancelling", "phase idle>done", "halt in flight"]) == {
        "acked",
        "open",
        "cancelling",
    }
