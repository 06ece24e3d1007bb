"""Whatever bytes arrive: every known packet reads as the official client reads it, and nothing raises."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ninefifteen.adapters.zerodha.texts import Text, read_text
from ninefifteen.adapters.zerodha.wire import decode
from tests.adapters.zerodha.kite_frames import LENGTHS, frame, official

Parser = Callable[[bytes], list[dict[str, Any]]]

PACKETS = st.lists(st.sampled_from(LENGTHS).flatmap(lambda n: st.binary(min_size=n, max_size=n)), max_size=12)
ODD_PACKETS = st.lists(st.binary(max_size=200), max_size=6)


@pytest.fixture(scope="module")
def parse() -> Parser:
    return official()


@settings(deadline=None, max_examples=300)
@given(packets=PACKETS)
def test_any_packets_read_as_the_official_client_reads_them(parse: Parser, packets: list[bytes]) -> None:
    data = frame(*packets)
    ticks = decode(data)
    assert ticks.as_dicts() == parse(data)
    assert ticks.damaged == 0


def test_thousands_of_random_frames_read_as_the_official_client_reads_them(parse: Parser) -> None:
    chance = Random(915)
    for number in range(3000):
        lengths = [chance.choice(LENGTHS)] if number % 2 else LENGTHS
        packets = [chance.randbytes(chance.choice(lengths)) for _ in range(chance.randrange(9))]
        data = frame(*packets)
        assert decode(data).as_dicts() == parse(data)


@settings(deadline=None, max_examples=300)
@given(packets=ODD_PACKETS, count=st.integers(0, 65535), cut=st.integers(0, 700))
def test_odd_lengths_wrong_counts_and_cuts_lose_packets_but_never_misread_one(
    parse: Parser, packets: list[bytes], count: int, cut: int
) -> None:
    data = frame(*packets, count=count)[: -cut or None]
    ticks = decode(data)
    known = [packet for packet in packets[:count] if len(packet) in LENGTHS]
    assert ticks.as_dicts() == parse(frame(*known))[: len(ticks)]
    if len(data) > 1:
        claimed = int.from_bytes(data[:2], "big")
        assert len(ticks) + ticks.damaged in (claimed, claimed + 1)


@settings(deadline=None, max_examples=500)
@given(data=st.binary(max_size=2000))
@example(b"\x00\x01\x00")
@example(b"\x00\x02\x00\x08" + bytes(8) + b"\x00")
def test_any_bytes_at_all_are_ticks_or_damage(data: bytes) -> None:
    ticks = decode(data)
    rows = ticks.rows()
    assert len(rows) == len(ticks) == len(ticks.as_dicts())
    assert sum(2 + length for length in ticks.lengths.tolist()) <= len(data)
    assert ticks.last.tolist() == [row.last for row in rows]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
TYPES = st.sampled_from(["order", "error", "message", "ninefifteen_clock", "instruments_meta", ""])


@settings(deadline=None, max_examples=300)
@given(text=st.text() | st.binary())
def test_any_text_at_all_is_read_without_a_complaint(text: str | bytes) -> None:
    assert isinstance(read_text(text), Text | None)


@settings(deadline=None, max_examples=300)
@given(
    type_=TYPES, data=JSON, fields=st.dictionaries(st.sampled_from(["order_id", "status", "tag", "at"]), JSON)
)
def test_any_json_in_an_update_is_read_without_a_complaint(
    type_: str, data: object, fields: dict[str, object]
) -> None:
    for content in (data, fields):
        text = read_text(json.dumps({"type": type_, "data": content}))
        assert isinstance(text, Text | None)
