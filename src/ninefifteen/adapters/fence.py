"""The fence of a home: the file `epoch` holds the number of the last start that may trade (I13).

Every start of something that can trade takes a number one higher than ever before, durably, before it
does anything else. Whoever holds a lower one sees that by a look at the file and stops: a process that
was asleep, or was taken for dead, sends and writes nothing when it wakes.

Beside the number stands a mark drawn by chance for each start. A file that was lost and made anew can
come to a number that somebody still has: the mark is another, and so it is not taken for one's own.

Both are written in place, always as many bytes: that works on a full disk, too.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ninefifteen.errors import BadInput

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_DIGITS = 10
_MARK_BYTES = 8
_LINE = re.compile(rb"(\d{1,10})(?: [0-9a-f]{16})?", re.ASCII)
"""A number and the mark of the start that took it; a file written by hand, or long ago, has no mark."""
_MOST = 64
"""Bytes that are read: more than a line has."""
_TRIES = 500
_AGAIN_S = 0.01
_BINARY = getattr(os, "O_BINARY", 0)


class Fence:
    """`ports.fence.Fence` over the file at `path`; before `take` it holds nothing.

    A file that is missing, or cannot be read, is held by nobody: nothing leaves then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0
        """The number taken last; 0 before."""
        self._line = b""

    def take(self, above: int = 0) -> int:
        """Take the next number, higher than the file's and than `above`; it is on the disk on return.

        `above` is the highest number known from elsewhere, for a home whose file was lost. Raises
        BadInput for a file that holds no number, OSError where it cannot be written.
        """
        fresh = not self.path.exists()
        with _alone(self.path) as descriptor:
            number = max(self._number(os.read(descriptor, _MOST)), above) + 1
            line = f"{number:0{_DIGITS}} {os.urandom(_MARK_BYTES).hex()}".encode()
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, line + b"\n")
            os.fsync(descriptor)
        if fresh:
            _keep_name(self.path)
        self.number, self._line = number, line
        return number

    def read(self) -> int:
        """The number in the file, 0 where there is none yet; raises BadInput when it holds no number."""
        try:
            return self._number(_content(self.path))
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be read ({error.strerror})") from None

    def holds(self) -> bool:
        """Whether the file still holds what was written here. It is read each time: a few microseconds."""
        try:
            return self.number > 0 and _content(self.path).strip() == self._line
        except OSError:
            return False

    def _number(self, content: bytes) -> int:
        if not content:
            return 0
        found = _LINE.fullmatch(content.strip())
        if found is None:
            raise BadInput(
                f"{self.path}: holds no number: write one that is higher than that of the last start"
                " (the last `restarted` step of the newest journal tells it)"
            )
        return int(found[1])


def _content(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | _BINARY)
    try:
        return os.read(descriptor, _MOST)
    finally:
        os.close(descriptor)


def _keep_name(path: Path) -> None:
    """A new file's name has to survive a power cut, too."""
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """The open file, while nobody else takes a number; whoever dies in here lets go of it.

    Raises OSError when somebody else keeps it for about five seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _BINARY, 0o644)
    try:
        tries = 0
        while not _lock(descriptor):
            tries += 1
            if tries > _TRIES:
                raise OSError(f"{path}: somebody else keeps it locked")
            time.sleep(_AGAIN_S)  # noqa: TID251 - seconds of this machine, and no loop runs yet
        yield descriptor
    finally:
        os.close(descriptor)  # which unlocks it


if sys.platform == "win32":

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # Windows locks bytes: one that nobody reads
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
