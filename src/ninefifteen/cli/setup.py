"""`ninefifteen setup`: honest odds first, then broker, limits and alerts; by questions or by options."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import Annotated

import typer

from ninefifteen.adapters.rules import RuleBook, load_rules
from ninefifteen.cli.asking import Document, terminal_source
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    console,
    open_configured_home,
    print_json,
    say,
)
from ninefifteen.cli.setup_draft import Draft
from ninefifteen.cli.setup_steps import Terminal, Wizard, changes_told
from ninefifteen.cli.setup_words import WHOSE, tell, tell_odds, tell_rules
from ninefifteen.config.changing import NEXT_START
from ninefifteen.config.contradictions import notes
from ninefifteen.config.values import shown
from ninefifteen.domain.instants import IST, from_datetime, iso_ms
from ninefifteen.errors import BadInput
from ninefifteen.reports.odds import odds
from ninefifteen.reports.odds_document import odds_document

_MOST_SECRETS = 10_000
"""Characters on stdin that are looked at."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("setup")(setup)


def setup(
    home: HomeOption = DEFAULT_HOME,
    only_odds: Annotated[
        bool, typer.Option("--odds", help="Say the odds and whose rules these are.")
    ] = False,
    broker: Annotated[
        str | None, typer.Option("--broker", metavar="NAME", help="Set trading.broker.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Write this setting; may be repeated."),
    ] = None,
    secrets_stdin: Annotated[
        bool, typer.Option("--secrets-stdin", help="Read secrets as lines NAME=VALUE from stdin into .env.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Set up step by step: what to expect, broker, limits, alerts. With an option nothing is asked."""
    asked = only_odds or broker is not None or bool(changes) or secrets_stdin or as_json
    if not asked and not sys.stdin.isatty():
        raise BadInput(
            "setup asks at a terminal: without one give --odds, --broker, --set or --secrets-stdin"
        )
    opened, loaded = open_configured_home(home)
    draft, rules = Draft(opened, loaded), load_rules(opened.rules_dir)
    now = datetime.now(IST)  # noqa: TID251 - the edge: from which day the odds are counted
    if not asked:
        _by_questions(draft, rules, now)
        return
    given = [("trading.broker", broker)] if broker is not None else []
    given += [_pair(text) for text in changes or ()]
    document = _by_options(draft, given, now, secrets=_secrets() if secrets_stdin else [])
    if only_odds:
        _tell_all(draft, rules, now.date())
    if as_json:
        found = odds(draft.settings, rules.calendar, rules.charges, now.date())
        print_json(document | {"odds": odds_document(found, shown)})


def _by_options(
    draft: Draft, given: list[tuple[str, str]], now: datetime, *, secrets: list[tuple[str, str]]
) -> Document:
    """Write what was given, and say what it was; the document of --json without the odds."""
    _or_refused(draft.change(dict(given)))
    for name, value in secrets:
        _or_refused(draft.give_secret(name, value))
    lines, changed = changes_told(draft), draft.plan().changed
    if lines:
        _write(draft, now)
    _tell_changes(lines, wanted=bool(given or secrets))
    return {
        "changed": [{"key": one.key, "before": one.before, "after": one.after} for one in changed],
        "secrets_changed": draft.secrets_given,
        "secrets": draft.secrets_set(),
        "notes": notes(draft.settings),
    }


def _by_questions(draft: Draft, rules: RuleBook, now: datetime) -> None:
    try:
        wanted = Wizard(Terminal(), console(), draft, rules, now.date()).run()
    except (KeyboardInterrupt, typer.Abort):
        say("\nLeft: nothing was changed.")
        raise
    if wanted:
        _write(draft, now)
        tell(console(), f"Written. It counts {NEXT_START}.")
        for note in notes(draft.settings):
            tell(console(), f"- {note}")
    elif not draft.empty:
        say("Not written: everything stays as it was.")
    tell(
        console(),
        "Next: `ninefifteen run --demo` for a whole invented day; for a real one `ninefifteen login`,"
        " then `ninefifteen run --paper`.",
    )


def _write(draft: Draft, now: datetime) -> None:
    draft.write(terminal_source(), iso_ms(from_datetime(now)))


def _tell_all(draft: Draft, rules: RuleBook, today: date) -> None:
    found = odds(draft.settings, rules.calendar, rules.charges, today)
    tell_odds(console(), found)
    for whose in WHOSE:
        tell_rules(console(), found, whose)


def _tell_changes(lines: list[str], *, wanted: bool) -> None:
    for line in lines:
        say(line)
    if wanted:
        say(f"Written. It counts {NEXT_START}." if lines else "Nothing to change: it was so already.")
        say("What to expect of these settings: `ninefifteen setup --odds`.")


def _pair(text: str) -> tuple[str, str]:
    path, sign, value = text.partition("=")
    if not sign or not value.strip():
        raise BadInput(f"--set {text[:80]}: needs KEY=VALUE, e.g. risk.max_daily_loss=2000")
    return path.strip(), value.strip()


def _secrets() -> list[tuple[str, str]]:
    """The lines of stdin; a wrong one is told by its number, never repeated."""
    found = []
    text = sys.stdin.read(_MOST_SECRETS + 1)
    if len(text) > _MOST_SECRETS:
        raise BadInput("--secrets-stdin: this is far more than secrets: give lines NAME=VALUE alone")
    for number, raw in enumerate(text.splitlines(), start=1):
        name, sign, value = raw.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not sign:
            raise BadInput(f"--secrets-stdin: line {number} needs NAME=VALUE")
        found.append((name.strip(), value.strip()))
    if not found:
        raise BadInput("--secrets-stdin: there was nothing on stdin, e.g. BROKER_API_KEY=...")
    return found


def _or_refused(problem: str | None) -> None:
    if problem is not None:
        raise BadInput(problem)
