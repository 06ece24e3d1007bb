"""Reads the table of docs/your-document.md and holds its rows against the repository."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

STATES = frozenset({"here", "planned", "instead"})
_PATH = re.compile(
    r"`((?:src|docs|tests|tools|deploy|frontend|benchmarks)/[^`\s]*|main\.py|Makefile|README\.md)`"
)
_VERB = re.compile(r"`ninefifteen ([a-z-]+)[^`]*`")
_KEY = re.compile(r"`([a-z_]+\.[a-z_]+)` in `config\.yaml`")


class Row(NamedTuple):
    """One row: the document's name, its state, where it lives and what changed."""

    name: str
    state: str
    where: str
    why: str


class Tree(NamedTuple):
    """What exists: the repository, the verbs of the command line, the settings by section."""

    root: Path
    verbs: Collection[str]
    settings: Mapping[str, Any]


def rows(text: str) -> list[Row]:
    """The rows of every table in the document; headers and separators left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [Row(row[0].strip("`"), *row[1:]) for row in cells if row[1] != "State"]


def untrue(row: Row, tree: Tree) -> list[str]:
    """What the row claims and the repository contradicts; empty when the row is true."""
    if row.state not in STATES:
        return [f"{row.name}: unknown state {row.state!r}"]
    exists = {
        **{path: (tree.root / path).exists() for path in _PATH.findall(row.where)},
        **{f"ninefifteen {verb}": verb in tree.verbs for verb in _VERB.findall(row.where)},
        **{key: _has_key(key, tree.settings) for key in _KEY.findall(row.where)},
    }
    if not exists:
        return [f"{row.name}: no place given"]
    expected = row.state != "planned"
    said = "missing" if expected else "exists, so the row is no longer 'planned'"
    return [f"{row.name}: {place} {said}" for place, found in exists.items() if found != expected]


def _has_key(dotted: str, settings: Mapping[str, Any]) -> bool:
    section, _, key = dotted.partition(".")
    return key in settings.get(section, {})
