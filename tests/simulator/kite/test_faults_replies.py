"""Replies that go wrong: what the client sees, and what the exchange holds."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from datetime import date
from time import monotonic
from typing import Any

import aiohttp
import pytest

from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import BadInput
from ninefifteen.simulator.market import Listed
from tests.patience import PATIENCE_S
from tests.simulator.kite.planned import planned
from tests.simulator.kite.rehearsal import Rehearsal, Story, moment, rehearse

GONE = (aiohttp.ClientError, ConnectionError)
SHORT = aiohttp.ClientTimeout(total=0.3)


def low(client: Rehearsal, listed: Listed) -> str:
    """A price at which an order rests."""
    last = client.server.venue.market.snapshot(listed.token, client.server.clock.now()).last
    return f"{(last - 300) / 100:.2f}"


async def post(client: Rehearsal, **options: Any) -> Any:
    """Place an order that rests; raises what the client sees."""
    listed = client.call_near()
    form = {
        "exchange": "NFO",
        "tradingsymbol": listed.symbol,
        "transaction_type": "BUY",
        "quantity": str(listed.lot_size),
        "product": "MIS",
        "order_type": "LIMIT",
        "price": low(client, listed),
        "tag": "sought",
    }
    return await client.call("POST", "/orders/regular", data=form, **options)


async def refusal(client: Rehearsal) -> tuple[int, str, str]:
    """How a placing is refused."""
    listed = client.call_near()
    no = await client.refusal(listed, "BUY", price=low(client, listed))
    return no.status, no.error_type, no.message


def held(client: Rehearsal) -> list[str]:
    """The tags of the orders that the exchange holds."""
    return [order.wish.tag or "" for order in client.server.venue.desk.orders.values()]


def test_a_late_order_is_placed_when_it_says_and_its_reply_never_comes() -> None:
    async def story(client: Rehearsal) -> None:
        with pytest.raises(TimeoutError):
            await post(client, timeout=SHORT)
        assert held(client) == []
        await client.go_to("09:20:07")
        assert held(client) == []
        await client.go_to("09:25:00")
        (order,) = client.server.venue.desk.orders.values()
        assert order.placed_at == moment("09:20:08")
        assert client.server.counts["POST /orders/regular"] == 1
        await post(client)
        assert len(held(client)) == 2

    rehearse(story, faults=planned("on: POST /orders, what: late, at: 09:20:00, seconds: 8"))


def test_a_late_order_comes_on_time_while_a_ticker_watches_too() -> None:
    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            await socket.send_json({"a": "subscribe", "v": [client.call_near().token]})
            with pytest.raises(TimeoutError):
                await post(client, timeout=SHORT)
            await client.go_to("09:20:30")
            (order,) = client.server.venue.desk.orders.values()
            assert order.placed_at == moment("09:20:08")

    rehearse(story, faults=planned("on: POST /orders, what: late, at: 09:20:00, seconds: 8"))


def test_a_late_order_comes_by_itself_on_a_clock_that_runs() -> None:
    async def story(client: Rehearsal) -> None:
        with pytest.raises(TimeoutError):
            await post(client, timeout=SHORT)
        while not held(client):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        (order,) = client.server.venue.desk.orders.values()
        assert order.placed_at >= moment("09:20:08")

    fault = planned("on: POST /orders, what: late, at: 09:20:00, seconds: 8")
    rehearse(story, speed=20.0, seconds=monotonic, faults=fault)


def test_a_lost_reply_leaves_an_order_behind_and_a_dropped_request_none() -> None:
    async def story(client: Rehearsal) -> None:
        with pytest.raises(GONE):
            await post(client)
        assert held(client) == ["sought"]
        with pytest.raises(GONE):
            await post(client)
        assert held(client) == ["sought"]
        await post(client)
        assert held(client) == ["sought", "sought"]

    faults = planned("on: POST /orders, what: lost, count: 1", "on: /orders, what: dropped, count: 1")
    rehearse(story, faults=faults)


@pytest.mark.parametrize(("seconds", "placed"), [("", "09:20:00.2"), (", seconds: 8", "09:20:08.2")])
def test_an_order_is_placed_although_the_reply_says_that_it_timed_out(seconds: str, placed: str) -> None:
    async def story(client: Rehearsal) -> None:
        status, error_type, words = await refusal(client)
        assert (status, error_type) == (400, "OrderException")
        assert words.startswith("Order request timed out. Please check the order book")
        await client.go_to("09:20:30")
        (order,) = client.server.venue.desk.orders.values()
        assert order.placed_at // SECOND == moment(placed.partition(".")[0]) // SECOND

    rehearse(story, faults=planned(f"on: POST /orders, what: timed_out{seconds}"))


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("what: error, status: 429", (429, "NetworkException", "Too many requests")),
        ("what: error, status: 503", (503, "NetworkException", "The service is not available.")),
        ("what: error, status: 418", (418, "InputException", "Refused by a fault.")),
        ("what: error, status: 599", (599, "GeneralException", "Refused by a fault.")),
        (
            "what: error, status: 400, error_type: MarginException, message: Insufficient funds.",
            (400, "MarginException", "Insufficient funds."),
        ),
        (
            "what: static_ip",
            (
                403,
                "PermissionException",
                "No IPs configured for this app. Add allowed IPs on the Kite developer console.",
            ),
        ),
        (
            "what: static_ip, message: IP not allowed to place orders for this app",
            (403, "PermissionException", "IP not allowed to place orders for this app"),
        ),
    ],
)
def test_an_error_is_replied_and_nothing_is_placed(fault: str, seen: tuple[int, str, str]) -> None:
    async def story(client: Rehearsal) -> None:
        assert await refusal(client) == seen
        assert held(client) == []
        assert await client.get("/orders") == []

    rehearse(story, faults=planned(f"on: POST /orders, {fault}"))


@pytest.mark.parametrize(("body", "begins", "kind"), [("html", b"<html>", "text/html"), ("empty", b"", "")])
def test_a_web_page_or_nothing_may_come_in_place_of_json(body: str, begins: bytes, kind: str) -> None:
    async def story(client: Rehearsal) -> None:
        async with client.http.get(f"{client.rest}/user/profile", headers=client.headers) as reply:
            raw = await reply.read()
            assert reply.status == 502
            assert raw.startswith(begins)
            assert bool(raw) is bool(begins)
            assert kind in reply.headers.get("Content-Type", "")

    rehearse(story, faults=planned(f"on: /user, what: error, status: 502, body: {body}"))


def test_a_fault_lasts_as_long_and_happens_as_often_as_it_says() -> None:
    async def story(client: Rehearsal) -> None:
        await client.get("/user/profile")
        await client.go_to("09:21:00")
        for _ in range(2):
            assert (await client.no("GET", "/user/profile")).status == 500
        await client.get("/user/profile")
        await client.go_to("09:30:00")
        for _ in range(3):
            assert (await client.no("GET", "/user/profile")).status == 503
        await client.go_to("09:31:00")
        await client.get("/user/profile")

    first = "on: /user, what: error, status: 500, between: [09:21:00, 09:22:00], count: 2"
    second = "on: /user, what: error, status: 503, between: [09:30:00, 09:31:00]"
    rehearse(story, faults=planned(first, second))


def test_what_happens_by_chance_is_the_same_for_a_seed() -> None:
    seen: list[list[bool]] = []

    async def story(client: Rehearsal) -> None:
        happened = []
        for _ in range(20):
            await client.wait(0.2)
            async with client.http.get(f"{client.rest}/user/profile", headers=client.headers) as reply:
                happened.append(reply.status == 503)
        seen.append(happened)

    for _ in range(2):
        rehearse(story, faults=planned("on: /user, what: error, status: 503, chance: 0.5"))
    assert seen[0] == seen[1]
    assert set(seen[0]) == {True, False}


def test_a_slow_reply_comes_after_the_order_update_of_its_order() -> None:
    async def story(client: Rehearsal) -> None:
        came: list[str] = []
        async with client.ticker() as socket:
            placing = asyncio.create_task(post(client))
            placing.add_done_callback(lambda _: came.append("reply"))
            while not client.server.venue.desk.orders:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
            (order_id,) = client.server.venue.desk.orders
            await client.call("DELETE", f"/orders/regular/{order_id}")
            update = await asyncio.wait_for(socket.receive_json(), PATIENCE_S)
            came.append(update["data"]["status"])
            assert (await placing)["order_id"] == order_id
        await asyncio.sleep(0)
        assert came == ["CANCELLED", "reply"]

    rehearse(story, faults=planned("on: POST /orders, what: slow, seconds: 1.5"))


def test_a_cut_reply_is_half_of_it() -> None:
    async def story(client: Rehearsal) -> None:
        async with client.http.get(f"{client.rest}/user/profile", headers=client.headers) as reply:
            raw = await reply.read()
        assert raw.startswith(b'{"status":"success"')
        assert not raw.endswith(b"}")

    rehearse(story, faults=planned("on: /user, what: cut"))


async def raw_file(client: Rehearsal, exchange: str = "NFO") -> bytes:
    address = f"{client.rest}/instruments/{exchange}"
    async with client.http.get(address, headers=client.headers, auto_decompress=False) as reply:
        assert (reply.status, reply.headers["Content-Encoding"]) == (200, "gzip")
        return await reply.read()


def against(fault: str, story: Story) -> None:
    rehearse(story, faults=planned(f"on: GET /instruments, {fault}, count: 1"))


def test_an_instruments_file_may_be_a_gzip_cut_off() -> None:
    async def story(client: Rehearsal) -> None:
        cut = zlib.decompressobj(wbits=31)
        cut.decompress(await raw_file(client))
        assert not cut.eof
        assert gzip.decompress(await raw_file(client))

    against("what: cut", story)


def test_an_instruments_file_may_lack_rows_or_a_column() -> None:
    async def short(client: Rehearsal) -> None:
        some = await client.instruments()
        every = await client.instruments()
        assert some == every[: len(every) // 4]

    async def narrow(client: Rehearsal) -> None:
        rows = await client.instruments()
        assert "lot_size" not in rows[0]
        whole = await client.instruments()
        assert [{k: v for k, v in row.items() if k != "lot_size"} for row in whole] == rows

    async def unknown(client: Rehearsal) -> None:
        assert await client.instruments() == await client.instruments()

    against("what: missing_rows, keep: 0.25", short)
    against("what: missing_column, column: lot_size", narrow)
    against("what: missing_column, column: colour", unknown)


def test_an_instruments_file_may_be_that_of_the_trading_day_before() -> None:
    async def story(client: Rehearsal) -> None:
        old, new = await client.instruments(), await client.instruments()
        before = client.server.venue.day_before()
        assert before is not None
        assert str(before.date) == "2026-12-01"
        assert {row["tradingsymbol"]: row["instrument_token"] for row in old} == {
            one.symbol: str(one.token) for one in before.market.listed if one.exchange == "NFO"
        }
        assert old != new

    against("what: yesterday", story)


def test_the_trading_day_before_a_monday_is_a_friday_and_where_rules_end_there_is_none() -> None:
    async def monday(client: Rehearsal) -> None:
        before = client.server.venue.day_before()
        assert before is not None
        assert before.date == date(2026, 12, 4)

    async def beyond(client: Rehearsal) -> None:
        def unknown(day: date) -> None:
            raise BadInput(f"no rules for {day}")

        client.server.venue._make_day = unknown
        assert await client.instruments() == await client.instruments()

    async def closed(client: Rehearsal) -> None:
        client.server.venue._make_day = lambda _: None
        assert client.server.venue.day_before() is None

    rehearse(monday, day=date(2026, 12, 7))
    against("what: yesterday", beyond)
    against("what: yesterday", closed)


def test_a_fault_about_tables_leaves_other_replies_as_they_are() -> None:
    async def story(client: Rehearsal) -> None:
        assert (await client.get("/user/profile"))["broker"] == "ZERODHA"

    rehearse(story, faults=planned("on: /user, what: missing_rows"))


def test_the_login_page_and_the_session_may_be_down() -> None:
    async def story(client: Rehearsal) -> None:
        page = f"{client.rest}/connect/login?api_key={client.api_key}"
        async with client.http.get(page, allow_redirects=False) as reply:
            assert (reply.status, reply.content_type) == (503, "text/html")
        with pytest.raises(GONE):
            await client.log_in()
        await client.go_to("10:00:00")
        await client.log_in()

    first = "on: GET /connect/login, what: error, status: 503, body: html, count: 1"
    second = "on: POST /session/token, what: dropped, between: [09:00:00, 10:00:00]"
    rehearse(story, faults=planned(first, second))
