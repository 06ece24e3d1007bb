"""A change of the settings: worked out and judged before anything is written, then written as planned."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from ninefifteen.config.contradictions import notes
from ninefifteen.config.dangerous import dangers
from ninefifteen.config.editing import as_yaml, edited, value_from_json, value_from_yaml
from ninefifteen.config.loading import LoadedConfig, load_config
from ninefifteen.config.pending import (
    Changed,
    HistoryEntry,
    Pending,
    add_history,
    config_text,
    keep_pending,
    read_pending,
    value_of_pending,
    version_of,
    write_config,
)
from ninefifteen.config.values import WrongValue
from ninefifteen.domain.settings_check import Key, keys, value_of
from ninefifteen.errors import BadInput
from ninefifteen.home import Home

NEXT_START = "at the next start of `ninefifteen run`; a day that has begun keeps the settings it began with"


class Plan(msgspec.Struct, kw_only=True):
    """A change worked out. `now` goes into the file at once, `later` waits for `effective`.

    `text` is config.yaml after the save, `then` what it will be once everything counts. `kept` are the
    changes that waited before and still do. With a problem nothing may be written.
    """

    version: str = ""
    before: str = ""
    text: str = ""
    then: str = ""
    effective: date | None = None
    now: dict[str, Any] = {}
    later: dict[str, Any] = {}
    cancelled: list[str] = []
    kept: list[Pending] = []
    changed: list[Changed] = []
    problems: list[str] = []
    contradictions_now: list[str] = []
    contradictions_then: list[str] = []

    @property
    def diff(self) -> list[str]:
        """The change of the file as a unified diff."""
        lines = difflib.unified_diff(
            self.before.splitlines(), self.then.splitlines(), "config.yaml", "config.yaml", lineterm="", n=2
        )
        return list(lines)

    @property
    def applies(self) -> str:
        """When it counts, in words."""
        day = f"from {self.effective} on, at the first start of `ninefifteen run` on that day or later"
        if self.now and self.later:
            return f"{', '.join(self.later)}: {day}; the rest: {NEXT_START}"
        if self.later:
            return day
        return NEXT_START if self.now or self.cancelled else "nothing is changed"


def plan_change(
    home: Home,
    changes: Mapping[str, Any],
    effective: date | None,
    environment: Mapping[str, str],
    read: Callable[[Key, Any], Any] = value_from_json,
) -> Plan:
    """Work a change out; `effective` is the next trading day, None where no calendar tells. Never writes.

    `read` makes a value of what was given, and raises WrongValue.
    """
    return _planned(home, changes, effective, environment, read, waits=True)


def plan_at_once(home: Home, changes: Mapping[str, str], environment: Mapping[str, str]) -> Plan:
    """The same for texts as config.yaml has them, by somebody who could edit the file: nothing waits."""
    return _planned(home, changes, None, environment, value_from_yaml, waits=False)


def write_plan(home: Home, plan: Plan, who: str, now: str) -> None:
    """Write what was planned: the changes that wait, config.yaml, and the history. Raises OSError."""
    if plan.later and plan.effective is not None:
        waiting = [
            Pending(key=key, value=as_yaml(value), effective=plan.effective, who=who, at=now)
            for key, value in plan.later.items()
        ]
        keep_pending(home, [*plan.kept, *waiting])
    elif plan.cancelled or plan.now:
        keep_pending(home, plan.kept)
    if plan.text != plan.before:
        write_config(home, plan.text)
    for names, effective in ((plan.now, "next start"), (plan.later, str(plan.effective))):
        made = tuple(one for one in plan.changed if one.key in names)
        if made:
            add_history(home, HistoryEntry(at=now, who=who, changes=made, effective=effective))


def _planned(
    home: Home,
    changes: Mapping[str, Any],
    effective: date | None,
    environment: Mapping[str, str],
    read: Callable[[Key, Any], Any],
    *,
    waits: bool,
) -> Plan:
    plan = Plan(effective=effective)
    try:
        plan.before = plan.text = plan.then = config_text(home)
        plan.version = version_of(plan.before)
        loaded = load_config(home, environment=environment)
        waiting = read_pending(home)
    except BadInput as problem:
        plan.problems = str(problem).splitlines()
        return plan
    _sort(plan, changes, loaded, waiting, read, waits=waits)
    if plan.later and effective is None:
        plan.problems.append("the calendar does not know the next trading day: `ninefifteen calendar import`")
    if not plan.problems:
        _try(plan, home, loaded, environment)
    return plan


def not_editable(path: str) -> str | None:
    """Why a page cannot change this setting; None when it can."""
    if path.startswith("broker_endpoint."):
        return "addresses of a simulated broker are written by hand, both together"
    if path == "strategy.name":
        return "there is one strategy of that place"
    return None


def _sort(
    plan: Plan,
    changes: Mapping[str, Any],
    loaded: LoadedConfig,
    waiting: list[Pending],
    read: Callable[[Key, Any], Any],
    *,
    waits: bool,
) -> None:
    """What counts at once, what waits, and what is taken back."""
    for path, given in changes.items():
        key = keys().get(path)
        if key is None or (why_not := not_editable(path)) is not None:
            plan.problems.append(f"{path[:80]} " + ("is not a setting" if key is None else str(why_not)))
            continue
        try:
            value = read(key, given)
        except WrongValue as wrong:
            plan.problems.append(f"{path} {wrong}")
            continue
        before, danger = value_of(loaded.settings, key), dangers().get(path)
        if value == before:
            plan.cancelled += [one.key for one in waiting if one.key == path]
            continue
        later = waits and danger is not None and danger.holds(before, value)
        (plan.later if later else plan.now)[path] = value
        plan.changed.append(Changed(key=path, before=as_yaml(before), after=as_yaml(value)))
    touched = {*plan.now, *plan.later, *plan.cancelled}
    plan.kept = [one for one in waiting if one.key not in touched]


def _try(plan: Plan, home: Home, loaded: LoadedConfig, environment: Mapping[str, str]) -> None:
    """Write the texts and have the loader judge them, now and once everything counts."""
    plan.contradictions_now = notes(loaded.settings)
    try:
        plan.text = edited(plan.before, plan.now) if plan.now else plan.before
        after = load_config(home, environment=environment, text=plan.text)
        waiting = {one.key: value_of_pending(one) for one in plan.kept} | plan.later
        plan.then = edited(plan.text, waiting) if waiting else plan.text
        then = load_config(home, environment=environment, text=plan.then)
    except BadInput as problem:
        plan.problems += str(problem).splitlines()
        return
    for made, wanted in ((after, plan.now), (then, plan.later)):
        for path, value in wanted.items():
            if value_of(made.settings, keys()[path]) != value:
                plan.problems.append(f"{path}: {made.sources[path]} is stronger: change it there")
    plan.contradictions_then = notes(then.settings)
