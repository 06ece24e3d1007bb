"""Small folders of recorded data with invented figures, written in the layout of docs/recorded-data.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ninefifteen.adapters.recorded import DayReading, Question, RecordedDay, RecordedFolder
from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain.events import EndOfData, Event, LastPrice
from ninefifteen.domain.instants import IST, Instant, at
from ninefifteen.domain.market import DayFacts

MONDAY, TUESDAY, WEDNESDAY = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)
EXPIRY, LATER = date(2026, 1, 27), date(2026, 2, 24)
RULES = load_rules()

Row = dict[str, Any]

_TS = pa.timestamp("us", tz="Asia/Kolkata")
_TYPES: dict[str, Any] = {
    "ts": _TS,
    "captured_at": _TS,
    "date": pa.date32(),
    "expiry": pa.date32(),
    "symbol": pa.large_string(),
    "instrument": pa.large_string(),
    "option_type": pa.large_string(),
    "name": pa.large_string(),
    "underlying_symbol": pa.large_string(),
    "instrument_type": pa.large_string(),
    "ce_oi": pa.int64(),
    "ce_volume": pa.int64(),
    "pe_oi": pa.int64(),
    "oi": pa.int64(),
    "volume": pa.int64(),
    "contracts": pa.int64(),
    "stale": pa.bool_(),
    "is_final": pa.bool_(),
}


def moment(day: date, clock: str) -> Instant:
    """The instant of a wall clock time "HH:MM:SS"."""
    return at(day, time.fromisoformat(clock))


CALL = f"AAA {EXPIRY} 100 CE"
SCAN = moment(TUESDAY, "09:14:00")


def write(path: Path, rows: Sequence[Row], **types: Any) -> Path:
    """Write rows as a Parquet file; columns get the types of the real files unless others are given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = _TYPES | types
    names = list(rows[0])
    columns = [pa.array([row[name] for row in rows], type=known.get(name, pa.float64())) for name in names]
    pq.write_table(pa.table(columns, names=names), path)
    return path


def shares(day: date, **prices: tuple[float | None, float | None]) -> list[Row]:
    """Rows of a cash bhavcopy: previous close and open by symbol."""
    return [
        {"date": day, "symbol": symbol, "prev_close": previous, "open": opened, "close": opened}
        for symbol, (previous, opened) in prices.items()
    ]


def snapshot(
    day: date,
    clock: str,
    symbol: str = "AAA",
    strikes: Sequence[float] = (100.0,),
    *,
    expiry: date = EXPIRY,
    ltp: float = 4.0,
    oi: int | None = 1000,
    volume: int | None = 500,
    puts: int | None = 800,
) -> list[Row]:
    """Rows of one stock in one chain snapshot, a row per strike."""
    ts = datetime.combine(day, time.fromisoformat(clock), IST)
    return [
        {
            "ts": ts,
            "symbol": symbol,
            "expiry": expiry,
            "strike": strike,
            "ce_ltp": ltp,
            "ce_oi": oi,
            "ce_volume": volume,
            "pe_ltp": 1.0,
            "pe_oi": puts,
            "pe_volume": volume,
        }
        for strike in strikes
    ]


def listed(
    day: date,
    symbol: str = "AAA",
    strike: float | None = 100.0,
    right: str | None = "CE",
    *,
    kind: str = "STO",
    expiry: date = EXPIRY,
    prices: tuple[float, float, float, float] = (4.0, 5.0, 3.0, 4.5),
    oi: int = 1000,
    volume: int = 3,
    lot_size: float | None = 50,
) -> Row:
    """A row of an F&O bhavcopy; `prices` are open, high, low and close, `volume` counts lots."""
    opened, high, low, close = prices
    row: Row = {"date": day, "instrument": kind, "symbol": symbol, "expiry": expiry, "strike": strike}
    row |= {"option_type": right, "open": opened, "high": high, "low": low, "close": close}
    return row | {"oi": oi, "volume": volume, "lot_size": lot_size}


def upstox(symbol: str = "AAA", expiry: date = EXPIRY, lot: float = 50, tick: float = 5) -> Row:
    """A call in an Upstox instrument file; the tick is in paise."""
    row: Row = {"underlying_symbol": symbol, "instrument_type": "CE", "expiry": expiry}
    return row | {"lot_size": lot, "tick_size": tick}


def kite(symbol: str = "AAA", expiry: date = EXPIRY, lot: float = 50, tick: float = 0.05) -> Row:
    """A call in a Kite instrument file; the tick is in rupees."""
    return {"name": symbol, "instrument_type": "CE", "expiry": expiry, "lot_size": lot, "tick_size": tick}


def ordinary(folder: Path) -> Path:
    """A folder with two snapshot days of AAA and BBB: Tuesday 6 January can be run."""
    write(
        folder / "cash_bhavcopy" / "any.parquet",
        shares(MONDAY, AAA=(99.0, 100.0), BBB=(200.0, 201.0))
        + shares(TUESDAY, AAA=(100.0, 101.25), BBB=(201.0, 201.0)),
    )
    write(
        folder / "options_intraday" / "stock_chain_x.parquet",
        [
            *snapshot(MONDAY, "15:20:00", strikes=(95.0, 100.0), ltp=3.5),
            *snapshot(MONDAY, "15:29:00", strikes=(100.0, 105.0), ltp=4.0, oi=2000, volume=700, puts=1500),
            *snapshot(TUESDAY, "09:16:00", strikes=(100.0, 105.0), ltp=4.5),
            *snapshot(TUESDAY, "09:40:00", strikes=(100.0, 105.0, 110.0), ltp=5.0),
        ],
    )
    write(folder / "instruments" / "upstox_x.parquet", [upstox(), upstox("BBB", lot=25, tick=1)])
    return folder


def opened(folder: Path) -> RecordedFolder:
    """The folder with the packaged rules."""
    return RecordedFolder(folder, RULES.membership, RULES.splits)


def read(
    folder: Path | RecordedFolder, day: date = TUESDAY, members: tuple[str, ...] = ("AAA", "BBB")
) -> DayReading:
    """The reading of one day with the default settings and a universe of few."""
    recorded = opened(folder) if isinstance(folder, Path) else folder
    facts = day_facts(day, members)
    return recorded.read(
        Question(
            day=day,
            previous_day=facts.previous_day,
            expiry=facts.expiry,
            universe=members,
            open_at=facts.open_at,
            last_entry_at=moment(day, "09:30:00"),
            last_observation_at=facts.last_observation_at,
        )
    )


def day_facts(day: date = TUESDAY, members: tuple[str, ...] = ("AAA", "BBB")) -> DayFacts:
    """The facts of a day by the packaged calendar."""
    session = RULES.calendar.session(day)
    assert session is not None
    expiry = RULES.calendar.traded_expiry(day, 4)
    return DayFacts(
        date=day,
        previous_day=RULES.calendar.previous(day),
        special=False,
        preopen_final_at=at(day, session.preopen_final),
        open_at=at(day, session.open),
        exit_at=at(day, session.exit_at),
        close_at=at(day, session.derivatives_close),
        last_observation_at=at(day, session.last_observation),
        expiry=expiry,
        days_left=RULES.calendar.days_left(day, expiry),
        calendar_days_left=(expiry - day).days,
        calendar_days_left_previous=(expiry - RULES.calendar.previous(day)).days,
        rates=RULES.charges.on(day, "options"),
        limits=RULES.order_limits.on(day),
        universe=members,
        free_cash=10_000_000,
        price_source="last",
        synthetic=False,
    )


def feed(folder: Path, last_entry: time = time(9, 30)) -> RecordedDay:
    """Tuesday of the folder as a feed."""
    return opened(folder).day(day_facts(), last_entry)


def events(day: RecordedDay) -> list[Event]:
    """Everything that is due, each at the instant it was announced for."""
    found = []
    while day.next_at() is not None:
        due = day.next_at()
        event = day.pop()
        assert event.at == due
        found.append(event)
    return found


def prices(day: RecordedDay) -> list[tuple[str, int]]:
    """Clock and price of every observation of the call of strike 100."""
    day.subscribe(SCAN, (CALL,))
    *found, last = events(day)
    assert isinstance(last, EndOfData)
    assert all(isinstance(event, LastPrice) for event in found)
    return [(clock_of(event.at), event.price) for event in found if isinstance(event, LastPrice)]


def clock_of(instant: int) -> str:
    """The wall clock of an instant of Tuesday."""
    seconds = (instant - moment(TUESDAY, "00:00:00")) // 1_000_000_000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def chains(folder: Path, rows: list[Row]) -> Path:
    """The folder with these rows as its only chains."""
    write(folder / "options_intraday" / "stock_chain_x.parquet", rows)
    return folder
