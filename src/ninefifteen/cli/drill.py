"""`ninefifteen drill`: how long it takes from the press of the stop to proved flat, measured."""

from __future__ import annotations

import asyncio
import itertools
import os
from typing import TYPE_CHECKING, Any

import typer

from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    console,
    open_configured_home,
    print_json,
    say,
)
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import BadInput, Unreachable
from ninefifteen.home import Home

if TYPE_CHECKING:
    from ninefifteen.wiring.emergency_halt import Halted

REASON = "drill: the stop is being measured"
_ANSWER_IS_NO = 1
_NUMBERS = itertools.count(1)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("drill")(drill)


def drill(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Press the stop in a rehearsal home that holds something, and measure until flat is proved."""
    from ninefifteen.adapters.clocks.exchange import NotThere
    from ninefifteen.adapters.clocks.wall import steady
    from ninefifteen.adapters.zerodha.errors import BrokerProblem
    from ninefifteen.wiring.emergency_halt import DirectHalt, held_now

    opened, loaded = open_configured_home(home)
    if not opened.rehearsal:
        raise BadInput(
            f"{opened.path}: a drill is for a rehearsal home (`init --rehearsal`); here use `halt`"
        )
    try:
        units, count = asyncio.run(held_now(opened, loaded))
    except (BrokerProblem, NotThere) as problem:
        raise Unreachable(str(problem)) from None
    if not units and not count:
        say("Nothing of the bot's is held or open: there is nothing to measure, and nothing was pressed.")
        if as_json:
            print_json({"measured": False, "units": 0, "open_orders": 0, "press_to_flat_s": None})
        raise typer.Exit(_ANSWER_IS_NO)
    pressed = steady()
    asked = _ask_engine(opened)
    with DirectHalt(opened, loaded, say, "drill") as halt:
        halted = asyncio.run(halt.ours(REASON))
    document = _document(loaded, halted, units, count, (steady() - pressed) / SECOND)
    document["asked_by"] = "control line and HALT file" if asked else "HALT file"
    if as_json:
        print_json(document)
    _show(document)
    raise typer.Exit(0 if halted.outcome.proved else _ANSWER_IS_NO)


def _ask_engine(home: Home) -> bool:
    """Press the stop of a running engine; False where none listens (the HALT file tells it as well)."""
    from ninefifteen.adapters.control import ControlLine, NoEngine, machine_now

    command = {
        "id": f"drill-{os.getpid()}-{next(_NUMBERS)}-{machine_now()}",
        "verb": "halt",
        "sent_at": machine_now(),
        "source": "drill",
        "role": "operator",
        "args": {"reason": REASON},
    }
    try:
        with ControlLine(home.path) as line:
            line.send(command)
    except NoEngine:
        return False
    return True


def _document(loaded: LoadedConfig, halted: Halted, units: int, count: int, seconds: float) -> dict[str, Any]:
    ways = {
        "none": "no engine: the emergency core closed it",
        "silent": "a silent engine was fenced off: the emergency core closed it",
        "living": "the engine closed it; proved from beside it",
    }
    return {
        "measured": True,
        "proved_flat": halted.outcome.proved,
        "way": ways[halted.engine],
        "engine": halted.engine,
        "broker": "our own exchange" if loaded.settings.broker_endpoint is not None else "zerodha",
        "units": units,
        "open_orders": count,
        "requests": halted.requests,
        "problem": halted.outcome.problem or None,
        "press_to_flat_s": round(seconds, 3) if halted.outcome.proved else None,
        "at_exchange_s": round(halted.outcome.took / SECOND, 3),
    }


def _show(document: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(title="Stop drill (REHEARSAL)", show_header=False)
    proved = document["proved_flat"]
    table.add_row("way", document["way"])
    table.add_row("pressed by", document["asked_by"])
    table.add_row("held at the press", f"{document['units']} units, {document['open_orders']} open orders")
    table.add_row(
        "proved flat", "yes, by two looks" if proved else f"NO: {document['problem'] or 'see above'}"
    )
    table.add_row(
        "press to proved flat", f"{document['press_to_flat_s']} s of this machine" if proved else "-"
    )
    table.add_row(
        "on the exchange's clock", f"{document['at_exchange_s']} s, the two of the proof among them"
    )
    console().print(table)
    say("The home is halted now: `ninefifteen unlock` ends that.")
