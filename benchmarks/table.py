"""A row of the table: what was measured, its bar, the median, the verdict."""

from __future__ import annotations

import msgspec

from .measuring import Measured, middle


class Row(msgspec.Struct, frozen=True):
    """One line of the table. `value` is the median in `unit`, None where nothing was measured."""

    id: str
    what: str
    bar: str
    value: float | None
    unit: str
    verdict: str
    note: str = ""


def at_most(id_: str, what: str, bar: float, value: float, unit: str) -> Row:
    """A row whose value has to stay at or below its bar."""
    return Row(id_, what, f"<= {bar:g} {unit}", value, unit, "met" if value <= bar else "MISSED")


def at_least(id_: str, what: str, bar: float, value: float, unit: str) -> Row:
    """A row whose value has to reach its bar."""
    return Row(id_, what, f">= {bar:g} {unit}", value, unit, "met" if value >= bar else "MISSED")


def holds(id_: str, what: str, equal: bool, note: str) -> Row:  # noqa: FBT001 - the verdict itself
    """A row that is true or not."""
    return Row(id_, what, "equal", None, "", "met" if equal else "MISSED", note)


def figures(runs: list[Measured], key: str) -> float:
    """The median of a figure the processes printed."""
    return middle([float(one.printed[key]) for one in runs])
