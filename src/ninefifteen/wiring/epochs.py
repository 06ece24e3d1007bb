"""The highest number a home has been started under, told by its journals where the file `epoch` is lost."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ninefifteen.adapters.fence import Fence
from ninefifteen.adapters.journal import journals, read_journal
from ninefifteen.domain.events import Restarted
from ninefifteen.errors import BadInput
from ninefifteen.home import Home

_JOURNALS = 3
"""So many of the newest are read: each start at the broker has written its number into one."""


def take_number(home: Home, fence: Fence) -> int:
    """Take the next number at the home's fence, above those of its journals where the file holds none.

    Raises as `Fence.take`.
    """
    above = 0
    with suppress(BadInput):  # `take` tells what is wrong with the file
        above = 0 if fence.read() else known_number(home)
    return fence.take(above=above)


def known_number(home: Home) -> int:
    """The highest number in the newest live journals; a journal that cannot be read is passed over.

    The numbers of the watchdog and of `halt --direct` stand in none: what keeps two of the same number
    apart is the mark beside it (`adapters.fence`).
    """
    highest = 0
    for path in _newest(home):
        with suppress(BadInput, OSError):
            events = (step.event for step in read_journal(path).steps)
            highest = max([highest, *(event.epoch for event in events if isinstance(event, Restarted))])
    return highest


def _newest(home: Home) -> list[Path]:
    """By when they were written last: the days of a rehearsal come in any order."""
    found = []
    with suppress(OSError):
        live = [path for path in journals(home.journal_dir) if ".live." in path.name]
        found = sorted(live, key=lambda path: path.stat().st_mtime_ns)
    return found[-_JOURNALS:]
