"""One Parquet file of a data folder: opened and checked once, decoded in batches of bounded size.

Everything leaves here as whole numbers: prices as paise, dates as days since 1 Jan 1970, instants as
nanoseconds since the epoch (UTC), quantities as they stand. A file that cannot be read, or that lacks
a column, raises `BadInput` with one line that names the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ninefifteen.errors import BadInput

Kind = Literal["price", "count", "day", "instant", "text", "flag"]
"""What a column holds: rupees, a quantity, a date, an aware time, a short text, or yes and no."""

Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]

UNKNOWN: Final = -1
"""Stands for a missing quantity, date or instant; a missing price is 0, a missing flag is no."""

_BATCH_ROWS = 65_536
# Arrow's own allocator keeps what it has freed: measured 100 MB more at the peak for the same work.
pa.set_memory_pool(pa.system_memory_pool())

_LARGEST_PRICE = 20_000_000.0
# in rupees; as paise it still fits the 32 bits in which prices are kept
_BROKEN = (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError)
_UNIT_NS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}

_FITS: dict[Kind, Callable[[Any], bool]] = {
    "price": lambda t: pa.types.is_floating(t) or pa.types.is_integer(t) or pa.types.is_decimal(t),
    "count": lambda t: pa.types.is_integer(t) or pa.types.is_floating(t),
    "day": pa.types.is_date,
    "instant": lambda t: pa.types.is_timestamp(t) and t.tz is not None,
    "text": lambda t: _is_text(t.value_type if pa.types.is_dictionary(t) else t),
    "flag": pa.types.is_boolean,
}
_WANTED: dict[Kind, str] = {
    "price": "numbers",
    "count": "numbers",
    "day": "dates",
    "instant": "times with a time zone",
    "text": "text",
    "flag": "true or false",
}


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turns whatever a damaged file makes the decoder raise into one line that names the file."""
    try:
        yield
    except _BROKEN as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise BadInput(
            f"{path}: not a readable Parquet file, cut short or damaged ({reason}): copy it again"
        ) from error


class Text(msgspec.Struct, frozen=True):
    """A text column: for each row the position of its value in `values`, `UNKNOWN` where missing."""

    codes: NDArray[np.int32]
    values: Sequence[str | None]

    def equal_to(self, wanted: frozenset[str]) -> Mask:
        """Which rows hold one of the wanted values."""
        table = np.zeros(len(self.values) + 1, dtype=np.bool_)
        table[:-1] = [value in wanted for value in self.values]
        found: Mask = table[self.codes]
        return found


class Batch:
    """Some rows of a file; a column is turned into numbers only when it is asked for."""

    def __init__(self, path: Path, rows: Any, kinds: Mapping[str, Kind]) -> None:
        self._path, self._rows, self._kinds = path, rows, kinds

    def __len__(self) -> int:
        return int(self._rows.num_rows)

    def text(self, column: str) -> Text:
        """The text column by codes."""
        with _readable(self._path):
            values = self._rows.column(column)
            codes = pc.fill_null(values.indices, UNKNOWN).to_numpy(zero_copy_only=False)
            return Text(codes.astype(np.int32, copy=False), values.dictionary.to_pylist())

    def numbers(self, column: str, keep: Mask | None = None) -> Whole:
        """The column as whole numbers (see the module), of the rows where `keep` is true."""
        with _readable(self._path):
            return self._whole(column, keep)

    def _whole(self, column: str, keep: Mask | None) -> Whole:
        kind, values = self._kinds[column], self._rows.column(column)
        if kind == "price":
            return self._paise(column, values, keep)
        if kind == "count" and pa.types.is_floating(values.type):
            return _kept(np.rint(np.nan_to_num(_floats(values), nan=UNKNOWN)), keep).astype(np.int64)
        factor = 1
        if kind == "instant":
            factor, values = _UNIT_NS[values.type.unit], values.cast(pa.int64())
        elif kind == "day":
            values = values.cast(pa.date32()).cast(pa.int32())
        elif kind == "flag":
            values = pc.fill_null(values, False).cast(pa.int8())  # noqa: FBT003 - the value itself
        plain = _kept(pc.fill_null(values, UNKNOWN).to_numpy(zero_copy_only=False), keep)
        whole: Whole = plain.astype(np.int64)
        return whole * factor if factor > 1 else whole

    def _paise(self, column: str, values: Any, keep: Mask | None) -> Whole:
        rupees = np.nan_to_num(_kept(_floats(values), keep), nan=0.0, posinf=np.inf, neginf=-np.inf)
        wrong = (rupees < 0) | (rupees > _LARGEST_PRICE)
        if wrong.any():
            raise BadInput(
                f"{self._path}: the column {column!r} holds {rupees[wrong][0]:g}, "
                "which is no price in rupees: the file is damaged or of another kind"
            )
        paise: Whole = np.rint(rupees * 100).astype(np.int64)
        return paise


class ParquetSource:
    """A readable Parquet file; raises `BadInput` when it is missing, cut short or no Parquet file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with _readable(path), pq.ParquetFile(path) as file:
            self.rows = int(file.metadata.num_rows)
            self._types = {field.name: (field.type, str(field.type)) for field in file.schema_arrow}
        self.columns = frozenset(self._types)

    def require(self, kinds: Mapping[str, Kind], what: str) -> None:
        """Raises `BadInput` unless the file has these columns with fitting types; `what` names its role."""
        missing = [name for name in kinds if name not in self.columns]
        if missing:
            raise BadInput(
                f"{self.path}: no {what}: the column {missing[0]!r} is missing "
                f"(there are: {', '.join(self._types)}); docs/recorded-data.md names the columns"
            )
        for name, kind in kinds.items():
            found, told = self._types[name]
            with _readable(self.path):  # even the name of a time zone can be damaged
                fits = _FITS[kind](found)
            if not fits:
                raise BadInput(
                    f"{self.path}: no {what}: the column {name!r} holds {told}, wanted are {_WANTED[kind]}"
                )

    def empty_values(self) -> dict[str, int]:
        """How many values each column lacks, for columns that lack any; from the file's own statistics."""
        lacking: dict[str, int] = {}
        with _readable(self.path), pq.ParquetFile(self.path) as file:
            for group in range(file.metadata.num_row_groups):
                for place in range(file.metadata.num_columns):
                    column = file.metadata.row_group(group).column(place)
                    known = column.statistics
                    if known is not None and known.has_null_count and known.null_count:
                        name = column.path_in_schema
                        lacking[name] = lacking.get(name, 0) + int(known.null_count)
        return lacking

    def batches(self, kinds: Mapping[str, Kind]) -> Iterator[Batch]:
        """These columns of all rows, batch after batch."""
        texts = [name for name, kind in kinds.items() if kind == "text"]
        with (
            _readable(self.path),
            pq.ParquetFile(self.path, read_dictionary=texts, page_checksum_verification=True) as file,
        ):
            for rows in file.iter_batches(_BATCH_ROWS, columns=list(kinds), use_threads=False):
                yield Batch(self.path, rows, kinds)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _floats(values: Any) -> NDArray[np.float64]:
    floats: NDArray[np.float64] = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return floats


def _kept(values: NDArray[Any], keep: Mask | None) -> NDArray[Any]:
    return values if keep is None else values[keep]
