"""Option chain snapshots: one row per instant, stock, expiry and strike, calls and puts side by side.

Rows of a snapshot that `snapshot_index` marks as stale are dropped here, so they count for nothing
(`design/strategy.md` E1). A row's own time counts, not that of the snapshot it belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ninefifteen.domain.instants import SECOND

from .files import DatedFiles, RowsRead, SetReader
from .parquet import Kind, Mask, ParquetSource, Whole
from .table import DayTable, TableBuilder

CHAIN_COLUMNS: dict[str, Kind] = {
    "ts": "instant",
    "symbol": "text",
    "expiry": "day",
    "strike": "price",
    "ce_ltp": "price",
    "ce_oi": "count",
    "ce_volume": "count",
    "pe_oi": "count",
}
STALE_COLUMNS: dict[str, Kind] = {"ts": "instant", "stale": "flag"}

_IST_NS = 19_800 * SECOND
_DAY_NS = 86_400 * SECOND


def ist_days(instants: Whole) -> Whole:
    """The day in India of each instant, in days since the epoch."""
    days: Whole = (instants + _IST_NS) // _DAY_NS
    return days


def stale_instants(sources: Sequence[ParquetSource]) -> Whole:
    """The instants of all snapshots that are marked as stale, ascending."""
    parts = [np.empty(0, dtype=np.int64)]
    for source in sources:
        batches = source.batches(STALE_COLUMNS)
        parts.extend(batch.numbers("ts", batch.numbers("stale") > 0) for batch in batches)
    return np.unique(np.concatenate(parts))


def chain_files(sources: Sequence[ParquetSource], stale: Whole, read: RowsRead) -> DatedFiles:
    """The chain files of a folder without their stale rows.

    Columns of the rows: `ts` (ns), `strike` and `ce_ltp` (paise), `ce_oi`, `ce_volume` and `pe_oi`
    (units, -1 where unknown).
    """
    return DatedFiles(sources, SetReader(_Days(stale), _Table(stale)), read)


class _Days:
    def __init__(self, stale: Whole) -> None:
        self._stale = stale

    def __call__(self, source: ParquetSource) -> frozenset[int]:
        days: set[int] = set()
        for batch in source.batches({"ts": "instant"}):
            instants = batch.numbers("ts")
            days.update(np.unique(ist_days(instants[_fresh(instants, self._stale)])).tolist())
        return frozenset(days)


class _Table:
    def __init__(self, stale: Whole) -> None:
        self._stale = stale

    def __call__(self, source: ParquetSource, symbols: frozenset[str]) -> DayTable:
        builder = TableBuilder()
        for batch in source.batches(CHAIN_COLUMNS):
            text = batch.text("symbol")
            keep = text.equal_to(symbols)
            if not keep.any():
                continue
            instants = batch.numbers("ts", keep)
            fresh = _fresh(instants, self._stale)
            keep[keep] = fresh
            code = builder.codes(text.values)[text.codes[keep]]
            builder.add(
                DayTable.key(ist_days(instants[fresh]), code, batch.numbers("expiry", keep)),
                {
                    "ts": instants[fresh],
                    "strike": batch.numbers("strike", keep).astype(np.int32),
                    "ce_ltp": batch.numbers("ce_ltp", keep).astype(np.int32),
                    "ce_oi": batch.numbers("ce_oi", keep),
                    "ce_volume": batch.numbers("ce_volume", keep),
                    "pe_oi": batch.numbers("pe_oi", keep),
                },
            )
        return builder.table()


def _fresh(instants: Whole, stale: Whole) -> Mask:
    if not len(stale):
        return np.ones(len(instants), dtype=np.bool_)
    near = np.searchsorted(stale, instants)
    known: Mask = stale[np.minimum(near, len(stale) - 1)] != instants
    return known
