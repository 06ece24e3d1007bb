"""`ninefifteen flatten`: sell what the bot holds and enter nothing more today; the engine goes on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ninefifteen.cli.asking import REFUSED, Told, audit, new_command, obeyed, report, state_of
from ninefifteen.cli.common import DEFAULT_HOME, HomeOption, JsonOption, open_home
from ninefifteen.cli.last_known import last_known, last_words

_REST = ". Other positions of the account were not touched; `halt --all-nfo` lists them."
PATIENCE_S = 60.0


def rest_words(state: dict[str, Any] | None) -> str:
    """What the answer says of the rest of the account; nothing where the orders were simulated."""
    return _REST if state is not None and state.get("mode") == "live" else ""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("flatten")(flatten)


def flatten(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.")] = "",
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Sell what the bot bought, cancel what is open, enter nothing more today. Waits for the proof."""
    opened = open_home(home)
    command = new_command("flatten", reason=reason)
    state = state_of(opened)
    told = obeyed(opened, command, PATIENCE_S)
    engine = told is not None
    if told is None:
        words = last_words(last_known(opened))
        told = Told("refused", f"nothing was closed: {words}. `ninefifteen halt --direct` closes without it.")
        audit(opened, command, told)
    elif told.state == "done":
        told = Told("done", told.text + rest_words(state))
    report(command, told, engine=engine, as_json=as_json, proved_flat=told.state == "done")
    if told.state != "done":
        raise typer.Exit(REFUSED)
