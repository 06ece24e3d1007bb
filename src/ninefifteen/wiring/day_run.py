"""Running days at Zerodha: login, lists, the day itself, and what goes on beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import time
from typing import Any

from ninefifteen.adapters.clock_offset import measure, verdict
from ninefifteen.adapters.clocks.exchange import LockstepWall
from ninefifteen.adapters.clocks.wall import SystemWall, steady
from ninefifteen.adapters.zerodha.account import profile
from ninefifteen.adapters.zerodha.errors import BrokerProblem, LoggedOut
from ninefifteen.adapters.zerodha.session import Session
from ninefifteen.domain.events import NoData, Paused, book_quote
from ninefifteen.domain.instants import MILLISECOND, MINUTE, SECOND, Instant, at, clock_of
from ninefifteen.domain.record import DayRecord
from ninefifteen.runtime.line_disk import LineDisk
from ninefifteen.runtime.live import LiveLine, hot_window

from .bell import quiet_bell
from .desk import Desk
from .market_day import MarketDay
from .recording import convert_pending
from .zerodha_market import Lists, ZerodhaMarket, load_lists

WAKES_AT = time(8, 30)
"""The day begins: lists are fetched and the login is asked for, a quarter of an hour before 08:45."""
_CLOCK_CHECK = 5 * MINUTE
"""So long before the open the machine's clock is compared with others (I20)."""

_SLEPT = 10 * SECOND
_WRONG = 500 * MILLISECOND
_TRY_AGAIN = 5 * SECOND
_RECORDED_FOR = 5 * MINUTE + SECOND


class DayRunner:
    """One day from its login to its record. `idle` is called about ten times a second."""

    def __init__(self, desk: Desk, market: MarketDay, idle: Callable[[Instant], None]) -> None:
        self._desk, self._day = desk, market
        self._companion = desk.companion(market)
        self._wall = desk.clock.wall
        facts = market.facts
        # A clock in lockstep moves only while everybody sleeps: polling it would wait for ever.
        precise = (0, 0) if isinstance(self._wall, LockstepWall) else hot_window(facts.open_at)
        emergency = market.trading.emergency(market.home_day.journal_path)
        disk = LineDisk(market.runner, self._wall, emergency, lambda text: desk.tell("alarm", text))
        self._line = LiveLine(
            market.runner, market.pushed, self._wall, precise=precise, idle=self._look, disk=disk
        )
        self._idle = idle
        self._give_up_at = at(facts.date, market.home_day.settings.entry.cutoff)
        self._lacks = "a login"
        self._looked: tuple[Instant, Instant] = (0, 0)
        self._market: ZerodhaMarket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> DayRecord:
        """Live through the day; raises what must not be passed over: a journal that cannot be written."""
        facts, companion = self._day.facts, self._companion
        await self._begin()
        running = asyncio.create_task(self._line.run())
        vital = asyncio.create_task(self._data())
        self._beside(quiet_bell(self._wall, facts.open_at))
        self._beside(self._checked_clock())
        self._beside(companion.beside(self._line))
        try:
            await asyncio.wait({running, vital}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                vital.result()
            record = await running
            await companion.settle()
            return record
        finally:
            await self._end(running, vital)
            await companion.end()

    async def _begin(self) -> None:
        """Before anything else: the day is opened, no book of before is known any more, a halt stands."""
        home_day, runner, line = self._day.home_day, self._day.runner, self._line
        now = runner.inbox.now = max(self._wall.now(), runner.inbox.now)
        if not runner.events:
            await line.take(runner.inbox.pop())
        for name, known in sorted(runner.engine.state.quotes.items()):
            await line.take(book_quote(now, name, known.exchange_at))
        started = self._day.trading.started(now, home_day.restarts)
        if started is not None:
            await line.take(started)
        halted = home_day.halt_asked(now)  # behind the number: what it sends carries the tag of this start
        if halted is not None:
            await line.take(halted)

    def _look(self, now: Instant) -> None:
        """Between events: whoever watches, and nothing more is streamed than somebody needs."""
        self._notice_sleep(now)
        self._idle(now)
        self._companion.look(now)
        market, facts = self._market, self._day.facts
        recorded = now >= facts.open_at + _RECORDED_FOR
        if market is not None and recorded and self._day.runner.engine.finished:
            market.rest()

    def _notice_sleep(self, now: Instant) -> None:
        """Ten looks a second are usual: a gap of ten seconds is a machine that slept or was stopped."""
        machine, (before, at_before) = steady(), self._looked
        self._looked = (machine, now)
        if at_before and machine - before > _SLEPT:
            self._desk.tell(
                "alarm",
                f"this machine slept or was stopped from {clock_of(at_before):%H:%M:%S} to"
                f" {clock_of(now):%H:%M:%S}: {self._day.trading.unwatched}",
            )
            self._companion.woken()

    async def _end(self, *tasks: asyncio.Task[Any]) -> None:
        ending = (*tasks, *self._tasks)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        self._desk.clock.listens(on=False)
        if self._market is not None:
            await self._market.close()

    # ------------------------------------------------------------------------------------------ the data

    async def _data(self) -> None:
        """Log in, fetch the lists, then keep the market connected; ends only when the day has no data.

        Whoever starts after the entry window enters nothing anyway, and the record says just that.
        """
        late = self._wall.now() >= self._give_up_at
        prepared = asyncio.create_task(self._prepare())
        deadline = asyncio.create_task(self._wall.sleep_until(self._give_up_at))
        try:
            await asyncio.wait({prepared, deadline}, return_when=asyncio.FIRST_COMPLETED)
            if not prepared.done() and not late and not self._entered():
                self._nothing(f"the entry window has closed without {self._lacks}")
            session, lists = await prepared
            market = self._market = self._connect(session, lists)
            self._day.late_feed.connect(market.feed)
            self._beside(self._recorded(market))
            await asyncio.gather(market.run(), self._desk.keeper.watched(session, self._renewed))
        finally:
            for task in (prepared, deadline):
                task.cancel()
            await asyncio.gather(prepared, deadline, return_exceptions=True)

    def _renewed(self, session: Session) -> None:
        if self._market is not None:
            self._market.use(session.access_token)
        self._companion.logged_in()

    def _entered(self) -> bool:
        return any(run.entry_tag for run in self._day.runner.engine.state.runs)

    def _nothing(self, why: str) -> None:
        self._desk.tell("alarm", f"no data today: {why}")
        self._day.pushed.push(NoData(self._wall.now(), reason="no_pre_open"))

    async def _prepare(self) -> tuple[Session, Lists]:
        desk, facts, told = self._desk, self._day.facts, False
        while True:
            self._lacks = "a login"
            try:
                session = await desk.keeper.session()
                if not told:
                    self._companion.logged_in()
                told = True
                self._lacks = "the lists of what is traded"
                for line in (await profile(desk.client)).missing:
                    desk.tell("account", line)
                lists = await load_lists(desk.client, facts, facts.close_at, desk.tell)
            except LoggedOut as problem:
                desk.tell("login", str(problem))
            except BrokerProblem as problem:
                desk.tell("data", str(problem))
            else:
                if lists is not None:
                    return session, lists
            await self._wall.sleep_until(self._wall.now() + _TRY_AGAIN)

    def _connect(self, session: Session, lists: Lists) -> ZerodhaMarket:
        desk, market = self._desk, self._day
        return ZerodhaMarket(
            client=desk.client,
            token=session.access_token,
            lists=lists,
            facts=market.facts,
            rules=desk.rules,
            deliver=market.pushed.push,
            tell=desk.tell,
            give_up_at=self._give_up_at,
            ticks_dir=desk.home.ticks_dir,
            rehearsal=desk.home.rehearsal,
            show_clock=desk.clock.show,
            on_live=self._listens,
            on_order=self._companion.on_order,
        )

    def _listens(self, live: bool) -> None:  # noqa: FBT001 - what the market reports
        """Tell the clock; with a token that was refused only time brings the next login."""
        self._companion.on_ticker(live=live)
        refused = self._market is not None and self._market.ticker.state.name == "refused"
        self._desk.clock.listens(on=live, waits=not live and not refused)

    # ------------------------------------------------------------------------------------------ beside it

    async def _recorded(self, market: ZerodhaMarket) -> None:
        """When the window of the recording is over, have it made into its Parquet file."""
        wall = self._wall
        await wall.sleep_until(self._day.facts.open_at + _RECORDED_FOR)
        market.end_recording()
        with wall.working():  # the process that converts lives in this machine's time, not in the exchange's
            lines = await convert_pending(self._desk.home.ticks_dir)
        for line in lines:
            self._desk.tell("recording", line)

    async def _checked_clock(self) -> None:
        """Five minutes before the open: with a clock that is wrong nothing enters (I20)."""
        wall, open_at = self._wall, self._day.facts.open_at
        if not isinstance(wall, SystemWall) or wall.now() >= open_at:
            return
        await wall.sleep_until(open_at - _CLOCK_CHECK)
        offset = await measure(now=wall.now)
        if offset is None:
            self._desk.tell("clock", "the clock could not be compared with any time server: amber")
        elif verdict(offset) != "ok":
            self._desk.tell("clock", f"the clock is {offset.ns / MILLISECOND:.0f} ms off ({offset.source})")
        await wall.sleep_until(open_at - 10 * SECOND)
        worst = max(abs(wall.stepped()), abs(offset.ns) if offset is not None else 0)
        if worst > _WRONG:
            reason = f"the clock is {worst / MILLISECOND:.0f} ms off: set it, no entry today"
            self._day.pushed.push(Paused(wall.now(), source="clock", reason=reason))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Work without which the day goes on; what goes wrong in it is told."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._desk.tell("alarm", f"{type(error).__name__}: {error}")
