"""What really happened at the exchange, told to tests: writes with their tags, fills, the least position."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from tests.simulator.kite.planned import planned
from tests.simulator.kite.rehearsal import Refused, Rehearsal, frames, moment, rehearse
from tests.simulator.kite.test_orders import best


async def truth(client: Rehearsal) -> dict[str, Any]:
    """The truth of the last day so far."""
    async with client.http.get(f"{client.rest}/ninefifteen/truth") as reply:
        days: list[dict[str, Any]] = msgspec.json.decode(await reply.read())["days"]
    return days[-1]


def test_every_write_is_kept_with_its_tag_its_order_and_the_words_of_a_no() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        bid, _ = await best(client, listed)
        resting = await client.place(listed, "BUY", price=f"{bid - 1:.2f}", tag="one")
        await client.wait(0.2)
        form = {"order_type": "LIMIT", "price": f"{bid - 2:.2f}", "quantity": str(listed.lot_size)}
        await client.call("PUT", f"/orders/regular/{resting}", data=form)
        await client.call("DELETE", f"/orders/regular/{resting}")
        no = await client.refusal(listed, "BUY", price="-1", tag="two")
        lost = await client.no("DELETE", "/orders/regular/261202000000099")
        told = await truth(client)
        assert [(one["what"], one["tag"], one["order_id"], one["refused"]) for one in told["writes"]] == [
            ("place", "one", resting, None),
            ("modify", "one", resting, None),
            ("cancel", "one", resting, None),
            ("place", "two", None, no.message),
            ("cancel", None, None, lost.message),
        ]
        (order,) = told["orders"]
        assert (order["tag"], order["status"], order["filled"]) == ("one", "CANCELLED", 0)
        assert told["fills"] == []
        assert told["flat"]

    rehearse(story)


def test_the_least_that_was_ever_held_and_held_beyond_open_sales_is_told_for_each_contract() -> None:
    async def story(client: Rehearsal) -> None:
        listed, lot = client.call_near(), client.call_near().lot_size
        _, ask = await best(client, listed)
        await client.place(listed, "BUY", price=f"{ask + 3:.2f}", tag="entry")
        assert (await truth(client))["contracts"] == [
            {"symbol": listed.symbol, "net": lot, "least_net": 0, "least_spare": 0}
        ]
        assert not (await truth(client))["flat"]
        stop = {"order_type": "SL", "price": f"{ask * 0.7:.1f}", "trigger_price": f"{ask * 0.8:.1f}"}
        protect = await client.place(listed, "SELL", tag="protect", **stop)
        bid, _ = await best(client, listed)
        form = {"order_type": "LIMIT", "price": f"{bid - 3:.2f}", "quantity": str(lot)}
        await client.call("PUT", f"/orders/regular/{protect}", data=form)
        told = await truth(client)
        assert [(one["tag"], one["side"], one["quantity"]) for one in told["fills"]] == [
            ("entry", "BUY", lot),
            ("protect", "SELL", lot),
        ]
        assert told["contracts"] == [{"symbol": listed.symbol, "net": 0, "least_net": 0, "least_spare": 0}]
        assert told["flat"]

    rehearse(story)


def test_a_write_whose_reply_is_lost_is_kept_as_what_it_was() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        bid, _ = await best(client, listed)
        with pytest.raises(Refused, match="timed out"):
            await client.place(listed, "BUY", price=f"{bid - 1:.2f}", tag="one")
        (write,) = (await truth(client))["writes"]
        assert (write["what"], write["tag"], write["refused"]) == ("place", "one", None)

    rehearse(story, faults=planned("on: POST /orders, what: timed_out, count: 1"))


def test_the_truth_of_a_day_outlives_its_night() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        bid, _ = await best(client, listed)
        await client.place(listed, "BUY", price=f"{bid - 1:.2f}", tag="one")
        while await client.advance(moment("09:00:00", date(2026, 12, 3))) < moment(
            "08:00:00", date(2026, 12, 3)
        ):
            pass
        async with client.http.get(f"{client.rest}/ninefifteen/truth") as reply:
            yesterday, today = msgspec.json.decode(await reply.read())["days"]
        assert (yesterday["date"], [one["tag"] for one in yesterday["writes"]]) == ("2026-12-02", ["one"])
        assert (today["date"], today["writes"], today["orders"]) == ("2026-12-03", [], [])

    rehearse(story, start="15:29:00")


def test_the_owner_sells_in_the_app_without_a_tag_and_a_stop_left_resting_would_go_short() -> None:
    async def story(client: Rehearsal) -> None:
        listed, lot = client.call_near(), client.call_near().lot_size
        _, ask = await best(client, listed)
        await client.place(listed, "BUY", price=f"{ask + 3:.2f}", tag="entry")
        stop = {"order_type": "SL", "price": f"{ask * 0.7:.1f}", "trigger_price": f"{ask * 0.8:.1f}"}
        protect = await client.place(listed, "SELL", tag="protect", **stop)
        async with client.ticker() as socket:
            done = await by_hand(client, symbol=listed.symbol, side="SELL", quantity=lot)
            (told,) = await frames(socket, until=bool)
        assert (done["status"], done["filled"]) == ("COMPLETE", lot)
        assert (told["type"], told["data"]["order_id"], told["data"]["tag"]) == (
            "order",
            done["order_id"],
            None,
        )
        row = await client.order(done["order_id"])
        assert (row["tag"], row["transaction_type"], row["filled_quantity"]) == (None, "SELL", lot)
        (position,) = (await client.get("/portfolio/positions"))["net"]
        assert position["quantity"] == 0
        seen = await truth(client)
        assert [one["tag"] for one in seen["fills"]] == ["entry", None]
        assert (seen["contracts"][0]["net"], seen["contracts"][0]["least_spare"]) == (0, -lot)
        bid, _ = await best(client, listed)
        form = {"order_type": "LIMIT", "price": f"{bid - 3:.2f}", "quantity": str(lot)}
        await client.call("PUT", f"/orders/regular/{protect}", data=form)
        assert (await truth(client))["contracts"][0]["least_net"] == -lot

    rehearse(story)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"symbol": "INFY", "side": "SELL", "quantity": 400}, "is no option of today"),
        ({"side": "short"}, "BUY or SELL"),
        ({"quantity": 1}, "whole lots of"),
        ({"quantity": "many"}, "whole lots of"),
    ],
)
def test_a_trade_by_hand_that_cannot_be_is_refused_in_plain_words(asked: dict[str, Any], words: str) -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        right = {"symbol": listed.symbol, "side": "SELL", "quantity": listed.lot_size}
        assert words in (await by_hand(client, **(right | asked)))["message"]

    rehearse(story)


async def by_hand(client: Rehearsal, **asked: Any) -> dict[str, Any]:
    """The owner trades in the app: what the exchange answers."""
    async with client.http.post(f"{client.rest}/ninefifteen/by_hand", json=asked) as reply:
        answer: dict[str, Any] = msgspec.json.decode(await reply.read())
        return answer
