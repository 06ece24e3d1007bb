"""The schema of the settings as a list of keys, and what is wrong with a set of values."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterator
from datetime import time
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from msgspec import Meta, Struct

from ninefifteen.domain.settings import Settings


class Key(Struct, frozen=True):
    """One setting: its path as people write it, its place in the structs, its type and its rules."""

    path: str
    """As in config.yaml, e.g. `strategy.target_pct`."""
    place: tuple[str, ...]
    """Attribute names from `Settings` down."""
    kind: Any
    """The declared type without its annotations."""
    default: Any
    """The value without any configuration; None for the keys of an optional section."""
    required: bool
    """Whether its section cannot exist without it."""
    description: str
    unit: str
    bounds: dict[str, Any]
    """`minimum`, `maximum` (inclusive) and `exclusiveMinimum`, as in JSON schema."""


class Problem(Struct, frozen=True):
    """A value that cannot be used: the key at fault and one line about it."""

    path: str
    text: str


@cache
def sections() -> dict[str, type[Struct]]:
    """The sections of `Settings` by name, in the order of the file."""
    hints = typing.get_type_hints(Settings)
    return {field.encode_name: _struct_of(hints[field.name]) for field in msgspec.structs.fields(Settings)}


@cache
def keys() -> dict[str, Key]:
    """Every setting by its path, in the order of the file."""
    return {key.path: key for section, struct in sections().items() for key in _keys_of(section, struct)}


def value_of(settings: Settings, key: Key) -> Any:
    """The value of one setting; None where its optional section is absent."""
    value: Any = settings
    for name in key.place:
        value = None if value is None else getattr(value, name)
    return value


def problems(settings: Settings) -> list[Problem]:
    """Everything that is wrong with `settings`: bounds first, then values that contradict each other.

    Each text names the keys and values and says what would be right. An empty list: they can be used.
    """
    found = [_out_of_bounds(key, value_of(settings, key)) for key in keys().values()]
    for rule in (_limits, _times, _entry_times, _ratios, _range_breakout, _gates, _phones):
        found.extend(rule(settings))
    return [problem for problem in found if problem is not None]


def _struct_of(hint: Any) -> type[Struct]:
    """The struct of a section, also of an optional one."""
    options = [option for option in typing.get_args(hint) if option is not types.NoneType]
    return typing.cast("type[Struct]", options[0] if options else hint)


def _keys_of(section: str, struct: type[Struct]) -> Iterator[Key]:
    hints = typing.get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        kind, meta = typing.get_args(hints[field.name])
        yield Key(
            path=f"{section}.{field.encode_name}",
            place=(section, field.name),
            kind=kind,
            default=None if field.default is msgspec.NODEFAULT else field.default,
            required=field.default is msgspec.NODEFAULT,
            description=typing.cast("Meta", meta).description or "",
            unit=(meta.extra or {}).get("unit", ""),
            bounds=meta.extra_json_schema or {},
        )


_PHONE = re.compile(r"\+[0-9X]{8,15}")
"""X stands for a digit not filled in yet, as in the user's own document."""

_WHOLE_PREMIUM = 100
"""A stop of 100 percent would be reached only at a worthless option."""

_BOUNDS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "minimum": (lambda value, bound: value >= bound, "at least"),
    "exclusiveMinimum": (lambda value, bound: value > bound, "above"),
    "maximum": (lambda value, bound: value <= bound, "at most"),
}


def _out_of_bounds(key: Key, value: Any) -> Problem | None:
    if value is None:
        return None
    for name, bound in key.bounds.items():
        holds, words = _BOUNDS[name]
        if not holds(value, bound):
            return Problem(key.path, f"{key.path} is {value}: it must be {words} {bound}")
    if key.unit == "rupees" and value != value.quantize(Decimal("0.01")):
        return Problem(key.path, f"{key.path} is {value}: rupees have two decimal places at most")
    return None


def _limits(settings: Settings) -> Iterator[Problem]:
    loss = settings.risk.max_daily_loss
    if loss <= 0:
        path = "risk.max_daily_loss"
        yield Problem(path, f"{path} is {loss}: it must be above 0, the rupees a day may cost at most")
    yield from _levels(
        "strategy", settings.strategy.target_pct, settings.strategy.stop_pct, settings.strategy.lots
    )


def _levels(section: str, target: Decimal, stop: Decimal, lots: int) -> Iterator[Problem]:
    """Target, stop and size, which every strategy has."""
    if target <= 0:
        path = f"{section}.target_pct"
        yield Problem(
            path, f"{path} is {target}: the target must be above 0 percent, or it would sell at a loss"
        )
    if not 0 < stop < _WHOLE_PREMIUM:
        path = f"{section}.stop_pct"
        yield Problem(path, f"{path} is {stop}: the stop must be above 0 and below 100 percent of the entry")
    if lots < 1:
        path = f"{section}.lots"
        yield Problem(path, f"{path} is {lots}: it must be at least 1")


def _times(settings: Settings) -> Iterator[Problem]:
    """The day's own order: scan, entry, square-off."""
    strategy, entry = settings.strategy, settings.entry
    if strategy.scan_time >= strategy.entry_time:
        yield _order(
            "strategy.scan_time", strategy.scan_time, "before", "strategy.entry_time", strategy.entry_time
        )
    exit_at = strategy.exit_at
    if exit_at is None:
        return
    path = "strategy.exit_at"
    if exit_at <= strategy.entry_time:
        yield _order(path, exit_at, "after", "strategy.entry_time", strategy.entry_time)
    elif exit_at <= entry.cutoff:
        yield _order(path, exit_at, "after", "entry.cutoff", entry.cutoff)
    elif exit_at <= settings.recorded.last_entry:
        yield _order(path, exit_at, "after", "recorded.last_entry", settings.recorded.last_entry)


def _entry_times(settings: Settings) -> Iterator[Problem]:
    """The entry's own order: opening, next candidate, cutoff."""
    opening, entry = settings.strategy.entry_time, settings.entry
    if entry.cutoff <= opening:
        yield _order("entry.cutoff", entry.cutoff, "after", "strategy.entry_time", opening)
    elif not opening <= entry.next_after <= entry.cutoff:
        path = "entry.next_after"
        text = f"{path} is {entry.next_after}: it must lie between strategy.entry_time {opening}"
        yield Problem(path, f"{text} and entry.cutoff {entry.cutoff}")
    if settings.recorded.last_entry < opening:
        last = settings.recorded.last_entry
        yield _order("recorded.last_entry", last, "not before", "strategy.entry_time", opening)


def _order(path: str, at: time, words: str, other: str, other_at: time) -> Problem:
    return Problem(path, f"{path} is {at}: it must be {words} {other}, which is {other_at}")


def _ratios(settings: Settings) -> Iterator[Problem]:
    strategy = settings.strategy
    # 0 switches a bound off, so only two bounds that are both on can contradict each other.
    if strategy.pcr_max and strategy.pcr_min > strategy.pcr_max:
        text = f"strategy.pcr_min is {strategy.pcr_min}: it must not be above strategy.pcr_max, which is"
        yield Problem("strategy.pcr_min", f"{text} {strategy.pcr_max}")
    if strategy.max_gain_pct and strategy.min_gain_pct >= strategy.max_gain_pct:
        text = f"strategy.min_gain_pct is {strategy.min_gain_pct}: it must be below strategy.max_gain_pct,"
        yield Problem("strategy.min_gain_pct", f"{text} which is {strategy.max_gain_pct}")


def _range_breakout(settings: Settings) -> Iterator[Problem]:
    breakout, exit_at = settings.opening_range, settings.strategy.exit_at
    yield from _levels("opening_range", breakout.target_pct, breakout.stop_pct, breakout.lots)
    if breakout.last_entry <= settings.strategy.entry_time:
        yield _order(
            "opening_range.last_entry",
            breakout.last_entry,
            "after",
            "strategy.entry_time",
            settings.strategy.entry_time,
        )
    if breakout.enabled and exit_at is not None and exit_at <= breakout.last_entry:
        yield _order("strategy.exit_at", exit_at, "after", "opening_range.last_entry", breakout.last_entry)


def _gates(settings: Settings) -> Iterator[Problem]:
    gates = settings.gates
    if gates.full_trades < gates.min_trades:
        text = f"gates.full_trades is {gates.full_trades}: it must not be below gates.min_trades, which is"
        yield Problem("gates.full_trades", f"{text} {gates.min_trades}")


def _phones(settings: Settings) -> Iterator[Problem]:
    for number in settings.emergency.sms_numbers:
        if not _PHONE.fullmatch(number):
            path = "emergency.sms_numbers"
            yield Problem(path, f"{path} has {number!r}: write it with country code, e.g. +919812345678")
