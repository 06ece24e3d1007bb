"""`ninefifteen pause`: no new entries until somebody resumes, or until a day; what is held stays guarded."""

from __future__ import annotations

from typing import Annotated

import typer

from ninefifteen.cli.asking import REFUSED, Told, alone, audit, new_command, obeyed, report
from ninefifteen.cli.common import DEFAULT_HOME, HomeOption, JsonOption, open_home, parse_date
from ninefifteen.cli.control_home import keep
from ninefifteen.cli.last_known import NO_ENGINE


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("pause")(pause)


def pause(
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", help="The first day on which entries are allowed again."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.")] = "",
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Let nothing enter any more; a position stays guarded and is sold as planned. Lasts over days."""
    day = None if until is None else parse_date(until, "--until")
    opened = open_home(home)
    command = new_command("pause", reason=reason, until=day)
    told = obeyed(opened, command)
    engine = told is not None
    if told is None:
        with alone(opened):
            keep(opened, command)
        words = f"{NO_ENGINE}: paused from the next start on: no new entries until {day or 'you resume'}"
        told = Told("done", words)
        audit(opened, command, told)
    report(command, told, engine=engine, as_json=as_json, until=day)
    if told.state != "done":
        raise typer.Exit(REFUSED)
