"""What every verb shares: its options, opening the home, dates, and JSON on stdout."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from ninefifteen.config import LoadedConfig, load_config
from ninefifteen.domain.instants import IST, from_datetime, iso_ms
from ninefifteen.errors import BadInput
from ninefifteen.home import Home

if TYPE_CHECKING:
    from rich.console import Console

DEFAULT_HOME = Path("user_data")

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="NINEFIFTEEN_HOME", metavar="DIR", help="The home folder.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Exactly one JSON document on stdout; everything human on stderr.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting for this run; may be repeated."),
]
"""None when not given."""
LARGEST_SEED = 2**53
"""Every JSON reader and every database holds it exactly."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def open_home(path: Path, *, rehearsal: bool | None = None) -> Home:
    """The home, made with defaults when missing or empty, without looking at the settings.

    Raises BadInput when the path cannot be a home.
    """
    home = Home.look(_given(path), rehearsal=rehearsal)
    fresh = not home.config_file.exists()
    home = Home.open(path, rehearsal=rehearsal)
    if fresh:
        _tell_new_home(path)
    return home


def open_configured_home(
    path: Path, overrides: Sequence[str] | None = None, *, rehearsal: bool | None = None
) -> tuple[Home, LoadedConfig]:
    """The home and its settings in force; wrong settings are refused before anything is written.

    Raises BadInput when the path cannot be a home, or with a line for each problem of the settings.
    """
    home = Home.look(_given(path), rehearsal=rehearsal)
    fresh = not home.config_file.exists()
    loaded = load_config(home, overrides or ())
    home.complete()
    if fresh:
        _tell_new_home(path)
    # Of a new home the second look tells the lines of the file just written, as it will next time.
    return home, load_config(home, overrides or ()) if fresh else loaded


def open_home_to_run(path: Path, overrides: Sequence[str] | None = None) -> tuple[Home, LoadedConfig]:
    """As `open_configured_home`; changes of the settings that waited for this day are made first, and told.

    Raises BadInput as that does. A file that cannot be written is told: the day runs with what there is.
    """
    from ninefifteen.config.pending import pending_file, promote_due

    home = Home.look(_given(path))
    if pending_file(home).exists():
        now = datetime.now(IST)  # noqa: TID251 - the edge: which day has come
        try:
            for line in promote_due(home, now.date(), iso_ms(from_datetime(now))):
                say(line)
        except OSError as error:
            say(f"changes of the settings that waited could not be written: {error.strerror}")
    return open_configured_home(path, overrides)


def parse_date(text: str, option: str = "--date") -> date:
    """A date written YYYY-MM-DD; raises BadInput that names the option."""
    try:
        return date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise BadInput(f"{option} {text}: needs a date that exists, written like 2026-11-23") from None


def print_json(document: Any) -> None:
    """The one JSON document of this call, on stdout; structs, dates and decimals (as text) are fine."""
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
    said.json = True  # from here on stdout has its document, or cannot take one
    sys.stdout.write(text)
    sys.stdout.flush()


def say(text: str) -> None:
    """A line for people, on stderr."""
    print(text, file=sys.stderr)


@cache
def console() -> Console:
    """The rich console for people, on stderr; rich is imported only when somebody looks."""
    from rich.console import Console

    return Console(stderr=True)


def _tell_new_home(path: Path) -> None:
    """A mistyped --home is a new home: who looks should see it; scripts get their lines unchanged."""
    if sys.stderr.isatty():
        say(f"made a new home with default settings: {path}")


class _Said:
    """Whether this call has printed its JSON document, so that an error does not add a second one."""

    json = False


said = _Said()


def _given(path: Path) -> Path:
    if path == Path():
        raise BadInput("--home needs a folder of its own, not the current one: e.g. --home user_data")
    return path
