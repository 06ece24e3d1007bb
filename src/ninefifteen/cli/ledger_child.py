"""The ledger writer as a child process: it follows the journal and is never in the order path."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ninefifteen.cli.common import say
from ninefifteen.config.dotenv import ENV_NAMES, read_environment
from ninefifteen.home import Home

_PATIENCE_S = 60
_ITS_BUSINESS = ("DATABASE_URL", "BROKER_USER_ID")
_REFUSED = 2


@contextmanager
def ledger_writer(home: Home) -> Iterator[None]:
    """Run the writer beside; at the end let it catch up and say so if it could not."""
    child = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-m", "ninefifteen.adapters.ledger", str(home.path), "--follow"],
        env=writer_environment(home, os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        if child.stdin is not None:
            child.stdin.close()
        try:
            code = child.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            code = -1
        if code == _REFUSED:
            say("the ledger was not written, its line above says why: the journal has everything")
        elif code != 0:
            say("the ledger is not up to date: the journal has everything, the next start catches up")


def writer_environment(home: Home, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of the writer: the database and whose it is, and no other secret."""
    return child_environment(home, environment, _ITS_BUSINESS)


def child_environment(home: Home, environment: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The environment of a child: of our settings and secrets only `names`, from `.env` or our own.

    As everywhere our own environment is stronger than the file. The values go this way because other users
    of the machine could read them in a command line.
    """
    given, _ = read_environment(home.env_file, environment)
    kept = {name: value for name, value in environment.items() if name not in ENV_NAMES}
    return kept | {name: given[name].text for name in names if name in given}
