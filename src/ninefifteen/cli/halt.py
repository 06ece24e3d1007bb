"""`ninefifteen halt`: stop, latched: close what the bot opened, and enter nothing until unlocked."""

from __future__ import annotations

from typing import Annotated

import typer

from ninefifteen.cli.asking import REFUSED, Told, audit, new_command, obeyed, report, state_of
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    open_configured_home,
    open_home,
    say,
)
from ninefifteen.cli.control_home import keep
from ninefifteen.cli.flatten import PATIENCE_S, rest_words
from ninefifteen.cli.last_known import last_known, last_words
from ninefifteen.errors import BadInput, HomeLocked
from ninefifteen.home import Home
from ninefifteen.runtime.control import Command

_DIRECT = "`ninefifteen halt --direct` closes at the broker without an engine."


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("halt")(halt)


def halt(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.")] = "",
    direct: Annotated[
        bool, typer.Option("--direct", help="At the broker itself, also with the engine dead.")
    ] = False,
    all_nfo: Annotated[
        bool, typer.Option("--all-nfo", help="Then list, and once confirmed close, the account's other NFO.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes-close-everything", "--yes", help="Confirms --all-nfo without asking.")
    ] = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Close what the bot opened, cancel its orders, and let nothing enter until `unlock`."""
    if yes and not all_nfo:
        raise BadInput("--yes confirms --all-nfo: give both, or neither")
    opened = open_home(home)
    if (direct or all_nfo) and not _simulated(opened, all_nfo=all_nfo):
        from ninefifteen.cli.halt_direct import halt_direct

        opened, loaded = open_configured_home(home)
        raise typer.Exit(halt_direct(opened, loaded, all_nfo=all_nfo, yes=yes, as_json=as_json))
    _halt(opened, reason, as_json=as_json)


def _simulated(home: Home, *, all_nfo: bool) -> bool:
    """Whether the engine here only simulates its orders: the broker has none of them, and it closes them."""
    try:
        state = state_of(home)
    except HomeLocked:
        return False  # somebody is here and does not answer: what --direct is for
    if state is None or state.get("mode") == "live":
        return False
    say(f"the engine here runs a {state.get('mode')} day: its orders are simulated: it closes them")
    if all_nfo:
        say("--all-nfo is about the account at the broker: end this run first, then say it again")
    return True


def _halt(opened: Home, reason: str, *, as_json: bool) -> None:
    state = None
    command = new_command("halt", reason=reason)
    try:
        state = state_of(opened)
        told = obeyed(opened, command, PATIENCE_S)
        engine = told is not None
    except HomeLocked as silent:
        told, engine = _by_file(opened, command, str(silent)), True
    if told is None:
        told = _without_engine(opened, command)
    elif told.state == "done":
        told = Told("done", told.text + rest_words(state))
    proved = engine and told.state == "done"
    obeys = engine and told.state in ("done", "taken")  # the engine's own file may be a moment behind
    latched = obeys or opened.latched() is not None
    report(command, told, engine=engine, as_json=as_json, proved_flat=proved, latched=latched)
    if told.state != "done":
        raise typer.Exit(REFUSED)


def _without_engine(home: Home, command: Command) -> Told:
    """Latch the halt for every start to come, and say that nothing was closed."""
    problem = _latch(home, command)
    known = last_known(home)
    text = f"{problem or 'halted: nothing enters until `ninefifteen unlock`'}. Nothing was closed:"
    text = f"{text} {last_words(known)}. {_DIRECT}"
    told = Told("done" if known.safe and not problem else "refused", text)
    audit(home, command, told)
    return told


def _by_file(home: Home, command: Command, silent: str) -> Told:
    """Somebody works in this home and does not answer: the file is what it looks at, if it lives."""
    problem = _latch(home, command)
    made = problem or "the HALT file is there, and it obeys that if it lives"
    told = Told("taken", f"{silent}: {made}. Nothing is proved: look in the broker's app. {_DIRECT}")
    audit(home, command, told)
    return told


def _latch(home: Home, command: Command) -> str:
    """Make the HALT file; returns why it could not be made, "" when it was."""
    try:
        keep(home, command)
    except OSError as error:
        return f"NOT halted: {home.halt_file} cannot be made ({error.strerror})"
    return ""
