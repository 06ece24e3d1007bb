"""The connections for orders: what is one whole reply, what is none, and which connection is used again."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.adapters.zerodha import order_line
from ninefifteen.adapters.zerodha.order_line import Broken, OrderLine, RawReply, Talk

Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def asked() -> Talk:
    """A connection on which one request has just been sent."""
    talk = Talk()
    talk.ask("GET", "/", {"Host": "here"}, b"")
    return talk


def found(raw: bytes, *, ended: bool = False) -> tuple[RawReply, bool] | None:
    """The reply in these bytes, and whether the connection goes on; None while it is not whole."""
    talk = asked()
    reply = talk.hear(raw) if raw else None
    if reply is None and ended:
        reply = talk.hear(b"")
    return None if reply is None else (reply, talk.goes_on)


def body_of(raw: bytes, *, ended: bool = False) -> bytes | None:
    reply = found(raw, ended=ended)
    return None if reply is None else reply[0].body


# -------------------------------------------------------------------------------------------- one reply


def test_a_reply_is_whole_when_its_length_is_there() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\ntrue"
    assert [body_of(raw[:end]) for end in range(len(raw))] == [None] * len(raw)
    reply, goes_on = found(raw) or pytest.fail("it is whole")
    assert (reply.status, reply.body, goes_on) == (200, b"true", True)
    assert reply.headers["content-type"] == "application/json"


def test_bytes_behind_a_reply_are_no_next_reply() -> None:
    reply, goes_on = found(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntruex") or pytest.fail("it is whole")
    assert (reply.body, goes_on) == (b"true", False)


def test_a_reply_may_come_byte_by_byte() -> None:
    raw, talk = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue", asked()
    heard = [talk.hear(raw[place : place + 1]) for place in range(len(raw))]
    assert [reply.body for reply in heard if reply is not None] == [b"true"]
    assert heard[-1] is not None


def test_a_reply_in_chunks_is_put_together_and_its_trailers_are_passed_over() -> None:
    raw = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;name=1\r\ntru\r\n1\r\ne\r\n0\r\nChecksum: 7\r\n\r\n"
    )
    assert [body_of(raw[:end]) for end in range(len(raw))] == [None] * len(raw)
    assert body_of(raw) == b"true"


def test_a_reply_without_a_length_ends_with_its_connection() -> None:
    raw = b"HTTP/1.1 200 OK\r\n\r\ntrue"
    assert body_of(raw) is None
    assert found(raw, ended=True) == (RawReply(200, {}, b"true"), False)


def test_a_reply_that_has_no_body_is_whole_with_its_head() -> None:
    assert body_of(b"HTTP/1.1 204 No Content\r\n\r\n") == b""


def test_announcements_are_passed_over() -> None:
    reply = found(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert reply is not None
    assert reply[0].status == 200


@pytest.mark.parametrize(
    ("line", "header", "goes_on"),
    [
        ("HTTP/1.1 200 OK", "X: y", True),
        ("HTTP/1.1 200 OK", "Connection: Close", False),
        ("HTTP/1.0 200 OK", "X: y", False),
    ],
)
def test_a_connection_goes_on_as_the_reply_says(line: str, header: str, goes_on: bool) -> None:
    reply = found(f"{line}\r\n{header}\r\nContent-Length: 0\r\n\r\n".encode())
    assert reply is not None
    assert reply[1] is goes_on


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/2 200 OK",
        b"SSH-2.0-OpenSSH",
        b"<html>",
        b"HTTP/1.1 200 OK\r\nno colon",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
    ],
)
def test_what_is_no_reply_is_broken(head: bytes) -> None:
    with pytest.raises(Broken, match="no reply of HTTP"):
        found(head + b"\r\n\r\n")


def test_a_reply_that_ends_too_early_is_broken() -> None:
    for raw in (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ntrue", b"HTTP/1.1 200 OK\r\nX: y", b""):
        with pytest.raises(Broken):
            found(raw, ended=True)


def test_a_head_or_a_reply_without_end_is_broken() -> None:
    with pytest.raises(Broken, match="no reply of HTTP"):
        found(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000)
    with pytest.raises(Broken, match="more than 1048576 bytes"):
        found(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * (order_line.MOST_REPLY + 1))


def test_a_request_that_would_break_its_line_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="no request"):
        Talk().ask("POST", "/orders", {"Host": "here", "Authorization": "a\r\nX: y"}, b"")


@given(st.binary(max_size=300), st.integers(0, 80))
def test_no_bytes_whatever_give_anything_but_a_reply_or_broken(noise: bytes, kept: int) -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Type: application/json\r\n\r\n"[:kept]
    with suppress(Broken):
        assert found(start + noise, ended=True) is not None


# --------------------------------------------------------------------------------------- connections


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server's whole work on one connection: a short reply to every request."""
    while await reader.readuntil(b"\r\n\r\n"):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def with_line(talk: Server, use: Callable[[OrderLine], Awaitable[Any]], *, path: str = "") -> tuple[Any, int]:
    """What `use` returns of a line to a server that does `talk`, and how many connections there were."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def run() -> Any:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        line = OrderLine(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}")
        try:
            return await use(line)
        finally:
            await line.close()
            server.close()
            await server.wait_closed()
            await asyncio.sleep(0.02)

    return asyncio.run(run()), connections


async def get(line: OrderLine, path: str = "/") -> RawReply:
    return await line.exchange(await line.connect(), ("GET", path), {}, b"", lambda: None)


def test_one_connection_serves_one_request_after_the_other() -> None:
    async def use(line: OrderLine) -> list[bytes]:
        return [(await get(line)).body for _ in range(3)]

    assert with_line(answer, use) == ([b"ok"] * 3, 1)


def test_requests_at_the_same_time_have_connections_of_their_own() -> None:
    async def use(line: OrderLine) -> list[bytes]:
        return [reply.body for reply in await asyncio.gather(get(line), get(line))]

    assert with_line(answer, use) == ([b"ok"] * 2, 2)


def test_a_connection_that_was_idle_for_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_line, "_KEPT_OPEN_S", 0.0)

    async def use(line: OrderLine) -> None:
        await get(line)
        await get(line)

    assert with_line(answer, use)[1] == 2


def test_bytes_that_nobody_asked_for_are_never_taken_for_the_answer_to_an_order() -> None:
    stale = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
    sent = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await asyncio.sleep(0.02)
        writer.write(stale)
        sent.set()
        await reader.read()

    async def use(line: OrderLine) -> list[int]:
        first = await get(line)
        await sent.wait()
        await asyncio.sleep(0.02)
        return [first.status, (await get(line)).status]

    assert with_line(talk, use) == ([200, 200], 2)


def test_bytes_behind_a_reply_end_the_connection() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n")
        await reader.read()

    async def use(line: OrderLine) -> None:
        await get(line)
        await get(line)

    assert with_line(talk, use)[1] == 2


def test_a_connection_that_is_cut_between_two_requests_is_replaced_before_anything_is_sent() -> None:
    cut = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()
        cut.set()

    async def use(line: OrderLine) -> list[bytes]:
        first = await get(line)
        await cut.wait()
        await asyncio.sleep(0.02)
        return [first.body, (await get(line)).body]

    assert with_line(talk, use) == ([b"ok", b"ok"], 2)


def test_nothing_is_said_to_have_left_on_a_connection_that_has_gone() -> None:
    left: list[bool] = []

    cut = asyncio.Event()

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        cut.set()

    async def use(line: OrderLine) -> None:
        connection = await line.connect()
        await cut.wait()
        await asyncio.sleep(0.02)
        with pytest.raises(Broken, match="before anything was sent"):
            await line.exchange(connection, ("POST", "/"), {}, b"", lambda: left.append(True))

    with_line(talk, use)
    assert left == []


def test_a_reset_in_the_middle_is_broken() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.transport.abort()

    async def use(line: OrderLine) -> None:
        with pytest.raises(Broken):
            await get(line)

    with_line(talk, use)


def test_what_leaves_is_one_request_with_its_length_under_the_prefix_of_the_address() -> None:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"a=1"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    async def use(line: OrderLine) -> None:
        connection = await line.connect()
        await line.exchange(
            connection, ("POST", "/orders/a b\r\n"), {"X-Kite-Version": "3"}, b"a=1", lambda: None
        )

    with_line(talk, use, path="/kite")
    head, _, body = seen[0].partition(b"\r\n\r\n")
    first, host, *rest = head.split(b"\r\n")
    assert first == b"POST /kite/orders/a%20b%0D%0A HTTP/1.1"
    assert host.startswith(b"Host: 127.0.0.1:")
    assert rest == [b"X-Kite-Version: 3", b"Content-Length: 3"]
    assert body == b"a=1"


def test_a_server_whose_certificate_is_not_to_be_trusted_is_sent_nothing() -> None:
    """The port speaks no TLS at all, which ends a verified handshake as a false certificate does."""
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(3))
        writer.write(b"no TLS here, and no certificate either\r\n")

    async def use(line: OrderLine) -> ssl.SSLContext:
        secure = OrderLine(f"https://127.0.0.1:{line._port}")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await secure.connect()
        return secure._verified()

    context, _ = with_line(talk, use)
    assert seen == [b"\x16\x03\x01"]  # the beginning of a handshake, and nothing of a request
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
