"""Text frames of the ticker: order updates as hints, the server's words, the clock of our own exchange."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ninefifteen.adapters.zerodha.texts import OrderHint, Text, read_text


def told(type_: object, data: object) -> Text | None:
    return read_text(json.dumps({"type": type_, "data": data}))


def test_an_order_update_says_which_order_its_status_and_its_tag() -> None:
    data = {"order_id": "220303000308932", "status": "COMPLETE", "tag": "x01ABC", "filled_quantity": 75}
    assert told("order", data) == Text("order", OrderHint("220303000308932", "COMPLETE", "x01ABC", data))


@pytest.mark.parametrize(
    ("data", "order_id", "status", "tag"),
    [
        ({"order_id": 1953341975595868160}, "1953341975595868160", "", None),
        ({"order_id": True, "status": 7.5, "tag": ""}, "", "", None),
        ({"order_id": None, "status": None, "tag": ["x"]}, "", "", None),
        ({"something": {"else": 1}}, "", "", None),
    ],
)
def test_what_an_order_update_does_not_say_is_left_out(
    data: dict[str, object], order_id: str, status: str, tag: str | None
) -> None:
    assert told("order", data) == Text("order", OrderHint(order_id, status, tag, data))


def test_the_servers_words_are_one_line_without_a_secret() -> None:
    words = "Too many\n\x1b[31mconnections for key-77 and token-88"
    text = read_text(json.dumps({"type": "error", "data": words}), ("key-77", "token-88"))
    assert text == Text("error", "Too many [31mconnections for *** and ***")
    assert told("message", "Maintenance tonight") == Text("message", "Maintenance tonight")
    assert told("message", None) == Text("message", "")
    assert told("error", {"code": 7}) == Text("error", "{'code': 7}")


def test_the_clock_of_our_own_exchange() -> None:
    assert told("ninefifteen_clock", {"at": 1_795_405_500_000_000_000}) == Text(
        "ninefifteen_clock", 1_795_405_500_000_000_000
    )
    for wrong in ({"at": "soon"}, {"at": True}, {"at": -1}, {"at": 1.5}, {}, None, [1]):
        assert told("ninefifteen_clock", wrong) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        '"order"',
        "{}",
        '{"type":7,"data":{}}',
        '{"type":"order"}',
        '{"type":"order","data":{}}',
        '{"type":"order","data":"220303000308932"}',
        '{"type":"instruments_meta","data":{"count":1}}',
        "[" * 100_000,
        '{"type":"order","data":' + '{"a":' * 100_000,
        b"\xff\xfe",
        b'{"type":"error","data":"\xff"}',
        '{"type":"order","data":{"order_id":"1","status":"OP',
    ],
)
def test_unknown_empty_and_malformed_texts_mean_nothing(text: str | bytes) -> None:
    assert read_text(text) is None


@pytest.mark.real_data
def test_zerodhas_own_order_update_is_read(real_data: Path) -> None:
    data = json.loads((real_data / "fixtures" / "kite_mocks" / "postback.json").read_text())
    text = told("order", data)
    assert text is not None
    assert isinstance(text.data, OrderHint)
    assert (text.data.order_id, text.data.status, text.data.tag) == ("220303000308932", "COMPLETE", None)
    assert text.data.data == data
