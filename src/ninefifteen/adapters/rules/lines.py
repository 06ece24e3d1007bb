"""Lines of a CSV rule file, read strictly: a line that cannot be used names itself and says what to do."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from ninefifteen.domain.money import Paise, parse_rupees
from ninefifteen.errors import BadInput

Value = TypeVar("Value")


@dataclass(frozen=True)
class Line:
    """One data line of a rule file, and where it stands, for the message when it is wrong.

    `number` counts from 1; 0 is a line that is not in a file yet.
    """

    origin: str
    number: int
    fields: dict[str, str]

    def bad(self, problem: str) -> BadInput:
        """The error to raise for this line."""
        where = f"{self.origin} line {self.number}" if self.number else self.origin
        return BadInput(f"{where}: {problem}")

    def text(self, column: str) -> str:
        """The column as text; an empty one is an error."""
        value = self.fields[column]
        if not value:
            raise self.bad(f"{column} is empty; every line needs one")
        return value

    def value(self, column: str, read: Callable[[str], Value], wanted: str) -> Value:
        """The column read by `read`; what it cannot read is an error that says what is `wanted`."""
        text = self.text(column)
        try:
            return read(text)
        except (ValueError, InvalidOperation):
            raise self.bad(f"{column} is {text!r}; write {wanted}") from None

    def day(self, column: str) -> date:
        """The column as a date."""
        return self.value(column, date.fromisoformat, "a date as YYYY-MM-DD")

    def last_day(self) -> date | None:
        """`effective_to`; empty means that the rule has no end yet."""
        if not self.fields["effective_to"]:
            return None
        last = self.day("effective_to")
        if last < self.day("effective_from"):
            raise self.bad(f"effective_to {last} is before effective_from")
        return last

    def clock(self, column: str) -> time:
        """The column as a time of day, IST."""
        return self.value(column, read_clock, "a time as HH:MM:SS")

    def whole(self, column: str) -> int:
        """The column as a whole number above zero."""
        return self.value(column, _positive, "a whole number above zero")

    def price(self, column: str) -> Paise:
        """The column, rupees, in paise."""
        return self.value(column, _amount, "rupees with two places at most")

    def share(self, column: str, parts: int) -> int:
        """The column, a share from 0 to 1, in whole `parts`-ths."""
        return self.value(column, lambda text: _parts(text, parts), "a share from 0 to 1 (0.0015 is 0.15 %)")

    def choice(self, column: str, allowed: tuple[str, ...]) -> str:
        """The column as one of the `allowed` words."""
        word = self.text(column)
        if word not in allowed:
            raise self.bad(f"{column} is {word!r}; write one of {', '.join(allowed)}")
        return word


def read_lines(text: str, origin: str, columns: tuple[str, ...], *, more: bool = False) -> Iterator[Line]:
    """The data lines of a CSV text whose header is `columns` (with `more`: holds them).

    Empty lines are skipped. Raises BadInput for another header and for a wrong number of fields.
    """
    reader = csv.reader(text.splitlines())
    header = next(reader, [])
    if not (set(columns) <= set(header) if more else tuple(header) == columns):
        raise BadInput(f"{origin} line 1: the header must be {','.join(columns)}")
    for fields in reader:
        if not fields:
            continue
        if len(fields) != len(header):
            raise BadInput(
                f"{origin} line {reader.line_num}: {len(fields)} fields instead of {len(header)} "
                f"({','.join(header)}); a text with a comma needs quotation marks"
            )
        named = {column: field.strip() for column, field in zip(header, fields, strict=True)}
        yield Line(origin, reader.line_num, named)


def read_clock(text: str) -> time:
    """A time of day as HH:MM or HH:MM:SS, without a zone; raises ValueError otherwise."""
    clock = time.fromisoformat(text)
    if clock.tzinfo is not None:
        raise ValueError(f"a time with a zone: {text!r}")
    return clock


def _positive(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise ValueError(text)
    return value


def _amount(text: str) -> Paise:
    value = parse_rupees(text)
    if value < 0:
        raise ValueError(text)
    return value


def _parts(text: str, parts: int) -> int:
    value = Decimal(text) * parts
    if value != value.to_integral_value() or not 0 <= value <= parts:
        raise ValueError(text)
    return int(value)
