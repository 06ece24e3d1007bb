"""The file of `exchange --faults`: what it may say, and what is said about a mistake in it."""

from __future__ import annotations

import json
from datetime import time

import pytest

from ninefifteen.errors import BadInput
from ninefifteen.simulator.kite import Fault, read_faults

TEXT = """\
# an order that comes late
- on: POST /orders
  what: late
  at: 10:15:00
  seconds: 8
- {on: feed, what: frozen, between: [09:15:00, 09:15:30.5], day: 2}
- {on: /quote, what: error, status: 429, count: 3, chance: 0.5}
"""


def test_a_file_is_read_and_times_stay_times() -> None:
    late, frozen, error = read_faults(TEXT, "faults.yaml")
    assert late == Fault(on="POST /orders", what="late", at="10:15:00", seconds=8.0)
    assert (late.begins, late.ends, late.most) == (time(10, 15), time.max, 1)
    assert (frozen.begins, frozen.ends, frozen.day) == (time(9, 15), time(9, 15, 30, 500_000), 2)
    assert (frozen.place, frozen.most) == ("feed", None)
    assert (error.begins, error.status, error.most, error.chance) == (time.min, 429, 3, 0.5)


def test_the_same_may_be_written_as_json() -> None:
    faults = [
        {"on": "POST /orders", "what": "late", "at": "10:15:00", "seconds": 8},
        {"on": "feed", "what": "frozen", "between": ["09:15:00", "09:15:30.5"], "day": 2},
        {"on": "/quote", "what": "error", "status": 429, "count": 3, "chance": 0.5},
    ]
    assert read_faults(json.dumps(faults), "a.json") == read_faults(TEXT, "a.yaml")


@pytest.mark.parametrize(
    ("on", "method", "path", "meets"),
    [
        ("POST /orders", "POST", "/orders/regular", True),
        ("POST /orders", "PUT", "/orders/regular/1", False),
        ("/orders", "DELETE", "/orders/regular/1", True),
        ("/orders", "GET", "/orders", True),
        ("/order", "GET", "/orders", False),
        ("/quote/", "GET", "/quote/ltp", True),
        ("/", "GET", "/user/profile", True),
        ("feed", "GET", "/quote", False),
    ],
)
def test_an_address_means_itself_and_everything_below(on: str, method: str, path: str, meets: bool) -> None:
    assert Fault(on=on, what="lost").meets(method, path) is meets


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("on: feed", "f.yaml: needs a list of faults"),
        ("", "f.yaml: needs a list of faults"),
        ("- feed", "f.yaml:1: fault 1: needs `on` and `what`"),
        ("\n- {on: feed}", "f.yaml:2: fault 1: Object missing required field `what`"),
        ("- {on: feed, what: frozen, wat: 1}", "f.yaml:1: fault 1: Object contains unknown field `wat`"),
        (
            TEXT + "- {on: feed, what: melted}",
            "f.yaml:8: fault 4: what: melted: there is no such fault on feed",
        ),
        ("- {on: post orders, what: lost}", "on: post orders: needs an address like POST /orders"),
        ("- {on: /orders, what: late}", "what: late: needs seconds"),
        ("- {on: feed, what: frozen, count: 2}", "what: frozen: cannot have count"),
        ("- {on: session, what: killed}", "what: killed: needs at"),
        ("- {on: /orders, what: lost, at: 9:15}", "9:15: needs a time of day like 09:15:00"),
        ("- {on: /orders, what: lost, at: 25:00:00}", "25:00:00: needs a time of day"),
        ("- {on: /orders, what: lost, at: 09:15:00, between: [09:15:00, 09:16:00]}", "keep one of them"),
        ("- {on: /orders, what: lost, between: [09:16:00, 09:15:00]}", "09:16:00 is not before 09:15:00"),
        ("- {on: /orders, what: lost, between: [09:16:00]}", "between: "),
        ("- {on: /orders, what: lost, count: 0}", "count: 0 is not from 1 to 1e+06"),
        ("- {on: /orders, what: lost, count: many}", "count: Expected `int"),
        ("- {on: /orders, what: lost, chance: 2}", "chance: 2.0 is not from 0 to 1"),
        ("- {on: /orders, what: late, seconds: -1}", "seconds: -1.0 is not from 0 to 86400"),
        ("- {on: /orders, what: late, seconds: nan}", "seconds: nan is not from 0"),
        ("- {on: /orders, what: error, status: 200}", "status: 200 is not from 400 to 599"),
        ("- {on: /orders, what: error, status: 500, body: xml}", "body: Invalid enum value 'xml'"),
        ("- {on: feed, on: feed, what: frozen}", "f.yaml:1: fault 1: a word is given twice"),
        ("- on: feed\n what: frozen", "f.yaml:2: not readable as YAML here or on the line above"),
        ("- {on: feed, what: \x00}", "f.yaml: not readable as YAML"),
        ("[" * 5000, "not readable as YAML"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_place(text: str, words: str) -> None:
    with pytest.raises(BadInput) as mistake:
        read_faults(text, "f.yaml")
    assert words in str(mistake.value)
    assert "\n" not in str(mistake.value)
    assert str(mistake.value).startswith("f.yaml:")
