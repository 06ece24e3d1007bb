"""The ticker: subscriptions, what is pushed and when, and connections that are bad to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import msgspec
import pytest

from ninefifteen.domain.instants import SECOND
from ninefifteen.simulator.kite import KiteServer, tickers
from tests.patience import PATIENCE_S
from tests.simulator.kite.rehearsal import Rehearsal, frames, moment, rehearse

OfficialTicker: Any = pytest.importorskip("kiteconnect").KiteTicker


def ticks(messages: list[Any]) -> list[dict[str, Any]]:
    """Every tick of these messages, as the official client reads them."""
    reader = OfficialTicker("key", "token")
    return [tick for one in messages if isinstance(one, bytes) for tick in reader._parse_binary(one)]


def count(number: int) -> Any:
    """Until so many ticks are there."""
    return lambda got: len(ticks(got)) >= number


def texts(messages: list[Any], kind: str) -> list[Any]:
    """The data of the text messages of a kind."""
    return [one["data"] for one in messages if isinstance(one, dict) and one["type"] == kind]


async def until(holds: Callable[[], object]) -> None:
    """Until this holds at the server, which does not tell."""
    while not holds():  # noqa: ASYNC110 - the server does not tell
        await asyncio.sleep(0.005)


class Machine:
    """Seconds of this machine, turned by hand."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def say(socket: aiohttp.ClientWebSocketResponse, wish: str, value: Any) -> None:
    await socket.send_str(msgspec.json.encode({"a": wish, "v": value}).decode())


def test_subscribing_brings_the_last_packet_at_once_in_the_default_mode() -> None:
    async def story(client: Rehearsal) -> None:
        market, listed = client.server.venue.market, client.call_near()
        index = market.by_key["NSE:NIFTY 50"]
        async with client.ticker() as socket:
            await say(socket, "subscribe", [listed.token, index.token, str(listed.token), 5, True, None])
            first, second = ticks(await frames(socket, until=count(2)))
        assert {first["instrument_token"], second["instrument_token"]} == {listed.token, index.token}
        assert (first["mode"], second["mode"]) == ("quote", "quote")
        shown = market.snapshot(first["instrument_token"], client.server.clock.now())
        assert first["last_price"] == shown.last / 100

    rehearse(story)


def test_before_the_open_the_first_packet_is_yesterdays_with_an_empty_book() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        async with client.ticker() as socket:
            await say(socket, "mode", ["full", [listed.token]])
            (tick,) = ticks(await frames(socket, until=count(1)))
        stamped = tick["exchange_timestamp"].timestamp() * SECOND
        assert stamped < moment("00:00:00")
        assert tick["depth"]["buy"][0]["quantity"] == 0

    rehearse(story, start="08:50:00")


def test_the_clock_goes_from_change_to_change_and_says_so_behind_the_packets() -> None:
    async def story(client: Rehearsal) -> None:
        market, listed = client.server.venue.market, client.call_near()
        async with client.ticker() as socket:
            await say(socket, "mode", ["full", [listed.token]])
            await frames(socket, until=count(1))
            for _ in range(3):
                due = market.next_at()
                at = await client.advance(moment("15:00:00"))
                assert at == due
                got = await frames(socket, until=lambda got: texts(got, "ninefifteen_clock"))
                (tick,) = ticks(got[:1])
                assert texts(got, "ninefifteen_clock") == [{"at": at}]
                shown = market.snapshot(listed.token, at)
                assert tick["last_price"] == shown.last / 100
                assert tick["depth"]["sell"][0]["price"] == shown.asks[0][0] / 100

    rehearse(story)


def test_a_mode_changes_what_comes_and_unsubscribing_ends_it() -> None:
    async def story(client: Rehearsal) -> None:
        first, second = client.call_near(), client.call_near("TCS")
        async with client.ticker() as socket:
            await say(socket, "subscribe", [first.token, second.token])
            await frames(socket, until=count(2))
            await say(socket, "mode", ["ltp", [first.token]])
            (tick,) = ticks(await frames(socket, until=count(1)))
            assert (tick["instrument_token"], tick["mode"]) == (first.token, "ltp")
            await say(socket, "unsubscribe", [first.token])
            await say(socket, "mode", ["full", [second.token]])
            await frames(socket, until=count(1))
            await client.wait(3)
            got = await frames(socket, until=lambda got: len(texts(got, "ninefifteen_clock")) > 2)
            assert {tick["instrument_token"] for tick in ticks(got)} == {second.token}
            assert client.server.tickers.tokens() == {second.token}
        await until(lambda: not client.server.tickers.open)
        assert client.server.tickers.tokens() == set()
        assert client.server.venue.market.next_at() is None

    rehearse(story)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a":"mode","v":[1]}', '{"a":"mode","v":["fast",[1]]}', "null"]
)
def test_what_is_not_understood_is_answered_with_an_error(text: str) -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            await socket.send_str(text)
            (message,) = await frames(socket, until=bool)
            assert message["type"] == "error"
            assert "Invalid message" in message["data"]
            await say(socket, "subscribe", [client.call_near().token])
            assert len(ticks(await frames(socket, until=count(1)))) == 1

    rehearse(story)


def test_a_connection_has_three_thousand_instruments_and_an_account_three_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tickers, "MOST_TOKENS", 30)

    async def story(client: Rehearsal) -> None:
        tokens = [one.token for one in client.server.venue.market.listed[:35]]
        async with client.ticker() as one, client.ticker(), client.ticker():
            await say(one, "subscribe", tokens)
            got = await frames(one, until=lambda got: texts(got, "error"))
            assert texts(got, "error") == ["Cannot subscribe to more than 30 instruments."]
            assert len(client.server.tickers.tokens()) <= 30
            with pytest.raises(aiohttp.WSServerHandshakeError) as no:
                async with client.ticker():
                    pass
            assert no.value.status == 429

    rehearse(story, start="08:45:00")


@pytest.mark.parametrize("query", ["", "api_key=x&access_token=y", "api_key={key}&access_token=yesterdays"])
def test_a_wrong_key_or_token_is_refused_at_the_handshake(query: str) -> None:
    async def story(client: Rehearsal) -> None:
        address = f"{client.server.ready()['ws']}/?{query.format(key=client.api_key)}"
        with pytest.raises(aiohttp.WSServerHandshakeError) as no:
            await client.http.ws_connect(address)
        assert no.value.status == 403

    rehearse(story)


def test_a_quiet_connection_gets_heartbeats_of_one_byte() -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            began = time.monotonic()
            message = await asyncio.wait_for(socket.receive(), PATIENCE_S)
            assert message.data == b"\x00"
            assert time.monotonic() - began < PATIENCE_S / 2

    rehearse(story)


def test_a_token_killed_elsewhere_closes_its_sockets() -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            await client.log_in()
            got = await frames(socket, until=lambda got: False)
            assert got[-1] in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)
        async with client.ticker() as socket:
            query = {"api_key": client.api_key, "access_token": client.token}
            await client.call("DELETE", "/session/token", params=query)
            assert len(await frames(socket, until=lambda got: False)) == 1

    rehearse(story)


def test_order_updates_come_as_texts_but_not_for_a_bare_placement() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        quote = (await client.get("/quote", params={"i": f"NFO:{listed.symbol}"}))[f"NFO:{listed.symbol}"]
        async with client.ticker() as socket:
            low = f"{quote['last_price'] - 5:.2f}"
            first = await client.place(listed, "BUY", price=low)
            await client.wait(0.2)
            await client.call("PUT", f"/orders/regular/{first}", data={"price": f"{float(low) - 1:.2f}"})
            await client.wait(0.2)
            await client.call("DELETE", f"/orders/regular/{first}")
            second = await client.place(listed, "BUY", price=f"{quote['last_price'] + 5:.2f}")
            got = await frames(socket, until=lambda got: len(texts(got, "order")) == 3)
        orders = texts(got, "order")
        assert [(one["order_id"], one["status"]) for one in orders] == [
            (first, "UPDATE"),
            (first, "CANCELLED"),
            (second, "COMPLETE"),
        ]
        assert len(orders[0]["checksum"]) == 64
        assert orders[2]["unfilled_quantity"] == 0

    rehearse(story)


def test_who_does_not_read_gets_the_newest_of_each_and_costs_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame that cannot leave holds back everything behind it, and that is one packet a token."""
    gate = asyncio.Event()

    class Shut:
        def __init__(self, socket: Any) -> None:
            self.socket = socket

        async def send_bytes(self, data: bytes) -> None:
            await gate.wait()
            await self.socket.send_bytes(data)

        async def send_str(self, data: str) -> None:
            await self.socket.send_str(data)

        closed = False

    async def story(client: Rehearsal) -> None:
        tokens = [client.call_near().token, client.call_near("TCS").token]
        async with client.ticker() as socket:
            await say(socket, "mode", ["full", tokens])
            await frames(socket, until=count(2))
            (ticker,) = client.server.tickers.open
            honest, ticker.socket = ticker.socket, Shut(ticker.socket)  # type: ignore[assignment]
            now = client.server.clock.now()
            for second in range(60):
                client.server._happen(now + second * SECOND)
                client.server.tickers.flush()
                await asyncio.sleep(0)
            assert len(ticker._changed) <= len(tokens)
            gate.set()
            ticker.socket = honest
            got = await frames(socket, until=lambda got: len(got) >= 2)
            assert len(ticks(got)) <= 4

    rehearse(story)


def test_texts_that_pile_up_cut_the_connection() -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            await until(lambda: client.server.tickers.open)
            (ticker,) = client.server.tickers.open
            for number in range(1200):
                ticker.tell("message", number)
            got = await frames(socket, until=lambda got: False)
            assert not isinstance(got[-1], dict)
        await until(lambda: not client.server.tickers.open)

    rehearse(story)


def test_at_a_high_speed_a_frame_holds_all_that_changed_in_one_second() -> None:
    machine = Machine()

    async def runs(server: KiteServer) -> None:
        while True:
            machine.seconds += 0.0125  # a quarter of a second of the exchange
            server.poke()
            await asyncio.sleep(0.005)

    async def story(client: Rehearsal) -> None:
        tokens = [client.call_near(symbol).token for symbol in ("INFY", "TCS", "RELIANCE", "SBIN")]
        async with client.ticker() as socket:
            await say(socket, "mode", ["full", tokens])
            await frames(socket, until=count(4))
            running = asyncio.create_task(runs(client.server))
            got = await frames(socket, until=lambda got: len(got) >= 20)
            running.cancel()
        sizes = [len(ticks([one])) for one in got]
        stamps = [{tick["exchange_timestamp"] for tick in ticks([one])} for one in got]
        assert sum(size == len(tokens) for size in sizes) >= 10
        assert sum(len(one) == 1 for one in stamps) >= 10

    rehearse(story, speed=20.0, seconds=machine)


def test_changes_that_nobody_can_keep_up_with_are_passed_over_to_the_present() -> None:
    machine = Machine()

    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        async with client.ticker() as socket:
            await say(socket, "mode", ["full", [listed.token]])
            await frames(socket, until=count(1))
            machine.seconds += 600.0
            client.server.poke()
            (tick,) = ticks(await frames(socket, until=count(1)))
        now = client.server.clock.now()
        assert now == moment("09:30:00")
        assert now - tick["exchange_timestamp"].timestamp() * SECOND < 5 * SECOND

    rehearse(story, speed=1.0, seconds=machine)


def test_nobody_waits_for_a_connection_that_is_gone() -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            await say(socket, "subscribe", [client.call_near().token])
            await frames(socket, until=count(1))
            (ticker,) = client.server.tickers.open
            ticker.drop()
            ticker.tell("message", "too late")
            began = time.monotonic()
            await client.wait(2)
            assert time.monotonic() - began < 9  # its patience is ten

    rehearse(story)
