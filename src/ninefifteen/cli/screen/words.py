"""The large digits of the screen, from a data file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


def large(text: str) -> tuple[str, str, str]:
    """`text` (digits and colons) as three rows of half blocks; KeyError for another character."""
    glyphs = [_digits()[character] for character in text]
    top, middle, bottom = (" ".join(glyph[row] for glyph in glyphs) for row in range(3))
    return top, middle, bottom


@cache
def _digits() -> dict[str, list[str]]:
    return tomllib.loads((files("ninefifteen.cli.screen") / "digits.toml").read_text(encoding="utf-8"))
