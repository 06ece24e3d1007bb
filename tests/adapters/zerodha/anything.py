"""What a broker could send in the place of what it should: any JSON, and rows with a part wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as some

_SCALARS = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(max_size=30)
)
ANYTHING: some.SearchStrategy[Any] = some.recursive(
    _SCALARS,
    lambda inner: (
        some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
"""Any JSON value."""


def spoiled(row: Mapping[str, Any]) -> some.SearchStrategy[dict[str, Any]]:
    """The row with a few of its values replaced by anything, or taken out."""
    names = some.sampled_from(sorted(row))
    wrong = some.dictionaries(names, ANYTHING, max_size=3)
    gone = some.sets(names, max_size=2)
    return some.builds(
        lambda values, out: {name: value for name, value in {**row, **values}.items() if name not in out},
        wrong,
        gone,
    )
