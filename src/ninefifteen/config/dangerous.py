"""Which changes of the settings are dangerous, and why: a table in `dangerous.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec


class Danger(msgspec.Struct, frozen=True):
    """Which changes of one setting are dangerous, and why."""

    why: str
    when: Literal["always", "raise", "lower"]
    off: bool = False
    """0 switches the limit off: it counts as the largest value."""

    def holds(self, before: Any, after: Any) -> bool:
        """Whether this change is dangerous; None is the largest or latest value there is."""
        if before == after:
            return False
        if self.when == "always":
            return True
        old, new = self._rank(before), self._rank(after)
        return new > old if self.when == "raise" else new < old

    def _rank(self, value: Any) -> tuple[bool, Any]:
        boundless = value is None or (self.off and value == 0)
        return (boundless, 0 if boundless else value)


@cache
def dangers() -> dict[str, Danger]:
    """The dangerous settings by their path."""
    text = (files("ninefifteen.config") / "dangerous.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Danger])
