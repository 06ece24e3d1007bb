"""`ninefifteen run`: the main job. In this version the market is our own simulated exchange."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from typing import Annotated

import msgspec
import typer

from ninefifteen import __version__
from ninefifteen.adapters.daylog import DayLog
from ninefifteen.adapters.rules import RuleBook, load_rules
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    LARGEST_SEED,
    HomeOption,
    JsonOption,
    SetOption,
    console,
    open_configured_home,
    parse_date,
    print_json,
    say,
)
from ninefifteen.cli.control_desk import ControlDesk, control_desk
from ninefifteen.cli.ledger_child import ledger_writer
from ninefifteen.cli.left_behind import left_behind
from ninefifteen.cli.pacing import night, pace_of
from ninefifteen.cli.screen import Screen
from ninefifteen.cli.stopping import StopAsked, stop_signals
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.charges import UNITS_PER_PAISA
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.record import DayRecord
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.reports.documents import Document
from ninefifteen.runtime.pace import Pace
from ninefifteen.runtime.views import view_of
from ninefifteen.simulator.synthetic import demo_date
from ninefifteen.wiring import UNKNOWN, Account, fresh_account, require_rules
from ninefifteen.wiring.demo import DEMO_SEED, open_demo_day, unfinished_day
from ninefifteen.wiring.home_day import HomeDay

HALTED = 4
Work = Callable[[StopAsked, ControlDesk, list[Document]], None]
_LOOK_EVERY = 256


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("run")(run)


def run(
    demo: Annotated[bool, typer.Option("--demo", help="A synthetic day on our own exchange.")] = False,
    paper: Annotated[bool, typer.Option("--paper", help="Live data, simulated orders.")] = False,
    production: Annotated[bool, typer.Option("--production", help="Real money.")] = False,
    speed: Annotated[
        str | None, typer.Option("--speed", metavar="N|max", help="Simulated seconds a second, or max.")
    ] = None,
    pace: Annotated[
        str | None, typer.Option("--pace", metavar="demo", help="demo: real time to 09:16, then x120.")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Which synthetic day.")
    ] = DEMO_SEED,
    day: Annotated[str | None, typer.Option("--date", metavar="DATE", help="On this trading day.")] = None,
    no_dashboard: Annotated[bool, typer.Option("--no-dashboard", help="Terminal only.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Stop after the day.")] = False,
    changes: SetOption = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Trade one day after the other: scan at 09:14, buy at 09:15, guard, be flat before the close."""
    del no_dashboard  # there is no dashboard process to leave out yet; scripts may say so already
    opened, loaded = open_configured_home(home, changes)
    rules = load_rules(opened.rules_dir)
    if not _is_synthetic(opened, loaded, demo=demo, paper=paper, production=production):
        if speed or pace or day or seed != DEMO_SEED:
            raise BadInput("--speed, --pace, --date and --seed are for --demo: on paper the market decides")
        live = _is_live(loaded, paper=paper, production=production)
        _run_market(opened, loaded, rules, live=live, once=once, as_json=as_json)
        return
    first = _first_day(opened, rules, loaded, seed, day)
    began = pace_of(first, speed, pace)

    def work(stop: StopAsked, control: ControlDesk, documents: list[Document]) -> None:
        _run_days(opened, loaded, rules, first, seed, began, stop, control, documents, once=once)

    _to_the_end(opened, work, synthetic=True, once=once, as_json=as_json)


def _is_synthetic(home: Home, loaded: LoadedConfig, *, demo: bool, paper: bool, production: bool) -> bool:
    """Whether a synthetic day is asked for; what this version cannot do is refused, not replaced."""
    if demo + paper + production > 1:
        raise BadInput("--demo, --paper and --production exclude each other: give one of them")
    live = production or (loaded.settings.trading.wiring == "live" and not (demo or paper))
    if live and not home.rehearsal:
        raise BadInput(
            f"run --production needs gates and arming, which version {__version__} does not have yet:"
            " run --paper trades on live data with simulated orders"
        )
    return demo


def _is_live(loaded: LoadedConfig, *, paper: bool, production: bool) -> bool:
    """Whether orders go to the broker. Where flag and file differ the safer one runs and says so."""
    written, source = loaded.settings.trading.wiring, loaded.sources["trading.mode"]
    if production and written == "paper" and source != "default":
        say(
            f"trading.mode: paper ({source}) and --production differ: the safer one runs, on paper"
            " (`mode: live` there lets --production trade at the broker)"
        )
        return False
    if paper and written == "live":
        say(f"trading.mode: live ({source}) and --paper differ: the safer one runs, on paper")
        return False
    return production or written == "live"


def _run_market(
    home: Home, loaded: LoadedConfig, rules: RuleBook, *, live: bool, once: bool, as_json: bool
) -> None:
    from ninefifteen.cli.run_paper import refuse_early, run_paper

    refuse_early(home, loaded)

    def work(stop: StopAsked, control: ControlDesk, documents: list[Document]) -> None:
        if live:
            # Never loaded by a process that trades on paper (I9).
            from ninefifteen.cli.run_live import run_live

            run_live(home, loaded, rules, stop, control, documents, once=once)
        else:
            run_paper(home, loaded, rules, stop, control, documents, once=once)

    _to_the_end(home, work, synthetic=home.rehearsal, once=once, as_json=as_json)


def _to_the_end(home: Home, work: Work, *, synthetic: bool, once: bool, as_json: bool) -> None:
    """Do the work alone in the home, beside the ledger's writer; then its documents and exit code."""
    documents: list[Document] = []
    try:
        with (
            home.lock(),
            ledger_writer(home),
            stop_signals() as stop,
            control_desk(home, synthetic=synthetic) as control,
        ):
            work(stop, control, documents)
    except KeyboardInterrupt:
        if as_json:
            print_json({"stopped": True, "days": documents})
        raise
    if as_json:
        print_json(documents[-1] if once else {"stopped": False, "days": documents})
    if documents[-1]["halted"]:
        raise typer.Exit(HALTED)


def _first_day(home: Home, rules: RuleBook, loaded: LoadedConfig, seed: int, day: str | None) -> date:
    roll_days = loaded.settings.strategy.roll_days
    try:
        if day is not None:
            chosen = parse_date(day)
        else:
            chosen = unfinished_day(home, seed) or demo_date(seed, load_rules().calendar)
        if not rules.calendar.is_trading_day(chosen):
            raise BadInput(f"--date {chosen} is not a trading day (calendar show --date {chosen} says why)")
        require_rules(rules, chosen, roll_days)
    except UNKNOWN as error:
        raise BadInput(str(error)) from error
    return chosen


def _run_days(
    home: Home,
    loaded: LoadedConfig,
    rules: RuleBook,
    first: date,
    seed: int,
    pace: Pace,
    stop: StopAsked,
    control: ControlDesk,
    documents: list[Document],
    *,
    once: bool,
) -> None:
    """Run the days from `first` on; each finished one is added to `documents`."""
    account, day = fresh_account(loaded.settings), first
    while True:
        account, document = _run_day(home, loaded, rules, day, seed, account, pace, stop, control)
        documents.append(document)
        if once or document["halted"]:
            return
        following = _next_day(rules, loaded, day)
        if following is None:
            say("no further trading day is known: calendar import adds the next year's holidays")
            return
        stop.check()
        night(pace, following)
        day = following


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


def _run_day(
    home: Home,
    loaded: LoadedConfig,
    rules: RuleBook,
    day: date,
    seed: int,
    account: Account,
    pace: Pace,
    stop: StopAsked,
    control: ControlDesk,
) -> tuple[Account, Document]:
    """One day to its end; returns what the next one inherits, and its document."""
    log = DayLog(home.logs_dir, synthetic=True)
    with ExitStack() as stack:
        stack.callback(log.close)
        demo = stack.enter_context(open_demo_day(home, loaded, rules, day=day, seed=seed, account=account))
        screen = Screen(console(), title="demo", facts=demo.session.facts)
        demo.runner.watch(log.witness)
        demo.runner.watch(screen.take)
        _tell_start(log, demo, loaded)
        _warn(rules, log, demo)
        stack.enter_context(screen)
        control.begin(demo, _told(log, demo, screen), lambda: pace.words)
        stack.callback(control.end)
        try:
            demo.go_on()
            record = _live_through(demo, pace, screen, stop, control)
        except KeyboardInterrupt:
            log.tell(demo.runner.inbox.now, "stop", "stopped; the next start goes on with this day")
            stack.callback(say, left_behind(demo))
            raise
        control.end()
        record = msgspec.structs.replace(record, alarms=record.alarms + len(demo.alarms_beside))
        document = demo.finish(record)
        document["halted"] = demo.runner.engine.state.halted
        log.tell(demo.runner.inbox.now, "stop", f"the day is done: {record.status}", status=record.status)
    files = (("journal", demo.journal_path), ("day", demo.document_path), ("logs", home.logs_dir))
    screen.final(record, files=files)
    if document["halted"]:
        say(f"HALTED ({document['halted']}): nothing enters until `ninefifteen unlock` and a new start")
    return _carried(demo.session.facts, record), document


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


class _Sooner(Exception):
    """Something has come that is due before what was waited for."""


def _live_through(
    demo: HomeDay, pace: Pace, screen: Screen, stop: StopAsked, control: ControlDesk
) -> DayRecord:
    runner = demo.runner
    pace.start(max(runner.inbox.now, demo.session.opening.at))

    def look(now: int) -> bool:
        """Whether something was taken or put before what the inbox held."""
        stop.check()
        taken = runner.events
        demo.halt_if_asked(now)
        came = control.look(now) or runner.events > taken
        view = view_of(runner.engine.state)
        if view is not None:
            screen.refresh(view, now, pace.words)
        return came

    def waiting(now: int) -> None:
        if look(now):
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
        stop.check()
        runner.take_next()
        # From the first event on: a HALT file that is there already must not see an entry.
        if count % _LOOK_EVERY == 0:
            look(runner.inbox.now)
        count += 1
    view = view_of(runner.engine.state)
    if view is not None:
        screen.refresh(view, runner.inbox.now, pace.words)
    return runner.record
