"""A small folder of invented recorded days that trade: WIPRO leads, INFY has no chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.adapters.recorded_folders import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Row,
    chains,
    listed,
    shares,
    snapshot,
    upstox,
    write,
)

LOT = 2000
STRIKES = (100.0, 105.0)
YESTERDAY: dict[str, Any] = {"oi": 2000 * LOT, "volume": 700 * LOT, "puts": 1500 * LOT}


def observed(day_rows: list[tuple[str, float]]) -> list[Row]:
    """Snapshots of Tuesday at these times with these prices of the call."""
    return [row for clock, price in day_rows for row in snapshot(TUESDAY, clock, "WIPRO", STRIKES, ltp=price)]


def snapshot_days(folder: Path, *tuesday: tuple[str, float]) -> Path:
    """Monday gives yesterday's figures, Tuesday trades at these (time, price), Wednesday has a book again."""
    write(
        folder / "cash_bhavcopy" / "a.parquet",
        shares(MONDAY, WIPRO=(99.0, 100.0), INFY=(200.0, 201.0))
        + shares(TUESDAY, WIPRO=(100.0, 101.25), INFY=(201.0, 201.0))
        + shares(WEDNESDAY, WIPRO=(101.0, 101.0), INFY=(201.0, 200.0)),
    )
    rows = snapshot(MONDAY, "15:29:00", "WIPRO", STRIKES, ltp=6.0, **YESTERDAY)
    rows += observed(list(tuesday or (("09:15:30", 6.0), ("09:40:00", 7.0), ("15:20:00", 7.0))))
    rows += snapshot(TUESDAY, "15:30:00", "WIPRO", STRIKES, ltp=7.0, **YESTERDAY)
    rows += snapshot(WEDNESDAY, "09:15:30", "WIPRO", STRIKES, ltp=6.0)
    chains(folder, rows)
    write(folder / "instruments" / "upstox_x.parquet", [upstox("WIPRO", lot=LOT), upstox("INFY", lot=25)])
    return folder


def bhavcopy_days(folder: Path, prices: tuple[float, float, float, float]) -> Path:
    """The same stock from F&O bhavcopies: Tuesday's call has these open, high, low and close."""
    write(
        folder / "cash_bhavcopy" / "a.parquet",
        shares(MONDAY, WIPRO=(99.0, 100.0)) + shares(TUESDAY, WIPRO=(100.0, 101.25)),
    )
    yesterday = (6.0, 6.5, 5.5, 6.0)
    figures: dict[str, Any] = {"oi": 2000 * LOT, "volume": 700, "lot_size": LOT}
    write(
        folder / "fo_bhavcopy" / "a.parquet",
        [
            listed(MONDAY, "WIPRO", 100.0, prices=yesterday, **figures),
            listed(MONDAY, "WIPRO", 100.0, "PE", prices=yesterday, **figures | {"oi": 1500 * LOT}),
            listed(TUESDAY, "WIPRO", 100.0, prices=prices, **figures),
            listed(TUESDAY, "WIPRO", 100.0, "PE", prices=yesterday, **figures),
        ],
    )
    return folder
