"""`ninefifteen calendar show / add / import`: trading days and expiries, and rows the user adds to the rules.

Added rows go to the home's `rules/` folder, each with its source; `rules/audit.log` (JSON lines)
keeps who came when. The packaged rows are never changed: a later row overrides, both stay visible.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from ninefifteen.adapters.rules import RuleBook, load_rules, read_rule_texts, read_text
from ninefifteen.adapters.rules.additions import Addition, of_day, of_file
from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    open_home,
    parse_date,
    print_json,
    say,
)
from ninefifteen.domain.calendar import CalendarRow, NoCalendarData, TradingCalendar
from ninefifteen.domain.instants import IST, from_datetime, iso_ms
from ninefifteen.errors import BadInput
from ninefifteen.home import Home, write_whole

if sys.platform != "win32":
    import fcntl

Answer = TypeVar("Answer")

MONTHS = range(1, 13)


def register(app: typer.Typer) -> None:
    """Add the verb with its three parts."""
    group = typer.Typer(help="Trading days, sessions and expiries, and your own additions.")
    group.command("show")(show)
    group.command("add")(add)
    group.command("import")(import_file)
    app.add_typer(group, name="calendar")


def show(
    home: HomeOption = DEFAULT_HOME,
    day: Annotated[str | None, typer.Option("--date", metavar="D", help="One day.")] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="Y", help="A whole year.")] = None,
    first: Annotated[str | None, typer.Option("--from", metavar="D", help="First day of a range.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="D", help="Last day of a range.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a day, a range or a year (default: this year) of the exchange's calendar, with sources."""
    if (day is not None) + (year is not None) + (first is not None or last is not None) > 1:
        raise BadInput("give one of --date, --year, or --from with --to")
    rules = load_rules(open_home(home).rules_dir)
    today = datetime.now(IST).date()  # noqa: TID251 - the edge: which year to show, and the warning
    warning = rules.calendar.missing_data_warning(today)
    if warning:
        say(warning)
    try:
        document, lines = _answer(rules, day, year or today.year, first, last)
    except NoCalendarData as error:
        raise BadInput(str(error)) from None
    if as_json:
        print_json(document)
        return
    for line in lines:
        print(line)


def add(
    *,
    day: Annotated[str, typer.Option("--date", metavar="D", help="The day (YYYY-MM-DD).")],
    kind: Annotated[
        str, typer.Option("--kind", metavar="K", help="holiday, open, special, muhurat, budget, ...")
    ],
    name: Annotated[str, typer.Option("--name", metavar="N", help="What the day is called.")],
    source: Annotated[str, typer.Option("--source", metavar="S", help="Where it was announced.")],
    windows: Annotated[
        str, typer.Option("--windows", metavar="W", help="Hours of a special session, or 'ordinary'.")
    ] = "",
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Add one day to the calendar of this home; it overrides what was known about the day."""
    parse_date(day)
    fields = {"date": day, "kind": kind, "name": name, "windows": windows, "source": source}
    opened = open_home(home)
    with _one_at_a_time(opened) as audit:
        loaded = read_rule_texts(opened.rules_dir)
        _store(opened, of_day(loaded, fields), audit, "add", as_json=as_json)


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with the header of one rule file.")],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Add every row of FILE, or none when one cannot be used; the header tells which rules they are."""
    text = read_text(file, file.name)
    opened = open_home(home)
    with _one_at_a_time(opened) as audit:
        loaded = read_rule_texts(opened.rules_dir)
        _store(opened, of_file(loaded, text, file.name), audit, f"import {file.name}", as_json=as_json)


@contextmanager
def _one_at_a_time(home: Home) -> Iterator[int]:
    """The audit file, open for appending, held alone so that two additions cannot lose each other's rows."""
    path = home.rules_dir / "audit.log"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        if sys.platform != "win32":
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _store(home: Home, addition: Addition, audit: int, action: str, *, as_json: bool) -> None:
    if addition.rows:
        entry = {
            "at": iso_ms(from_datetime(datetime.now(IST))),  # noqa: TID251 - the time of the change, for people
            "action": action,
            "file": addition.name,
            "rows": addition.rows,
            "fingerprint": addition.after.fingerprint,
        }
        # The audit goes first: a row without a record of its coming would be worse than the reverse.
        os.write(audit, msgspec.json.encode(entry) + b"\n")
        os.fsync(audit)
        write_whole(home.rules_dir / addition.name, addition.text)
    say(f"{addition.name}: {len(addition.rows)} added, {addition.already} already there")
    for hint in _hints(addition):
        say(hint)
    if as_json:
        print_json(
            {
                "file": addition.name,
                "added": addition.rows,
                "already": addition.already,
                "fingerprint": addition.after.fingerprint,
            }
        )


def _hints(addition: Addition) -> list[str]:
    """What the user should know about the new rows: years still closed, and rows that were overridden."""
    if addition.name != "calendar.csv":
        return []
    after = addition.after
    days = sorted({date.fromisoformat(row["date"]) for row in addition.rows})
    hints = [
        f"{year} stays closed until its list is complete: then add --date {year}-01-01 --kind year"
        for year in sorted({day.year for day in days})
        if not after.calendar.covers(year)
    ]
    for day in days:
        rows = [row for row in after.calendar_rows if row.day == day and row.kind != "year"]
        if len(rows) > 1:
            old = rows[-2]
            hints.append(f"{day}: overrides {old.kind} {old.name!r} ({old.source}; {old.origin})")
    return hints


def _answer(
    rules: RuleBook, day: str | None, year: int, first: str | None, last: str | None
) -> tuple[dict[str, Any], list[str]]:
    if day is not None:
        return _one_day(rules, parse_date(day))
    if first is None and last is None:
        return _whole_year(rules, year)
    if first is None or last is None:
        raise BadInput("a range needs both --from and --to")
    return _range(rules, parse_date(first, "--from"), parse_date(last, "--to"))


def _one_day(rules: RuleBook, day: date) -> tuple[dict[str, Any], list[str]]:
    calendar = rules.calendar
    session = calendar.session(day)
    following = _known(lambda: calendar.next(day))
    expiry = _known(lambda: calendar.expiries(day, 1)[0])
    left = None if expiry is None else calendar.days_left(day, expiry)
    rows = _rows(rules, day, day)
    document = {
        "date": day,
        "trading_day": session is not None,
        "special": session is not None and session.special,
        "session": session,
        "previous": _known(lambda: calendar.previous(day)),
        "next": following,
        "expiry": expiry,
        "days_left": left,
        "rows": rows,
    }
    lines = [f"{day:%a} {day}: {_describe(calendar, day)}"]
    if session is not None and session.hours_known:
        lines.extend(f"  {p.start:%H:%M:%S} - {p.end:%H:%M:%S}  {p.name}" for p in session.phases)
    if session is not None and not session.special:
        lines.append(f"  pre-open final {session.preopen_final:%H:%M:%S}, exit by {session.exit_at:%H:%M:%S}")
    lines.append(
        f"  next trading day {following or 'not known'}; expiry {expiry or 'not known'}, days left {left}"
    )
    lines.extend(_row_line(row) for row in rows)
    return document, lines


def _range(rules: RuleBook, first: date, last: date) -> tuple[dict[str, Any], list[str]]:
    if last < first:
        raise BadInput(f"--to {last} is before --from {first}")
    days = rules.calendar.trading_days(first, last)
    document = {"from": first, "to": last, "trading_days": days, "rows": _rows(rules, first, last)}
    lines = [f"{day:%a} {day}: {_describe(rules.calendar, day)}" for day in days]
    return document, [*lines, f"{len(days)} trading days"]


def _whole_year(rules: RuleBook, year: int) -> tuple[dict[str, Any], list[str]]:
    calendar = rules.calendar
    first, last = _year_ends(year)
    days = calendar.trading_days(first, last)
    rows = _rows(rules, first, last)
    expiries = [calendar.monthly_expiry(year, month) for month in MONTHS]
    document = {
        "year": year,
        "trading_days": len(days),
        "closures": [row for row in rows if row["in_force"] and row["kind"] == "holiday"],
        "special_sessions": [row for row in rows if row["in_force"] and row["kind"] not in _PLAIN],
        "expiries": expiries,
        "rows": rows,
    }
    lines = [f"{year}: {len(days)} trading days", *(_row_line(row) for row in rows)]
    lines.append("monthly expiries: " + " ".join(f"{day:%a} {day:%m-%d}" for day in expiries))
    return document, lines


_PLAIN = ("holiday", "open", "year")


def _year_ends(year: int) -> tuple[date, date]:
    try:
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError:
        raise BadInput(f"--year {year}: needs a year such as 2026") from None


def _describe(calendar: TradingCalendar, day: date) -> str:
    session = calendar.session(day)
    if session is None:
        row = calendar.row(day)
        return f"closed ({row.name if row else 'weekend'})"
    if not session.special:
        expiry = calendar.monthly_expiry(day.year, day.month)
        return "trading day, stock options expire" if expiry == day else "trading day"
    hours = (
        f"{session.open:%H:%M}-{session.derivatives_close:%H:%M}"
        if session.hours_known
        else "hours not known"
    )
    return f"special session, not traded by the program: {session.name} ({hours})"


def _rows(rules: RuleBook, first: date, last: date) -> list[dict[str, Any]]:
    """Every calendar row from `first` to `last` by day, overridden ones too."""
    rows = sorted((row for row in rules.calendar_rows if first <= row.day <= last), key=lambda row: row.day)
    return [_row(rules.calendar, row) for row in rows]


def _row(calendar: TradingCalendar, row: CalendarRow) -> dict[str, Any]:
    return {
        "date": row.day,
        "kind": row.kind,
        "name": row.name,
        "windows": "ordinary"
        if row.ordinary_hours
        else " ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in row.windows),
        "source": row.source,
        "origin": row.origin,
        "in_force": row.kind == "year" or calendar.row(row.day) is row,
    }


def _row_line(row: dict[str, Any]) -> str:
    state = "" if row["in_force"] else "  (overridden)"
    hours = f" {row['windows']}" if row["windows"] else ""
    return f"  {row['date']:%a} {row['date']}  {row['kind']}{hours}: {row['name']}  [{row['source']}]{state}"


def _known(ask: Callable[[], Answer]) -> Answer | None:
    try:
        return ask()
    except NoCalendarData:
        return None
