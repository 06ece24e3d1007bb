"""From the spools of recorded openings to Parquet: `python -m ninefifteen.wiring.recording SPOOL...`.

A process of its own: it loads pyarrow, and the engine must not. The daemon starts it when the window of
the recording is over, and at its start for spools that a stopped run left (`convert_pending`). A spool is
deleted only after its Parquet file has been written and read back; one with unreadable places is kept
under another name. Stopped at any moment, it leaves the spool, and the next start converts it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

from msgspec import Struct

from ninefifteen import __version__
from ninefifteen.adapters.recorder import SpoolContents, finished_name, pending, read_spool
from ninefifteen.adapters.zerodha.wire import decode
from ninefifteen.errors import BadInput

_NICE = 10
"""The engine may hold a position while this runs: it takes only time that nobody else wants."""
_PIECE = 1 << 20


class Finished(Struct, frozen=True):
    """What became of a spool: the Parquet file, None when no frame held a price, and one line about it."""

    target: Path | None
    frames: int
    rows: int
    note: str


async def convert_pending(ticks_dir: Path, *, besides: date | None = None) -> tuple[str, ...]:
    """Convert the spools that wait in `ticks_dir`, in a process of its own; what it told, line by line.

    `besides` is the day that is still being recorded. Ended while it waits, it ends that process.
    """
    spools = pending(ticks_dir, besides=besides)
    if not spools:
        return ()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ninefifteen.wiring.recording", *map(str, spools)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        told, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return tuple(told.decode("utf-8", "replace").splitlines())


def finish(spool: Path) -> Finished:
    """Convert one spool and let go of it.

    Raises BadInput for a file that is no readable spool, OSError when the Parquet file cannot be written
    or does not read back; then the spool stays as it is.
    """
    mark = _mark(spool)
    decoder = _Decoder()
    with read_spool(spool) as contents:
        target = _target(spool, contents, mark)
        if target is None:
            done = Finished(None, 0, 0, f"{spool.name}: converted before")
        else:
            done = _convert(contents, target, decoder, mark)
        unread = sum(one.length for one in contents.damages)
    if unread or decoder.damaged:
        spool.replace(spool.with_name(f"{spool.name}.damaged"))
        more = f"; {unread} bytes and {decoder.damaged} packets of {spool.name} are unreadable, it is kept"
        return Finished(done.target, done.frames, done.rows, done.note + more)
    spool.unlink()
    return done


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the process; returns its exit code: 0 done, 1 a file cannot be written, 2 no readable spool."""
    parser = argparse.ArgumentParser(
        prog="python -m ninefifteen.wiring.recording",
        description="Convert spools of recorded openings to Parquet.",
    )
    parser.add_argument("spools", type=Path, nargs="+", metavar="SPOOL")
    code = 0
    if hasattr(os, "nice"):
        os.nice(_NICE)
    for spool in parser.parse_args(arguments).spools:
        try:
            line = finish(spool).note
        except BadInput as refusal:
            code, line = 2, str(refusal)
        except OSError as error:
            code = max(code, 1)
            line = (
                f"{spool.name} cannot be converted ({error.strerror or error}); it stays and is tried again"
            )
        sys.stdout.write(line + "\n")
    return code


class _Decoder:
    """Kite's wire format, and how many packets it could not read."""

    def __init__(self) -> None:
        self.damaged = 0

    def __call__(self, frame: bytes) -> Sequence[Any]:
        ticks = decode(frame)
        self.damaged += ticks.damaged
        return ticks.rows()


def _convert(contents: SpoolContents, target: Path, decoder: _Decoder, mark: str) -> Finished:
    from ninefifteen.adapters.recorder.table import to_parquet  # noqa: PLC0415 - pyarrow: only where it runs

    for left in target.parent.glob(f".{target.name}.*.part"):
        left.unlink(missing_ok=True)  # of a conversion that was stopped
    header = contents.header
    notes = {
        "date": header.date.isoformat(),
        "source": header.source,
        "synthetic": str(header.synthetic).lower(),
        "rehearsal": str(header.rehearsal).lower(),
        "program": __version__,
        "spool": mark,
    }
    written = to_parquet(contents, target, decoder, notes)
    if not written.rows:
        return Finished(
            None, written.frames, 0, f"{contents.path.name}: no prices in {written.frames} frames"
        )
    torn = f"; an unfinished last write of {contents.torn_bytes} bytes is lost" if contents.torn_bytes else ""
    note = f"{target.name}: {written.rows:,} rows of {written.frames:,} frames{torn}"
    return Finished(target, written.frames, written.rows, note)


def _target(spool: Path, contents: SpoolContents, mark: str) -> Path | None:
    """The first free name of the day; None when one of its files was made from this very spool."""
    from ninefifteen.adapters.recorder.table import notes_of  # noqa: PLC0415 - as above

    header, number = contents.header, 1
    marked = header.rehearsal or header.synthetic
    while True:
        target = spool.with_name(finished_name(header.date, rehearsal=marked, number=number))
        if not target.exists():
            return target
        with contextlib.suppress(OSError, ValueError):  # what is not readable is not ours: left alone
            if notes_of(target).get("spool") == mark:
                return None
        number += 1


def _mark(spool: Path) -> str:
    """Length and checksum of the file: whether a Parquet file was made from it already."""
    size = check = 0
    try:
        with spool.open("rb") as file:
            while piece := file.read(_PIECE):
                size, check = size + len(piece), crc32(piece, check)
    except OSError as error:
        raise BadInput(f"{spool.name} cannot be read: {error.strerror}") from None
    return f"{size}:{check:08x}"


if __name__ == "__main__":
    sys.exit(main())
