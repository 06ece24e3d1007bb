"""`ninefifteen unlock`: lift a halt, once somebody has said so twice."""

from __future__ import annotations

from typing import Annotated

import typer

from ninefifteen.cli.asking import (
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
from ninefifteen.cli.last_known import NO_ENGINE, LastKnown, last_known, last_words
from ninefifteen.home import Home

_FLAG = "--yes-unlock-after-halt"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("unlock")(unlock)


def unlock(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.")] = "",
    yes: Annotated[bool, typer.Option(_FLAG, help="Yes, without asking.")] = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Lift the halt: entries are allowed again. With an engine running it lifts it itself, once flat."""
    opened = open_home(home)
    state = state_of(opened)
    latch = opened.latched()
    halted = (state or {}).get("halted") or (None if latch is None else latch.words)
    command = new_command("unlock", reason=reason, confirmed=True)
    if halted is not None and not confirmed_by_hand("UNLOCK", f"halted ({halted})", given=yes, flag=_FLAG):
        told = Told("refused", "not confirmed: it stays halted")
        audit(opened, command, told)
        report(command, told, engine=state is not None, as_json=as_json)
        raise typer.Exit(REFUSED)
    told_by_engine = None if state is None else obeyed(opened, command)
    told = told_by_engine or _without_engine(opened)
    if told_by_engine is None:
        audit(opened, command, told)
    report(command, told, engine=told_by_engine is not None, as_json=as_json)
    if told.state != "done":
        raise typer.Exit(REFUSED)


def _at_the_broker(known: LastKnown) -> bool:
    """Whether the newest day is one at a broker that has not ended."""
    return known.replayed is not None and known.replayed.engine.state.careful and not known.finished


def _without_engine(home: Home) -> Told:
    """Remove the latch; what the last day was stays as it was."""
    known = last_known(home)
    if not known.safe and _at_the_broker(known):
        return Told(
            "refused",
            f"not unlocked: {last_words(known)}. Say `ninefifteen halt --direct` first: it proves flat",
        )
    with alone(home):
        latch = home.lift()
    if latch is None:
        return Told("done", f"{NO_ENGINE}, and nothing was halted")
    text = f"unlocked: {last_words(known)}"
    if known.replayed is not None and not known.finished and known.replayed.engine.state.halted:
        text += ". That day was halted and stays halted: only a later day enters again"
    return Told("done", text)
