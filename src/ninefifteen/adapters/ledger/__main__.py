"""The ledger's own process: `python -m ninefifteen.adapters.ledger HOME [--once | --follow | --rebuild]`.

`run` starts it with `--follow` and closes its standard input to end it. It takes part in nothing else: the
engine does not notice when it is slow, stopped or killed, and its next start goes on from where it was.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from ninefifteen.errors import BadInput

from . import database
from .writer import Ledger

POLL_SECONDS = 0.5
LAST_TRIES = 10
"""How often the last catch-up is tried, half a second apart, before it is left to the next start."""


class Teller:
    """Says a thing on standard error once, not twice a second."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def say(self, lines: Sequence[str]) -> None:
        """Print those of the lines that were not there last time."""
        for line in lines:
            if line not in self._said:
                sys.stderr.write(f"ledger: {line}\n")
                sys.stderr.flush()
        self._said = list(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the process; returns its exit code: 0 done, 1 the database cannot be written, 2 bad input."""
    options = _parse(arguments)
    folder, address = options.home / "journal", options.database_url
    if not address:
        options.home.mkdir(parents=True, exist_ok=True)
        address = f"sqlite:///{(options.home / 'ninefifteen.db').resolve()}"
    teller = Teller()
    done = threading.Event()
    if options.follow:
        # Ctrl-C reaches the whole group; this process ends when its parent lets go of it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_watch_input, args=(done,), daemon=True).start()
    try:
        ledger = _open(lambda: Ledger(database.connect(address), folder), teller, done, follow=options.follow)
        if ledger is None:
            return 1
        if options.follow:
            return _follow(ledger, teller, done)
        complaints = ledger.rebuild() if options.rebuild else ledger.catch_up(thorough=True)
    except BadInput as refusal:
        complaints = [str(refusal)]
    except SQLAlchemyError as error:
        teller.say([describe(error)])
        return 1
    teller.say(complaints)
    return 2 if complaints else 0


def describe(error: SQLAlchemyError) -> str:
    """A database error in one line, without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    first = (str(cause) or type(cause).__name__).splitlines()[0]
    return f"the database cannot be written ({first}); trading goes on, and the ledger catches up later"


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ninefifteen.adapters.ledger",
        description="Bring the ledger up to the journals of a home.",
    )
    parser.add_argument("home", type=Path, metavar="HOME")
    parser.add_argument(
        "--database-url",
        default=os.environ.get("DATABASE_URL", ""),
        help="default: the environment's DATABASE_URL, else ninefifteen.db in the home",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--once", action="store_true", help="catch up and exit (the default)")
    how.add_argument("--follow", action="store_true", help="keep catching up until standard input closes")
    how.add_argument("--rebuild", action="store_true", help="empty the ledger and project every journal anew")
    return parser.parse_args(arguments)


def _watch_input(done: threading.Event) -> None:
    while sys.stdin.readline():
        pass
    done.set()


def _open(
    make: Callable[[], Ledger], teller: Teller, done: threading.Event, *, follow: bool
) -> Ledger | None:
    """The ledger; a follower waits for a database that does not answer, None when it was ended meanwhile."""
    while True:
        try:
            return make()
        except SQLAlchemyError as error:
            teller.say([describe(error)])
            if not follow or done.wait(POLL_SECONDS):
                return None


def _follow(ledger: Ledger, teller: Teller, done: threading.Event) -> int:
    while not done.wait(POLL_SECONDS):
        try:
            teller.say(ledger.catch_up())
        except SQLAlchemyError as error:
            teller.say([describe(error)])
    for _ in range(LAST_TRIES):
        try:
            teller.say(ledger.catch_up(thorough=True))
        except SQLAlchemyError as error:
            teller.say([describe(error)])
            threading.Event().wait(POLL_SECONDS)
        else:
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
