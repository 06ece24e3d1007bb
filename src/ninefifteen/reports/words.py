"""Plain words for the engine's codes: one table in a data file, for every screen."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


def words(table: str, code: str) -> str:
    """The words for `code` in one table of `words.toml`; a code it lacks is shown as it is, spaced."""
    return _words()[table].get(code) or code.replace("_", " ")


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("ninefifteen.reports") / "words.toml").read_text(encoding="utf-8"))
