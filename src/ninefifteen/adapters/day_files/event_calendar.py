"""Company events a trader keeps in `rules/events*.csv`: results, board meetings, ex-dates.

The columns are `symbol,date,kind,note,source`. Two rows without a symbol, of the kinds `covers_from` and
`covers_to`, say for which days the file is complete: without them "no row" could mean "nobody looked".
A day is known when files cover it and the trading day before; a row that names a stock counts anyway.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from ninefifteen.errors import BadInput

from .texts import matching, read_text

EVENT_NAMES: Final = ("events*.csv",)
"""Name patterns of event calendars in `rules/`."""

COLUMNS: Final = ("symbol", "date", "kind", "note", "source")
KINDS: Final = ("results", "board-meeting", "ex-date")
_FROM, _TO = "covers_from", "covers_to"


class CompanyEvent(msgspec.Struct, frozen=True):
    """One row: a company's event on a day."""

    symbol: str
    day: date
    kind: str
    note: str

    def touches(self, day: date, previous_day: date) -> bool:
        """Whether it lies between the close of `previous_day` and the close of `day`.

        The hour is not known, and results mostly come after the close: those dated `previous_day` count.
        An ex-date takes effect at the open of its own day.
        """
        return self.day == day or (previous_day <= self.day < day and self.kind != "ex-date")

    @property
    def text(self) -> str:
        """For people: "results on 2026-11-23 (Q2)"."""
        return f"{self.kind} on {self.day}" + (f" ({self.note})" if self.note else "")


class EventFile(msgspec.Struct, frozen=True):
    """The rows of one file, and the days, both inclusive, for which it is complete."""

    first: date
    last: date
    events: tuple[CompanyEvent, ...]


def parse_events(text: str, shown: str) -> EventFile:
    """The calendar of one file; raises BadInput, naming the file as `shown` and the line."""
    covers: dict[str, date] = {}
    events: list[CompanyEvent] = []
    for where, row in _rows(text, shown):
        day, kind = _date(row["date"], where), row["kind"].lower()
        if kind in (_FROM, _TO):
            if kind in covers:
                raise BadInput(f"{where}: a second {kind}; a file has one")
            covers[kind] = day
        elif kind not in KINDS:
            raise BadInput(
                f"{where}: kind is {row['kind']!r}; write one of {', '.join((*KINDS, _FROM, _TO))}"
            )
        elif not row["symbol"]:
            raise BadInput(f"{where}: symbol is empty; only {_FROM} and {_TO} have none")
        else:
            events.append(CompanyEvent(row["symbol"].upper(), day, kind, row["note"]))
    if len(covers) < 2:  # noqa: PLR2004 - both ends
        raise BadInput(f"{shown}: needs the rows ',DATE,{_FROM},,SOURCE' and ',DATE,{_TO},,SOURCE'")
    if covers[_FROM] > covers[_TO]:
        raise BadInput(f"{shown}: {_FROM} {covers[_FROM]} is after {_TO} {covers[_TO]}")
    return EventFile(covers[_FROM], covers[_TO], tuple(events))


def events_of(
    rules_dir: Path, day: date, previous_day: date
) -> tuple[dict[str, str] | None, tuple[str, ...]]:
    """A text for each symbol with an event between the two closes; and notes.

    None when nothing is known. Where the files are not complete for the day and still name stocks, those
    are told, and a note says that of the others nothing is known.
    """
    notes: list[str] = []
    refused: list[str] = []
    files: dict[str, EventFile] = {}
    for shown, path in matching(rules_dir, EVENT_NAMES):
        try:
            files[shown] = parse_events(read_text(path, shown), shown)
        except BadInput as refusal:
            notes.append(str(refusal))
            refused.append(shown)
    known = _told(files.values(), day, previous_day)
    missing = [
        needed
        for needed in (previous_day, day)
        if not any(one.first <= needed <= one.last for one in files.values())
    ]
    if not missing:
        return known, tuple(notes)
    why = _incomplete(files, refused, missing[0], day)
    if known:
        notes.append(f"{why}; {', '.join(known)} count, of all others nothing is known")
    else:
        notes.append(why)
    return known or None, tuple(notes)


def _told(files: Iterable[EventFile], day: date, previous_day: date) -> dict[str, str]:
    """What the rows of all files say about the day, by symbol."""
    told: dict[str, list[str]] = {}
    for event in sorted((one for file in files for one in file.events), key=lambda one: (one.day, one.kind)):
        if event.touches(day, previous_day) and event.text not in told.setdefault(event.symbol, []):
            told[event.symbol].append(event.text)
    return {symbol: "; ".join(texts) for symbol, texts in sorted(told.items()) if texts}


def _incomplete(files: Mapping[str, EventFile], refused: Sequence[str], missing: date, day: date) -> str:
    """Why the events of `day` are not known: no usable file is complete for `missing`."""
    text = f"the events of {day} are not known:"
    later = {shown: file for shown, file in files.items() if file.first > missing}
    if later:
        shown, file = min(later.items(), key=lambda one: one[1].first)
        return f"{text} {shown} begins {file.first} and must begin {missing} or earlier ({_FROM})"
    if files:
        shown, file = max(files.items(), key=lambda one: one[1].last)
        return f"{text} {shown} ends {file.last} and must end {day} or later ({_TO})"
    if refused:
        were = "was" if len(refused) == 1 else "were"
        return f"{text} {' and '.join(refused)} {were} refused"
    return f"{text} there is no rules/events*.csv"


def _rows(text: str, shown: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each data row stands, and its fields by column."""
    reader = csv.reader(text.splitlines())
    if tuple(next(reader, [])) != COLUMNS:
        raise BadInput(f"{shown} line 1: the header must be {','.join(COLUMNS)}")
    for fields in reader:
        if not any(field.strip() for field in fields):
            continue
        where = f"{shown} line {reader.line_num}"
        if len(fields) != len(COLUMNS):
            raise BadInput(
                f"{where}: {len(fields)} fields instead of {len(COLUMNS)}; "
                "a text with a comma needs quotation marks"
            )
        yield where, {column: field.strip() for column, field in zip(COLUMNS, fields, strict=True)}


def _date(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{where}: date is {text!r}; write a date as YYYY-MM-DD") from None
