"""One value of the configuration: from YAML text to the type its key declares, and back to text."""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Callable, Iterable
from datetime import time
from decimal import Decimal
from typing import Any

import yaml

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9_]{0,17})")
_WITH_UNIT = re.compile(r"(rs\.?|inr|₹)\s*\d[\d.]*|\d[\d.]*\s*(%|k|pct|percent|rs\.?|lakh)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?([0-9][0-9_]{0,17}(\.[0-9]{0,9})?|\.[0-9]{1,9})")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NULL = "tag:yaml.org,2002:null"
_LONGEST_ECHO = 40


class WrongValue(ValueError):
    """A value is not of the type its key needs; the text goes after the name of the key."""


def read_value(kind: Any, node: yaml.Node) -> Any:
    """The value of a YAML node as `kind`; WrongValue says what was needed and what was found.

    Numbers are read from their text, so 0.7 is exactly 0.7, and 15:10 is a time although YAML 1.1
    takes it for a number in base sixty.
    """
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        if node.tag == _NULL:
            return None
        kind = next(option for option in typing.get_args(kind) if option is not types.NoneType)
    if typing.get_origin(kind) is tuple:
        return _list(kind, node)
    if not isinstance(node, yaml.ScalarNode):
        raise WrongValue(f"needs {_wanted(kind)}, found {describe(node)}")
    if node.tag == _NULL:
        raise WrongValue(f"has no value: it needs {_wanted(kind)}")
    if typing.get_origin(kind) is typing.Literal:
        return _choice(typing.get_args(kind), node.value)
    return _SCALARS[kind](node)


def shown(value: Any) -> str:
    """A value as it is written in config.yaml."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{item}"' if isinstance(item, str) else str(item) for item in value) + "]"
    if isinstance(value, time):
        return f'"{value}"'
    return str(value)


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def describe(node: yaml.Node) -> str:
    """What was found, in words a person recognises."""
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if isinstance(node, yaml.MappingNode):
        return "a section"
    if node.tag == _NULL:
        return "nothing"
    text = str(node.value)
    return repr(text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "...")


def _list(kind: Any, node: yaml.Node) -> tuple[Any, ...]:
    item = typing.get_args(kind)[0]
    if not isinstance(node, yaml.SequenceNode):
        example = '["+919812345678"]' if item is str else "[123456789]"
        raise WrongValue(f"needs a list, e.g. {example}, found {describe(node)}")
    return tuple(read_value(item, entry) for entry in node.value)


def _choice(choices: tuple[str, ...], text: str) -> str:
    if text in choices:
        return text
    near = suggestion(text.lower(), choices)
    hint = f" (did you mean {near}?)" if near else ""
    raise WrongValue(f"is {text!r}: it must be one of {', '.join(choices)}{hint}")


def _whole(node: yaml.ScalarNode) -> int:
    if node.style or not _WHOLE.fullmatch(node.value):
        raise WrongValue(f"needs a whole number, found {_spelled(node)}")
    return int(node.value.replace("_", ""))


def _number(node: yaml.ScalarNode) -> Decimal:
    if node.style or not _NUMBER.fullmatch(node.value):
        raise WrongValue(f"needs a number, found {_spelled(node)}")
    return Decimal(node.value.replace("_", ""))


def _spelled(node: yaml.ScalarNode) -> str:
    hint = " (write it without commas)" if "," in node.value else ""
    if not hint and _WITH_UNIT.fullmatch(node.value):
        hint = " (write the number alone)"
    hint = " (write it without quotes)" if node.style and not hint else hint
    return describe(node) + hint


def _clock(node: yaml.ScalarNode) -> time:
    match = _CLOCK.fullmatch(node.value)
    if not match:
        raise WrongValue(f'needs a time such as "09:15:00", found {describe(node)}')
    hour, minute, second = match.groups(default="0")
    return time(int(hour), int(minute), int(second))


def _truth(node: yaml.ScalarNode) -> bool:
    if node.style or node.value.lower() not in _TRUTH:
        raise WrongValue(f"needs true or false, found {describe(node)}")
    return _TRUTH[node.value.lower()]


def _text(node: yaml.ScalarNode) -> str:
    return str(node.value)


_SCALARS: dict[Any, Callable[[yaml.ScalarNode], Any]] = {
    int: _whole,
    Decimal: _number,
    time: _clock,
    bool: _truth,
    str: _text,
}


def _wanted(kind: Any) -> str:
    if typing.get_origin(kind) is typing.Literal:
        return "one of " + ", ".join(typing.get_args(kind))
    words = {int: "a whole number", Decimal: "a number", time: "a time", bool: "true or false", str: "a text"}
    return words[kind]
