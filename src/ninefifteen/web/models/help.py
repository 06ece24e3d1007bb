"""The glossary, the error translator, and the emergency card."""

from __future__ import annotations

from typing import Literal

from .common import Reply


class Term(Reply):
    """A word of the field in plain words."""

    term: str
    meaning: str
    see: list[str]


class ErrorHelp(Reply):
    """What a message means and what to do. `match`: words to look for in it, any of them."""

    code: str
    broker: str
    match: list[str]
    means: str
    do: str


class Help(Reply):
    """Everything the help page shows."""

    terms: list[Term]
    errors: list[ErrorHelp]


class Door(Reply):
    """One way to stop, in the order in which they are tried."""

    name: str
    how: str
    command: str | None
    does: str


class Situation(Reply):
    """What to do when this is what one sees."""

    when: str
    do: list[str]


class Emergency(Reply):
    """The card: it needs no engine and holds no secret."""

    home: str
    halt_file: str
    kind: Literal["real", "rehearsal"]
    halted: str | None
    broker: str
    numbers: list[str]
    numbers_text: str
    doors: list[Door]
    halt_does: list[str]
    halt_does_not: list[str]
    situations: list[Situation]
