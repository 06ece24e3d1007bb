"""`ninefifteen orders`: the bot's orders of the day."""

from __future__ import annotations

import typer

from ninefifteen.cli.asking import REFUSED, state_of
from ninefifteen.cli.common import DEFAULT_HOME, HomeOption, JsonOption, open_home, print_json, say
from ninefifteen.cli.last_known import last_document, last_known
from ninefifteen.cli.state_words import order_words

_FIELDS = ("date", "synthetic", "rehearsal", "orders")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("orders")(orders)


def orders(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """List every order of the bot today, as far as it is known. Orders of others are not listed."""
    opened = open_home(home)
    state = state_of(opened)
    known = None if state is not None else last_known(opened)
    if known is not None:
        document = last_document(known, opened)
    else:
        document = {"engine": "running", "as_of": (state or {})["clock"], "text": "", "orders": []} | (
            state or {}
        )
    if as_json:
        fields = ("engine", "as_of", "text", *_FIELDS)
        print_json({field: document.get(field) for field in fields})
    else:
        if document["text"]:
            say(document["text"])
        lines = order_words(document, living=False)
        for line in lines or [f"no order of the bot on {document.get('date') or 'any day yet'}"]:
            say(line)
    if known is not None and known.problem:
        raise typer.Exit(REFUSED)
