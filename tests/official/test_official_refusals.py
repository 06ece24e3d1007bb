"""What the official client raises when our exchange says no: class, code and words of Kite."""

from __future__ import annotations

from typing import Any

import pytest

from tests.official.official import official_client
from tests.official.test_official_orders import REGULAR, an_order
from tests.simulator.kite.rehearsal import Rehearsal, rehearse

UNPROTECTED = (
    "Market orders without market protection are not allowed via API."
    " Please set market protection or use a Limit order."
)


def test_a_wrong_secret_and_a_used_request_token_open_no_session() -> None:
    async def story(client: Rehearsal) -> None:
        server = client.server
        keys = server.sessions.credentials
        async with official_client({**server.ready(), "access_token": None}) as official:
            token = server.sessions.request_token(keys.api_key, server.clock.now())
            wrong = await official.problem("generate_session", token, "another secret")
            assert (wrong.kind, wrong.code, wrong.message) == ("TokenException", 403, "Invalid `checksum`.")
            used = await official.problem("generate_session", token, keys.api_secret)
            assert (used.kind, used.message) == ("TokenException", "Token is invalid or has expired.")

    rehearse(story)


@pytest.mark.parametrize(
    ("method", "args"),
    [("profile", ()), ("quote", ("NSE:INFY",)), ("instruments", ("NSE",)), ("orders", ())],
)
def test_a_dead_token_opens_nothing(method: str, args: tuple[str, ...]) -> None:
    async def story(client: Rehearsal) -> None:
        async with official_client(client.server.ready()) as official:
            client.server.sessions.kill()
            dead = await official.problem(method, *args)
            assert (dead.kind, dead.code) == ("TokenException", 403)
            assert dead.message == "Incorrect `api_key` or `access_token`."

    rehearse(story)


def test_orders_that_are_refused_raise_the_classes_of_kite_and_leave_nothing_behind() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        cases: tuple[tuple[dict[str, Any], str, str], ...] = (
            ({"order_type": "MARKET"}, "InputException", UNPROTECTED),
            ({"order_type": "SL-M", "trigger_price": 1.0}, "InputException", UNPROTECTED),
            ({"price": 1.0, "tag": "x" * 21}, "InputException", "Invalid `tag`"),
            ({"price": 1.0, "validity": "IOC"}, "InputException", "Invalid `validity`"),
            ({"price": 1.0, "tradingsymbol": "INFY26DEC1CE"}, "InputException", "expired or does not exist"),
        )
        async with official_client(client.server.ready()) as official:
            for changes, kind, words in cases:
                no = await official.problem("place_order", REGULAR, **an_order(listed, "BUY") | changes)
                assert (no.kind, no.code) == (kind, 400)
                assert words in no.message
            assert client.server.venue.desk.exchange.orders_of_day() == ()
            unknown = await official.problem("cancel_order", REGULAR, "261202000000000")
            assert (unknown.kind, unknown.code) == ("OrderException", 400)
            assert "Couldn't find that `order_id`" in unknown.message
            assert (await official.problem("order_history", "1")).kind == "OrderException"
            assert (await official.problem("get_gtts")).kind == "GeneralException"

    rehearse(story)


def test_without_a_static_address_only_orders_are_refused() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        async with official_client(client.server.ready()) as official:
            no = await official.problem("place_order", REGULAR, **an_order(listed, "BUY", price=1.0))
            assert (no.kind, no.code) == ("PermissionException", 403)
            assert no.message.startswith("No IPs configured for this app.")
            assert await official.rest("orders") == []

    rehearse(story, static_ip=False)


def test_too_many_requests_are_a_network_exception() -> None:
    async def story(client: Rehearsal) -> None:
        async with official_client(client.server.ready()) as official:
            await official.rest("ltp", "NSE:INFY")
            no = await official.problem("ltp", "NSE:INFY")
            assert (no.kind, no.code, no.message) == ("NetworkException", 429, "Too many requests")
            for _ in range(10):
                await official.rest("orders")
            assert (await official.problem("orders")).code == 429

    rehearse(story)
