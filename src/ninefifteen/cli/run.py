"""`ninefifteen run`: the main job. In this version the market is our own simulated exchange."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Annotated

import typer

from ninefifteen import __version__
from ninefifteen.adapters.rules import RuleBook, load_rules
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    LARGEST_SEED,
    HomeOption,
    JsonOption,
    SetOption,
    console,
    open_home_to_run,
    parse_date,
    print_json,
    say,
)
from ninefifteen.cli.control_desk import ControlDesk, control_desk
from ninefifteen.cli.ledger_child import ledger_writer
from ninefifteen.cli.pacing import pace_of
from ninefifteen.cli.run_demo import DemoDays
from ninefifteen.cli.stopping import StopAsked, stop_signals
from ninefifteen.cli.web_child import WebChild, web_child
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.calendar import TradingCalendar
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.reports.documents import Document
from ninefifteen.simulator.synthetic import demo_date
from ninefifteen.wiring import UNKNOWN, require_rules
from ninefifteen.wiring.demo import DEMO_SEED, unfinished_day

HALTED = 4
Work = Callable[[StopAsked, ControlDesk, list[Document], WebChild | None], None]


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
    opened, loaded = open_home_to_run(home, changes)
    rules = load_rules(opened.rules_dir)
    if not _is_synthetic(opened, loaded, demo=demo, paper=paper, production=production):
        if speed or pace or day or seed != DEMO_SEED:
            raise BadInput("--speed, --pace, --date and --seed are for --demo: on paper the market decides")
        live = _is_live(loaded, paper=paper, production=production)
        _run_market(
            opened, loaded, rules, changes, live=live, once=once, as_json=as_json, dashboard=not no_dashboard
        )
        return
    first = _first_day(opened, rules, loaded, seed, day)
    began = pace_of(first, speed, pace)

    def work(stop: StopAsked, control: ControlDesk, documents: list[Document], web: WebChild | None) -> None:
        days = DemoDays(opened, loaded, rules, seed, began, stop, control, web)
        days.run(first, documents, once=once, stays=once and not as_json)

    dashboard = (
        web_child(opened, loaded, demo=True, shows=_somebody_looks(as_json)) if not no_dashboard else None
    )
    _to_the_end(opened, work, dashboard, loaded, rules.calendar, wiring="demo", once=once, as_json=as_json)


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
    home: Home,
    loaded: LoadedConfig,
    rules: RuleBook,
    changes: list[str] | None,
    *,
    live: bool,
    once: bool,
    as_json: bool,
    dashboard: bool,
) -> None:
    from ninefifteen.cli.key_wait import wait_for_keys, waits_for_keys
    from ninefifteen.cli.run_paper import refuse_early, run_paper

    # With a page to read meanwhile, a missing key is waited for; whoever wants one day or JSON is a script.
    waits = dashboard and not (live or once or as_json) and waits_for_keys(home, loaded)
    refuse_early(home, loaded, keys=not waits)

    def work(stop: StopAsked, control: ControlDesk, documents: list[Document], web: WebChild | None) -> None:
        if live:
            # Never loaded by a process that trades on paper (I9).
            from ninefifteen.cli.run_live import run_live

            run_live(home, loaded, rules, stop, control, documents, web, once=once)
        else:
            given = wait_for_keys(home, changes, stop, control, web) if waits else loaded
            run_paper(home, given, rules, stop, control, documents, web, once=once)

    beside = web_child(home, loaded, demo=False, shows=False) if dashboard else None
    wiring = "live" if live else "paper"
    _to_the_end(home, work, beside, loaded, rules.calendar, wiring=wiring, once=once, as_json=as_json)


def _somebody_looks(as_json: bool) -> bool:
    """Whether a person started this at a terminal: only then a browser is opened."""
    return not as_json and sys.stdin.isatty() and console().is_terminal


def _account_end(loaded: LoadedConfig) -> str | None:
    """The end of the broker's name for the account: enough to tell two of one's own apart."""
    user = loaded.secrets.broker_user_id
    return None if user is None else user.reveal()[-4:]


def _to_the_end(
    home: Home,
    work: Work,
    dashboard: AbstractContextManager[WebChild] | None,
    loaded: LoadedConfig,
    calendar: TradingCalendar,
    *,
    wiring: str,
    once: bool,
    as_json: bool,
) -> None:
    """Do the work alone in the home, with its children beside it; then its documents and exit code."""
    documents: list[Document] = []
    synthetic = home.rehearsal or wiring == "demo"
    try:
        with (
            home.lock(),
            ledger_writer(home),
            dashboard or nullcontext() as web,
            stop_signals() as stop,
            control_desk(
                home, synthetic=synthetic, calendar=calendar, account=_account_end(loaded), wiring=wiring
            ) as control,
        ):
            work(stop, control, documents, web)
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
