"""`ninefifteen watchdog`: sees to it, from a process of its own, that a silent engine leaves nothing open."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    open_configured_home,
    print_json,
    say,
)
from ninefifteen.cli.stopping import stop_signals
from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import Unreachable

if TYPE_CHECKING:
    from ninefifteen.wiring.watch import Watched

SILENCE_S = 15.0
"""Seconds of this machine without a heartbeat after which the engine counts as dead."""
EVERY_S = 10.0
_ANSWER_IS_NO = 1


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("watchdog")(watchdog)


def watchdog(
    silence: Annotated[
        float, typer.Option("--silence", metavar="SECONDS", min=1, max=3600, help="Without a heartbeat.")
    ] = SILENCE_S,
    every: Annotated[
        float,
        typer.Option("--every", metavar="SECONDS", min=1, max=3600, help="Between looks at the broker."),
    ] = EVERY_S,
    once: Annotated[bool, typer.Option("--once", help="Watch until there is one finding, then end.")] = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Watch the engine of a home until SIGTERM; where it falls silent with a position open, flatten."""
    from ninefifteen.wiring.heartbeat import sole_watch
    from ninefifteen.wiring.watch import Watchdog

    opened, loaded = open_configured_home(home)
    with ExitStack() as stack:
        stop = stack.enter_context(stop_signals())
        if not once:
            stack.enter_context(sole_watch(opened))
        dog = Watchdog(opened, loaded, say, silence=round(silence * SECOND), every=round(every * SECOND))
        with suppress(OSError):  # a log on a full disk keeps nobody from watching
            say(f"watching {opened.path}: a silence of {silence:g} s with a position open is dealt with")
        found = asyncio.run(dog.once() if once else dog.run(lambda: stop.asked))
    if as_json:
        print_json(_document(found))
    if found.state == "unknown" and once:
        raise Unreachable(found.problem)
    raise typer.Exit(_ANSWER_IS_NO if once and found.state == "not_flat" else 0)


def _document(found: Watched) -> dict[str, Any]:
    return {
        "state": found.state,
        "units": found.units,
        "open_orders": found.open_orders,
        "problem": found.problem or None,
        "silence_s": round(found.silence / SECOND, 3),
        "took_s": round(found.outcome.took / SECOND, 3) if found.outcome is not None else None,
    }
