"""The promise of a fence: whoever has been overtaken finds out before anything of theirs leaves (I13)."""

from __future__ import annotations

from typing import Protocol


class Fence(Protocol):
    """The number under which this process may send and write; a higher one means somebody took over."""

    def holds(self) -> bool:
        """Whether nobody has taken a higher number. Cheap: it is asked before every order and record."""
