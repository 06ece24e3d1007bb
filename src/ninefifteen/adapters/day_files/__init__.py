"""What is published for one day: the exchange's ban list, and a calendar of company events.

Both are CSV files in the home's `rules/` folder, put there by hand or by `fetch_ban_list`. They are no
dated rules: `FILE_NAMES` says which names are theirs. What is not known for the day stays unknown, and
the notes say why, each in one line.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from .ban_list import BAN_NAMES, BanList, ban_list_of, parse_ban_list
from .download import BAN_LIST_URL, Fetched, fetch_ban_list
from .event_calendar import EVENT_NAMES, events_of

__all__ = [
    "BAN_LIST_URL",
    "FILE_NAMES",
    "BanList",
    "DayLists",
    "Fetched",
    "day_lists",
    "fetch_ban_list",
    "parse_ban_list",
]

FILE_NAMES: Final = (*BAN_NAMES, *EVENT_NAMES)
"""Name patterns of the day files in `rules/`."""


class DayLists(msgspec.Struct, frozen=True):
    """What the day files say about one day, for `DayFacts`.

    `banned` are symbols, `events` a text by symbol; each is None when it is not known for the day. Events
    that are known count even where others may be missing. The `notes` say why something is unknown, in
    whole or in part, or which file was left out.
    """

    banned: tuple[str, ...] | None
    events: dict[str, str] | None
    notes: tuple[str, ...]


def day_lists(rules_dir: Path, day: date, previous_day: date) -> DayLists:
    """The lists for the trading day `day`, whose trading day before is `previous_day`. Raises nothing."""
    banned, ban_notes = ban_list_of(rules_dir, day)
    events, event_notes = events_of(rules_dir, day, previous_day)
    return DayLists(banned, events, (*ban_notes, *event_notes))
