"""The feed against a real WebSocket server: what it passes on, and what it subscribes to."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ninefifteen.adapters.zerodha.packets import Mode
from ninefifteen.adapters.zerodha.subscriptions import messages, shares
from ninefifteen.adapters.zerodha.texts import OrderHint
from ninefifteen.adapters.zerodha.ticker import Ticker
from ninefifteen.errors import BadInput
from tests.adapters.zerodha.kite_frames import INFY, NIFTY, frame, full, ltp
from tests.adapters.zerodha.ticker_server import (
    EARS,
    KEY,
    START,
    TOKEN,
    Seen,
    Server,
    feeding,
    heartbeats,
    running,
    sends,
    until,
)
from tests.patience import PATIENCE_S

# ------------------------------------------------------------------------------------------ what it passes on


def test_frames_and_texts_come_as_they_were_sent_with_the_instant_they_were_received() -> None:
    first, second = frame(full(INFY, 1, 5, 6)), frame(ltp(INFY, 2))
    done = {"order_id": "7", "status": "COMPLETE", "tag": "x1"}
    part = {"order_id": "7", "status": "UPDATE", "tag": "x1"}
    texts = [json.dumps({"type": "order", "data": data}) for data in (done, part)]
    server = Server(sends(first, *texts, "{no json", b"\x00", second))

    async def story() -> Seen:
        async with feeding(server) as (seen, _):
            await until(lambda: len(seen.frames) == 2)
        return seen

    seen = asyncio.run(story())
    assert [data for _, data, _ in seen.frames] == [first, second]
    assert [ticks.last.tolist() for _, _, ticks in seen.frames] == [[1], [2]]
    assert START < seen.frames[0][0] < seen.frames[1][0]
    # Out of order as they came: they are hints, and whoever looks the order up sees what is true.
    assert seen.texts == [
        ("order", OrderHint("7", "COMPLETE", "x1", done)),
        ("order", OrderHint("7", "UPDATE", "x1", part)),
    ]
    assert seen.names == ["live"]


def test_a_damaged_frame_is_passed_on_with_what_is_whole_in_it() -> None:
    cut = frame(full(INFY, 1), full(NIFTY, 2))[:-1]
    server = Server(sends(cut))

    async def story() -> Seen:
        async with feeding(server) as (seen, _):
            await until(lambda: seen.frames)
        return seen

    ((_, data, ticks),) = asyncio.run(story()).frames
    assert (data, ticks.last.tolist(), ticks.damaged) == (cut, [1], 1)


def test_the_key_and_the_token_are_in_the_request_and_the_header_says_version_3() -> None:
    server = Server(heartbeats())

    async def story() -> None:
        async with feeding(server) as (seen, _):
            await until(lambda: seen.states)

    asyncio.run(story())
    ((token, headers),) = server.attempts
    assert token == TOKEN
    assert server.conversations[0].request.query["api_key"] == KEY
    assert headers["X-Kite-Version"] == "3"


def test_heartbeats_keep_a_quiet_market_alive_and_are_no_frames() -> None:
    server = Server(heartbeats())

    async def story() -> tuple[Seen, Ticker]:
        async with feeding(server, patience=EARS) as (seen, ticker):
            assert (ticker.state.name, ticker.heard_at) == ("connecting", 0)
            await asyncio.sleep(1.5 * EARS.silence)
        return seen, ticker

    seen, ticker = asyncio.run(story())
    assert (seen.names, seen.frames, len(server.attempts)) == (["live"], [], 1)
    assert ticker.state == seen.states[0]
    assert ticker.heard_at > ticker.state.since


@pytest.mark.parametrize("callback", ["_on_frame", "_on_text", "_on_state"])
def test_what_a_callback_raises_ends_the_feed_loudly(callback: str) -> None:
    server = Server(sends(frame(ltp(INFY, 1)), '{"type":"message","data":"hello"}'))

    def fail(*_: object) -> None:
        raise ZeroDivisionError(callback)

    async def story() -> None:
        async with server.up():
            ticker = Seen().ticker(server.url)
            setattr(ticker, callback, fail)
            await asyncio.wait_for(ticker.run(), PATIENCE_S)

    with pytest.raises(ZeroDivisionError, match=callback):
        asyncio.run(story())


def test_cancelling_closes_every_connection() -> None:
    server = Server(heartbeats())

    async def story() -> None:
        async with server.up():
            ticker = Seen().ticker(server.url)
            ticker.want(dict.fromkeys(range(1, 6_002), "ltp"))
            async with running(ticker):
                await until(lambda: len(server.conversations) == 3)
            await until(lambda: all(talk.socket.closed for talk in server.conversations))

    asyncio.run(story())


# ------------------------------------------------------------------------------------ what it subscribes to


def test_what_is_wanted_is_subscribed_in_its_mode_and_every_change_is_sent_as_a_difference() -> None:
    server = Server(heartbeats())
    wanted: dict[int, Mode] = {1: "full", 2: "quote", NIFTY: "full", 4: "ltp"}

    async def story() -> None:
        async with feeding(server, wanted) as (_, ticker):
            await until(lambda: server.conversations and server.conversations[0].modes == wanted)
            talk = server.conversations[0]
            before = len(talk.heard)
            ticker.want({1: "full", 2: "full", 5: "quote"})
            await until(lambda: talk.modes == {1: "full", 2: "full", 5: "quote"})
            assert talk.heard[before:] == [
                {"a": "unsubscribe", "v": [NIFTY, 4]},
                {"a": "subscribe", "v": [5]},
                {"a": "mode", "v": ["quote", [5]]},
                {"a": "mode", "v": ["full", [2]]},
            ]

    asyncio.run(story())


def test_more_than_3000_instruments_go_over_three_connections_in_messages_of_200() -> None:
    server = Server(heartbeats())
    wanted: dict[int, Mode] = dict.fromkeys(range(1, 7_002), "full")

    def streamed() -> dict[int, str]:
        return {token: mode for talk in server.conversations for token, mode in talk.modes.items()}

    async def story() -> None:
        async with feeding(server) as (seen, ticker):
            await until(lambda: seen.names == ["live"])
            assert len(server.conversations) == 1
            ticker.want(wanted)
            await until(lambda: streamed() == wanted)
            await until(lambda: seen.names[-1] == "live")

    asyncio.run(story())
    talks = server.conversations
    assert sorted(len(talk.modes) for talk in talks) == [1_001, 3_000, 3_000]
    longest = max(len(said["v"]) for talk in talks for said in talk.heard if said["a"] == "subscribe")
    assert longest == 200


def test_one_instrument_too_many_is_one_clear_line() -> None:
    ticker = Seen().ticker("wss://ws.kite.trade")
    ticker.want(dict.fromkeys(range(1, 9_001), "full"))
    with pytest.raises(BadInput, match=r"^9,001 instruments are wanted .* 9,000 at most .*: watch fewer$"):
        ticker.want(dict.fromkeys(range(1, 9_002), "full"))


@pytest.mark.parametrize(
    "wanted", [{"408065": "full"}, {0: "full"}, {2**32: "ltp"}, {1: "FULL"}, {True: "ltp"}]
)
def test_a_subscription_that_cannot_be_is_refused(wanted: Any) -> None:
    with pytest.raises(ValueError, match="no such subscription"):
        Seen().ticker("wss://ws.kite.trade").want(wanted)


def test_an_instrument_stays_on_the_connection_that_has_it() -> None:
    first: dict[int, Mode] = dict.fromkeys(range(1, 3_001), "ltp")
    held = shares({**first, 5_000: "ltp"}, ({}, {}, {}))
    assert [len(part) for part in held] == [3_000, 1, 0]
    # One leaves the first connection and another comes; nothing moves over from the second.
    del first[1]
    later = shares({**first, 5_000: "full", 6_000: "ltp"}, held)
    assert later[1] == {5_000: "full"}
    assert 6_000 in later[0]


def test_what_is_held_already_needs_no_message() -> None:
    wanted: dict[int, Mode] = {1: "full", 2: "ltp"}
    assert list(messages(wanted, wanted)) == []
    assert list(messages({}, {7: "quote"})) == [
        '{"a":"subscribe","v":[7]}',
        '{"a":"mode","v":["quote",[7]]}',
    ]
