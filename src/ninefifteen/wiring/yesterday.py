"""What the last day at the broker left behind: one that did not end flat lets the next one enter nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec

from ninefifteen.errors import BadInput
from ninefifteen.home import Home

YESTERDAY = "yesterday"
"""The source of that pause; `resume` lifts it."""


class _Held(msgspec.Struct):
    contract: str
    quantity: int


class _Day(msgspec.Struct):
    date: date
    mode: str
    flat: bool
    held: list[_Held] = []
    rehearsal: bool = False


def left_open(home: Home, day: date) -> str:
    """What the newest live day before this one left behind, in words; empty where it ended flat.

    Raises BadInput for a document that cannot be read.
    """
    files = (path for path in home.days_dir.glob("*.json") if ".run-" not in path.name)
    live = [
        one for one in map(_read, sorted(files)) if one.mode == "live" and one.rehearsal == home.rehearsal
    ]
    last = max((one.date for one in live if one.date < day), default=None)
    behind = [one for one in live if one.date == last and not one.flat]
    if not behind:
        return ""
    held = [f"{held.quantity} units of {held.contract}" for one in behind for held in one.held]
    return f"{last} did not end flat: {' and '.join(held) or 'what was held or open is not known'}"


def _read(path: Path) -> _Day:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Day)
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
        raise BadInput(
            f"{path}: cannot be read ({error}): restore it from a backup, or move it away"
        ) from None
