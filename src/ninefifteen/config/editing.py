"""Changing settings in the text of a config.yaml: what is not changed stays as it is, to the last comment.

The new text goes into the places of the old values; nothing is written anew. Nothing here writes a file.
"""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterator, Mapping
from datetime import time
from decimal import Decimal
from typing import Any

import yaml
from msgspec import Struct

from ninefifteen.config.reading import SECTION_SPELLINGS, read_yaml
from ninefifteen.config.values import WrongValue, read_value, shown
from ninefifteen.domain.settings_check import Key, keys
from ninefifteen.errors import BadInput

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_NULL = "tag:yaml.org,2002:null"
_BY_HAND = "change it in config.yaml by hand"


class _Splice(Struct, frozen=True):
    """Text to put in the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def value_from_json(key: Key, given: Any) -> Any:
    """A JSON value as the type of its key; numbers may come as text. Raises WrongValue."""
    if isinstance(given, str):
        return value_from_yaml(key, given if _is_number(key.kind) else _quoted(given))
    if isinstance(given, list):
        items = (_quoted(item) if isinstance(item, str) else json.dumps(item) for item in given)
        return value_from_yaml(key, f"[{', '.join(items)}]")
    return value_from_yaml(key, json.dumps(given))


def value_from_yaml(key: Key, text: str) -> Any:
    """A value as config.yaml has it, as the type of its key. Raises WrongValue."""
    try:
        node = yaml.compose(text.strip() or '""', Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        node = None
    if node is None:
        raise WrongValue("cannot be read")
    return read_value(key.kind, node)


def as_yaml(value: Any) -> str:
    """A value as it is written into config.yaml; texts that YAML could take for something else in quotes."""
    if isinstance(value, time):
        return shown(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        items = (_quoted(item) if isinstance(item, str) else str(item) for item in value)
        return f"[{', '.join(items)}]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _RESERVED
        return value if plain else _quoted(value)
    return shown(value)


def edited(text: str, changes: Mapping[str, Any]) -> str:
    """`text` with these settings, path to value, changed; missing ones are added to their section.

    The result, read again, has these values and otherwise the ones it had: that is made sure of. Raises
    BadInput when the text cannot be read, or is written in a way that has to be changed by hand.
    """
    before = read_yaml(text, "config.yaml", "config.yaml")
    if before.problems:
        raise BadInput(before.problems[0])
    made = text
    for path, value in changes.items():
        made = _put(made, keys()[path], as_yaml(value))
    after = read_yaml(made, "config.yaml", "config.yaml")
    wanted = {path: entry.value for path, entry in before.values.items()} | dict(changes)
    if after.problems or {path: entry.value for path, entry in after.values.items()} != wanted:
        raise BadInput(f"config.yaml is written in a way that cannot be changed from here: {_BY_HAND}")
    return made


def _quoted(text: str) -> str:
    """A text in double quotes as YAML reads it back, whatever its characters."""
    made: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))
    return made.removesuffix("\n")


def _is_number(kind: Any) -> bool:
    return any(option in (int, Decimal) for option in (kind, *typing.get_args(kind)))


def _put(text: str, key: Key, value: str) -> str:
    """The text with one setting changed wherever it is spelled, or added where it is missing."""
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    root = yaml.compose(body, Loader=yaml.SafeLoader)
    entries = list(_entries(root))
    section, leaf = key.path.split(".")
    splices = list(_found(entries, key, value))
    if not splices:
        mine = [(name, node) for name, node in entries if _canonical(name.value) == section]
        splices = [_added(body, mine, section, leaf, value)]
    for splice in sorted(splices, key=lambda one: -one.start):
        body = body[: splice.start] + splice.text + body[splice.end :]
    return bom + body


def _entries(node: yaml.Node | None) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode):
                yield name, value


def _canonical(name: str) -> str:
    return SECTION_SPELLINGS.get(name, name)


def _found(entries: list[tuple[yaml.ScalarNode, yaml.Node]], key: Key, value: str) -> Iterator[_Splice]:
    """The places where this setting has a value now, under each of its spellings."""
    section, leaf = key.path.split(".")
    for name, node in entries:
        if name.value == "EMERGENCY_STOP_NUMBERS" and key.path == "emergency.sms_numbers":
            yield _in_place(name, node, value)
        if _canonical(name.value) != section:
            continue
        for inner, old in _entries(node):
            if inner.value == leaf:
                yield _in_place(inner, old, value)


def _in_place(name: yaml.Node, old: yaml.Node, value: str) -> _Splice:
    start, end = old.start_mark.index, old.end_mark.index
    if start < name.end_mark.index:  # an alias: its value stands elsewhere, and others may use it
        raise BadInput(f"config.yaml uses an alias (*) there: {_BY_HAND}")
    if isinstance(old, yaml.ScalarNode) and old.style in ("|", ">"):
        raise BadInput(f"config.yaml has a text of several lines there: {_BY_HAND}")
    if isinstance(old, yaml.SequenceNode) and not old.flow_style:
        raise BadInput(f"config.yaml has a list over several lines there: {_BY_HAND}")
    # A value that is left out has no width, and stands right behind the colon.
    return _Splice(start, end, value if end > start else f" {value}")


def _added(
    text: str, mine: list[tuple[yaml.ScalarNode, yaml.Node]], section: str, leaf: str, value: str
) -> _Splice:
    """A new line of its section; a new section at the end of the text."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    if not mine:
        gap = "" if not text or text.endswith("\n") else line_end
        return _Splice(len(text), len(text), f"{gap}{section}:{line_end}  {leaf}: {value}{line_end}")
    name, node = mine[0]
    if isinstance(node, yaml.MappingNode) and node.flow_style:
        place = node.end_mark.index - 1
        comma = ", " if node.value and not text[:place].rstrip().endswith(",") else ""
        return _Splice(place, place, f"{comma}{leaf}: {value}")
    if isinstance(node, yaml.MappingNode) and node.value:
        first = node.value[0][0].start_mark
        start = first.index - first.column
        return _Splice(start, start, f"{' ' * first.column}{leaf}: {value}{line_end}")
    if node.tag != _NULL:
        raise BadInput(f"config.yaml: {name.value} is no section: {_BY_HAND}")
    end = node.end_mark.index
    start = min(end, node.start_mark.index)
    return _Splice(start, end, f"{line_end}  {leaf}: {value}")
