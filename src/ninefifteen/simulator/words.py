"""What the exchange and the broker say when they refuse: one table, `data/refusals.csv`."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """A refusal: the code of its rule, and the sentence the user would read.

    `before_order` tells the two ways in which brokers say no: the request itself is answered with
    an error and no order comes to be, or the order gets an id and ends REJECTED.
    """

    code: str
    before_order: bool
    words: str


@cache
def _table() -> dict[str, tuple[bool, str]]:
    text = (files("ninefifteen.simulator") / "data" / "refusals.csv").read_text(encoding="utf-8")
    return {
        row["code"]: (row["stage"] == "request", row["words"]) for row in csv.DictReader(text.splitlines())
    }


def codes() -> tuple[str, ...]:
    """Every code of the table, in its order."""
    return tuple(_table())


def refusal(code: str, **figures: object) -> Refusal:
    """The refusal `code` with its figures put into the sentence; KeyError for one the table lacks."""
    before_order, words = _table()[code]
    return Refusal(code, before_order, words.format(**figures))
