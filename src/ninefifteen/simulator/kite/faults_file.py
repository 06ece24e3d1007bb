"""What goes wrong and when, as a person writes it: the file of `exchange --faults`, read and checked.

A file is a list of faults in YAML (or JSON, which is YAML too). Every value is read from its text, so
that 10:15:00 is a time although YAML 1.1 takes it for a number in base sixty. docs/exchange.md shows
an example of each fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any, Literal

import msgspec
import yaml

from ninefifteen.errors import BadInput

METHODS = ("GET", "POST", "PUT", "DELETE")
_CLOCK = re.compile(r"\d{2}:\d{2}:\d{2}(\.\d{1,3})?")
_ADDRESS = re.compile(rf"(?:({'|'.join(METHODS)}) )?(/[a-z0-9/_-]*)", re.IGNORECASE)
_MOST_SECONDS = 86_400.0
_TIMES = frozenset({"at", "between", "day"})
_OFTEN = frozenset({"count", "chance"})


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fault. `at` and `between` are times of the exchange; `day` 1 is the first day, None every day.

    `count` is how often it happens in a day (None: always), `chance` how likely each time; what
    `seconds` are of depends on the fault. `keep` is the share of rows that stay.
    """

    on: str
    what: str
    at: str | None = None
    between: tuple[str, str] | None = None
    day: int | None = None
    count: int | None = None
    chance: float | None = None
    seconds: float | None = None
    status: int | None = None
    body: Literal["json", "html", "empty"] | None = None
    message: str | None = None
    error_type: str | None = None
    column: str | None = None
    keep: float | None = None

    @property
    def place(self) -> str:
        """Where it happens: one of the keys of `KINDS`."""
        return self.on if self.on in KINDS else "an address"

    @property
    def begins(self) -> time:
        """The time of the day from which it happens."""
        text = self.between[0] if self.between else self.at
        return time.fromisoformat(text) if text else time.min

    @property
    def ends(self) -> time:
        """The time of the day from which it does not happen any more."""
        return time.fromisoformat(self.between[1]) if self.between else time.max

    @property
    def most(self) -> int | None:
        """How often it happens in a day: once from `at` on, else always, unless `count` says it."""
        return 1 if self.count is None and self.at is not None else self.count

    def meets(self, method: str, path: str) -> bool:
        """Whether a request is one that this fault is about."""
        found = _ADDRESS.fullmatch(self.on)
        if found is None:
            return False
        asked, prefix = found[1], found[2].rstrip("/")
        return asked in (None, method) and (path == prefix or path.startswith(f"{prefix}/"))


class Kind(msgspec.Struct, frozen=True):
    """What a fault needs beside `on` and `what`, and what else it may have."""

    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()


def _kind(needs: str = "", may: str = "", *, often: bool = True) -> Kind:
    needed = frozenset(needs.split())
    return Kind(needed, (frozenset(may.split()) | _TIMES | (_OFTEN if often else frozenset())) - needed)


KINDS: Mapping[str, Mapping[str, Kind]] = {
    "an address": {
        "late": _kind("seconds"),
        "lost": _kind(),
        "timed_out": _kind(may="seconds message"),
        "dropped": _kind(),
        "error": _kind("status", "body message error_type"),
        "slow": _kind("seconds"),
        "cut": _kind(),
        "static_ip": _kind(may="message"),
        "missing_rows": _kind(may="keep"),
        "missing_column": _kind("column"),
        "yesterday": _kind(),
    },
    "handshake": {
        "error": _kind("status", "body message error_type"),
        "dropped": _kind(),
    },
    "feed": {
        "frozen": _kind(often=False),
        "silent": _kind(often=False),
        "stale": _kind(often=False),
        "yesterday": _kind(often=False),
        "dropped": Kind(frozenset({"at"}), frozenset({"day", "count", "seconds"})),
    },
    "updates": {
        "lost": _kind(),
        "duplicated": _kind(),
        "reordered": _kind(may="seconds"),
        "late": _kind("seconds"),
    },
    "session": {"killed": Kind(frozenset({"at"}), frozenset({"day"}))},
}
"""Every fault there is: where it happens, and what it is called there."""


def read_faults(text: str, name: str) -> tuple[Fault, ...]:
    """The faults in the text of a file; `name` is how messages call it.

    Raises BadInput with one line that names the line, the fault and the mistake.
    """
    return tuple(_checked(entry, where) for entry, where in _entries(text, name))


def _entries(text: str, name: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Each entry with the place it stands at, as messages name it."""
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
        if not isinstance(root, yaml.SequenceNode):
            raise BadInput(f"{name}: needs a list of faults, each begun with `- on: ...`")
        for number, node in enumerate(root.value, start=1):
            where = f"{name}:{node.start_mark.line + 1}: fault {number}"
            if not isinstance(node, yaml.MappingNode):
                raise BadInput(f"{where}: needs `on` and `what`")
            entry = yaml.BaseLoader("").construct_object(node, deep=True)
            if len(entry) != len(node.value):
                raise BadInput(f"{where}: a word is given twice: keep one")
            yield entry, where
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BadInput(
            f"{name}:{line}: not readable as YAML here or on the line above: {error.problem or error.context}"
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise BadInput(f"{name}: not readable as YAML") from None


def _checked(entry: dict[str, Any], where: str) -> Fault:
    try:
        fault = msgspec.convert(entry, Fault, strict=False)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        raise BadInput(f"{where}: {path.rstrip('`') + ': ' if path else ''}{problem}") from None
    problem = _mistake(fault, frozenset(entry))
    if problem:
        raise BadInput(f"{where}: {problem}")
    return fault


def _mistake(fault: Fault, given: frozenset[str]) -> str:
    """What is wrong with a fault, empty when nothing is."""
    if fault.place == "an address" and not _ADDRESS.fullmatch(fault.on):
        places = ", ".join(place for place in KINDS if place != "an address")
        return f"on: {fault.on}: needs an address like POST /orders, or one of {places}"
    kinds = KINDS[fault.place]
    kind = kinds.get(fault.what)
    if kind is None:
        return f"what: {fault.what}: there is no such fault on {fault.place}: choose {', '.join(kinds)}"
    given -= {"on", "what"}
    if missing := sorted(kind.needs - given):
        return f"what: {fault.what}: needs {', '.join(missing)}"
    if more := sorted(given - kind.needs - kind.may):
        return f"what: {fault.what}: cannot have {', '.join(more)}"
    return _wrong_time(fault) or _wrong_number(fault)


def _wrong_time(fault: Fault) -> str:
    if fault.at is not None and fault.between is not None:
        return "at and between: keep one of them"
    for text in (*(() if fault.at is None else (fault.at,)), *(fault.between or ())):
        try:
            time.fromisoformat(text if _CLOCK.fullmatch(text) else "")
        except ValueError:
            return f"{text}: needs a time of day like 09:15:00"
    if fault.between is not None and fault.begins >= fault.ends:
        return f"between: {fault.between[0]} is not before {fault.between[1]}"
    return ""


def _wrong_number(fault: Fault) -> str:
    ranges: tuple[tuple[str, float | None, float, float], ...] = (
        ("day", fault.day, 1, 366),
        ("count", fault.count, 1, 1_000_000),
        ("chance", fault.chance, 0, 1),
        ("seconds", fault.seconds, 0, _MOST_SECONDS),
        ("status", fault.status, 400, 599),
        ("keep", fault.keep, 0, 1),
    )
    for name, value, least, most in ranges:
        if value is not None and not least <= value <= most:
            return f"{name}: {value} is not from {least} to {most:g}"
    return ""
