"""One day lived through: an engine that may die and come back, in a world that may do anything."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from functools import partial
from hashlib import blake2b
from random import Random

import msgspec

from ninefifteen.domain.events import (
    ChangeAnswered,
    DayClosed,
    DayOpened,
    Event,
    LastPrice,
    OrderRefused,
    OrdersRead,
    PositionsRead,
    Quote,
    StockTicks,
)
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.runtime.fencing import Fenced
from ninefifteen.runtime.recovery import JournalDiffers

from .belief import belief, converged, exposure, miscounted
from .checks import Checks
from .faults import CrashPoint, FaultPlan, Term
from .journal import Crashed, MemoryJournal, Points
from .ordinary import ordinary_effects
from .outcome import Outcome
from .parts import Parts
from .paths import Path
from .people import People
from .seen import Seen
from .sessions import exit_after, in_session
from .starts import Start
from .story import Story
from .template import Template
from .trouble import Troubles
from .world import World

_BEFORE_OPEN = 90 * SECOND
_SETTLES = 31 * SECOND
_MOST_STEPS = 60_000
_ZOMBIE_STEPS = 40
_MIX, _MASK = 1_000_003, (1 << 64) - 1
_MARKET = (Quote, StockTicks, LastPrice)


class Day:
    """One seed's day. `live` runs it to its end or to the first violation."""

    def __init__(self, seed: int, plan: FaultPlan, parts: Parts, *, story: bool = False) -> None:
        self._seed, self._plan, self._parts = seed, plan, parts
        template, path = _drawn(seed, parts.templates)
        facts = self._facts = template.facts
        troubles = self._troubles = Troubles(seed, plan.terms, facts.open_at, facts.close_at)
        self._checks = Checks(seed, template, troubles)
        self._world = World(seed, path, template, troubles, self._checks)
        self._world.exchange.register.account.lends = plan.faulty
        self._chance = Random(f"{seed}:disk")  # noqa: S311 - a seeded fault
        self._points = Points(plan.crashes)
        self._start: Start | None = None
        self._died: Start | None = None
        self._zombie: Start | None = None
        self._crashes = 0
        self._steps = 0
        self._mixed = 0
        self._seen = Seen()
        self._story = Story() if story else None
        People(self._world, self._checks, self._tell)
        for term in troubles.of("zombie"):
            self._world.later(term.since, partial(self._stop_process, term=term))
        if plan.faulty:
            self._look_when_quiet()

    def live(self) -> Outcome:
        """The whole day."""
        journal = MemoryJournal(self._parts, self._points, self._checks.on_durable)
        try:
            self._begin(self._facts.open_at - _BEFORE_OPEN, journal)
            self._go_on()
        except Exception as fault:  # noqa: BLE001 - whatever breaks inside a day is found, named and kept
            where = traceback.extract_tb(fault.__traceback__)[-1]
            place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
            self._checks.broken(self._world.now, "error", f"{type(fault).__name__} at {place}: {fault}")
        return self._outcome()

    def _go_on(self) -> None:
        world, checks = self._world, self._checks
        while not checks.violations:
            start = self._start
            world_at = world.next_at()
            due = start.inbox.next_at() if start is not None else None
            if start is not None and due is not None and (world_at is None or due < world_at):
                self._take(start, None)
                if start.runner.record is not None:
                    break
            elif world_at is None or world_at > self._facts.close_at + SECOND:
                break
            else:
                world.advance(world_at)
            if self._steps > _MOST_STEPS:
                checks.broken(world.now, "I17", f"more than {_MOST_STEPS} steps in one day")

    # ---- steps

    def _take(self, start: Start, event: Event | None) -> None:
        """One event through the line of this start: the next of its inbox, or one from outside."""
        try:
            if event is None:
                event = start.inbox.pop()
            else:
                start.inbox.now = max(start.inbox.now, event.at)
            self._step(start, event)
        except Crashed as crash:
            self._crash(start, crash.point)
        except Fenced:
            self._troubles.note("fence refused a write")
            self._died = start
            self._start = None if self._start is start else self._start

    def _step(self, start: Start, event: Event) -> None:
        blind = isinstance(event, OrdersRead | PositionsRead) and not event.ok
        before = exposure(start.engine) if blind else 0
        checks = self._checks
        if isinstance(event, _MARKET):
            checks.on_price(event)  # known from now on: what waits behind a timer of its instant was not
        effects = self._parts.take(start.runner, event)
        self._steps += 1
        self._mixed = (self._mixed * _MIX + event.at + len(effects)) & _MASK
        if effects:
            checks.on_effects(event, effects)
            if not isinstance(event, _MARKET):
                back = self._seen.look(start.engine)
                if back:
                    checks.broken(event.at, "I19", back)
        if blind and exposure(start.engine) < before:
            checks.broken(event.at, "I12", "a reading that failed has lowered what is believed to be held")
        if self._parts.watch is not None:
            self._parts.watch(start.engine, event, effects)
        if self._story is not None:
            self._story.step(event, effects)
        checks.look(event.at)
        if isinstance(event, DayClosed):
            self._settled(event.at)

    def _tell(self, command: Event) -> None:
        if self._start is not None:
            self._start.inbox.put(command)

    # ---- starts and ends of processes

    def _begin(self, at: Instant, journal: MemoryJournal) -> None:
        """A process starts: it takes a number, recovers, and goes on."""
        world, parts = self._world, self._parts
        start = self._start = Start(world, parts, journal)
        self._checks.epoch_is(start.epoch)
        self._checks.journal, self._checks.alive_since = journal, at
        world.connect(start.line, start.prices)
        opening = None if journal.steps else DayOpened(at, facts=self._facts)
        if opening is None and not self._recovered(at, start):
            return
        start.inbox.now = max(start.inbox.now, at)
        start.write()
        for event in parts.start(at, start.epoch, world.latched, opening):
            if self._start is start:
                self._take(start, event)

    def _recovered(self, at: Instant, start: Start) -> bool:
        """Recover twice: both must come out as the steps say, and alike (I14)."""
        steps = start.journal.steps
        twin = Start(self._world, self._parts, start.journal)
        try:
            self._parts.recover(start.runner, steps)
            self._parts.recover(twin.runner, steps)
        except JournalDiffers as differs:
            self._checks.broken(at, "I14", f"the journal gives something else at {differs}")
            return False
        if belief(start.engine) != belief(twin.engine):
            self._checks.broken(at, "I14", "recovering twice is not recovering once")
        died = self._died
        if died is not None and self._lost == 0 and belief(died.engine) != belief(start.engine):
            self._checks.broken(at, "I14", "what was recovered is not what was there before")
        self._died = None
        return True

    _lost = 0

    def _crash(self, start: Start, point: CrashPoint) -> None:
        """The process dies; its disk keeps what it keeps; another start comes later."""
        self._crashes += 1
        world, now = self._world, max(self._world.now, start.inbox.now)
        world.disconnect()
        self._checks.alive_since, self._start = None, None
        lying = self._troubles.hit("lying_card", now)
        lost = 1 + lying.chance.randrange(8) if lying is not None else 0
        self._checks.disk_lied = self._checks.disk_lied or bool(lost)
        self._lost = start.journal.survive(self._chance, lost)
        if point.kind != "after":
            self._lost += 1
        self._died = start
        self._troubles.note(f"crash {point.kind}")
        if self._crashes > 1:
            self._troubles.note("crash after a crash")
        self._say(now, f"CRASH {point.kind} at journal point {point.index}, {self._lost} steps lost")
        world.later(now + point.down, lambda at: self._restart(at, start.journal))

    def _restart(self, at: Instant, journal: MemoryJournal) -> None:
        if at >= self._facts.close_at:
            return
        self._world.epoch += 1
        self._say(at, f"start number {self._world.epoch}")
        self._begin(at, journal)

    def _stop_process(self, at: Instant, term: Term) -> None:
        """The process is stopped as by a signal; another one takes over; later the first one wakes."""
        old = self._start
        if old is None:
            return
        self._world.disconnect()
        self._start, self._checks.alive_since, self._zombie = None, None, old
        mine = old.journal
        old.journal = mine.fork()
        old.runner.journal = self._parts.fence_journal(old.journal, old.fence)
        self._died, self._lost = None, 0
        self._world.later(at + SECOND, lambda now: self._restart(now, mine))
        self._world.later(at + term.fault.size, self._wake)

    def _wake(self, at: Instant) -> None:
        """The first process goes on as if nothing had been: whatever is due for it comes now."""
        zombie, self._zombie = self._zombie, None
        if zombie is None:
            return
        self._troubles.note("an overtaken process wakes")
        for name in sorted(self._world.market.wanted):
            zombie.prices.push(self._world.market.quote_now(name, at))
        zombie.inbox.now = max(zombie.inbox.now, at)
        for _ in range(_ZOMBIE_STEPS):
            due = zombie.inbox.next_at()
            if due is None or due > at:
                return
            try:
                self._parts.take(zombie.runner, zombie.inbox.pop())
            except Fenced:
                self._troubles.note("fence refused a write")
                return

    # ---- the end

    def _look_when_quiet(self) -> None:
        """I15: half a minute after the last window of a fault, engine and broker have to agree."""
        over = self._world.windows_over()
        for at in (over + _SETTLES, self._facts.exit_at - 60 * SECOND):
            if self._facts.open_at + 60 * SECOND < at < self._facts.close_at:
                self._world.later(at, self._settled)

    def _settled(self, at: Instant) -> None:
        start, checks = self._start, self._checks
        if start is None or checks.quiet_for(at, self._world.planes.last_write) < _SETTLES:
            return
        differs = converged(start.engine, self._world.exchange)
        # What a disk forgot is told once, when it is found at the broker.
        since = (checks.alive_since or at) if checks.disk_lied else self._troubles.last - 60 * SECOND
        if differs and not checks.alarmed_since(since):
            checks.broken(at, "I15", differs)
        counted = "" if checks.hands_at or checks.alarms else miscounted(start.engine, self._world.exchange)
        if counted:
            checks.broken(at, "I19", counted)

    def _outcome(self) -> Outcome:
        start, checks, exchange = self._start, self._checks, self._world.exchange
        if not self._plan.faulty and start is not None and not checks.violations:
            self._live_up_to_it(start)
        record = start.runner.record if start is not None else None
        digest = blake2b(f"{self._mixed}".encode(), digest_size=8)
        for order in exchange.register.orders.values():
            digest.update(f"{order.history}".encode())
        entries = [o for o in exchange.register.orders.values() if o.tag and o.shape.side == "BUY"]
        return Outcome(
            seed=self._seed,
            faults=self._plan,
            violations=tuple(checks.violations),
            entries=len(entries),
            crashes=self._crashes,
            alarms=checks.alarms,
            steps=self._steps,
            journal_points=self._points.count,
            excused=checks.excused,
            states=self._seen.all(),
            facts=tuple(sorted(self._troubles.facts)),
            result=f"{record.status}: {record.reason or 'traded'}" if record is not None else "no record",
            trace=digest.hexdigest(),
            story=tuple(self._story.lines) if self._story is not None else (),
        )

    def _live_up_to_it(self, start: Start) -> None:
        """Without faults: no alarm, flat, and the very effects of a day without all of this around it."""
        checks, at = self._checks, self._facts.close_at
        template = self._world.template
        if checks.alarms and not self._refused_by_the_market(start):
            checks.broken(at, "liveness", f"{checks.alarms} alarms on a day without faults")
        if not self._world.exchange.is_flat():
            checks.broken(at, "liveness", "not flat on a day without faults")
        plain = ordinary_effects(self._seed, self._world.market.path, template, self._parts)
        if plain != [effects for _, effects in start.journal.steps]:
            checks.broken(at, "liveness", "the engine decides otherwise than on an ordinary day")

    def _refused_by_the_market(self, start: Start) -> bool:
        """A gap can make the exchange itself cancel a stop, or refuse a stop or an exit: worth an alarm."""
        cancelled = any(o.message for o in self._world.exchange.register.orders.values() if o.tag)
        events = (event for event, _ in start.journal.steps)
        return cancelled or any(
            _too_late(start, event)
            if isinstance(event, OrderRefused)
            else isinstance(event, ChangeAnswered) and not event.taken
            for event in events
        )

    # ---- telling

    def _say(self, at: Instant, text: str) -> None:
        if self._story is not None:
            self._story.say(at, text)


def _too_late(start: Start, refused: OrderRefused) -> bool:
    """Whether a stop was refused because the price had fallen through it before it could be placed.

    Only of a stop below what was paid: the exchange refuses any other for the engine's mistake.
    """
    request = start.engine.state.orders.by_tag[refused.tag].request
    position = start.engine.state.by_strategy[request.strategy].position
    return position is not None and request.side == "SELL" and 0 < request.trigger < position.average


def _drawn(seed: int, templates: Sequence[Template]) -> tuple[Template, Path]:
    """The template and the price path of a seed; both are of its session."""
    rng = Random(f"{seed}:path")  # noqa: S311 - invented prices
    template = rng.choice(templates)
    template = msgspec.structs.replace(template, facts=in_session(template.facts, seed))
    return template, Path(rng, exit_after(seed))
