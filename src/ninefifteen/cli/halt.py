"""`ninefifteen halt`: stop, latched: close what the bot opened, and enter nothing until unlocked."""

from __future__ import annotations

from typing import Annotated

import typer

from ninefifteen.cli.asking import REFUSED, Told, audit, new_command, obeyed, report
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    open_configured_home,
    open_home,
)
from ninefifteen.cli.control_home import keep
from ninefifteen.cli.flatten import NOT_TOUCHED, PATIENCE_S
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
    if direct or all_nfo:
        from ninefifteen.cli.halt_direct import halt_direct

        opened, loaded = open_configured_home(home)
        raise typer.Exit(halt_direct(opened, loaded, all_nfo=all_nfo, yes=yes, as_json=as_json))
    opened = open_home(home)
    command = new_command("halt", reason=reason)
    try:
        told = obeyed(opened, command, PATIENCE_S)
        engine = told is not None
    except HomeLocked as silent:
        told, engine = _by_file(opened, command, str(silent)), True
    if told is None:
        told = _without_engine(opened, command)
    elif told.state == "done":
        told = Told("done", f"{told.text}. {NOT_TOUCHED}")
    proved = engine and told.state == "done"
    latched = opened.latched() is not None
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
