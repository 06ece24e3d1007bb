"""The ledger's own process: `python -m ninefifteen.adapters.ledger HOME [--once | --follow | --rebuild]`.

`run` starts it with `--follow` and closes its standard input to end it. It takes part in nothing else: the
engine does not notice when it is slow, stopped or killed, and its next start goes on from where it was.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from ninefifteen.errors import BadInput

from . import database, outages
from .identity import Owner
from .outages import Outages, Teller, describe
from .writer import Ledger

_NAMED = re.compile(r"^\s*(?:export\s+)?DATABASE_URL\s*=\s*[^\s#]", re.MULTILINE)

LAST_SECONDS = 4.0
"""How long, once it is asked to end, the follower goes on while nothing gets into the database."""
STUCK_SECONDS = 8.0
"""How long, once it is asked to end, a database that has stopped answering altogether is waited for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the process; returns its exit code: 0 done, 1 the database cannot be written, 2 bad input."""
    options = _parse(arguments)
    folder = options.home / "journal"
    owner = Owner.of_home(options.home, os.environ.get("BROKER_USER_ID", ""))
    teller = Teller()
    try:
        engine = database.connect(options.database_url or _file_in(options.home))

        def open_ledger() -> Ledger:
            return Ledger(engine, folder, owner)

        if options.follow:
            return Follower(open_ledger, teller).follow()
        ledger = open_ledger()
        complaints = ledger.rebuild() if options.rebuild else ledger.catch_up(thorough=True)
    except BadInput as refusal:
        complaints = [str(refusal)]
    except SQLAlchemyError as error:
        teller.tell(describe(error))
        return 1
    teller.say(complaints)
    return 2 if complaints else 0


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


def _file_in(home: Path) -> str:
    """The address of the home's own file. Raises BadInput where `.env` names another: `run` hands that on."""
    secrets = home / ".env"
    if secrets.is_file() and _NAMED.search(secrets.read_text(encoding="utf-8", errors="replace")):
        raise BadInput(
            f"{secrets} names a database, and only `ninefifteen run` reads it from there: put it into the "
            f"environment (set -a; . {secrets}; set +a), or give --database-url"
        )
    home.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(home / 'ninefifteen.db').resolve()}"


class Follower:
    """Looks at the journals until standard input closes; outlives whatever its database does."""

    def __init__(self, open_ledger: Callable[[], Ledger], teller: Teller) -> None:
        self._open_ledger = open_ledger
        self._teller = teller
        self._outages = Outages(teller)
        self._ledger: Ledger | None = None
        self._asked = threading.Event()
        self._late = threading.Event()
        self._ended = threading.Event()

    def follow(self) -> int:
        """Returns the exit code. Raises BadInput when the ledger is not one to write to."""
        # Ctrl-C reaches the whole group; this process ends when its parent lets go of it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=self._watch_input, daemon=True).start()
        try:
            while not self._asked.wait(self._outages.pause):
                self._look()
            return self._last_looks()
        finally:
            self._ended.set()

    def _look(self, *, thorough: bool = False) -> bool:
        """Take in what is new; returns whether the database took it."""
        try:
            if self._ledger is None:
                self._ledger = self._open_ledger()
            elif self._outages.lasting:
                self._ledger.reopen()
            complaints = self._ledger.catch_up(thorough=thorough)
        except SQLAlchemyError as error:
            self._outages.failed(error)
            return False
        self._outages.over()
        self._teller.say(complaints)
        return True

    def _last_looks(self) -> int:
        while not self._look(thorough=True):
            if self._late.wait(outages.POLL_SECONDS):
                return 1
        return 0

    def _watch_input(self) -> None:
        """Asks for the end once the parent lets go, and ends a process whose database holds it."""
        while sys.stdin.readline():
            pass
        self._asked.set()
        self._wait_for_end(LAST_SECONDS)
        self._late.set()
        if not self._wait_for_end(STUCK_SECONDS):
            self._teller.tell("the database does not answer: the next start catches up")
            os._exit(1)

    def _wait_for_end(self, patience: float) -> bool:
        """Whether the end came; False once so many seconds have brought nothing into the database."""
        before = -1
        while before != (before := self._ledger.stored if self._ledger is not None else 0):
            if self._ended.wait(patience):
                return True
        return False


if __name__ == "__main__":
    sys.exit(main())
