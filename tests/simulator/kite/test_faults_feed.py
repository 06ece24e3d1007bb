"""A feed that goes wrong: frozen, silent, stale, cut; updates astray; tokens killed; handshakes refused."""

from __future__ import annotations

import asyncio
from struct import unpack_from
from typing import Any

import aiohttp
import pytest

from ninefifteen.domain.instants import MINUTE, SECOND, Instant
from ninefifteen.simulator.kite.packets import frame, packet
from ninefifteen.simulator.kite.server import CLOCK_MESSAGE
from tests.patience import PATIENCE_S
from tests.simulator.kite.planned import planned
from tests.simulator.kite.rehearsal import Rehearsal, moment, rehearse

Socket = aiohttp.ClientWebSocketResponse
ENDS = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)


async def subscribed(client: Rehearsal, socket: Socket, mode: str = "full") -> list[int]:
    """Tokens of a share, an index and an option, asked for in a mode."""
    market = client.server.venue.market
    index = next(one for one in market.listed if one.kind == "INDEX")
    tokens = [market.by_key["NSE:INFY"].token, index.token, client.call_near().token]
    await socket.send_json({"a": "mode", "v": [mode, tokens]})
    while len(client.server.tickers.tokens()) < len(tokens):  # noqa: ASYNC110 - the server does not tell
        await asyncio.sleep(0.01)
    return tokens


async def until_clock(client: Rehearsal, socket: Socket, text: str) -> list[bytes]:
    """Frames that come until the clock has been turned to that time."""
    await client.go_to(text)
    got: list[bytes] = []
    while True:
        message = await asyncio.wait_for(socket.receive(), PATIENCE_S)
        if message.type is aiohttp.WSMsgType.BINARY:
            got += [message.data] if len(message.data) > 1 else []
        elif message.json()["data"].get("at", 0) >= moment(text):
            return got


async def messages(socket: Socket, seconds: float) -> list[Any]:
    """Everything that comes before it is quiet for so long; the clock's messages left out."""
    got: list[Any] = []
    while True:
        try:
            data = (await asyncio.wait_for(socket.receive(), seconds)).data
        except TimeoutError:
            return got
        if not (isinstance(data, str) and CLOCK_MESSAGE in data):
            got.append(data)


def shown(client: Rehearsal, token: int, at: Instant, mode: str = "full") -> bytes:
    """A frame of one instrument as it stood then."""
    market = client.server.venue.market
    return packet(market.snapshot(token, at), mode, index=market.by_token[token].kind == "INDEX")


def packets(frames: list[bytes]) -> dict[int, bytes]:
    """The last packet of each instrument."""
    found = {}
    for one in frames:
        place = 2
        for _ in range(unpack_from(">H", one)[0]):
            (length,) = unpack_from(">H", one, place)
            found[unpack_from(">I", one, place + 2)[0]] = one[place + 2 : place + 2 + length]
            place += 2 + length
    return found


@pytest.mark.parametrize("what", ["frozen", "silent"])
def test_no_tick_comes_while_the_feed_is_frozen_and_ticks_come_again_afterwards(what: str) -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            tokens = await subscribed(client, socket)
            assert set(packets(await until_clock(client, socket, "09:21:00"))) == set(tokens)
            assert await until_clock(client, socket, "09:21:59") == []
            (ticker,) = client.server.tickers.open
            assert client.server.faults.beats(ticker) is (what == "frozen")
            last = packets(await until_clock(client, socket, "09:23:00"))
            assert last == {token: shown(client, token, moment("09:23:00")) for token in tokens}
            assert client.server.faults.beats(ticker)

    rehearse(story, faults=planned(f"on: feed, what: {what}, between: [09:21:00, 09:22:00]"))


def test_a_silent_feed_has_no_heartbeat_and_no_order_update() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        async with client.ticker() as socket:
            order_id = await client.place(listed, "BUY", price="1.00")
            await client.call("DELETE", f"/orders/regular/{order_id}")
            assert await messages(socket, 1.3) == []

    rehearse(story, faults=planned("on: feed, what: silent, at: 09:20:00"))


@pytest.mark.parametrize("mode", ["ltp", "quote", "full"])
@pytest.mark.parametrize(("what", "as_of"), [("stale", "09:21:00"), ("yesterday", "00:00:00")])
def test_ticks_may_go_on_showing_a_time_that_is_past(what: str, as_of: str, mode: str) -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            tokens = await subscribed(client, socket, mode)
            await until_clock(client, socket, "09:20:59")
            old = packets(await until_clock(client, socket, "09:21:30"))
            assert old == {token: shown(client, token, moment(as_of), mode) for token in tokens}
            await until_clock(client, socket, "09:23:00")

    rehearse(story, faults=planned(f"on: feed, what: {what}, between: [09:21:00, 09:22:00]"))


def test_a_frame_of_one_instrument_stays_a_frame_of_it() -> None:
    one = frame([b"\x00\x00\x01\x02abcd"])
    assert packets([one]) == {258: b"\x00\x00\x01\x02abcd"}


async def ended(socket: Socket) -> bool:
    """Whether the socket ends, whatever it says before."""
    while True:
        message = await asyncio.wait_for(socket.receive(), PATIENCE_S)
        if message.type in ENDS:
            return True


def test_sockets_are_dropped_again_and_again_and_new_ones_open() -> None:
    async def story(client: Rehearsal) -> None:
        for clock in ("09:21:00", "09:21:30", "09:22:00"):
            async with client.ticker() as socket:
                await subscribed(client, socket)
                await client.advance(moment(clock) - SECOND)
                await client.go_to(clock)
                assert await ended(socket)
                assert client.server.tickers.open == []
        async with client.ticker() as socket:
            await subscribed(client, socket)
            await client.go_to("09:23:00")
            assert not socket.closed
            assert client.server.faults.next_at() == moment("09:21:00") + 24 * 60 * MINUTE

    rehearse(story, faults=planned("on: feed, what: dropped, at: 09:21:00, count: 3, seconds: 30"))


def test_a_fault_of_the_second_day_leaves_the_first_alone() -> None:
    faults = planned(
        "on: feed, what: dropped, at: 09:21:00, day: 2", "on: session, what: killed, at: 09:10:00"
    )

    async def story(client: Rehearsal) -> None:
        killed = moment("09:10:00") + 24 * 60 * MINUTE
        assert client.server.faults.next_at() == killed
        client.server.faults.act(killed)
        assert client.server.faults.next_at() == moment("09:21:00") + 24 * 60 * MINUTE

    rehearse(story, faults=faults)


def test_what_was_to_happen_before_the_start_on_that_day_never_happens() -> None:
    async def story(client: Rehearsal) -> None:
        assert client.server.faults.next_at() is None
        await client.go_to("09:21:00")
        await client.get("/user/profile")

    rehearse(story, faults=planned("on: session, what: killed, at: 09:19:59, day: 1"))


def test_a_token_killed_at_ten_past_nine_closes_everything_until_a_new_login() -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            await client.go_to("09:09:59")
            await client.get("/user/profile")
            await client.go_to("09:10:00")
            assert await ended(socket)
            no = await client.no("GET", "/user/profile")
            assert (no.status, no.error_type) == (403, "TokenException")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with client.ticker():
                pass
        assert refused.value.status == 403
        await client.log_in()
        async with client.ticker():
            await client.get("/user/profile")

    rehearse(story, start="09:00:00", faults=planned("on: session, what: killed, at: 09:10:00"))


def test_handshakes_may_be_refused_or_dropped() -> None:
    async def story(client: Rehearsal) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with client.ticker():
                pass
        assert refused.value.status == 502
        with pytest.raises(aiohttp.ClientError):
            async with client.ticker():
                pass
        async with client.ticker():
            await client.get("/user/profile")

    first = "on: handshake, what: error, status: 502, body: html, count: 1"
    # Dropped twice: the HTTP library tries a connection that was open before once more on a new one.
    rehearse(story, faults=planned(first, "on: handshake, what: dropped, count: 2"))


async def updates(client: Rehearsal, orders: int, most: int) -> list[tuple[int, str]]:
    """Place and cancel orders one after the other; the updates that come, by the number of the order."""
    listed = client.call_near()
    ids: list[str] = []
    got: list[tuple[int, str]] = []
    async with client.ticker() as socket:
        for _ in range(orders):
            order_id = await client.place(listed, "BUY", price="1.00")
            ids.append(order_id)
            await client.call("DELETE", f"/orders/regular/{order_id}")
        while len(got) < most:
            message = await asyncio.wait_for(socket.receive(), PATIENCE_S)
            text: Any = message.json() if message.type is aiohttp.WSMsgType.TEXT else {"type": ""}
            if text["type"] == "order":
                got.append((ids.index(text["data"]["order_id"]), text["data"]["status"]))
        assert [text for text in await messages(socket, 0.2) if isinstance(text, str)] == []
    return got


@pytest.mark.parametrize(
    ("fault", "order"),
    [
        ("what: lost, count: 1", [1, 2]),
        ("what: duplicated, count: 2", [0, 0, 1, 1, 2]),
        ("what: reordered, seconds: 30, count: 1", [1, 0, 2]),
        ("what: reordered, seconds: 0.1", [0, 1, 2]),
        ("what: late, seconds: 1.5, count: 1", [1, 2, 0]),
    ],
)
def test_order_updates_are_lost_doubled_late_or_come_in_another_order(fault: str, order: list[int]) -> None:
    async def story(client: Rehearsal) -> None:
        assert await updates(client, 3, len(order)) == [(number, "CANCELLED") for number in order]

    rehearse(story, faults=planned(f"on: updates, {fault}"))


def test_a_held_update_of_a_closed_ticker_is_forgotten() -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker():
            order_id = await client.place(client.call_near(), "BUY", price="1.00")
            await client.call("DELETE", f"/orders/regular/{order_id}")
        await asyncio.sleep(0.2)
        assert client.server.tickers.open == []

    rehearse(story, faults=planned("on: updates, what: late, seconds: 0.1"))
