"""The command line: `ninefifteen VERB`, one module per verb, imported only when its verb is used."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from ninefifteen.cli.common import print_json, said
from ninefifteen.errors import BadInput, HomeLocked, Unreachable

VERBS = {
    "run": "The main job: one trading day after the other.",
    "status": "What is happening now, or what was known last.",
    "positions": "What the bot holds.",
    "orders": "The bot's orders of the day.",
    "pause": "No new entries; what is held stays guarded.",
    "resume": "Entries are allowed again.",
    "flatten": "Sell what the bot holds, enter nothing more today.",
    "halt": "Stop, latched: close what the bot opened.",
    "unlock": "Lift a halt.",
    "setup": "What to expect, then broker, limits and alerts, step by step.",
    "init": "Make a home folder with every setting written at its default.",
    "config": "Check and show the settings.",
    "scan": "Dry run of the selection for one day.",
    "why": "Why this trade, or why none.",
    "replay": "Replay a recorded day through the engine.",
    "backtest": "Run the strategy over stored days.",
    "login": "Log in at the broker for today.",
    "exchange": "Our exchange simulator as a server that a broker's clients can talk to.",
    "simulate": "Simulated days with faults and crashes, and the invariants they must not break.",
    "calendar": "Trading days, sessions and expiries, and your own additions.",
    "data": "Verify and list recorded data.",
    "drill": "Measure the stop: from the press to proved flat, in a rehearsal home.",
    "watchdog": "Flatten and alarm when the engine falls silent with a position open.",
}
"""Every verb with its line in the help; the module `ninefifteen.cli.VERB` has `register(app)`."""

BAD_INPUT = 2
BROKER_OR_NETWORK = 3
LOCKED = 5
INTERRUPTED = 130
_CODES: dict[type[Exception], int] = {
    BadInput: BAD_INPUT,
    HomeLocked: LOCKED,
    Unreachable: BROKER_OR_NETWORK,
}


def main() -> None:
    """Entry point of the `ninefifteen` command: runs it and ends the process with its exit code."""
    sys.exit(execute(sys.argv[1:]))


def execute(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code (`design/interfaces.md`, "Command line").

    Bad input is one line per problem on stderr, never a traceback; with --json stdout then carries
    the same as a document, unless the command has already printed its own.
    """
    said.json = False
    try:
        code = _dispatch(list(arguments))
    except (BadInput, HomeLocked, Unreachable) as error:
        return _failed(str(error), _CODES[type(error)], arguments)
    except typer.TyperException as error:
        return _failed(_one_line(error, arguments), BAD_INPUT, arguments)
    except OSError as error:
        # A full disk, a folder without rights, a pipe that is gone: the journal has what happened.
        return _failed(_plain(error), BAD_INPUT, arguments)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return code


def _module(verb: str) -> str:
    return f"ninefifteen.cli.{verb.replace('-', '_')}"


def _dispatch(arguments: list[str]) -> int:
    chosen = next((word for word in arguments if not word.startswith("-")), "")
    command = typer.main.get_command(_app(chosen))
    if not arguments:
        arguments = ["--help"]
    result = command.main(args=arguments, prog_name="ninefifteen", standalone_mode=False)
    # typer hands back the code of typer.Exit, else what the function returned.
    return result if isinstance(result, int) else 0


def _app(chosen: str) -> typer.Typer:
    """The application with the chosen verb in full and a line of help for every other."""
    app = typer.Typer(
        name="ninefifteen",
        help="Trades the 09:15 opening of NSE stock options.",
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for verb, line in VERBS.items():
        if verb == chosen:
            importlib.import_module(_module(verb)).register(app)
        else:
            app.command(verb, help=line)(_elsewhere)
    return app


def _show_version(asked: bool | None) -> None:
    if asked:
        print(f"ninefifteen {version('ninefifteen')}")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool | None,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = None,
) -> None:
    """Options before the verb."""


def _elsewhere() -> None:
    """Stands in the help for a verb that was not chosen; it is never called."""


def _one_line(error: typer.TyperException, arguments: Sequence[str]) -> str:
    text = " ".join(error.format_message().split())
    unknown = next((word for word in arguments if not word.startswith("-")), "")
    if unknown and unknown not in VERBS:
        near = difflib.get_close_matches(unknown, VERBS, n=1)
        hint = f"did you mean {near[0]}?" if near else "see ninefifteen --help"
        return f"{unknown} is not a verb: {hint}"
    if text == "Missing command.":
        return f"{unknown} needs one more word: see ninefifteen {unknown} --help"
    return text


def _plain(error: OSError) -> str:
    """The system's no as one line: which file, what it said, and that nothing is lost."""
    where = f"{error.filename} cannot be used" if error.filename else "a file cannot be written or read"
    return f"{where} ({error.strerror or error}): mend that and start again, a day goes on where it stopped"


def _failed(text: str, code: int, arguments: Sequence[str]) -> int:
    print(f"error: {text}", file=sys.stderr)
    if "--json" in arguments and not said.json:
        first, *details = text.splitlines()
        print_json({"error": first, "details": details, "exit_code": code})
    return code
