"""Days on the live market of the broker, one after the other: `ninefifteen run --paper`, and live ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from datetime import date
from typing import Any, Protocol, TypeVar

import msgspec

from ninefifteen import __version__
from ninefifteen.adapters.clocks.exchange import NotThere
from ninefifteen.adapters.clocks.wall import SystemWall
from ninefifteen.adapters.day_files import BAN_LIST_URL, day_lists, fetch_ban_list
from ninefifteen.adapters.daylog import DayLog
from ninefifteen.adapters.rules import RuleBook
from ninefifteen.adapters.zerodha.errors import BrokerProblem
from ninefifteen.cli.common import console, say
from ninefifteen.cli.control_beside import ControlBeside
from ninefifteen.cli.control_desk import ControlDesk
from ninefifteen.cli.left_behind import found_again, left_behind
from ninefifteen.cli.screen import Screen
from ninefifteen.cli.stopping import StopAsked
from ninefifteen.cli.web_beside import WebBeside
from ninefifteen.cli.web_child import WebChild
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.effects import URGENT
from ninefifteen.domain.instants import MILLISECOND, MINUTE, SECOND, Instant, at, clock_of, day_of
from ninefifteen.errors import BadInput, Unreachable
from ninefifteen.home import Home
from ninefifteen.reports.documents import Document
from ninefifteen.runtime.views import view_of
from ninefifteen.wiring import UNKNOWN, require_rules
from ninefifteen.wiring.clocks import HomeClock, home_clock
from ninefifteen.wiring.day_run import WAKES_AT, DayRunner
from ninefifteen.wiring.desk import Desk, require_key
from ninefifteen.wiring.home_day import HomeDay
from ninefifteen.wiring.market_day import MarketDay, Tell
from ninefifteen.wiring.paper import PaperDesk
from ninefifteen.wiring.recording import convert_pending

T = TypeVar("T")
MakeDesk = Callable[[Home, LoadedConfig, RuleBook, HomeClock, Tell], Desk]
_LOOK_S = 0.1
_START_IT = "start `ninefifteen exchange --protocol kite` and write its rest and ws under broker_endpoint"
_LOGIN_UNTIL = 2 * MINUTE
"""So long before the open the first login of the day is waited for; then the day begins without."""
_LOGIN_AT_LEAST = 2 * SECOND
"""Whoever starts later has mostly been logged in before: that is seen in less."""
_NOT_DRAWN = (500 * MILLISECOND, 1500 * MILLISECOND)
"""Nothing is drawn from the first before the open to the second behind it: the entry comes first."""


class Beside(Protocol):
    """Something that goes on beside the days of a home: the control line, the watchdog."""

    def begins(self, market: MarketDay) -> None:
        """A day is about to run; what stood before it can be put into its inbox."""

    def look(self, now: Instant) -> None:
        """Called about ten times a second, while a day runs and while the next one is waited for."""

    def ends(self) -> None:
        """The day is over, or was stopped."""


class _Stopped(Exception):
    """Somebody asked this process to end."""


def refuse_early(home: Home, loaded: LoadedConfig, *, keys: bool = True) -> None:
    """What can be refused before anything is locked or written; raises BadInput. `keys` False: not these."""
    broker = loaded.settings.trading.broker
    if broker != "zerodha":
        raise BadInput(f"trading.broker {broker}: version {__version__} trades at zerodha only")
    if keys:
        require_key(home, loaded)


def run_paper(
    home: Home,
    loaded: LoadedConfig,
    rules: RuleBook,
    stop: StopAsked,
    control: ControlDesk,
    documents: list[Document],
    web: WebChild | None = None,
    *,
    once: bool,
) -> None:
    """Run paper days; each finished one is added to `documents`. Raises as `to_the_end`."""
    days = DayAfterDay(home, loaded, rules, stop, documents, PaperDesk, once=once)
    days.beside += [ControlBeside(control, days.tell), WebBeside(web, days.tell, days.invite)]
    to_the_end(days)


def to_the_end(days: DayAfterDay) -> None:
    """Run the days to their end.

    Raises KeyboardInterrupt when asked to end, BadInput, or Unreachable where the broker or the simulated
    exchange cannot be reached at all.
    """
    try:
        asyncio.run(days.run())
    except _Stopped:
        raise KeyboardInterrupt from None
    except NotThere as problem:
        raise Unreachable(f"{problem}: {_START_IT}") from None
    except BrokerProblem as problem:
        raise Unreachable(str(problem)) from None


class DayAfterDay:
    """Day after day until the end, at the desk that says where orders go."""

    def __init__(
        self,
        home: Home,
        loaded: LoadedConfig,
        rules: RuleBook,
        stop: StopAsked,
        documents: list[Document],
        desk: MakeDesk,
        *,
        once: bool,
    ) -> None:
        self._home, self._loaded, self._rules, self._make_desk = home, loaded, rules, desk
        self._stop, self._documents, self._once = stop, documents, once
        self._screen: Screen | None = None
        self._home_day: HomeDay | None = None
        self._early: list[tuple[Instant, str, str]] = []
        """What was told before the screen of the day was there."""
        self.log = DayLog(home.logs_dir, synthetic=home.rehearsal)
        self._now: Callable[[], Instant] = lambda: 0
        self.beside: list[Beside] = []

    async def run(self) -> None:
        """Run days until one is enough, one halts, or somebody asks for the end."""
        with ExitStack() as stack:
            stack.callback(self.log.close)
            async with home_clock(self._loaded.settings) as clock:
                self._now = clock.wall.now
                desk = self._make_desk(self._home, self._loaded, self._rules, clock, self.tell)
                try:
                    await self._days(desk)
                finally:
                    await desk.client.close()

    async def _days(self, desk: Desk) -> None:
        converting = asyncio.ensure_future(self._convert(desk))
        try:
            await self._day_after_day(desk)
        finally:
            converting.cancel()
            await asyncio.gather(converting, return_exceptions=True)

    async def _convert(self, desk: Desk) -> None:
        """Make Parquet files of what earlier days have recorded and could not finish."""
        today = day_of(desk.clock.wall.now())
        for line in await convert_pending(self._home.ticks_dir, besides=today):
            desk.tell("recording", line)

    async def _day_after_day(self, desk: Desk) -> None:
        while True:
            day = self._next_day(desk)
            self._end_what_was_left(desk, day)
            desk.account(day)  # what cannot be read is told now, not tomorrow morning
            await self._sleep(desk, day)
            document = await self._day(desk, day)
            self._documents.append(document)
            if self._once or document["halted"]:
                return

    def _end_what_was_left(self, desk: Desk, day: date) -> None:
        """Write down every day before this one that nobody saw the end of: its account needs them."""
        for path in desk.days.unfinished_before(day):
            document = desk.days.close_out(path)
            desk.tell("alarm", f"{document['date']} was left unfinished and has been closed as it stood")

    def _next_day(self, desk: Desk) -> date:
        """Today, unless its session is over or has been run; else the next trading day."""
        now, calendar = desk.clock.wall.now(), self._rules.calendar
        day = day_of(now)
        try:
            session = calendar.session(day)
            if session is not None and now < at(day, session.derivatives_close) and self._is_open(desk, day):
                require_rules(self._rules, day, self._loaded.settings.strategy.roll_days)
                return day
            following = calendar.next(day)
            require_rules(self._rules, following, self._loaded.settings.strategy.roll_days)
        except UNKNOWN as error:
            raise BadInput(str(error)) from error
        return following

    def _is_open(self, desk: Desk, day: date) -> bool:
        """Whether the day can be begun or gone on with; a rehearsal of it may be played again."""
        path, now = desk.journal_path(day), desk.clock.wall.now()
        if not path.exists():
            return True
        contents = desk.days.read(path)
        last = contents.steps[-1].event.at if len(contents.steps) else contents.header.started
        if self._home.rehearsal and (contents.finished or last > now):
            if not contents.finished or now < at(day, self._loaded.settings.strategy.scan_time):
                desk.days.set_aside(path)
                return True
            return False
        if last > now:
            raise BadInput(f"{path} goes on to {clock_of(last):%H:%M:%S}, and the clock shows"
                           f" {clock_of(now):%H:%M:%S}: set the clock")  # fmt: skip
        return not contents.finished

    async def _sleep(self, desk: Desk, day: date) -> None:
        """Wait for the morning of the day; a real clock is read anew then."""
        wall = desk.clock.wall
        wake = at(day, WAKES_AT)
        if wall.now() < wake:
            desk.tell("sleep", f"nothing to do until {day:%A %d %B} {WAKES_AT:%H:%M}")
            await self._or_stop(wall.sleep_until(wake))
        if isinstance(wall, SystemWall):
            wall.settle()

    # ------------------------------------------------------------------------------------------- one day

    async def _day(self, desk: Desk, day: date) -> Document:
        await self._first_login(desk, day)
        if not self._home.rehearsal:
            await self._or_stop(self._fetch_ban_list(desk, day))
        market = await self._or_stop(desk.open_day(day))
        home_day, runner = market.home_day, market.runner
        with home_day, ExitStack() as stack:
            screen = Screen(console(), title=_title(home_day), facts=market.facts)
            runner.watch(self.log.witness)
            runner.watch(screen.take)
            self._tell_start(desk, market)
            for now, kind, text in self._early:
                screen.recall(now, kind, text)
            stack.callback(self._early.clear)
            stack.enter_context(screen)
            self._screen, self._home_day = screen, home_day
            for one in self.beside:
                one.begins(market)
                stack.callback(one.ends)
            try:
                record = await DayRunner(desk, market, self._idle(desk.clock, market, screen)).run()
            except _Stopped:
                self.log.tell(runner.inbox.now, "stop", "stopped; the next start goes on with this day")
                stack.callback(say, left_behind(home_day))
                raise
            finally:
                self._screen = self._home_day = None
            record = msgspec.structs.replace(record, alarms=record.alarms + len(home_day.alarms_beside))
            document = home_day.finish(record)
            document["halted"] = runner.engine.state.halted
            self.log.tell(runner.inbox.now, "stop", f"the day is done: {record.status}", status=record.status)
        files = (("journal", home_day.journal_path), ("day", home_day.document_path),
                 ("logs", self._home.logs_dir))  # fmt: skip
        screen.final(record, files=files)
        if document["halted"]:
            say(f"HALTED ({document['halted']}): nothing enters until `ninefifteen unlock` and a new start")
        return document

    async def _first_login(self, desk: Desk, day: date) -> None:
        """Ask for the login while the terminal is plain, so that its address can be read and copied."""
        session = self._rules.calendar.session(day)
        now = desk.clock.wall.now()
        until = now + _LOGIN_AT_LEAST
        if session is not None:
            until = max(until, at(day, session.open) - _LOGIN_UNTIL)
        asked = asyncio.ensure_future(desk.keeper.session())
        late = asyncio.ensure_future(desk.clock.wall.sleep_until(until))
        try:
            await self._or_stop(_first(asked, late))
            if asked.done():
                asked.result()
        except BrokerProblem as problem:
            desk.tell("login", str(problem))
        finally:
            for task in (asked, late):
                task.cancel()
            await asyncio.gather(asked, late, return_exceptions=True)

    async def _fetch_ban_list(self, desk: Desk, day: date) -> None:
        """The exchange's own daily file, unless one for the day lies in the home already."""
        rules_dir = self._home.rules_dir
        if day_lists(rules_dir, day, self._rules.calendar.previous(day)).banned is None:
            fetched = await fetch_ban_list(BAN_LIST_URL, rules_dir, day)
            if fetched.note:
                desk.tell("lists", fetched.note)

    def _idle(self, clock: HomeClock, market: MarketDay, screen: Screen) -> Any:
        open_at = market.facts.open_at
        before, behind = _NOT_DRAWN

        def idle(now: Instant) -> None:
            if self._stop.asked:
                raise _Stopped
            halted = market.home_day.halt_asked(now)
            if halted is not None:
                market.runner.inbox.put(halted)  # the line takes it next, whatever the disk says
            self._look_beside(now)
            view = view_of(market.runner.engine.state)
            if view is not None and not open_at - before <= now < open_at + behind:
                screen.refresh(view, now, clock.words)

        return idle

    def _tell_start(self, desk: Desk, market: MarketDay) -> None:
        home_day, facts = market.home_day, market.facts
        kind = "rehearsal " if self._home.rehearsal else ""
        what = "going on with" if home_day.restarts else "starting"
        self.log.tell(
            max(desk.clock.wall.now(), market.runner.inbox.now),
            "start",
            f"{what} the {kind}{home_day.wiring} day {facts.date}",
            version=__version__,
            settings_hash=self._loaded.settings_hash,
        )
        if home_day.restarts:
            say(found_again(home_day))
        if home_day.kept_aside:
            say(f"{home_day.kept_aside} steps that the journal's disk had not taken were found beside it")
        if home_day.settings_changed:
            say("the settings have changed since this day began: it goes on with those it began with")

    # --------------------------------------------------------------------------------------------- telling

    def tell(self, kind: str, text: str) -> None:
        """Tell people one line at the exchange's time, on the screen where there is one, and log it."""
        now = self._now()
        if kind == URGENT:
            self.log.tell(now, "alarm", text, severity=URGENT)
        else:
            self.log.tell(now, kind, text)
        if self._home_day is not None and kind in ("alarm", URGENT):
            self._home_day.alarms_beside.append(text)
        if self._screen is not None:
            self._screen.tell(now, kind, text)
        else:
            self._early.append((now, kind, text))
            say(f"{clock_of(now):%H:%M:%S}  {'alarm' if kind == URGENT else kind}: {text}")

    def invite(self, lines: tuple[str, ...]) -> bool:
        """Show these lines on the screen of the day, and in no log; False where there is none that draws."""
        return self._screen is not None and self._screen.invite(lines)

    def _look_beside(self, now: Instant) -> None:
        for one in self.beside:
            one.look(now)

    async def _or_stop(self, work: Coroutine[Any, Any, T]) -> T:
        """The work's result; raises _Stopped as soon as somebody asks for the end."""
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=_LOOK_S)
                if self._stop.asked:
                    raise _Stopped
                self._look_beside(self._now())
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _first(*tasks: asyncio.Future[Any]) -> None:
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


def _title(day: HomeDay) -> str:
    """Real money never looks like anything else."""
    name = "LIVE" if day.wiring == "live" else day.wiring
    return f"{name} REHEARSAL" if day.rehearsal else name
