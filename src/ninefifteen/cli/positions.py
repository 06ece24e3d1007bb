"""`ninefifteen positions`: what the bot holds now, or held when its journal ended."""

from __future__ import annotations

import typer

from ninefifteen.cli.asking import REFUSED, state_of
from ninefifteen.cli.common import DEFAULT_HOME, HomeOption, JsonOption, open_home, print_json, say
from ninefifteen.cli.last_known import last_document, last_known
from ninefifteen.cli.state_words import held_words

_FIELDS = ("date", "synthetic", "rehearsal", "positions", "flat", "broker")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("positions")(positions)


def positions(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """List what the bot holds. Other positions of the account are not its own and not listed."""
    opened = open_home(home)
    state = state_of(opened)
    if state is not None:
        if as_json:
            told = {field: state.get(field) for field in _FIELDS} | {"positions": state.get("positions", [])}
            print_json({"engine": "running", "as_of": state["clock"]} | told)
            return
        for line in (
            held_words(state) if state["date"] is not None else ["no day is open: the bot holds nothing"]
        ):
            say(line)
        return
    known = last_known(opened)
    document = last_document(known, opened)
    if as_json:
        fields = ("engine", "as_of", "text", "flat_then", *_FIELDS)
        print_json({field: document.get(field) for field in fields})
    else:
        say(document["text"])
    if known.problem:
        raise typer.Exit(REFUSED)
