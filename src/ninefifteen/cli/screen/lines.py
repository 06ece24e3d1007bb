"""Lines of a screen: cut and padded to a width, in columns, in frames. One `Text` is one row."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.text import Text

from .look import FRAME, TITLE, Marks

Part = tuple[str, str]
"""A piece of a line with its style."""

_NARROWEST = 8


def line(*parts: str | Part) -> Text:
    """A row from pieces; a bare string has no style."""
    made = Text(no_wrap=True, end="")
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else (part[0], part[1])
        made.append(text, style)
    return made


def cut(text: str, width: int, marks: Marks) -> str:
    """`text`, at most `width` characters; what was cut off is marked."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + marks.more[:width]


def fitted(row: Text, width: int, marks: Marks) -> Text:
    """The row with exactly `width` characters."""
    missing = width - len(row.plain)
    if missing < 0:
        row = row[: max(width - 1, 0)]
        row.append(marks.more[:width])
    elif missing:
        row.append(" " * missing)
    return row


def columns(cells: Sequence[Part], widths: Sequence[int], marks: Marks) -> Text:
    """One row of a table; a negative width aligns to the right, a width of 0 leaves the column out."""
    made = Text(no_wrap=True, end="")
    for (text, style), width in zip(cells, widths, strict=True):
        if not width:
            continue
        if made.plain:
            made.append(" ")
        shown = cut(text, abs(width), marks)
        made.append(shown.rjust(-width) if width < 0 else shown.ljust(width), style)
    return made


def two_ends(left: Text, right: Text, width: int, marks: Marks) -> Text:
    """`left` and `right` at the two ends of one row; the right end goes first when both do not fit."""
    room = width - len(left.plain)
    if room < len(right.plain) + 2:
        return fitted(left, width, marks)
    left.append(" " * (room - len(right.plain)))
    return left.append_text(right)


def sentence(text: str, width: int, style: str = "") -> list[Text]:
    """A sentence over as many rows as it needs."""
    return [line((part, style)) for part in textwrap.wrap(text, max(width, _NARROWEST))]


def framed(title: str, rows: Sequence[Text], width: int, marks: Marks, style: str = FRAME) -> list[Text]:
    """The rows in a box of `width`, its title in the upper edge; two rows more."""
    inner = width - 4
    left, right, low_left, low_right = marks.corners
    shown = cut(title, max(inner - 2, 0), marks)
    edge = marks.dash * (width - len(shown) - 5)
    boxed = [line((left + marks.dash + " ", style), (shown, TITLE), (" " + edge + right, style))]
    for row in rows:
        boxed.append(line((marks.wall + " ", style)))
        boxed[-1].append_text(fitted(row, inner, marks)).append(" " + marks.wall, style)
    boxed.append(line((low_left + marks.dash * (width - 2) + low_right, style)))
    return boxed


def headed(title: str, rows: Sequence[Text], width: int, marks: Marks, style: str = FRAME) -> list[Text]:
    """The rows under a line with the title; one row more."""
    shown = cut(title, max(width - 4, 0), marks)
    rule = marks.dash * (width - len(shown) - 3)
    head = line((marks.dash + " ", style), (shown, TITLE), (" " + rule, style))
    return [head, *(fitted(row, width, marks) for row in rows)]


def beside(left: Sequence[Text], right: Sequence[Text], width: int, gap: int = 1) -> list[Text]:
    """Two stacks of rows side by side; `left` is filled up to `width` with blanks where it is shorter."""
    joined = []
    for number in range(max(len(left), len(right))):
        row = left[number].copy() if number < len(left) else line(" " * width)
        row.append(" " * gap)
        joined.append(row.append_text(right[number]) if number < len(right) else row)
    return joined
