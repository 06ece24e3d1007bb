"""`python -m ninefifteen.web HOME [--demo]`: the dashboard beside a run, which starts it.

It prints one JSON line when it serves, and ends when its standard input does. Exit code 2: it may not
start as it is set up, and the last line of standard error says why.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from ninefifteen.errors import BadInput
from ninefifteen.home import Home

from .app import build_api
from .openapi import openapi_text
from .own_log import begin_log
from .server import bound, give_way, serve, stay_small
from .site import Site

_REFUSED = 2
_DEMO_PORTS = 20
"""How many ports behind its own one a demo tries."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, or print the description of the interface; the exit code."""
    given = _parser().parse_args(arguments)
    if given.openapi:
        sys.stdout.write(openapi_text(build_api()))
        return 0
    if given.home is None:
        _parser().error("HOME is missing")
    begin_log()
    give_way()
    stay_small()
    try:
        _serve(given.home, demo=given.demo, changes=_changes(given), port=given.port)
    except BadInput as problem:
        sys.stderr.write(f"{problem}\n")
        return _REFUSED
    return 0


def _changes(given: argparse.Namespace) -> list[str]:
    """A host is a setting like one of --set: whether it may be listened at is looked at in the same way."""
    return [*given.set, *([] if given.host is None else [f"dashboard.host={given.host}"])]


def _serve(path: Path, *, demo: bool, changes: Sequence[str], port: int | None) -> None:
    with closing(Site(Home.open(path), demo=demo, overrides=changes)) as site:
        # Whoever tries a demo beside a run need not find a port first; a run is where one looks for it.
        further = _DEMO_PORTS if site.demo and site.dashboard.public_url is None else 0
        wanted = site.dashboard.port if port is None else port
        listener = bound(site.dashboard.host, wanted, further=further)
        with listener:
            serve(site, listener, sys.stdin.buffer, sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ninefifteen.web", description="The dashboard of a home.")
    parser.add_argument("home", nargs="?", type=Path, metavar="HOME", help="the home folder")
    parser.add_argument("--demo", action="store_true", help="beside a demo: print a link that logs in once")
    parser.add_argument("--host", help="instead of dashboard.host, and under the same rules")
    parser.add_argument("--port", type=int, help="instead of dashboard.port; 0: any that is free")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="as of run --set")
    parser.add_argument("--openapi", action="store_true", help="print the interface as OpenAPI, and end")
    return parser


if __name__ == "__main__":
    sys.exit(main())
