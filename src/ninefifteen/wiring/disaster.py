"""Simulated disaster with the shipped pieces: engine, strategies, journal rules, fence, recovery."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from ninefifteen.adapters.journal.content import is_durable
from ninefifteen.adapters.rules import RuleBook, load_rules
from ninefifteen.domain.events import DayOpened, Event, Halted, Restarted
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.market import CallRow, ChainFacts, DayFacts, PreOpenRow
from ninefifteen.domain.settings import Entry, NineFifteen, Risk, Settings
from ninefifteen.engine import Engine
from ninefifteen.ports.broker import Broker
from ninefifteen.ports.fence import Fence
from ninefifteen.ports.journal import Journal
from ninefifteen.runtime.fencing import FencedBroker, FencedJournal
from ninefifteen.runtime.recovery import relive_alone
from ninefifteen.runtime.runner import Runner
from ninefifteen.simulator.disaster.day import Day
from ninefifteen.simulator.disaster.faults import CrashPoint, FaultPlan
from ninefifteen.simulator.disaster.outcome import Outcome
from ninefifteen.simulator.disaster.parts import Parts, Steps
from ninefifteen.simulator.disaster.plan import draw
from ninefifteen.simulator.disaster.template import Template
from ninefifteen.simulator.listing import calls_of
from ninefifteen.strategies.chosen import strategies_of
from ninefifteen.strategies.estimate import call_estimate

from .sessions import RECONCILE_EVERY, Account, day_facts

DAY = date(2026, 11, 23)
_UNIVERSE = ("ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO")
_GAINS = (("ALPHA", 240), ("BRAVO", 190), ("CHARLIE", 120), ("DELTA", 70), ("ECHO", -50))


class _Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What one template's contracts and settings are like; `premium` is yesterday's close in paise."""

    name: str
    lot: int
    close: int
    premium: int
    settings: Settings


_KINDS = (
    _Kind(name="one lot, tightened stop", lot=300, close=150_000, premium=3_400, settings=Settings()),
    _Kind(
        name="three lots, wide stop",
        lot=100,
        close=150_000,
        premium=3_600,
        settings=Settings(strategy=NineFifteen(lots=3), risk=Risk(max_daily_loss=Decimal(20_000))),
    ),
    _Kind(
        name="cheap premium, trailing stop",
        lot=500,
        close=60_000,
        premium=1_500,
        settings=Settings(
            strategy=NineFifteen(lots=2, trail_pct=Decimal(10)), risk=Risk(max_daily_loss=Decimal(20_000))
        ),
    ),
    _Kind(
        name="at the bell",
        lot=125,
        close=350_000,
        premium=9_500,
        settings=Settings(entry=Entry(when="bell"), risk=Risk(max_daily_loss=Decimal(20_000))),
    ),
)


def templates(rules: RuleBook) -> tuple[Template, ...]:
    """The days that seeds choose from."""
    return tuple(_template(rules, kind) for kind in _KINDS)


def _template(rules: RuleBook, kind: _Kind) -> Template:
    account = Account(free_cash=10_000_000)
    drawn = day_facts(
        DAY,
        rules=rules,
        settings=kind.settings,
        account=account,
        universe=_UNIVERSE,
        price_source="quotes",
        seed=0,
    )
    facts = msgspec.structs.replace(drawn, reconcile_every=RECONCILE_EVERY)
    rows = tuple(_row(symbol, kind.close, gain) for symbol, gain in _GAINS)
    chains = {row.symbol: _chain(row, kind, facts) for row in rows}
    contracts: dict[str, Instrument] = {}
    models: dict[str, int] = {}
    for row in rows:
        contracts.update((instrument.name, instrument) for instrument in calls_of(chains[row.symbol]))
        for call in chains[row.symbol].calls:
            models[call.name] = call_estimate(facts, call, row.price, row.prev_close, Decimal(0))[0]
    return Template(
        name=kind.name,
        facts=facts,
        settings=kind.settings,
        rows=rows,
        chains=chains,
        contracts=contracts,
        models=models,
    )


def _row(symbol: str, close: int, gain: int) -> PreOpenRow:
    return PreOpenRow(symbol, (close + close * gain // 10_000) // 5 * 5, close)


def _chain(row: PreOpenRow, kind: _Kind, facts: DayFacts) -> ChainFacts:
    """Three strikes around the price; the first stock of the ranking has too many puts to be picked."""
    step = kind.close // 50
    nearest = round(row.price / step) * step
    lot = kind.lot
    calls = tuple(
        CallRow(
            name=f"{row.symbol}{facts.expiry:%y%b}{strike // 100}CE".upper(),
            strike=strike,
            oi=5_000 * lot,
            volume=9_000 * lot,
            price=kind.premium,
        )
        for strike in (nearest - step, nearest, nearest + step)
    )
    puts = 9_000 if row.symbol == _UNIVERSE[0] else 4_500
    return ChainFacts(
        symbol=row.symbol,
        expiry=facts.expiry,
        lot_size=lot,
        tick=5,
        calls=calls,
        call_oi=5_000 * lot,
        put_oi=puts * lot,
        freeze_quantity=40 * lot,
        band_low=5,
        band_high=20 * kind.premium,
    )


def _engine(settings: Settings) -> Engine:
    return Engine(settings, strategies_of(settings))


def _fence(broker: Broker, fence: Fence) -> Broker:
    return FencedBroker(broker, fence)


def _fence_journal(journal: Journal, fence: Fence) -> Journal:
    return FencedJournal(journal, fence)


def _recover(runner: Runner, steps: Steps) -> None:
    relive_alone(runner, steps)


def _start(
    at: Instant,
    epoch: int,
    latched: bool,  # noqa: FBT001 - called by place, as `Parts` has it
    opening: DayOpened | None,
) -> tuple[Event, ...]:
    """As every start of a day with a broker: the day if it is new, the start's number, and the HALT file."""
    events: list[Event] = [] if opening is None else [opening]
    events.append(Restarted(at, epoch=epoch))
    if latched:
        events.append(Halted(at, source="file", reason="the HALT file is there"))
    return tuple(events)


SHIPPED = Parts(
    templates=templates(load_rules()),
    engine=_engine,
    take=Runner.take,
    durable=is_durable,
    fence=_fence,
    fence_journal=_fence_journal,
    recover=_recover,
    start=_start,
)
"""The pieces as they are shipped."""


def live_through(
    seed: int,
    faults: FaultPlan | None = None,
    *,
    parts: Parts = SHIPPED,
    crash_at: tuple[CrashPoint, ...] = (),
    story: bool = False,
) -> Outcome:
    """Live through the day of this seed; without `faults`, with those the seed draws.

    `crash_at` comes on top of the crashes of the plan. The same arguments give the same outcome, trace
    included, in every process.
    """
    plan = draw(seed) if faults is None else faults
    if crash_at:
        plan = msgspec.structs.replace(plan, crashes=(*plan.crashes, *crash_at))
    return Day(seed, plan, parts, story=story).live()
