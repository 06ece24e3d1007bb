"""Which files a folder of recorded data holds, told by its subfolders and by the columns of the files."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import msgspec

from ninefifteen.domain.membership import MemberList
from ninefifteen.errors import BadInput

from .bhavcopy import CAPTURE_COLUMNS, CASH_COLUMNS, fo_columns
from .chains import CHAIN_COLUMNS, STALE_COLUMNS
from .contracts import instrument_columns
from .parquet import ParquetSource

SETS = ("cash_bhavcopy", "fo_bhavcopy", "options_intraday", "preopen", "instruments", "universe")
"""The subfolders that are read; any of them may be absent, others are left alone."""

_CHAIN_MARKS = frozenset({"strike", "ce_ltp"})


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """The readable files of a folder by what they are; `unused` holds what was recognised as no use."""

    folder: Path
    cash: tuple[ParquetSource, ...]
    fo: tuple[ParquetSource, ...]
    chains: tuple[ParquetSource, ...]
    snapshot_index: tuple[ParquetSource, ...]
    captures: tuple[ParquetSource, ...]
    instruments: tuple[ParquetSource, ...]
    member_lists: tuple[MemberList, ...]
    unused: tuple[tuple[Path, str], ...]


def discover(folder: Path) -> Layout:
    """Open and check every file of the layout; raises `BadInput` for the first that cannot be used."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder of recorded data")
    if not any((folder / name).is_dir() for name in SETS):
        raise BadInput(
            f"{folder}: not a folder of recorded data: none of {', '.join(f'{n}/' for n in SETS)} is in it "
            "(the layout: docs/recorded-data.md)"
        )
    unused: list[tuple[Path, str]] = []
    cash, fo, instruments = (
        _opened(folder / name) for name in ("cash_bhavcopy", "fo_bhavcopy", "instruments")
    )
    for source in cash:
        source.require(CASH_COLUMNS, "cash bhavcopy")
    for source in fo:
        source.require(fo_columns(source), "F&O bhavcopy")
    for source in instruments:
        source.require(instrument_columns(source), "instrument file")
    chains, index = _intraday(_opened(folder / "options_intraday"), unused)
    layout = Layout(
        folder=folder,
        cash=cash,
        fo=fo,
        chains=chains,
        snapshot_index=index,
        captures=_captures(_opened(folder / "preopen"), unused),
        instruments=instruments,
        member_lists=_member_lists(folder / "universe"),
        unused=tuple(unused),
    )
    if not (layout.cash or layout.fo or layout.chains or layout.captures):
        raise BadInput(
            f"{folder}: no recorded prices: no Parquet file in cash_bhavcopy/, fo_bhavcopy/, "
            "options_intraday/ or preopen/ (the layout: docs/recorded-data.md)"
        )
    return layout


def _opened(folder: Path) -> tuple[ParquetSource, ...]:
    return tuple(ParquetSource(path) for path in sorted(folder.glob("*.parquet")))


def _intraday(
    sources: tuple[ParquetSource, ...], unused: list[tuple[Path, str]]
) -> tuple[tuple[ParquetSource, ...], tuple[ParquetSource, ...]]:
    chains, index = [], []
    for source in sources:
        if source.columns & _CHAIN_MARKS or source.path.name.startswith("stock_chain"):
            source.require(CHAIN_COLUMNS, "option chain file")
            chains.append(source)
        elif "stale" in source.columns or source.path.stem == "snapshot_index":
            source.require(STALE_COLUMNS, "index of snapshots")
            index.append(source)
        else:
            unused.append((source.path, "neither option chains nor an index of snapshots"))
    return tuple(chains), tuple(index)


def _captures(
    sources: tuple[ParquetSource, ...], unused: list[tuple[Path, str]]
) -> tuple[ParquetSource, ...]:
    usable = []
    for source in sources:
        if "is_final" in source.columns:
            source.require(CAPTURE_COLUMNS, "pre-open capture")
            usable.append(source)
        else:
            unused.append(
                (source.path, "no column is_final: a capture that is not known to be final decides nothing")
            )
    return tuple(usable)


def _member_lists(folder: Path) -> tuple[MemberList, ...]:
    found: dict[date, list[str]] = {}
    names: dict[date, Path] = {}
    for path in sorted(folder.glob("*.csv")):
        for day, symbol in _member_rows(path):
            found.setdefault(day, [])
            if symbol not in found[day]:
                found[day].append(symbol)
            names[day] = path
    return tuple(
        MemberList(as_of=day, symbols=tuple(symbols), source=names[day].name, origin=str(names[day]))
        for day, symbols in sorted(found.items())
    )


def _member_rows(path: Path) -> list[tuple[date, str]]:
    rows: list[tuple[date, str]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"as_of", "symbol"} <= set(reader.fieldnames or ()):
                raise BadInput(f"{path}: no list of members: the header must name as_of and symbol")
            rows.extend((date.fromisoformat(row["as_of"] or ""), row["symbol"] or "") for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from error
    except ValueError as error:
        raise BadInput(f"{path}, line {len(rows) + 2}: {error}") from error
    return rows
