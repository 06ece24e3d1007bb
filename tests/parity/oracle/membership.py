"""K1: the NIFTY 50 on a date = the newest list in `universe/` with every later index change undone."""

import csv
from datetime import date
from pathlib import Path

from .settings import Wrong

# reference/market.md section 7: effective date, in, out; symbols as in the newest list.
CHANGES: tuple[tuple[date, set[str], set[str]], ...] = (
    (date(2025, 3, 28), {"JIOFIN", "ETERNAL"}, {"BPCL", "BRITANNIA"}),
    (date(2025, 9, 30), {"INDIGO", "MAXHEALTH"}, {"HEROMOTOCO", "INDUSINDBK"}),
    (date(2026, 9, 30), {"BSE"}, {"WIPRO"}),
)
# First day of the new name (the cash bhavcopy agrees), old name, new name.
RENAMES = (
    (date(2025, 4, 9), "ZOMATO", "ETERNAL"),
    (date(2025, 10, 24), "TATAMOTORS", "TMPV"),
)
SIZE = 50


def newest_list(folder: Path) -> tuple[date, set[str]]:
    """The date and the symbols of the newest constituent list of the data folder."""
    lists: dict[date, set[str]] = {}
    for path in sorted((folder / "universe").glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                lists.setdefault(date.fromisoformat(row["as_of"]), set()).add(row["symbol"])
    if not lists:
        raise Wrong(f"{folder}/universe: no constituent list")
    as_of = max(lists)
    return as_of, lists[as_of]


def members_on(folder: Path, day: date) -> frozenset[str]:
    """The 50 symbols on `day`, named as on that day."""
    as_of, symbols = newest_list(folder)
    members = set(symbols)
    for effective, came, went in reversed(CHANGES):
        if day < effective <= as_of:
            members = (members - came) | went
    for effective, came, went in CHANGES:
        if as_of < effective <= day:
            members = (members - went) | came
    for effective, old, new in RENAMES:
        if day < effective and new in members:
            members = (members - {new}) | {old}
    if len(members) != SIZE:
        raise Wrong(f"{day}: {len(members)} members, not {SIZE}")
    return frozenset(members)
