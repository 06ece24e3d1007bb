"""`ninefifteen init`: a home folder with every setting written active at its default."""

from __future__ import annotations

from typing import Annotated

import typer

from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    open_configured_home,
    print_json,
    say,
)
from ninefifteen.home import LAYOUT, Home


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("init")(init)


def init(
    home: HomeOption = DEFAULT_HOME,
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="For simulated brokers only, for ever.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a home folder with every setting written at its default."""
    before = Home.look(home).marker_file.exists()
    opened, _ = open_configured_home(home, rehearsal=True if rehearsal else None)
    kind = "a rehearsal home: it only ever talks to simulated brokers" if opened.rehearsal else "a home"
    say(f"{home}: {'is' if before else 'made'} {kind}; its settings are in {opened.config_file}")
    if as_json:
        print_json({"created": not before, "rehearsal": opened.rehearsal, "layout": LAYOUT})
