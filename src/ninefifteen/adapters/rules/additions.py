"""Rows a user adds to the rules: which file they belong to, and that file's text with them at its end."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from ninefifteen.errors import BadInput

from . import RuleBook, RuleText, build_rules
from .lines import Line, read_lines
from .rows import COLUMNS, calendar_row

CALENDAR = "calendar.csv"


@dataclass(frozen=True)
class Addition:
    """What adding would do.

    `text` is the new text of the home's file `name`, `rows` are the rows that are new in it, `already`
    counts those it had before, `after` is the rule book with them.
    """

    name: str
    text: str
    rows: tuple[dict[str, str], ...]
    already: int
    after: RuleBook


def of_day(loaded: Sequence[RuleText], fields: dict[str, str]) -> Addition:
    """One calendar row, given by its columns; raises BadInput when it cannot be used."""
    line = Line("calendar add", 0, {column: fields[column].strip() for column in COLUMNS[CALENDAR]})
    calendar_row(line)
    return _add(loaded, CALENDAR, [line])


def of_file(loaded: Sequence[RuleText], text: str, shown: str) -> Addition:
    """Every row of a CSV text; its header says which rule file it belongs to.

    Raises BadInput, naming `shown` and the line, when one row cannot be used; then none is added.
    """
    header = tuple(next(csv.reader(text.splitlines()), []))
    name = next((name for name, columns in COLUMNS.items() if columns == header), None)
    if name is None:
        raise BadInput(
            f"{shown} line 1: no rule file has this header; that of {CALENDAR} is "
            f"{','.join(COLUMNS[CALENDAR])}"
        )
    lines = list(read_lines(text, shown, header))
    if not lines:
        raise BadInput(f"{shown}: holds no rows; give at least one below the header")
    build_rules([*loaded, RuleText(name, shown, text)])
    return _add(loaded, name, lines)


def _add(loaded: Sequence[RuleText], name: str, lines: Sequence[Line]) -> Addition:
    origin = f"rules/{name}"
    before = next((text.text for text in loaded if text.origin == origin), "")
    there = [line.fields for line in read_lines(before, origin, COLUMNS[name])] if before else []
    fresh = [line.fields for line in lines if line.fields not in there]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if not before:
        writer.writerow(COLUMNS[name])
    writer.writerows([row[column] for column in COLUMNS[name]] for row in fresh)
    gap = "" if not before or before.endswith("\n") else "\n"
    text = RuleText(name, origin, before + gap + out.getvalue())
    after = build_rules([*(one for one in loaded if one.origin != origin), text])
    return Addition(name, text.text, tuple(fresh), len(lines) - len(fresh), after)
