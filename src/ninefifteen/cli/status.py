"""`ninefifteen status`: what is happening now, or what was known last."""

from __future__ import annotations

import typer

from ninefifteen.cli.asking import REFUSED, Document, state_of
from ninefifteen.cli.common import DEFAULT_HOME, HomeOption, JsonOption, open_home, print_json, say
from ninefifteen.cli.last_known import last_document, last_known, last_words
from ninefifteen.cli.state_words import heading_words, held_words, order_words, stop_words
from ninefifteen.home import Home


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("status")(status)


def status(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Say what the engine does, what it holds, and what stops it."""
    opened = open_home(home)
    state = state_of(opened)
    if state is None:
        _tell_last(opened, as_json=as_json)
        return
    if as_json:
        print_json({"engine": "running", "as_of": state["clock"]} | state)
        return
    for line in [*heading_words(state), *stop_words(state)]:
        say(line)
    if state["date"] is None:
        return
    for line in [*held_words(state), *order_words(state, living=True)]:
        say(line)
    say(
        f"entries {state['entries_today']} of {state['max_trades']}, today Rs {state['day_result']},"
        f" may still lose Rs {state['loss_left']} of {state['max_daily_loss']}, alarms {state['alarms']}"
    )


def _tell_last(home: Home, *, as_json: bool) -> None:
    known = last_known(home)
    document: Document = last_document(known, home)
    note = home.pause_note()
    kept = None if note is None else {"source": note.source, "reason": note.reason, "until": note.until}
    if as_json:
        print_json(document | {"pause_kept": kept})
    else:
        say(last_words(known))
        if document["halted"]:
            say(f"HALTED ({document['halted']}): nothing enters until `ninefifteen unlock`")
        if note is not None:
            until = "somebody resumes" if note.until is None else note.until
            say(f"PAUSED by {note.source} ({note.reason}): no new entries until {until}")
    if known.problem:
        raise typer.Exit(REFUSED)
