"""What the official client sees while something goes wrong, and what the exchange holds meanwhile.

This is what every program written against Zerodha's own client has to live with; our adapter is held
against the same faults in tests/adapters/zerodha/test_against_exchange.py.
"""

from __future__ import annotations

import pytest

from tests.official.official import official_client, rupees
from tests.official.test_official_orders import REGULAR, an_order, bid_and_ask, buy
from tests.official.test_official_ticker import as_tick, last_ticks
from tests.patience import PATIENCE_S
from tests.simulator.kite.planned import planned
from tests.simulator.kite.rehearsal import Rehearsal, moment, rehearse


@pytest.mark.parametrize(
    ("fault", "kind", "placed"),
    [
        ("what: late, seconds: 8", "ReadTimeout", True),
        ("what: lost", "ConnectionError", True),
        ("what: timed_out", "OrderException", True),
        ("what: slow, seconds: 3", "ReadTimeout", True),
        ("what: cut", "DataException", True),
        ("what: dropped", "ConnectionError", False),
        ("what: error, status: 502, body: html", "DataException", False),
        ("what: error, status: 503", "NetworkException", False),
        ("what: error, status: 429", "NetworkException", False),
        ("what: static_ip", "PermissionException", False),
    ],
)
def test_what_the_official_client_raises_says_little_about_what_became_of_the_order(
    fault: str, kind: str, placed: bool
) -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        patience = 2.0 if kind == "ReadTimeout" else PATIENCE_S
        async with official_client(client.server.ready(), patience=patience) as official:
            order = an_order(listed, "BUY", price=1.0, tag="looked for")
            problem = await official.problem("place_order", REGULAR, **order)
            assert problem.kind == kind
            await client.wait(9)
            book = await official.rest("orders")
            assert [row["tag"] for row in book] == (["looked for"] if placed else [])
            assert len(client.server.venue.desk.exchange.orders_of_day()) == len(book)
            assert client.server.counts["POST /orders/regular"] == 1

    rehearse(story, faults=planned(f"on: POST /orders, {fault}"))


def test_an_instruments_file_cut_off_raises_and_one_without_rows_goes_unnoticed() -> None:
    async def story(client: Rehearsal) -> None:
        async with official_client(client.server.ready()) as official:
            # Its HTTP library takes a gzip that is cut off for a whole one; the parser stumbles over the end.
            assert (await official.problem("instruments", "NFO")).kind in ("TypeError", "ValueError")
            some = await official.rest("instruments", "NFO")
            assert (await official.problem("instruments", "NFO")).kind == "KeyError"
            every = await official.rest("instruments", "NFO")
            assert some == every[: len(every) // 2]

    rehearse(
        story,
        faults=planned(
            "on: /instruments, what: cut, count: 1",
            "on: /instruments, what: missing_rows, count: 1",
            "on: /instruments, what: missing_column, column: lot_size, count: 1",
        ),
    )


def test_a_login_that_fails_may_be_tried_again() -> None:
    async def story(client: Rehearsal) -> None:
        server = client.server
        keys = server.sessions.credentials
        async with official_client({**server.ready(), "access_token": None}) as official:
            token = server.sessions.request_token(keys.api_key, server.clock.now())
            down = await official.problem("generate_session", token, keys.api_secret)
            assert (down.kind, down.code) == ("NetworkException", 503)
            session = await official.rest("generate_session", token, keys.api_secret)
            assert server.sessions.lives(session["access_token"], server.clock.now())

    rehearse(story, faults=planned("on: POST /session, what: error, status: 503, count: 1"))


def test_a_frozen_or_stale_feed_looks_alive_to_the_official_ticker() -> None:
    async def story(client: Rehearsal) -> None:
        market, share = client.server.venue.market, client.server.venue.market.by_key["NSE:INFY"]
        async with official_client(client.server.ready()) as official:
            await official.connect_ticker()
            await official.tell_ticker("subscribe", [share.token])
            await official.tell_ticker("set_mode", "full", [share.token])
            await official.heard("ticks", 2)
            await client.go_to("09:21:00")
            await official.heard_until(moment("09:21:00"))
            before = len(await official.heard("ticks", 2))
            await client.go_to("09:21:59")
            await official.heard_until(moment("09:21:59"))
            assert len(await official.heard("ticks", before)) == before
            await client.go_to("09:22:30")
            await official.heard_until(moment("09:22:30"))
            old = await last_ticks(official, before + 10)
            assert old == {share.token: as_tick(market, share, moment("09:22:00"), "full")}
            await client.go_to("09:24:00")
            await official.heard_until(moment("09:24:00"))
            new = await last_ticks(official, before + 20)
            assert new == {share.token: as_tick(market, share, moment("09:24:00"), "full")}
            assert await official.heard("closes", 0) == []

    rehearse(
        story,
        faults=planned(
            "on: feed, what: frozen, between: [09:21:00, 09:22:00]",
            "on: feed, what: stale, between: [09:22:00, 09:23:00]",
        ),
    )


def test_the_official_ticker_comes_back_after_a_reset_and_subscribes_again() -> None:
    async def story(client: Rehearsal) -> None:
        share = client.server.venue.market.by_key["NSE:INFY"]
        async with official_client(client.server.ready()) as official:
            await official.connect_ticker()
            await official.tell_ticker("subscribe", [share.token])
            await official.heard("ticks", 1)
            await client.go_to("09:21:00")
            assert await official.heard("closes", 1)
            await official.heard("connects", 2)
            before = len(await official.heard("ticks", 2))
            await client.wait(10)
            await official.heard("ticks", before + 1)
            assert client.server.counts["GET /"] == 2

    rehearse(story, faults=planned("on: feed, what: dropped, at: 09:21:00"))


@pytest.mark.parametrize(
    ("fault", "order"),
    [
        ("what: duplicated, count: 1", [0, 0, 1]),
        ("what: reordered, count: 1", [1, 0]),
        ("what: lost, count: 1", [1]),
    ],
)
def test_order_updates_come_twice_or_in_another_order_or_not(fault: str, order: list[int]) -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        async with official_client(client.server.ready()) as official:
            await official.connect_ticker()
            bid, _ = await bid_and_ask(client, listed)
            resting = an_order(listed, "BUY", price=rupees(bid - 100))
            first = await official.rest("place_order", REGULAR, **resting)
            await official.rest("cancel_order", REGULAR, first)
            ids = [first, await buy(client, official, listed)]
            updates = await official.heard("orders", len(order))
            assert [ids.index(one["order_id"]) for one in updates] == order

    rehearse(story, faults=planned(f"on: updates, {fault}"))


def test_an_update_of_a_fill_may_come_before_the_reply_to_its_order() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        async with official_client(client.server.ready(), patience=0.5) as official:
            await official.connect_ticker()
            _, ask = await bid_and_ask(client, listed)
            order = an_order(listed, "BUY", price=rupees(ask))
            assert (await official.problem("place_order", REGULAR, **order)).kind == "ReadTimeout"
            (update,) = await official.heard("orders", 1)
            assert update["status"] == "COMPLETE"

    rehearse(story, faults=planned("on: POST /orders, what: slow, seconds: 1.0"))


def test_a_token_killed_at_ten_past_nine_ends_rest_and_ticker() -> None:
    async def story(client: Rehearsal) -> None:
        async with official_client(client.server.ready()) as official:
            await official.connect_ticker()
            await official.rest("profile")
            await client.go_to("09:10:00")
            assert (await official.problem("profile")).kind == "TokenException"
            assert await official.heard("closes", 1)
            assert any("403" in str(error) for error in await official.heard("errors", 2))

    rehearse(story, start="09:09:00", faults=planned("on: session, what: killed, at: 09:10:00"))
