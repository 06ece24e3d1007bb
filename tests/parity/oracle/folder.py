"""Reading the layout of the recorded data (its README has the quirks). Prices become exact decimals (K3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

IST = ZoneInfo("Asia/Kolkata")
Members = frozenset[str]
Row = dict[str, Any]


def price(value: float) -> Decimal:
    """K3: a price is a decimal with two places."""
    return Decimal(str(round(value, 2)))


def exact(value: float) -> Decimal:
    """A strike exactly as printed."""
    return Decimal(str(value)).normalize()


@dataclass(frozen=True)
class Cash:
    """One stock's morning: the previous close and the pre-open price, in rupees."""

    previous_close: Decimal
    preopen: Decimal


@dataclass(frozen=True)
class ChainRow:
    """One strike of one stock in one snapshot. Open interest and volume in units; volume None = unknown."""

    ts: datetime
    symbol: str
    expiry: date
    strike: Decimal
    call_ltp: Decimal
    call_oi: int
    call_volume: int | None
    put_oi: int


@dataclass(frozen=True)
class OfficialRow:
    """One contract in a day's F&O bhavcopy. Open interest in units, volume in lots; lot None: not printed."""

    symbol: str
    expiry: date
    strike: Decimal
    is_call: bool
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    oi: int
    volume_lots: int
    lot: int | None


@dataclass(frozen=True)
class Terms:
    """Lot size in units, tick in rupees."""

    lot: int
    tick: Decimal


def _rows(path: Path, filters: list[tuple[str, str, object]]) -> Iterator[Row]:
    yield from pq.read_table(path, filters=filters).to_pylist()


class Folder:
    """A data folder. Every method reads one day for a set of members."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.chain = lru_cache(maxsize=3)(self._chain)
        self.official = lru_cache(maxsize=3)(self._official)
        self.instruments = lru_cache(maxsize=1)(self._instruments)
        self._stale = lru_cache(maxsize=1)(self._read_stale)

    def _files(self, pattern: str) -> list[Path]:
        return sorted(self.root.glob(pattern))

    def cash(self, day: date) -> dict[str, Cash]:
        """K2: the cash bhavcopy's open and prev_close; where it has no row of the day, a final capture."""
        found: dict[str, Cash] = {}
        for path in self._files("cash_bhavcopy/*.parquet"):
            for row in _rows(path, [("date", "=", day)]):
                if row["open"] and row["prev_close"]:
                    found[row["symbol"]] = Cash(price(row["prev_close"]), price(row["open"]))
        return found or self._final_capture(day)

    def _final_capture(self, day: date) -> dict[str, Cash]:
        found: dict[str, Cash] = {}
        for path in self._files("preopen/*.parquet"):
            if "is_final" not in pq.read_schema(path).names:
                continue
            rows = _rows(path, [("date", "=", day), ("is_final", "=", True)])
            for row in sorted(rows, key=lambda r: r["captured_at"]):
                if row["iep"] and row["prev_close"]:
                    found[row["symbol"]] = Cash(price(row["prev_close"]), price(row["iep"]))
        return found

    def _read_stale(self) -> frozenset[datetime]:
        return frozenset(
            row["ts"]
            for path in self._files("options_intraday/snapshot_index.parquet")
            for row in _rows(path, [("stale", "=", True)])
        )

    def _chain(self, day: date, members: Members) -> tuple[ChainRow, ...]:
        """The day's snapshot rows of the members, in time order, without the stale ones (E1)."""
        start = datetime.combine(day, time(), IST)
        filters: list[tuple[str, str, object]] = [
            ("ts", ">=", start),
            ("ts", "<", start + timedelta(days=1)),
            ("symbol", "in", sorted(members)),
        ]
        stale = self._stale()
        rows = (r for p in self._files("options_intraday/stock_chain_*.parquet") for r in _rows(p, filters))
        kept = [_chain_row(r) for r in rows if r["ts"] not in stale]
        return tuple(sorted(kept, key=lambda r: (r.ts, r.symbol, r.expiry, r.strike)))

    def _official(self, day: date, members: Members) -> tuple[OfficialRow, ...]:
        """The day's F&O bhavcopy rows of the members' options."""
        filters: list[tuple[str, str, object]] = [("date", "=", day), ("symbol", "in", sorted(members))]
        rows = (r for p in self._files("fo_bhavcopy/*.parquet") for r in _rows(p, filters))
        return tuple(_official_row(r) for r in rows if r["instrument"] in {"STO", "OPTSTK"})

    def _instruments(self) -> dict[str, dict[date, Terms]]:
        """Per stock and expiry, the lot size and the tick of its calls (C3)."""
        found: dict[str, dict[date, Terms]] = {}
        for path in self._files("instruments/upstox*.parquet"):
            for row in _rows(path, [("segment", "=", "NSE_FO"), ("instrument_type", "=", "CE")]):
                tick = Decimal(str(row["tick_size"])) / 100  # printed in paise
                terms = Terms(int(row["lot_size"]), tick)
                found.setdefault(row["underlying_symbol"], {})[row["expiry"]] = terms
        for path in self._files("instruments/kite*.parquet"):
            for row in _rows(path, [("segment", "=", "NFO-OPT"), ("instrument_type", "=", "CE")]):
                terms = Terms(row["lot_size"], Decimal(str(row["tick_size"])))
                found.setdefault(row["name"], {}).setdefault(row["expiry"], terms)
        return found


def _chain_row(row: Row) -> ChainRow:
    return ChainRow(
        ts=row["ts"],
        symbol=row["symbol"],
        expiry=row["expiry"],
        strike=exact(row["strike"]),
        call_ltp=price(row["ce_ltp"] or 0.0),
        call_oi=row["ce_oi"] or 0,
        call_volume=row["ce_volume"],
        put_oi=row["pe_oi"] or 0,
    )


def _official_row(row: Row) -> OfficialRow:
    # O3: `volume` is in lots, except in the "op" report, which prints units and has the lots in `contracts`.
    volume_lots = row["contracts"] if "contracts" in row else row["volume"]
    # The "op" report prints no lot size either; there the instrument file tells it (README of the oracle).
    return OfficialRow(
        symbol=row["symbol"],
        expiry=row["expiry"],
        strike=exact(row["strike"]),
        is_call=row["option_type"] == "CE",
        open=price(row["open"] or 0.0),
        high=price(row["high"] or 0.0),
        low=price(row["low"] or 0.0),
        close=price(row["close"] or 0.0),
        oi=row["oi"],
        volume_lots=volume_lots,
        lot=row.get("lot_size"),
    )
