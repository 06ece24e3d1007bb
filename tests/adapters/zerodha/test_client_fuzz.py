"""Any reply at all: nothing but data and our own errors comes out of the client."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ninefifteen.adapters.zerodha.client import KiteClient
from ninefifteen.adapters.zerodha.errors import BrokerProblem
from ninefifteen.adapters.zerodha.replies import Reply, definite_refusals, refusal_of
from tests.adapters.zerodha.asking import NOES, ask, place, table, with_server
from tests.adapters.zerodha.scripted_server import Answer, Scripted, reply

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ENVELOPE = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["success", "error", "", None, 1]),
        "data": JSON,
        "message": st.sampled_from([message for _, _, message, _ in NOES]) | JSON,
        "error_type": st.sampled_from([error_type for _, error_type, _, _ in NOES]) | JSON,
    },
)
STATUSES = st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 405, 428, 429, 500, 502, 503, 504, 599])


def survives(answers: list[Answer]) -> None:
    """Every request against these answers gives data or one of our own errors."""

    async def use(_: Scripted, client: KiteClient) -> None:
        for request in (ask, table, place, place):
            with suppress(BrokerProblem):
                await request(client)

    asyncio.run(with_server(use, *answers))


@SLOW
@given(st.binary(max_size=300), st.booleans())
def test_random_bytes_in_place_of_http_raise_nothing_else(raw: bytes, lead: bool) -> None:
    survives([Answer((b"HTTP/1.1 200 OK\r\n" if lead else b"") + raw, cut=True)])


@SLOW
@given(STATUSES, ENVELOPE | JSON, st.booleans())
def test_random_json_raises_nothing_else(status: int, body: Any, packed: bool) -> None:
    survives([reply(msgspec.json.encode(body), status, packed=packed)])


@SLOW
@given(STATUSES, st.binary(max_size=200))
def test_random_bodies_raise_nothing_else(status: int, body: bytes) -> None:
    survives(
        [reply(body, status), reply(gzip.compress(body) + body, status), reply(b"\x1f\x8b" + body, status)]
    )


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"data":' * 50_000, b'"\xff"', b'{"data":1e999}', b"9" * 9000]
)
def test_json_that_breaks_parsers_raises_nothing_else(body: bytes) -> None:
    survives([reply(body)])


@settings(max_examples=500)
@given(STATUSES, ENVELOPE | JSON)
def test_a_write_is_refused_only_by_a_line_of_the_list(status: int, body: Any) -> None:
    no = refusal_of(Reply(status, "application/json", msgspec.json.encode(body)), write=True)
    if no is not None:
        assert body["status"] == "error"
        message, error_type = body.get("message") or "", body.get("error_type") or ""
        kinds = {
            line.kind for line in definite_refusals() if line.fits(status, error_type, message, write=True)
        }
        assert no[0] in kinds
        assert not any(doubt in message.lower() for doubt in ("timed out", "check the order book", "pending"))
