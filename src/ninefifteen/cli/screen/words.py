"""Plain words for the engine's codes, and the large digits: two tables in data files."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


def words(table: str, code: str) -> str:
    """The words for `code` in one table of `words.toml`; a code it lacks is shown as it is, spaced."""
    return _words()[table].get(code) or code.replace("_", " ")


def large(text: str) -> tuple[str, str, str]:
    """`text` (digits and colons) as three rows of half blocks; KeyError for another character."""
    glyphs = [_digits()[character] for character in text]
    top, middle, bottom = (" ".join(glyph[row] for glyph in glyphs) for row in range(3))
    return top, middle, bottom


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(_read("words.toml"))


@cache
def _digits() -> dict[str, list[str]]:
    return tomllib.loads(_read("digits.toml"))


def _read(name: str) -> str:
    return (files("ninefifteen.cli.screen") / name).read_text(encoding="utf-8")
