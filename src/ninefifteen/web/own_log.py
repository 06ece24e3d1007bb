"""What this process itself has to say: `logs/dashboard.log`, its standard error, which never grows long."""

from __future__ import annotations

import logging
import os
import stat
import sys
from contextlib import suppress
from typing import TextIO

LONGEST = 1_000_000
"""Bytes after which the file is begun anew."""


class OwnLog(logging.StreamHandler[TextIO]):
    """Writes there; a file that has grown too long is emptied first. A terminal or a pipe is left alone."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        with suppress(OSError, ValueError):  # no file behind it: nothing can grow
            number = self.stream.fileno()
            found = os.fstat(number)
            if stat.S_ISREG(found.st_mode) and found.st_size > LONGEST:
                self.stream.flush()
                os.ftruncate(number, 0)
        super().emit(record)


def begin_log() -> None:
    """Warnings and worse, of this program and its libraries, go there from now on."""
    form = "%(asctime)s %(levelname)s %(name)s %(message)s"
    logging.basicConfig(level=logging.WARNING, format=form, handlers=[OwnLog(sys.stderr)])
