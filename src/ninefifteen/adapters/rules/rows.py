"""From the lines of the rule files to the rows of the domain: one small reader for each file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import cast

from ninefifteen.domain.calendar import (
    DAY_KINDS,
    SPECIAL_KINDS,
    CalendarRow,
    DayKind,
    ExpiryRule,
    PhaseRow,
    SessionTimes,
)
from ninefifteen.domain.charges import COMPONENTS, PPB, SEGMENTS, ChargeRow, Component, Segment
from ninefifteen.domain.membership import INDEX_SIZE, IndexChange, MemberList, Rename
from ninefifteen.domain.order_limits import OrderLimitRow, OrderLimits
from ninefifteen.domain.tick_table import FreezeRow, SplitRow, TickRow
from ninefifteen.errors import BadInput

from .lines import Line, read_clock

COLUMNS: dict[str, tuple[str, ...]] = {
    "calendar.csv": ("date", "kind", "name", "windows", "source"),
    "session_times.csv": (
        *("effective_from", "effective_to", "preopen_start", "preopen_final", "open", "underlying_close"),
        *("derivatives_close", "exit_at", "last_observation", "source"),
    ),
    "session_phases.csv": ("effective_from", "effective_to", "phase", "start", "end", "source"),
    "expiry_rules.csv": ("first_series", "last_series", "weekday", "source"),
    "charges.csv": ("effective_from", "effective_to", "segment", "component", "value", "source"),
    "tick_sizes.csv": (
        *("effective_from", "effective_to", "instrument", "price_from", "price_below", "tick", "source"),
    ),
    "freeze_quantities.csv": ("effective_from", "effective_to", "symbol", "quantity", "source"),
    "order_limits.csv": ("effective_from", "effective_to", "name", "value", "unit", "source"),
    "splits.csv": ("effective_from", "symbol", "new_shares", "old_shares", "source"),
    "symbol_renames.csv": ("effective_from", "old_symbol", "new_symbol", "source"),
    "nifty50_members.csv": ("as_of", "symbol", "source"),
    "nifty50_changes.csv": ("effective_from", "change", "symbol", "source"),
}
"""The rule files and their header rows; a home may hold any of them."""

ORDINARY_HOURS = "ordinary"
"""In the `windows` column: a special session with the hours of an ordinary day."""

INSTRUMENTS = ("stock_option", "index_option")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_SATURDAY = 5
_GST_STEP = PPB // 1000


def calendar_row(line: Line) -> CalendarRow:
    """A line of calendar.csv."""
    kind = cast(DayKind, line.choice("kind", DAY_KINDS))
    day, windows = line.day("date"), line.fields["windows"]
    if windows and kind not in SPECIAL_KINDS:
        raise line.bad(f"windows are for special sessions only, not for {kind!r}; leave them empty")
    if kind == "open" and day.weekday() >= _SATURDAY:
        raise line.bad(f"{day} is on a weekend; a session there is 'special'")
    if kind == "year" and (day.month, day.day) != (1, 1):
        raise line.bad(f"the date of a 'year' line is 1 January of that year, not {day}")
    ordinary = windows == ORDINARY_HOURS
    return CalendarRow(
        day=day,
        kind=kind,
        name=line.text("name"),
        source=line.text("source"),
        windows=() if ordinary or not windows else _windows(line),
        ordinary_hours=ordinary,
        origin=line.origin,
    )


def _windows(line: Line) -> tuple[tuple[time, time], ...]:
    def read(text: str) -> tuple[tuple[time, time], ...]:
        pairs = [tuple(read_clock(end) for end in part.split("-")) for part in text.split()]
        clocks = [clock for pair in pairs for clock in pair]
        if any(len(pair) != 2 for pair in pairs) or clocks != sorted(set(clocks)):  # noqa: PLR2004
            raise ValueError(text)
        return tuple((pair[0], pair[1]) for pair in pairs)

    return line.value(
        "windows",
        read,
        "hours in order, such as 18:00-19:00 or 09:15-10:00 11:30-12:30, 'ordinary' or nothing",
    )


def session_times(line: Line) -> SessionTimes:
    """A line of session_times.csv."""
    times = SessionTimes(
        effective_from=line.day("effective_from"),
        effective_to=line.last_day(),
        preopen_start=line.clock("preopen_start"),
        preopen_final=line.clock("preopen_final"),
        open=line.clock("open"),
        underlying_close=line.clock("underlying_close"),
        derivatives_close=line.clock("derivatives_close"),
        exit_at=line.clock("exit_at"),
        last_observation=line.clock("last_observation"),
        source=line.text("source"),
        origin=line.origin,
    )
    order = (times.preopen_start, times.preopen_final, times.open, times.exit_at, times.derivatives_close)
    if list(order) != sorted(order):
        raise line.bad("the times are out of order: preopen_start, preopen_final, open, exit_at, close")
    return times


def phase(line: Line) -> PhaseRow:
    """A line of session_phases.csv."""
    start, end = line.clock("start"), line.clock("end")
    if end <= start:
        raise line.bad(f"end {end} is not after start {start}")
    return PhaseRow(
        effective_from=line.day("effective_from"),
        effective_to=line.last_day(),
        name=line.text("phase"),
        start=start,
        end=end,
        source=line.text("source"),
        origin=line.origin,
    )


def expiry_rule(line: Line) -> ExpiryRule:
    """A line of expiry_rules.csv."""

    def month(text: str) -> date:
        return date.fromisoformat(f"{text}-01")

    wanted = "a month as YYYY-MM"
    last = line.value("last_series", month, wanted) if line.fields["last_series"] else None
    return ExpiryRule(
        first_series=line.value("first_series", month, wanted),
        last_series=last,
        weekday=_WEEKDAYS.index(line.choice("weekday", _WEEKDAYS)),
        source=line.text("source"),
        origin=line.origin,
    )


def charge(line: Line) -> ChargeRow:
    """A line of charges.csv: brokerage_per_order in rupees, everything else a share of a value."""
    component = cast(Component, line.choice("component", COMPONENTS))
    value = line.price("value") if component == "brokerage_per_order" else line.share("value", PPB)
    if component == "gst" and value % _GST_STEP:
        raise line.bad("the GST rate is finer than a tenth of a percent, which the program cannot hold")
    return ChargeRow(
        effective_from=line.day("effective_from"),
        effective_to=line.last_day(),
        segment=cast(Segment, line.choice("segment", SEGMENTS)),
        component=component,
        value=value,
        source=line.text("source"),
        origin=line.origin,
    )


def tick(line: Line) -> TickRow:
    """A line of tick_sizes.csv, rupees."""
    size = line.price("tick")
    if not size:
        raise line.bad("a tick of 0 is no tick")
    return TickRow(
        effective_from=line.day("effective_from"),
        effective_to=line.last_day(),
        instrument=line.choice("instrument", INSTRUMENTS),
        price_from=line.price("price_from"),
        price_below=line.price("price_below") if line.fields["price_below"] else None,
        tick=size,
        source=line.text("source"),
        origin=line.origin,
    )


def freeze(line: Line) -> FreezeRow:
    """A line of freeze_quantities.csv, units."""
    return FreezeRow(
        effective_from=line.day("effective_from"),
        effective_to=line.last_day(),
        symbol=line.text("symbol"),
        quantity=line.whole("quantity"),
        source=line.text("source"),
        origin=line.origin,
    )


def order_limit(line: Line) -> OrderLimitRow:
    """A line of order_limits.csv; `unit` is for the reader, the name decides."""
    return OrderLimitRow(
        effective_from=line.day("effective_from"),
        effective_to=line.last_day(),
        name=line.choice("name", OrderLimits.__struct_fields__),
        value=line.whole("value"),
        source=line.text("source"),
        origin=line.origin,
    )


def split(line: Line) -> SplitRow:
    """A line of splits.csv."""
    return SplitRow(
        effective_from=line.day("effective_from"),
        symbol=line.text("symbol"),
        new_shares=line.whole("new_shares"),
        old_shares=line.whole("old_shares"),
        source=line.text("source"),
        origin=line.origin,
    )


def rename(line: Line) -> Rename:
    """A line of symbol_renames.csv."""
    return Rename(
        effective_from=line.day("effective_from"),
        old_symbol=line.text("old_symbol"),
        new_symbol=line.text("new_symbol"),
        source=line.text("source"),
        origin=line.origin,
    )


def index_change(line: Line) -> IndexChange:
    """A line of nifty50_changes.csv."""
    word = line.choice("change", ("in", "out", "complete"))
    return IndexChange(
        effective_from=line.day("effective_from"),
        change="in" if word == "in" else "out" if word == "out" else "complete",
        symbol=line.text("symbol"),
        source=line.text("source"),
        origin=line.origin,
    )


def member_lists(lines: Iterable[Line]) -> tuple[MemberList, ...]:
    """The dated lists in these lines, one for each file and `as_of`; each must have exactly fifty symbols."""
    groups: dict[tuple[str, date], dict[str, Line]] = {}
    for line in lines:
        group = groups.setdefault((line.origin, line.day("as_of")), {})
        symbol = line.text("symbol")
        if symbol in group:
            raise line.bad(f"{symbol} is already in the list of {line.fields['as_of']}")
        group[symbol] = line
    for (origin, as_of), group in groups.items():
        if len(group) != INDEX_SIZE:
            raise BadInput(
                f"{origin}: the NIFTY 50 list of {as_of} has {len(group)} symbols instead of {INDEX_SIZE}; "
                "take the whole list of that day"
            )
    return tuple(
        MemberList(
            as_of=as_of,
            symbols=tuple(group),
            source=next(iter(group.values())).fields.get("source", ""),
            origin=origin,
        )
        for (origin, as_of), group in groups.items()
    )
