"""Which fifty stocks were in the NIFTY 50 on a day, and what they were called then.

Rule K1 of design/strategy.md: the newest constituent list with every later index change undone (or,
for a day after the list, every change up to that day applied), symbols as they were named on that
day, and exactly fifty of them or an error. Stocks that a demerger puts into the index for a few days
as a fifty-first member are not listed as changes: they have no options.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

import msgspec

INDEX_SIZE = 50


class MembershipUnknown(ValueError):
    """The members of that day cannot be told with certainty."""


class MemberList(msgspec.Struct, frozen=True, kw_only=True):
    """The index as listed on `as_of` (IST date), symbols as named on that day."""

    as_of: date
    symbols: tuple[str, ...]
    source: str
    origin: str = ""


class IndexChange(msgspec.Struct, frozen=True, kw_only=True):
    """From `effective_from` on, `symbol` is in or out, named as on that day.

    `complete` is a statement about the table: from that day on no change is missing from it.
    """

    effective_from: date
    change: Literal["in", "out", "complete"]
    symbol: str
    source: str
    origin: str = ""


class Rename(msgspec.Struct, frozen=True, kw_only=True):
    """From `effective_from` on, what traded as `old_symbol` trades as `new_symbol`."""

    effective_from: date
    old_symbol: str
    new_symbol: str
    source: str
    origin: str = ""


def newest_list(lists: Iterable[MemberList]) -> MemberList:
    """The list with the latest `as_of`, the last one given on a tie; raises MembershipUnknown on none."""
    found: MemberList | None = None
    for one in lists:
        if found is None or one.as_of >= found.as_of:
            found = one
    if found is None:
        raise MembershipUnknown("no list of the NIFTY 50 members is loaded")
    return found


def members_on(
    day: date, snapshot: MemberList, changes: Sequence[IndexChange], renames: Sequence[Rename]
) -> tuple[str, ...]:
    """The fifty members of the index on `day`, in byte order, named as on that day.

    Raises MembershipUnknown before the day from which the table of changes is complete, when a
    change does not fit the list, and when the result is not exactly fifty symbols.
    """
    complete_from = min((c.effective_from for c in changes if c.change == "complete"), default=None)
    if complete_from is None or day < complete_from:
        known = "nowhere" if complete_from is None else f"from {complete_from} on"
        raise MembershipUnknown(
            f"the NIFTY 50 members of {day} are not known: the table of index changes is complete {known}"
        )
    if snapshot.as_of < complete_from:
        raise MembershipUnknown(
            f"the member list of {snapshot.as_of} ({snapshot.origin or snapshot.source}) is older than the "
            f"table of index changes, which is complete from {complete_from} on: give a newer list"
        )
    members = {_name_today(symbol, snapshot.as_of, renames) for symbol in snapshot.symbols}
    for change in _between(day, snapshot.as_of, changes):
        _apply(members, change, undo=day < snapshot.as_of, renames=renames)
    named = tuple(sorted(_name_on(symbol, day, renames) for symbol in members))
    if len(set(named)) != INDEX_SIZE:
        raise MembershipUnknown(
            f"the NIFTY 50 of {day}, from the list of {snapshot.as_of}, comes to {len(set(named))} members: "
            "the list or the table of index changes is wrong"
        )
    return named


def symbol_on(symbol: str, day: date, named_on: date, renames: Sequence[Rename]) -> str:
    """What the stock called `symbol` on `named_on` was called on `day`."""
    return _name_on(_name_today(symbol, named_on, renames), day, renames)


def _between(day: date, as_of: date, changes: Sequence[IndexChange]) -> list[IndexChange]:
    first, last = min(day, as_of), max(day, as_of)
    unique = {(c.effective_from, c.change, c.symbol): c for c in changes if c.change != "complete"}
    rows = [c for c in unique.values() if first < c.effective_from <= last]
    return sorted(rows, key=lambda c: c.effective_from, reverse=day < as_of)


def _apply(members: set[str], change: IndexChange, *, undo: bool, renames: Sequence[Rename]) -> None:
    symbol = _name_today(change.symbol, change.effective_from, renames)
    enters = (change.change == "in") != undo
    if (symbol in members) == enters:
        raise MembershipUnknown(
            f"the index change of {change.effective_from} ({change.symbol} {change.change}) does not fit the "
            "member list: one of the two is wrong"
        )
    if enters:
        members.add(symbol)
    else:
        members.discard(symbol)


def _name_today(symbol: str, named_on: date, renames: Sequence[Rename]) -> str:
    for rename in sorted(renames, key=lambda r: r.effective_from):
        if rename.effective_from > named_on and rename.old_symbol == symbol:
            symbol = rename.new_symbol
    return symbol


def _name_on(symbol: str, day: date, renames: Sequence[Rename]) -> str:
    for rename in sorted(renames, key=lambda r: r.effective_from, reverse=True):
        if rename.effective_from > day and rename.new_symbol == symbol:
            symbol = rename.old_symbol
    return symbol


class Membership:
    """The lists, changes and renames that are loaded, and the members of any day from them."""

    def __init__(
        self, lists: Iterable[MemberList], changes: Iterable[IndexChange], renames: Iterable[Rename]
    ) -> None:
        self._lists, self._changes, self._renames = tuple(lists), tuple(changes), tuple(renames)
        self._known: dict[date, tuple[str, ...]] = {}

    def on(self, day: date) -> tuple[str, ...]:
        """The fifty members on `day`, from the newest list; see `members_on` for the errors."""
        known = self._known.get(day)
        if known is None:
            snapshot = newest_list(self._lists)
            known = self._known[day] = members_on(day, snapshot, self._changes, self._renames)
        return known

    def with_lists(self, lists: Iterable[MemberList]) -> Membership:
        """The same changes and renames with these lists instead (a data folder's own `universe/`)."""
        return Membership(lists, self._changes, self._renames)

    def symbol_on(self, symbol: str, day: date, named_on: date) -> str:
        """What the stock called `symbol` on `named_on` was called on `day`."""
        return symbol_on(symbol, day, named_on, self._renames)
