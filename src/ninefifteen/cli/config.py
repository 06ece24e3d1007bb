"""`ninefifteen config check / show / schema`: the settings, whether they hold, and where each came from."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from ninefifteen.adapters.rules import load_rules
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    SetOption,
    open_configured_home,
    print_json,
    say,
)
from ninefifteen.config import LoadedConfig
from ninefifteen.config.contradictions import notes
from ninefifteen.config.template import json_schema, manual_page, plain
from ninefifteen.config.timetable import timetable_problem
from ninefifteen.config.values import shown
from ninefifteen.domain.settings import Settings
from ninefifteen.domain.settings_check import keys, value_of
from ninefifteen.errors import BadInput
from ninefifteen.home import Home


def register(app: typer.Typer) -> None:
    """Add the verb with its three parts."""
    group = typer.Typer(help="Check and show the settings.", no_args_is_help=False)
    group.command("check")(check)
    group.command("show")(show)
    group.command("schema")(schema)
    app.add_typer(group, name="config")


def check(home: HomeOption = DEFAULT_HOME, overrides: SetOption = None, as_json: JsonOption = False) -> None:
    """Check every setting; exit code 2 with a line for each problem, else what the limits mean together."""
    try:
        opened, loaded = open_configured_home(home, overrides)
        _check_timetable(opened, loaded)
    except BadInput as error:
        if as_json:
            lines = str(error).splitlines()
            print_json({"ok": False, "problems": lines[1:] or lines, "notes": []})
        raise
    said = [*notes(loaded.settings), *_login_notes(loaded.settings)]
    say("The settings can be used." + (" Read this before you trade:" if said else ""))
    for note in said:
        say("- " + note.replace("\n", "\n  "))
    if as_json:
        print_json({"ok": True, "problems": [], "notes": said, "settings_hash": loaded.settings_hash})


def _check_timetable(home: Home, loaded: LoadedConfig) -> None:
    """The times against the newest session the calendar knows; raises BadInput with the first that fails."""
    calendar = load_rules(home.rules_dir).calendar
    year = calendar.years[-1]
    days = reversed(calendar.trading_days(date(year, 1, 1), date(year, 12, 31)))
    newest = next(session for day in days if (session := calendar.session(day)) and not session.special)
    problem = timetable_problem(loaded.settings, newest)
    if problem is not None:
        raise BadInput(problem)


def _login_notes(settings: Settings) -> list[str]:
    """What `login` would refuse, in its own words; a pasted address still works then, so it is no error."""
    from ninefifteen.adapters.zerodha.callback import redirect_problem

    problem = redirect_problem(settings.login.redirect_url)
    return [] if problem is None else [problem]


def show(home: HomeOption = DEFAULT_HOME, overrides: SetOption = None, as_json: JsonOption = False) -> None:
    """Show every setting in force, and where it came from."""
    opened, loaded = open_configured_home(home, overrides)
    if as_json:
        print_json({"rehearsal": opened.rehearsal, **_document(loaded)})
        return
    width = max(map(len, keys()))
    for path, key in keys().items():
        value = shown(value_of(loaded.settings, key))
        print(f"{path:<{width}}  {value:<16}  # {loaded.sources[path]}")
    print(f"# settings hash {loaded.settings_hash}; secrets given: {', '.join(_secrets(loaded)) or 'none'}")


def schema(
    _home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As the page of the manual.")] = False,
) -> None:
    """Print the JSON schema of config.yaml."""
    if not markdown:
        print_json(json_schema())
        return
    if as_json:
        raise BadInput("--markdown and --json: give one of them")
    print(manual_page(), end="")


def _document(loaded: LoadedConfig) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for path, key in keys().items():
        section, _, leaf = path.partition(".")
        settings.setdefault(section, {})[leaf] = plain(value_of(loaded.settings, key))
    if loaded.settings.broker_endpoint is None:
        settings["broker_endpoint"] = None
    return {
        "settings": settings,
        "sources": loaded.sources,
        "secrets_given": _secrets(loaded),
        "settings_hash": loaded.settings_hash,
    }


def _secrets(loaded: LoadedConfig) -> list[str]:
    """Names of the secrets that are given; never a value."""
    secrets = loaded.secrets
    return [name for name in secrets.__struct_fields__ if getattr(secrets, name) is not None]
