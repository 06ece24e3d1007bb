"""What was proved at the broker without the engine: kept, so that nobody is told of units that are gone.

The engine's journal ends with what it held when it died. `halt --direct` and the watchdog then act at the
broker alone; their proof stands in `proved.json` until an engine writes its journal again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from ninefifteen.home import Home, write_whole


class FlatNote(msgspec.Struct, frozen=True, kw_only=True):
    """Two looks at the broker showed nothing of the bot's: when (ISO 8601), and who looked."""

    at: str
    by: str

    @property
    def words(self) -> str:
        """One sentence of it."""
        return f"at {self.at[11:19]} on {self.at[:10]} {self.by} proved flat at the broker"


def keep_flat(home: Home, note: FlatNote) -> None:
    """Keep the proof where the disk lets it; an emergency is not stopped by a disk."""
    with suppress(OSError):
        write_whole(_file(home), msgspec.json.encode(note).decode() + "\n")


def flat_since(home: Home, journal: Path) -> FlatNote | None:
    """The proof that is younger than the last write to this journal; None without one."""
    try:
        if _file(home).stat().st_mtime_ns < journal.stat().st_mtime_ns:
            return None
        return msgspec.json.decode(_file(home).read_bytes(), type=FlatNote)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _file(home: Home) -> Path:
    return home.path / "proved.json"
