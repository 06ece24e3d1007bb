"""What the user wrote, key by key, with the place of each: from `config.yaml` and from `--set`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from msgspec import Struct

from ninefifteen.config.dotenv import ENV_NAMES
from ninefifteen.config.values import WrongValue, describe, read_value, shown, suggestion
from ninefifteen.domain.settings_check import Key, keys, sections

EMERGENCY_NAME = "EMERGENCY_STOP_NUMBERS"
EMERGENCY_PATH = "emergency.sms_numbers"
SECTION_SPELLINGS = {"risk_limits": "risk"}
_NULL = "tag:yaml.org,2002:null"


class Given(Struct, frozen=True):
    """One value the user gave."""

    value: Any
    source: str
    """Short, for `config show`: `config.yaml:12`, `--set`, `.env:3`."""
    where: str
    """Long, for messages: with the path of the file."""
    spelled: str
    """The key as the user wrote it."""


class Reading(Struct):
    """All values given in one place, and one line for everything that could not be read."""

    values: dict[str, Given]
    problems: list[str]
    broken: set[str]
    """Keys that were given with an unusable value."""

    def take(self, path: str, given: Given) -> None:
        """Keep a value; the same setting under two spellings must be the same value."""
        earlier = self.values.get(path)
        if earlier is None or (path == EMERGENCY_PATH and not earlier.value):
            self.values[path] = given
        elif earlier.value != given.value and (path != EMERGENCY_PATH or given.value):
            self.problems.append(
                f"{given.where}: {given.spelled} is {shown(given.value)}, but {earlier.spelled}"
                f" in {earlier.where} is {shown(earlier.value)}: they are the same setting, keep one"
            )


def read_yaml(text: str, name: str, short_name: str) -> Reading:
    """Every setting in the text of a `config.yaml`; `name` is its path, `short_name` the file alone."""
    reading = Reading({}, [], set())
    try:
        root = yaml.compose(text.removeprefix("\ufeff"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reading.problems.append(
            f"{name}:{line}: not readable as YAML here or on the line above: {_plain(error)}"
        )
        return reading
    except yaml.YAMLError as error:
        reading.problems.append(f"{name}: not readable as YAML: {str(error).splitlines()[0]}")
        return reading
    except RecursionError:
        reading.problems.append(f"{name}: not readable as YAML: nested too deeply")
        return reading
    if root is None or root.tag == _NULL:
        return reading
    if not isinstance(root, yaml.MappingNode):
        reading.problems.append(
            f"{name}:{_line(root)}: needs sections such as `strategy:`, found {describe(root)}"
        )
        return reading
    for spelled, node, line in _entries(reading, root, name, ""):
        _read_section(reading, spelled, node, _Place(name, short_name, line))
    return reading


def read_overrides(overrides: Sequence[str]) -> Reading:
    """Every `KEY=VALUE` of `--set`; the last one counts when a key is given twice."""
    reading = Reading({}, [], set())
    for override in overrides:
        path, equals, text = override.partition("=")
        path = path.strip()
        if not equals:
            reading.problems.append(f"--set {override}: write it as KEY=VALUE, e.g. --set strategy.lots=1")
            continue
        section, _, rest = path.partition(".")
        path = f"{SECTION_SPELLINGS.get(section, section)}.{rest}" if rest else path
        path = EMERGENCY_PATH if path == EMERGENCY_NAME else path
        key = keys().get(path)
        if key is None:
            reading.problems.append(f"--set {override}: {_unknown(path)}")
            continue
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError):
            reading.problems.append(f"--set {override}: {path} cannot be read from {text!r}")
            continue
        reading.values.pop(path, None)
        empty = yaml.ScalarNode(_NULL, "")
        place = _Place(f"--set {override}", "--set", None)
        _read_key(reading, key, path, node if node is not None else empty, place)
    return reading


class _Place(Struct, frozen=True):
    """Where a key stands."""

    name: str
    short_name: str
    line: int | None

    @property
    def where(self) -> str:
        return self.name if self.line is None else f"{self.name}:{self.line}"

    @property
    def source(self) -> str:
        return self.short_name if self.line is None else f"{self.short_name}:{self.line}"


def _plain(error: yaml.MarkedYAMLError) -> str:
    """What the parser found, and what to look for: people rarely know its words."""
    found = error.problem or error.context or "something unexpected"
    return f"{found}; look at the spaces at the start, a space after each colon, no tabs"


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _entries(
    reading: Reading, mapping: yaml.MappingNode, name: str, prefix: str
) -> Iterator[tuple[str, yaml.Node, int]]:
    """The keys of a mapping with their lines; a key given twice is a problem, not a silent last word."""
    seen: dict[str, int] = {}
    for key_node, value_node in mapping.value:
        line = _line(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            reading.problems.append(f"{name}:{line}: a key must be a word, found {describe(key_node)}")
            continue
        spelled = str(key_node.value)
        if spelled in seen:
            first = f"first in line {seen[spelled]}"
            reading.problems.append(f"{name}:{line}: {prefix}{spelled} is given twice ({first}): keep one")
            continue
        seen[spelled] = line
        yield spelled, value_node, line


def _read_section(reading: Reading, spelled: str, node: yaml.Node, place: _Place) -> None:
    if spelled == EMERGENCY_NAME:
        _read_key(reading, keys()[EMERGENCY_PATH], spelled, node, place)
        return
    section = SECTION_SPELLINGS.get(spelled, spelled)
    if section not in sections():
        reading.problems.append(f"{place.where}: {_unknown(spelled)}")
        return
    if node.tag == _NULL:
        return
    if not isinstance(node, yaml.MappingNode):
        reading.problems.append(f"{place.where}: {spelled} needs settings below it, found {describe(node)}")
        return
    for leaf, value_node, line in _entries(reading, node, place.name, f"{spelled}."):
        here = _Place(place.name, place.short_name, line)
        key = keys().get(f"{section}.{leaf}")
        if key is None:
            reading.problems.append(f"{here.where}: {_unknown(f'{section}.{leaf}', spelled)}")
        else:
            _read_key(reading, key, f"{spelled}.{leaf}", value_node, here)


def _read_key(reading: Reading, key: Key, spelled: str, node: yaml.Node, place: _Place) -> None:
    try:
        value = read_value(key.kind, node)
    except WrongValue as wrong:
        reading.problems.append(f"{place.where}: {spelled} {wrong}")
        reading.broken.add(key.path)
        return
    reading.take(key.path, Given(value, place.source, place.where, spelled))


def _unknown(path: str, section: str = "") -> str:
    """An unknown key in one line, with the key that was probably meant."""
    head, _, leaf = path.rpartition(".")
    named = f"{section}.{leaf}" if section else path
    if path.upper() in ENV_NAMES:
        return f"{named} is not a setting: secrets belong into .env, not here"
    if path in sections() or path in SECTION_SPELLINGS:
        return f"{named} is a section: name one of its settings, e.g. {_first_key(path)}"
    if path in keys():
        return f"{named} is not a section: write `{leaf}` below `{head}:`"
    meant = _meant(path, head, leaf)
    return f"{named} is not a setting" + (f": did you mean {meant}?" if meant else "")


def _first_key(section: str) -> str:
    canonical = SECTION_SPELLINGS.get(section, section)
    return next(path for path in keys() if path.startswith(f"{canonical}."))


def _meant(path: str, head: str, leaf: str) -> str | None:
    """The setting or section that was probably meant: the same word elsewhere, else a similar one."""
    elsewhere = [known for known in keys() if known.endswith(f".{leaf}")]
    if elsewhere:
        return elsewhere[0]
    if not head:
        return suggestion(path, [*sections(), *SECTION_SPELLINGS]) or suggestion(path, keys())
    siblings = [known.partition(".")[2] for known in keys() if known.startswith(f"{head}.")]
    near = suggestion(leaf, siblings)
    return f"{head}.{near}" if near else suggestion(path, keys())
