"""Names of the files of recorded openings in the home's `ticks/`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

_SPOOL = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.rehearsal)?\.spool")


def spool_name(day: date, *, rehearsal: bool) -> str:
    """The name of a day's spool: `2026-11-23.spool`, `2026-11-23.rehearsal.spool`."""
    return f"{_stem(day, rehearsal=rehearsal)}.spool"


def finished_name(day: date, *, rehearsal: bool, number: int = 1) -> str:
    """The name of a day's Parquet file; `number` counts from 1 where a day was recorded more than once."""
    more = f".{number}" if number > 1 else ""
    return f"{_stem(day, rehearsal=rehearsal)}{more}.parquet"


def pending(folder: Path, *, besides: date | None = None) -> tuple[Path, ...]:
    """The spools that wait in `folder` to be converted, oldest first.

    `besides` is a day that is still being recorded, whose spool is left alone.
    """
    if not folder.is_dir():
        return ()
    found = sorted(path for path in folder.iterdir() if _SPOOL.fullmatch(path.name))
    return tuple(path for path in found if besides is None or not path.name.startswith(besides.isoformat()))


def _stem(day: date, *, rehearsal: bool) -> str:
    return f"{day.isoformat()}.rehearsal" if rehearsal else day.isoformat()
