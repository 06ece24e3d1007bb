"""Putting a broken piece in the place of a shipped one, for as long as a test looks at it.

The engine's modules import one another's functions by name, so a function has to be replaced in every
module that knows it. Nothing of the shipped code is prepared for this.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import pytest

_WHERE = ("ninefifteen.engine", "ninefifteen.runtime", "ninefifteen.simulator.disaster", "tests.simulation.")
Swap = AbstractContextManager[None]


@contextmanager
def swapped(shipped: Callable[..., Any], broken: Callable[..., Any]) -> Iterator[None]:
    """Every module of engine, runtime and simulation that knows `shipped` calls `broken` instead.

    Names of the module are looked through, and the tables it keeps by name.
    """
    found = 0
    with pytest.MonkeyPatch.context() as patch:
        for names in _tables():
            for key, value in tuple(names.items()):
                if value is shipped:
                    patch.setitem(names, key, broken)
                    found += 1
        if not found:
            raise LookupError(f"nobody knows {shipped!r}: the planted fault would be the shipped code")
        yield


def _tables() -> Iterator[dict[Any, Any]]:
    for name, module in tuple(sys.modules.items()):
        if name.startswith(_WHERE):
            names = vars(module)
            yield names
            yield from (
                value for key, value in tuple(names.items()) if type(value) is dict and key[:2] != "__"
            )


@contextmanager
def changed(owner: Any, name: str, broken: Any) -> Iterator[None]:
    """This attribute of a class or module is another one; AttributeError when there is none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, broken)
        yield


@contextmanager
def together(*swaps: Swap) -> Iterator[None]:
    """Several pieces at once: some mistakes are only made in two places."""
    with ExitStack() as stack:
        for swap in swaps:
            stack.enter_context(swap)
        yield
