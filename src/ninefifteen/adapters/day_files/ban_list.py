"""The exchange's list of securities in the ban period of derivatives, one file a trading day.

NSE publishes `fo_secban.csv` on the evening before. Its first line is a sentence with the trade date,
"Securities in Ban For Trade Date 23-NOV-2026:", sometimes with "NIL" behind it; every further line is a
serial number and a symbol. No line at all is a day without bans. The date in the file decides for which
day it counts, never the name of the file.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from ninefifteen.errors import BadInput

from .texts import matching, read_text

BAN_NAMES: Final = ("fo_secban*.csv", "ban-*.csv")
"""Name patterns of ban lists in `rules/`."""

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_TITLE = re.compile(
    r'"?\s*securities in ban for trade date\s+(\d{1,2})-([a-z]{3})-(\d{4})\s*:?\s*(nil)?\s*"?[\s,]*',
    re.IGNORECASE,
)
_ROW = re.compile(r'\s*\d+\s*,\s*"?\s*([A-Z0-9][A-Z0-9&.-]*)\s*"?[\s,]*')


class BanList(msgspec.Struct, frozen=True):
    """The symbols in the ban period on a trading day, in the order of the file."""

    day: date
    symbols: tuple[str, ...]


def parse_ban_list(text: str, shown: str) -> BanList:
    """The list of one published file; raises BadInput, naming the file as `shown` and the line."""
    title, *rows = text.splitlines() or [""]
    found = _TITLE.fullmatch(title)
    if found is None:
        raise BadInput(
            f"{shown} line 1: is no ban list; "
            "it must begin with 'Securities in Ban For Trade Date DD-MON-YYYY:'"
        )
    day = _day(found, shown)
    symbols: dict[str, None] = {}
    for number, row in enumerate(rows, start=2):
        if not row.strip(" \t,") or row.strip(" \t,").upper() == "NIL":
            continue
        entry = _ROW.fullmatch(row)
        if entry is None:
            raise BadInput(f"{shown} line {number}: {row[:60]!r} is not 'number,SYMBOL'")
        symbols[entry.group(1)] = None
    if found.group(4) and symbols:
        raise BadInput(f"{shown}: says NIL and lists {len(symbols)} symbols: get the file again")
    return BanList(day, tuple(symbols))


def ban_list_of(rules_dir: Path, day: date) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The banned symbols of the day, None when they are not known, and notes."""
    notes: list[str] = []
    lists: list[tuple[str, BanList]] = []
    for shown, path in matching(rules_dir, BAN_NAMES):
        try:
            lists.append((shown, parse_ban_list(read_text(path, shown), shown)))
        except BadInput as refusal:
            notes.append(str(refusal))
    today = [(shown, one) for shown, one in lists if one.day == day]
    if not today:
        notes.append(_unknown(lists, day))
        return None, tuple(notes)
    if len({frozenset(one.symbols) for _, one in today}) > 1:
        files = " and ".join(shown for shown, _ in today)
        notes.append(f"the ban list of {day} is refused: {files} differ; delete the wrong one")
        return None, tuple(notes)
    return today[0][1].symbols, tuple(notes)


def _day(found: re.Match[str], shown: str) -> date:
    number, month, year = found.group(1, 2, 3)
    try:
        return date(int(year), _MONTHS.index(month.upper()) + 1, int(number))
    except ValueError:
        raise BadInput(f"{shown} line 1: {number}-{month}-{year} is no date") from None


def _unknown(lists: list[tuple[str, BanList]], day: date) -> str:
    if not lists:
        return f"the ban list of {day} is not known: put the exchange's fo_secban.csv into rules/"
    shown, newest = max(lists, key=lambda one: one[1].day)
    return f"the ban list of {day} is not known: the newest, {shown}, is of {newest.day}"
