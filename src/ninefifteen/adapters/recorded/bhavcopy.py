"""End-of-day figures of the exchange: every F&O contract, and the shares with their opening price.

Two kinds of F&O file exist and their columns tell which one it is. The full list (UDiFF) names the
lot size and counts volume in lots. The "op" report (traded contracts only) counts volume in units and
names the traded lots in `contracts`, so the lot size is the one divided by the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .files import DatedFiles, RowsRead, SetReader
from .parquet import UNKNOWN, Batch, Kind, Mask, ParquetSource, Whole
from .table import DayTable, TableBuilder

FO_COLUMNS: dict[str, Kind] = {
    "date": "day",
    "instrument": "text",
    "symbol": "text",
    "expiry": "day",
    "strike": "price",
    "option_type": "text",
    "open": "price",
    "high": "price",
    "low": "price",
    "close": "price",
    "oi": "count",
    "volume": "count",
}
LOT_SIZE: dict[str, Kind] = {"lot_size": "count"}
CONTRACTS: dict[str, Kind] = {"contracts": "count"}
CASH_COLUMNS: dict[str, Kind] = {"date": "day", "symbol": "text", "prev_close": "price", "open": "price"}
CAPTURE_COLUMNS: dict[str, Kind] = {
    "date": "day",
    "symbol": "text",
    "prev_close": "price",
    "iep": "price",
    "is_final": "flag",
}

_STOCK_OPTIONS = frozenset({"STO", "OPTSTK"})
_CALLS, _PUTS = frozenset({"CE"}), frozenset({"PE"})


def fo_columns(source: ParquetSource) -> dict[str, Kind]:
    """The columns of this F&O bhavcopy; `contracts` where there is no `lot_size`."""
    return FO_COLUMNS | (CONTRACTS if "contracts" in source.columns else LOT_SIZE)


def fo_files(sources: Sequence[ParquetSource], read: RowsRead) -> DatedFiles:
    """The F&O bhavcopies of a folder, stock options only.

    Columns of the rows: `strike`, `open`, `high`, `low`, `close` (paise), `oi` and `volume` (units,
    -1 where unknown), `call` (1 for a call, 0 for a put), `lot_size` (units, 0 where not told).
    """
    return DatedFiles(sources, SetReader(_days, _fo_table), read)


def cash_files(sources: Sequence[ParquetSource], read: RowsRead) -> DatedFiles:
    """The cash bhavcopies of a folder. Columns of the rows: `open` and `prev_close` (paise)."""
    return DatedFiles(sources, SetReader(_days, _cash_table), read)


def capture_files(sources: Sequence[ParquetSource], read: RowsRead) -> DatedFiles:
    """Final rows of the pre-open captures, by the session in `date` (K2). Columns as of `cash_files`."""
    return DatedFiles(sources, SetReader(_final_days, _capture_table), read)


def _days(source: ParquetSource) -> frozenset[int]:
    days: set[int] = set()
    for batch in source.batches({"date": "day"}):
        days.update(np.unique(batch.numbers("date")).tolist())
    return frozenset(days - {UNKNOWN})


def _final_days(source: ParquetSource) -> frozenset[int]:
    days: set[int] = set()
    for batch in source.batches({"date": "day", "is_final": "flag"}):
        days.update(np.unique(batch.numbers("date", batch.numbers("is_final") > 0)).tolist())
    return frozenset(days - {UNKNOWN})


def _fo_table(source: ParquetSource, symbols: frozenset[str]) -> DayTable:
    builder, kinds = TableBuilder(), fo_columns(source)
    for batch in source.batches(kinds):
        text, right = batch.text("symbol"), batch.text("option_type")
        call = right.equal_to(_CALLS)
        keep = text.equal_to(symbols) & (call | right.equal_to(_PUTS))
        keep &= batch.text("instrument").equal_to(_STOCK_OPTIONS)
        if not keep.any():
            continue
        code = builder.codes(text.values)[text.codes[keep]]
        lot, volume = _lots(batch, keep, in_units="contracts" in kinds)
        prices = {name: batch.numbers(name, keep) for name in ("strike", "open", "high", "low", "close")}
        builder.add(
            DayTable.key(batch.numbers("date", keep), code, batch.numbers("expiry", keep)),
            {name: paise.astype(np.int32) for name, paise in prices.items()}
            | {
                "oi": batch.numbers("oi", keep),
                "volume": volume,
                "call": call[keep].astype(np.int8),
                "lot_size": lot.astype(np.int32),
            },
        )
    return builder.table()


def _lots(batch: Batch, keep: Mask, *, in_units: bool) -> tuple[Whole, Whole]:
    """Lot size and volume in units of the kept rows."""
    volume = batch.numbers("volume", keep)
    if not in_units:
        lot = np.maximum(batch.numbers("lot_size", keep), 0)
        return lot, np.where((volume >= 0) & (lot > 0), volume * lot, np.where(volume == 0, 0, UNKNOWN))
    traded = batch.numbers("contracts", keep)
    whole = (traded > 0) & (volume > 0) & (volume % np.maximum(traded, 1) == 0)
    return np.where(whole, volume // np.maximum(traded, 1), 0), volume


def _cash_table(source: ParquetSource, symbols: frozenset[str]) -> DayTable:
    builder = TableBuilder()
    for batch in source.batches(CASH_COLUMNS):
        _add_shares(builder, batch, batch.text("symbol").equal_to(symbols), "open")
    return builder.table()


def _capture_table(source: ParquetSource, symbols: frozenset[str]) -> DayTable:
    builder = TableBuilder()
    for batch in source.batches(CAPTURE_COLUMNS):
        keep = batch.text("symbol").equal_to(symbols) & (batch.numbers("is_final") > 0)
        _add_shares(builder, batch, keep, "iep")
    return builder.table()


def _add_shares(builder: TableBuilder, batch: Batch, keep: Mask, price: str) -> None:
    text = batch.text("symbol")
    code = builder.codes(text.values)[text.codes[keep]]
    builder.add(
        DayTable.key(batch.numbers("date", keep), code),
        {
            "open": batch.numbers(price, keep).astype(np.int32),
            "prev_close": batch.numbers("prev_close", keep).astype(np.int32),
        },
    )
