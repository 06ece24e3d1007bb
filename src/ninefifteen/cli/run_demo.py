"""Synthetic days on our own exchange, one after the other: `ninefifteen run --demo`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date

import msgspec

from ninefifteen import __version__
from ninefifteen.adapters.daylog import DayLog
from ninefifteen.adapters.rules import RuleBook
from ninefifteen.cli.common import console, say
from ninefifteen.cli.control_desk import ControlDesk
from ninefifteen.cli.left_behind import left_behind
from ninefifteen.cli.pacing import night
from ninefifteen.cli.screen import Screen
from ninefifteen.cli.stopping import StopAsked
from ninefifteen.cli.web_beside import WebBeside, stay
from ninefifteen.cli.web_child import WebChild
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.charges import UNITS_PER_PAISA
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.record import DayRecord
from ninefifteen.home import Home
from ninefifteen.reports.documents import Document
from ninefifteen.runtime.pace import Pace
from ninefifteen.runtime.views import view_of
from ninefifteen.wiring import UNKNOWN, Account, fresh_account, require_rules
from ninefifteen.wiring.demo import open_demo_day
from ninefifteen.wiring.home_day import HomeDay

_LOOK_EVERY = 256
_LINK_S = 6.0


class DemoDays:
    """Synthetic days of one seed in a home, at a pace, with whatever stands beside them."""

    def __init__(
        self,
        home: Home,
        loaded: LoadedConfig,
        rules: RuleBook,
        seed: int,
        pace: Pace,
        stop: StopAsked,
        control: ControlDesk,
        web: WebChild | None,
    ) -> None:
        self._home, self._loaded, self._rules, self._seed = home, loaded, rules, seed
        self._pace, self._stop, self._control, self._web = pace, stop, control, web
        self._beside = WebBeside(web, lambda kind, text: say(f"{kind}: {text}"), lambda _: False)

    def run(self, first: date, documents: list[Document], *, once: bool, stays: bool) -> None:
        """Run the days from `first` on; each finished one is added to `documents`.

        With `stays` the page of the last one is left readable for whoever sits at this terminal.
        """
        if self._web is not None and self._pace.speed and console().is_terminal:
            self._web.wait(_LINK_S)  # the link can be copied before the screen takes the terminal over
            self._beside.look(0)
        account, day = fresh_account(self._loaded.settings), first
        while True:
            account, document = self._day(day, account)
            documents.append(document)
            if once or document["halted"]:
                break
            following = _next_day(self._rules, self._loaded, day)
            if following is None:
                say("no further trading day is known: calendar import adds the next year's holidays")
                break
            self._stop.check()
            night(self._pace, following)
            day = following
        if stays and self._web is not None:
            stay(self._web, self._stop, self._control)

    def _day(self, day: date, account: Account) -> tuple[Account, Document]:
        """One day to its end; returns what the next one inherits, and its document."""
        log = DayLog(self._home.logs_dir, synthetic=True)
        with ExitStack() as stack:
            stack.callback(log.close)
            demo = stack.enter_context(
                open_demo_day(
                    self._home, self._loaded, self._rules, day=day, seed=self._seed, account=account
                )
            )
            screen = Screen(console(), title="demo", facts=demo.session.facts)
            demo.runner.watch(log.witness)
            demo.runner.watch(screen.take)
            _tell_start(log, demo, self._loaded)
            _warn(self._rules, log, demo)
            stack.enter_context(screen)
            told = _told(log, demo, screen)
            self._control.begin(demo, told, lambda: self._pace.words)
            stack.callback(self._control.end)
            self._beside.enters(told, screen.invite)
            try:
                demo.go_on()
                record = self._live_through(demo, screen)
            except KeyboardInterrupt:
                log.tell(demo.runner.inbox.now, "stop", "stopped; the next start goes on with this day")
                stack.callback(say, left_behind(demo))
                raise
            self._control.end()
            document = _finished(demo, record, log)
        files = (("journal", demo.journal_path), ("day", demo.document_path), ("logs", self._home.logs_dir))
        screen.final(record, files=files)
        if document["halted"]:
            say(f"HALTED ({document['halted']}): nothing enters until `ninefifteen unlock` and a new start")
        return _carried(demo.session.facts, record), document

    def _live_through(self, demo: HomeDay, screen: Screen) -> DayRecord:
        runner, pace = demo.runner, self._pace
        pace.start(max(runner.inbox.now, demo.session.opening.at))

        def waiting(now: int) -> None:
            if self._look(demo, screen, now):
                raise _Sooner

        count = 0
        while runner.record is None:
            due = runner.inbox.next_at()
            if due is None:
                raise RuntimeError("the day has no further event and no record")
            try:
                pace.wait(due, waiting)
            except _Sooner:
                continue
            self._stop.check()
            runner.take_next()
            # From the first event on: a HALT file that is there already must not see an entry.
            if count % _LOOK_EVERY == 0:
                self._look(demo, screen, runner.inbox.now)
            count += 1
        view = view_of(runner.engine.state)
        if view is not None:
            screen.refresh(view, runner.inbox.now, pace.words)
        return runner.record

    def _look(self, demo: HomeDay, screen: Screen, now: int) -> bool:
        """Whether something was taken or put before what the inbox held."""
        self._stop.check()
        runner = demo.runner
        taken = runner.events
        demo.halt_if_asked(now)
        came = self._control.look(now) or runner.events > taken
        self._beside.look(now)
        view = view_of(runner.engine.state)
        if view is not None:
            screen.refresh(view, now, self._pace.words)
        return came


class _Sooner(Exception):
    """Something has come that is due before what was waited for."""


def _finished(demo: HomeDay, record: DayRecord, log: DayLog) -> Document:
    record = msgspec.structs.replace(record, alarms=record.alarms + len(demo.alarms_beside))
    document = demo.finish(record)
    document["halted"] = demo.runner.engine.state.halted
    log.tell(demo.runner.inbox.now, "stop", f"the day is done: {record.status}", status=record.status)
    return document


def _next_day(rules: RuleBook, loaded: LoadedConfig, day: date) -> date | None:
    try:
        following = rules.calendar.next(day)
        require_rules(rules, following, loaded.settings.strategy.roll_days)
    except UNKNOWN:
        return None
    return following


def _carried(facts: DayFacts, record: DayRecord) -> Account:
    """What the next day inherits: the cash, and the losing trades in a row.

    They are counted from what the day itself began with: it may have begun before this process.
    """
    cash, streak = facts.free_cash, facts.losing_streak
    for trade in record.trades:
        net = trade.gross * UNITS_PER_PAISA - trade.charges.total
        cash += net // UNITS_PER_PAISA
        streak = 0 if net > 0 else streak + 1
    return Account(free_cash=cash, losing_streak=streak)


def _tell_start(log: DayLog, demo: HomeDay, loaded: LoadedConfig) -> None:
    facts = demo.session.facts
    now = max(demo.runner.inbox.now, demo.session.opening.at)
    what = "going on with" if demo.restarts else "starting"
    log.tell(
        now,
        "start",
        f"{what} the synthetic day {facts.date}, seed {facts.seed}",
        version=__version__,
        settings_hash=loaded.settings_hash,
    )
    if demo.restarts:
        say(f"going on with {facts.date} where it was stopped")
    if demo.settings_changed:
        say("the settings have changed since this day began: it goes on with those it began with")


def _warn(rules: RuleBook, log: DayLog, demo: HomeDay) -> None:
    """Say in good time that the calendar's data are about to end: a year without data is not traded."""
    warning = rules.calendar.missing_data_warning(demo.session.facts.date, demo.settings.strategy.roll_days)
    if warning is not None:
        say(warning)
        log.tell(max(demo.runner.inbox.now, demo.session.opening.at), "alarm", warning, severity="P2")


def _told(log: DayLog, demo: HomeDay, screen: Screen) -> Callable[[str, str], None]:
    """How a line that is not the engine's gets to people."""

    def tell(kind: str, text: str) -> None:
        now = max(demo.runner.inbox.now, demo.session.opening.at)
        log.tell(now, kind, text)
        screen.tell(now, kind, text)
        if kind == "alarm":
            demo.alarms_beside.append(text)

    return tell
