"""The program on a machine whose wall clock is moved by what a file says ("3600": an hour ahead).

Run as a program, with the words of `ninefifteen`; the file is named by the environment. The clocks that only
go forward are the machine's own, as after a real step.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

OFFSET_FILE = "STEPPED_CLOCK_FILE"


def stepped() -> int:
    """By how many seconds the clock is off now."""
    with suppress(OSError, ValueError):  # it is being written
        return int(Path(os.environ[OFFSET_FILE]).read_text())
    return 0


if __name__ == "__main__":
    seconds, nanoseconds = time.time, time.time_ns
    time.time = lambda: seconds() + stepped()
    time.time_ns = lambda: nanoseconds() + stepped() * 10**9
    from ninefifteen.cli import main

    main()
