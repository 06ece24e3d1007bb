"""What a frame tells and seldom changes is made once: a frame goes out twice a second beside the trading."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

from ninefifteen.domain.instants import iso_ms

T = TypeVar("T")

stamp = lru_cache(maxsize=256)(iso_ms)
"""`iso_ms` of an instant that comes again in the next frame."""


class Kept(Generic[T]):
    """The newest value of each name, and what it was made of."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[tuple[object, ...], T]] = {}

    def get(self, name: str, made_of: tuple[object, ...], make: Callable[[], T]) -> T:
        """The value of `name`; it is made anew only when it is made of something else than the last time.

        Whoever gets it must not change it.
        """
        known = self._values.get(name)
        if known is None or known[0] != made_of:
            known = self._values[name] = (made_of, make())
        return known[1]
