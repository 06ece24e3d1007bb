"""Bytes that no honest client sends: refused in Kite's envelope, and never a failure of the exchange."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Any

import aiohttp
import msgspec
import pytest

from ninefifteen.domain.money import parse_rupees
from ninefifteen.errors import BadInput
from ninefifteen.simulator.kite.tickers import Tickers
from tests.patience import PATIENCE_S
from tests.simulator.kite.planned import planned
from tests.simulator.kite.rehearsal import Rehearsal, frames, rehearse

DEEP = b"[" * 100_000
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def said(
    client: Rehearsal, method: str, path: str, *lines: bytes, body: bytes = b""
) -> tuple[int, Any]:
    """Status and document of the reply to a request written byte by byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    head = [f"{method} {path} HTTP/1.1".encode(), b"Host: x", b"Connection: close", *lines]
    writer.write(b"\r\n".join([*head, b"Content-Length: %d" % len(body), b"", body]))
    reply = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    top, _, document = reply.partition(b"\r\n\r\n")
    return int(top.split()[1]), msgspec.json.decode(document)


@pytest.mark.parametrize(
    "price", ["1e999999999", "1e99999999", "-1e999999999", "1e2", "NaN", "9" * 5000, "."]
)
def test_a_price_that_no_decimal_holds_is_no_price(price: str) -> None:
    async def story(client: Rehearsal) -> None:
        error = await client.refusal(client.call_near(), "BUY", price=price)
        assert (error.status, error.error_type) == (400, "InputException")
        assert "`price`" in error.message

    rehearse(story)


@pytest.mark.parametrize("share", ["NaN", "sNaN", "Infinity", "1e-99999999", "1e1", "9" * 5000])
def test_a_market_protection_that_is_no_plain_number_is_refused(share: str) -> None:
    async def story(client: Rehearsal) -> None:
        fields = {"order_type": "MARKET", "market_protection": share}
        error = await client.refusal(client.call_near(), "BUY", **fields)
        assert (error.status, error.error_type) == (400, "InputException")
        assert "`market_protection`" in error.message

    rehearse(story)


def test_prices_are_still_read_however_they_are_written_plainly() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        tick = listed.tick / 100
        for price in (f"{tick:.2f}", f"{tick:.6f}", f"+{tick:.2f}", f"{tick:.2f}".lstrip("0")):
            row = await client.order(await client.place(listed, "BUY", price=price))
            assert row["price"] == tick

    rehearse(story)


def test_an_amount_beyond_every_decimal_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_rupees("1e999999999")


@pytest.mark.parametrize("tag", [b"%00", b"a%0ab", b"%ed%a0%80", b"%ff", b"%7f"])
def test_a_tag_that_cannot_be_printed_is_refused(tag: bytes) -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        form = (
            f"exchange=NFO&tradingsymbol={listed.symbol}&transaction_type=BUY&product=MIS&order_type=LIMIT"
            f"&quantity={listed.lot_size}&price=0.05&tag="
        )
        headers = client.headers | FORM
        error = await client.no("POST", "/orders/regular", data=form.encode() + tag, headers=headers)
        assert (error.status, error.error_type) == (400, "InputException")
        assert "`tag`" in error.message
        assert await client.get("/orders") == []

    rehearse(story)


@pytest.mark.parametrize("path", ["/margins/orders", "/margins/basket", "/charges/orders"])
@pytest.mark.parametrize(
    "body", [DEEP, b'{"a":' * 50_000, b'["\xff"]', b"[1e400]", b"[" + b"9" * 5000 + b"]"]
)
def test_json_that_cannot_be_read_is_refused(path: str, body: bytes) -> None:
    async def story(client: Rehearsal) -> None:
        error = await client.no("POST", path, data=body, headers=client.headers | JSON)
        assert (error.status, error.error_type) == (400, "InputException")

    rehearse(story)


def test_a_ticker_that_sends_json_too_deep_is_told_so_and_goes_on() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        async with client.ticker() as socket:
            await socket.send_str(DEEP.decode())
            (told,) = await frames(socket, until=len)
            assert told["type"] == "error"
            await socket.send_json({"a": "subscribe", "v": [listed.token]})
            (frame,) = await frames(socket, until=len)
            assert isinstance(frame, bytes)

    rehearse(story)


def test_a_ticker_that_fails_inside_is_cut_and_no_reply_of_http_goes_down_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Tickers, "serve", fails)

    async def story(client: Rehearsal) -> None:
        address = f"/?api_key={client.api_key}&access_token={client.token}"
        reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
        writer.write(
            f"GET {address} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        got = await asyncio.wait_for(reader.read(), PATIENCE_S)
        writer.close()
        assert got.startswith(b"HTTP/1.1 101")
        assert got.count(b"HTTP/1.1") == 1
        assert (await client.get("/user/profile"))["user_name"]

    with caplog.at_level(logging.ERROR):
        rehearse(story)
    assert "a ticker of the exchange server failed" in caplog.text


def test_where_the_rules_end_under_a_ticker_the_server_ends_with_that_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ends(*_: object) -> None:
        raise BadInput("no rules for 2027")

    monkeypatch.setattr(Tickers, "serve", ends)

    async def story(client: Rehearsal) -> None:
        running = asyncio.create_task(client.server.run())
        await asyncio.sleep(0)
        async with client.ticker() as socket:
            assert (await asyncio.wait_for(socket.receive(), PATIENCE_S)).type is not aiohttp.WSMsgType.TEXT
        with pytest.raises(BadInput, match="no rules for 2027"):
            await asyncio.wait_for(running, PATIENCE_S)

    rehearse(story)


def test_a_token_of_thousands_of_digits_is_no_instrument() -> None:
    async def story(client: Rehearsal) -> None:
        digits = "9" * 5000
        error = await client.no(
            "GET", f"/instruments/historical/{digits}/day", params={"from": "2026-12-01", "to": "2026-12-02"}
        )
        assert (error.status, error.message) == (400, "invalid token")
        await client.wait(1)
        assert await client.get("/quote", params={"i": digits}) == {}
        await client.wait(1)
        token = client.call_near().token
        assert list(await client.get("/quote/ltp", params={"i": str(token)})) == [str(token)]

    rehearse(story)


@pytest.mark.parametrize("key", [b"\xff\xfe:abc", b"\xed\xa0\x80:\xff", b"\xff"])
def test_a_key_that_is_no_text_opens_nothing(key: bytes) -> None:
    async def story(client: Rehearsal) -> None:
        status, reply = await said(client, "GET", "/user/profile", b"Authorization: token " + key)
        assert (status, reply["error_type"]) == (403, "TokenException")

    rehearse(story)


@pytest.mark.parametrize("fault", [None, "on: POST /orders, what: timed_out"])
def test_a_body_that_is_not_encoded_as_it_says_is_refused(fault: str | None) -> None:
    async def story(client: Rehearsal) -> None:
        lines = [f"{name}: {value}".encode() for name, value in (client.headers | FORM).items()]
        status, reply = await said(
            client, "POST", "/orders/regular", *lines, b"Content-Encoding: gzip", body=b"\x1f\x8bjunk"
        )
        assert (status, reply["error_type"], reply["status"]) == (400, "InputException", "error")
        assert await client.get("/orders") == []

    rehearse(story, faults=None if fault is None else planned(fault))


def test_a_body_that_is_too_long_is_refused_for_that() -> None:
    async def story(client: Rehearsal) -> None:
        data = io.BytesIO(b"a=" + b"x" * 2_000_000)
        error = await client.no("POST", "/orders/regular", data=data, headers=client.headers | FORM)
        assert (error.status, error.message) == (413, "Request Entity Too Large.")
        error = await client.no("GET", "/nowhere")
        assert (error.status, error.message) == (404, "Route not found: Not Found.")

    rehearse(story)
