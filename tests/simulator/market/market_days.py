"""One market day for the tests of this folder, and small ways to walk through it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import pytest

from ninefifteen.domain.instants import Instant, at
from ninefifteen.domain.market import DayFacts
from ninefifteen.simulator.market import Change, Listed, MarketDay
from tests.simulator.synthetic_facts import facts_of

DAY = date(2026, 10, 6)
FACTS: DayFacts = facts_of(DAY)
EXPIRY = FACTS.expiry


def clock(hour: int, minute: int, second: int = 0) -> Instant:
    """That time of the day."""
    return at(DAY, time(hour, minute, second))


def day(seed: int = 7, memory: int = 200_000_000) -> MarketDay:
    """The day of the seed."""
    return MarketDay(seed, FACTS, memory=memory)


def options_of(market: MarketDay, root: str, kind: str, expiry: date = EXPIRY) -> list[Listed]:
    """The calls or puts of a share, by strike."""
    found = [o for o in market.listed if (o.root, o.kind, o.expiry) == (root, kind, expiry)]
    return sorted(found, key=lambda one: one.strike)


def near_the_money(market: MarketDay, root: str, kind: str = "CE", away: int = 0) -> Listed:
    """The option nearest the opening price, or so many strikes away from it."""
    price = market.snapshot(market.by_key[f"NSE:{root}"].token, clock(9, 14)).last
    found = options_of(market, root, kind)
    return found[min(range(len(found)), key=lambda i: abs(found[i].strike - price)) + away]


def changes(market: MarketDay, until: Instant | None = None) -> Iterator[Change]:
    """The changes that come, up to `until`."""
    while (due := market.next_at()) is not None and (until is None or due < until):
        change = market.pop()
        assert change.at == due
        yield change


MARKET = day()
"""Shared by tests that only look: what was looked at before changes nothing, as a test below says."""

NIFTY = MARKET.by_key["NSE:NIFTY 50"]
TCS = MARKET.by_key["NSE:TCS"]
OLD_CLOSE = at(FACTS.previous_day, time(15, 30)) + FACTS.close_at - clock(15, 30)


def sampled() -> list[Listed]:
    """Near and far options of all three liquidity groups, shares and indices."""
    return [
        *(
            near_the_money(MARKET, root, kind, away)
            for root in ("RELIANCE", "KOTAKBANK", "GRASIM")
            for kind in ("CE", "PE")
            for away in (-4, 0, 4)
        ),
        TCS,
        MARKET.by_key["NSE:TATASTEEL"],
        NIFTY,
        MARKET.by_key["NSE:NIFTY BANK"],
    ]


SAMPLED = sampled()
each = pytest.mark.parametrize("one", SAMPLED, ids=lambda one: one.symbol)
"""A test of each of them."""
