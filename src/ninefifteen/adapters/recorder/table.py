"""From a spool to a Parquet file: one row for every instrument in every frame.

Loads pyarrow, so the engine process must not import it. Memory is bounded by `_GROUP_ROWS` rows; the
file appears whole and read back, or not at all.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ninefifteen.domain.instants import Instant

from .reading import SpoolContents

_GROUP_ROWS = 8_192
_LEVELS = 5
# Arrow's own allocator keeps what it has freed, which doubles the peak for the same work.
pa.set_memory_pool(pa.system_memory_pool())

_WHEN = pa.timestamp("ns", tz="Asia/Kolkata")
_WORD = pa.dictionary(pa.int32(), pa.string())
FIGURES: Final = (
    "last",
    "last_quantity",
    "average",
    "volume",
    "bought",
    "sold",
    "open",
    "high",
    "low",
    "close",
    "oi",
)
"""Names of the plain numbers of a row."""


class Level(Protocol):
    """One level of the depth; all 0 where nobody is."""

    @property
    def price(self) -> int:
        """The price, paise."""

    @property
    def quantity(self) -> int:
        """Units."""

    @property
    def orders(self) -> int:
        """How many orders make it up."""


class Row(Protocol):
    """One instrument in one frame, as the broker's decoder gives it.

    It also has the figures of `FIGURES`: prices in paise, quantities in units, 0 where the packet does
    not carry the figure. Instants are nanoseconds UTC, 0 for none. A packet without depth has no levels.
    """

    @property
    def token(self) -> int:
        """The instrument token of the wire."""

    @property
    def mode(self) -> str:
        """How much the packet tells."""

    @property
    def exchange_at(self) -> Instant:
        """When the exchange stamped it."""

    @property
    def traded_at(self) -> Instant:
        """When it was last traded."""

    @property
    def bids(self) -> Sequence[Level]:
        """The visible levels of buyers, best first."""

    @property
    def asks(self) -> Sequence[Level]:
        """The visible levels of sellers, best first."""


Decode = Callable[[bytes], Iterable[Row]]
"""What the rows of a frame are; the broker's wire format is none of the recorder's business."""


class Written(msgspec.Struct, frozen=True):
    """What became of a spool: frames read, rows written and read back."""

    frames: int
    rows: int


def schema() -> Any:
    """The columns of the file: docs/ticks.md explains them."""
    columns = [("received_at", _WHEN), ("exchange_at", _WHEN), ("token", pa.int64())]
    columns += [("symbol", _WORD), ("mode", _WORD), ("traded_at", _WHEN)]
    columns += [(name, pa.int64()) for name in FIGURES]
    columns += [
        (f"{side}_{what}_{level}", pa.int64())
        for side in ("bid", "ask")
        for level in range(1, _LEVELS + 1)
        for what in ("price", "quantity", "orders")
    ]
    return pa.schema(columns)


def to_parquet(spool: SpoolContents, target: Path, decode: Decode, notes: dict[str, str]) -> Written:
    """Write all frames of `spool` to `target`, with `notes` as metadata, and read them back.

    Nothing is written when no frame holds a row. Raises OSError, pyarrow's errors and whatever `decode`
    raises; then there is no new file.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        written = _write(spool, part, decode, notes)
        if written.rows:
            _check(part, written.rows)
            part.chmod(0o644)
            _settle(part)
            part.replace(target)
            _settle(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return written


def notes_of(path: Path) -> dict[str, str]:
    """The metadata of a recorded opening."""
    found = pq.read_schema(path).metadata or {}
    return {key.decode(): value.decode() for key, value in found.items() if not key.startswith(b"ARROW")}


def _write(spool: SpoolContents, part: Path, decode: Decode, notes: dict[str, str]) -> Written:
    frames = rows = 0

    def told() -> Iterable[tuple[Instant, Row]]:
        nonlocal frames
        for received_at, frame in spool.frames():
            frames += 1
            for row in decode(frame):
                yield received_at, row

    stream = iter(told())
    full = schema().with_metadata(notes)
    with pq.ParquetWriter(part, full, compression="zstd", write_page_checksum=True) as writer:
        while group := list(islice(stream, _GROUP_ROWS)):
            writer.write_table(_table(group, spool.names, full))
            rows += len(group)
    return Written(frames, rows)


def _table(group: Sequence[tuple[Instant, Row]], names: dict[int, str], full: Any) -> Any:
    rows = [row for _, row in group]
    columns: dict[str, list[Any]] = {
        "received_at": [received_at for received_at, _ in group],
        "symbol": [names.get(row.token) for row in rows],
        "mode": [str(row.mode) for row in rows],
        "exchange_at": [row.exchange_at or None for row in rows],
        "traded_at": [row.traded_at or None for row in rows],
    }
    for name in ("token", *FIGURES):
        columns[name] = list(map(attrgetter(name), rows))
    for side, books in (("bid", [row.bids for row in rows]), ("ask", [row.asks for row in rows])):
        for level in range(_LEVELS):
            found = [book[level] if level < len(book) else None for book in books]
            for what in ("price", "quantity", "orders"):
                tell = attrgetter(what)
                columns[f"{side}_{what}_{level + 1}"] = [None if one is None else tell(one) for one in found]
    arrays = [pa.array(columns[field.name], type=field.type) for field in full]
    return pa.Table.from_arrays(arrays, schema=full)


def _check(part: Path, rows: int) -> None:
    with pq.ParquetFile(part, page_checksum_verification=True) as file:
        found = sum(batch.num_rows for batch in file.iter_batches(_GROUP_ROWS, use_threads=False))
    if found != rows:
        raise OSError(f"wrote {rows} rows and read back {found}")


def _settle(path: Path) -> None:
    """Make a file, or the names in a folder, durable where the system can."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
