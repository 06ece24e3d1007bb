"""Which Kite error a refusal of the exchange is: by the words it begins with, `data/kite_errors.csv`."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from ninefifteen.simulator.market import Listed

from .envelope import BAD_REQUEST, INPUT, KiteError


def error_of(words: str, listed: Listed) -> KiteError:
    """The error reply for these words, with the contract named as clients know it.

    What the table does not know is a mistake in the request: InputException, 400.
    """
    shown = words.replace(listed.label, listed.symbol)
    for begins, error_type, status in _table():
        if words.startswith(begins):
            return KiteError(shown, error_type, status)
    return KiteError(shown, INPUT, BAD_REQUEST)


@cache
def _table() -> tuple[tuple[str, str, int], ...]:
    text = (files("ninefifteen.simulator") / "data" / "kite_errors.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple((row["begins"], row["error_type"], int(row["status"])) for row in rows)
