"""A synthetic day in a home: begun, or taken up where it was stopped, and written down at its end."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

from ninefifteen.adapters.journal import (
    FileJournal,
    JournalContents,
    journal_name,
    journals,
    read_journal,
    set_aside,
    settings_of,
)
from ninefifteen.adapters.rules import RuleBook
from ninefifteen.config import LoadedConfig, settings_hash
from ninefifteen.domain.events import DayOpened
from ninefifteen.domain.instants import at
from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.runtime.recovery import JournalDiffers, relive

from .home_day import HomeDay, new_journal
from .sessions import (
    Account,
    DaySession,
    day_facts,
    fresh_account,
    synthetic_session,
)

STARTS_AT = time(9, 13, 30)
"""Synthetic days begin here: early enough for the scan, late enough that nobody waits for it."""
DEMO_SEED = 142
"""The day shown when no seed is given: a losing one, which is what most days of this trade look like."""
_DATE_WIDTH = len("2026-11-23")


def synthetic_day_session(settings: Settings, rules: RuleBook, day: date, seed: int) -> DaySession:
    """A synthetic day that leaves no trace: no journal, a fresh account."""
    opening = _opening(settings, rules, day, seed, fresh_account(settings))
    return synthetic_session(opening, settings, rules)


def unfinished_day(home: Home, seed: int) -> date | None:
    """The synthetic day of this seed that was stopped last and has not ended; None when there is none."""
    ending = journal_name(date.min, seed).removeprefix(date.min.isoformat())
    found = [path for path in journals(home.journal_dir) if path.name[_DATE_WIDTH:] == ending]
    newest = max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
    if newest is None or read_journal(newest).finished:
        return None
    return date.fromisoformat(newest.name[:_DATE_WIDTH])


def open_demo_day(
    home: Home,
    config: LoadedConfig,
    rules: RuleBook,
    *,
    day: date,
    seed: int,
    account: Account,
) -> HomeDay:
    """Begin this synthetic day, or go on with it where its journal ends.

    A finished one is set aside and run again. Raises BadInput when the journal cannot be gone on with.
    """
    path = home.journal_dir / journal_name(day, seed)
    if path.exists():
        contents = read_journal(path)
        if not contents.finished:
            return _resumed(home, config, rules, path, contents, account)
        set_aside(path)
    opening = _opening(config.settings, rules, day, seed, account)
    session = synthetic_session(opening, config.settings, rules)
    journal = session.runner.journal = new_journal(home, config, path, opening)
    return _day(home, session, journal, config.settings)


def _day(home: Home, session: DaySession, journal: FileJournal, settings: Settings) -> HomeDay:
    facts = session.facts
    path = home.journal_dir / journal_name(facts.date, facts.seed)
    source = f"synthetic day, seed {facts.seed}"
    return HomeDay(home, session, journal, settings, path=path, wiring="demo", source=source)


def _opening(settings: Settings, rules: RuleBook, day: date, seed: int, account: Account) -> DayOpened:
    facts = day_facts(
        day,
        rules=rules,
        settings=settings,
        account=account,
        universe=rules.membership.on(day),
        price_source="quotes",
        seed=seed,
    )
    return DayOpened(at(day, STARTS_AT), facts=facts)


def _resumed(
    home: Home,
    config: LoadedConfig,
    rules: RuleBook,
    path: Path,
    contents: JournalContents,
    account: Account,
) -> HomeDay:
    """Live the day again as far as it was written; only then is its journal opened for writing."""
    settings = settings_of(contents.header)
    session = synthetic_session(_first_event(contents, settings, rules, account), settings, rules)
    restarts = 0
    if len(contents.steps):
        try:
            restarts = relive(session.runner, ((step.event, step.effects) for step in contents.steps))
        except JournalDiffers as differs:
            raise BadInput(
                f"{path} cannot be gone on with: at {differs} this program gives something else"
                f" (written by version {contents.header.program}); move the file away to start the day anew"
            ) from differs
    journal = session.runner.journal = FileJournal.behind(path, contents)
    demo = _day(home, session, journal, settings)
    demo.restarts = restarts
    demo.settings_changed = settings_hash(settings) != config.settings_hash
    return demo


def _first_event(
    contents: JournalContents, settings: Settings, rules: RuleBook, account: Account
) -> DayOpened:
    """How the day began; a journal without a step has not told it yet."""
    header = contents.header
    first = contents.steps[0].event if len(contents.steps) else None
    if isinstance(first, DayOpened):
        return first
    if header.seed is None:
        raise BadInput(f"the journal of {header.date} is not one of a synthetic day")
    return _opening(settings, rules, header.date, header.seed, account)
