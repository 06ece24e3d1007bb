"""`ninefifteen resume`: entries are allowed again. A halt is not lifted by this."""

from __future__ import annotations

from typing import Annotated

import typer

from ninefifteen.cli.asking import (
    HALTED,
    REFUSED,
    Told,
    alone,
    audit,
    confirmed_by_hand,
    new_command,
    obeyed,
    report,
    state_of,
)
from ninefifteen.cli.common import DEFAULT_HOME, HomeOption, JsonOption, open_home
from ninefifteen.cli.control_home import keep
from ninefifteen.cli.last_known import NO_ENGINE

_FLAG = "--yes-after-losses"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("resume")(resume)


def resume(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.")] = "",
    yes_after_losses: Annotated[
        bool, typer.Option(_FLAG, help="Yes, also after the losing trades in a row that stopped it.")
    ] = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Allow entries again after a pause or a row of losing trades."""
    opened = open_home(home)
    state = state_of(opened)
    streak = 0 if state is None else state.get("losing_streak") or 0
    confirmed = yes_after_losses
    if streak:
        why = f"{streak} losing trades in a row have stopped it"
        confirmed = confirmed_by_hand("RESUME", why, given=yes_after_losses, flag=_FLAG)
    command = new_command("resume", reason=reason, confirmed=confirmed)
    told = None if state is None else obeyed(opened, command)
    engine = told is not None
    if told is None:
        with alone(opened):
            latch, note = opened.latched(), opened.pause_note()
            if latch is None:
                keep(opened, command)
        if latch is not None:
            told = Told("refused", f"halted ({latch.words}): resume does not lift a halt, unlock does")
        elif note is None:
            told = Told("done", f"{NO_ENGINE}, and nothing was paused")
        else:
            words = "resumed; a day that was paused while it ran goes on paused: resume it again then"
            told = Told("done", f"{NO_ENGINE}: {words}")
        audit(opened, command, told)
    halted = told.state == "refused" and told.text.startswith("halted")
    report(command, told, engine=engine, as_json=as_json, halted=halted)
    if told.state != "done":
        raise typer.Exit(HALTED if halted else REFUSED)
