"""Every setting as the page shows it: from the one schema, with its source, its range and its dangers."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Any, Literal

from ninefifteen.adapters.journal import settings_of
from ninefifteen.config import LoadedConfig, load_config, settings_hash
from ninefifteen.config.changing import NEXT_START, not_editable
from ninefifteen.config.contradictions import notes
from ninefifteen.config.dangerous import dangers
from ninefifteen.config.dotenv import SECRET_MEANINGS, SECRET_NAMES, read_environment
from ninefifteen.config.editing import as_yaml, value_from_yaml
from ninefifteen.config.pending import Pending, config_text, read_history, read_pending, version_of
from ninefifteen.config.values import WrongValue
from ninefifteen.domain.settings import Settings
from ninefifteen.domain.settings_check import Key, keys, sections, value_of
from ninefifteen.errors import BadInput
from ninefifteen.web.errors import Refused
from ninefifteen.web.models.settings import (
    HistoryChange,
    HistoryLine,
    PendingChange,
    SecretRow,
    SettingGroup,
    SettingRow,
    SettingsPage,
)

from .records import Records

_SHOWN_HISTORY = 50
Kind = Literal["text", "number", "whole", "time", "truth", "choice", "list"]
_KINDS: dict[Any, Kind] = {str: "text", Decimal: "number", int: "whole", time: "time", bool: "truth"}


def settings_page(records: Records, engine: Mapping[str, Any] | None) -> SettingsPage:
    """Every setting, the secrets as set or not set, and the history of the changes."""
    home, problems = records.home, []
    loaded: LoadedConfig | None = None
    waiting: list[Pending] = []
    text = ""
    try:
        text = config_text(home)
        loaded = load_config(home, environment=records.environment)
        waiting = read_pending(home)
    except BadInput as problem:
        problems = str(problem).splitlines()
    running = _running(records, engine)
    following = records.next_trading_day()
    known = {one.key: one for one in waiting}
    return SettingsPage(
        settings=[] if loaded is None else [_row(key, loaded, running, known) for key in keys().values()],
        groups=[SettingGroup(name=name, text=_first(part.__doc__)) for name, part in sections().items()],
        secrets=_secrets(records),
        contradictions=[] if loaded is None else notes(loaded.settings),
        problems=problems,
        history=_history(records),
        file=str(home.config_file),
        version=version_of(text),
        next_trading_day=None if following is None else following.isoformat(),
        running_settings_hash=None if running is None else settings_hash(running),
        file_settings_hash=None if loaded is None else loaded.settings_hash,
    )


def plain(value: Any) -> Any:
    """A setting as JSON: numbers with fractions and rupees as text, so that no digit is lost."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, time):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _running(records: Records, engine: Mapping[str, Any] | None) -> Settings | None:
    """The settings the running day began with; None without an engine, or before its day is open."""
    newest = records.newest()
    if engine is None or newest is None or engine.get("date") is None:
        return None
    try:
        with records.book(newest) as book:
            same = book.header.date.isoformat() == engine["date"]
            return settings_of(book.header) if same else None
    except Refused:
        return None


def _row(
    key: Key, loaded: LoadedConfig, running: Settings | None, waiting: Mapping[str, Pending]
) -> SettingRow:
    value = value_of(loaded.settings, key)
    now = None if running is None else value_of(running, key)
    danger, why_not = dangers().get(key.path), not_editable(key.path)
    kind, choices, optional = _kind(key.kind)
    return SettingRow(
        key=key.path,
        group=key.place[0],
        value=plain(value),
        written=as_yaml(value),
        default=plain(key.default),
        is_default=value == key.default,
        source=loaded.sources[key.path],
        meaning=key.description,
        unit=key.unit,
        kind=kind,
        choices=choices,
        optional=optional,
        low=key.bounds.get("minimum"),
        above=key.bounds.get("exclusiveMinimum"),
        high=key.bounds.get("maximum"),
        editable=why_not is None,
        why_not=why_not,
        dangerous="no" if danger is None else danger.when,
        danger=None if danger is None else danger.why,
        applies=NEXT_START,
        changed=None if running is None else now != value,
        running=plain(now),
        pending=_pending(key, waiting.get(key.path)),
    )


def _kind(kind: Any) -> tuple[Kind, list[str], bool]:
    """How the page asks for it, the choices there are, and whether null is one."""
    options = typing.get_args(kind)
    if typing.get_origin(kind) is Literal:
        return "choice", [str(option) for option in options], False
    if typing.get_origin(kind) is tuple:
        return "list", [], False
    if types.NoneType in options:
        some = next(option for option in options if option is not types.NoneType)
        return _kind(some)[0], _kind(some)[1], True
    return _KINDS[kind], [], False


def _pending(key: Key, waiting: Pending | None) -> PendingChange | None:
    if waiting is None:
        return None
    try:
        value = plain(value_from_yaml(key, waiting.value))
    except WrongValue:
        value = waiting.value
    return PendingChange(value=value, effective=waiting.effective.isoformat(), who=waiting.who, at=waiting.at)


def _secrets(records: Records) -> list[SecretRow]:
    """Set or not set, as far as this process can see; never a value."""
    values, _ = read_environment(records.home.env_file, records.environment)
    return [
        SecretRow(
            name=name,
            set=name in values,
            text=f"set in {values[name].source}" if name in values else "not set in .env",
            source=values[name].source if name in values else None,
            meaning=SECRET_MEANINGS[name],
        )
        for name in SECRET_NAMES
    ]


def _history(records: Records) -> list[HistoryLine]:
    return [
        HistoryLine(
            at=entry.at,
            who=entry.who,
            changes=[HistoryChange(key=one.key, before=one.before, after=one.after) for one in entry.changes],
            effective=entry.effective,
        )
        for entry in read_history(records.home)[:_SHOWN_HISTORY]
    ]


def _first(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]
