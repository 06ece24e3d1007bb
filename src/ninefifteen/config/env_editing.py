"""Changing secrets in the text of a `.env`: what is not changed stays as it is, to the last comment.

No message of this module ever repeats a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ninefifteen.config.dotenv import SPELLINGS, parse_env
from ninefifteen.config.template import default_env
from ninefifteen.errors import BadInput

_LONGEST = 500
_LINE = re.compile(r"(\s*)(#\s*)?(export\s+)?([A-Za-z_][A-Za-z0-9_]*)(\s*=\s*)(.*)")


def fault_of(value: str) -> str | None:
    """What is wrong with a secret as somebody gave it, in words that follow its name; None for nothing."""
    if not value:
        return "is empty"
    if len(value) > _LONGEST:
        return f"is longer than {_LONGEST} characters: more than the secret was copied"
    if any(not sign.isprintable() or sign.isspace() for sign in value):
        return "has a space or a character that cannot be seen in it: copy the secret alone"
    if value.lower().startswith("your_") or value in {"...", "xxx", "***"}:
        return "is an example and no secret: copy yours"
    return None


def env_edited(text: str, changes: Mapping[str, str]) -> str:
    """`text` with these secrets set; the line that a new file has for one, commented out, comes alive.

    The result, read again, has these values and otherwise the ones it had: that is made sure of. Raises
    BadInput, without a value in it, for a value that cannot stand there or a text that cannot be read.
    """
    _, problems = parse_env(text, Path(".env"))
    if problems:
        raise BadInput(problems[0])
    for name, value in changes.items():
        fault = fault_of(value)
        if fault is not None:
            raise BadInput(f"{name} {fault}")
    made = text
    for name, value in changes.items():
        made = _put(made, name, value)
    before, after = _values(text), _values(made)
    if after != before | dict(changes):
        raise BadInput(".env is written in a way that cannot be changed from here: change it by hand")
    return made


def _values(text: str) -> dict[str, str]:
    found, _ = parse_env(text, Path(".env"))
    return {SPELLINGS.get(name, name): one.text for name, one in found.items()}


def _put(text: str, name: str, value: str) -> str:
    """One secret in every line that sets it, else in the line a new file has for it, else in a new one."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    named = [(place, match) for place, line in enumerate(lines) if (match := _names(line, name))]
    alive = [(place, match) for place, match in named if not match[2]]
    blank = [(place, match) for place, match in named if lines[place] in default_env().splitlines()]
    chosen = alive or blank[:1]
    for place, match in chosen:
        lines[place] = f"{match[3] or ''}{match[4]}={_quoted(value)}"
    if not chosen:
        lines.append(f"{name}={_quoted(value)}")
    return line_end.join(lines) + line_end


def _names(line: str, name: str) -> re.Match[str] | None:
    match = _LINE.fullmatch(line)
    return match if match and SPELLINGS.get(match[4], match[4]) == name else None


def _quoted(value: str) -> str:
    """Quotation marks only around what begins with one."""
    if value[0] not in "\"'":
        return value
    return f'"{value}"' if '"' not in value else f"'{value}'"
