"""Ticks and order updates that the official ticker receives are what the exchange holds, in every mode."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ninefifteen.domain.instants import Instant
from ninefifteen.simulator.market import Listed, MarketDay
from tests.official.official import MODES, OfficialClient, epoch, levels, moment, official_client, rupees
from tests.official.test_official_orders import REGULAR, an_order, bid_and_ask, buy
from tests.simulator.kite.rehearsal import Rehearsal, rehearse


def as_tick(market: MarketDay, one: Listed, at: Instant, mode: str) -> dict[str, Any]:
    """A snapshot as the official ticker shows it."""
    s, index = market.snapshot(one.token, at), one.kind == "INDEX"
    tick: dict[str, Any] = {
        "tradable": not index,
        "mode": mode,
        "instrument_token": one.token,
        "last_price": rupees(s.last),
    }
    if mode == "ltp":
        return tick
    close = rupees(s.close)
    tick |= {
        "ohlc": {"open": rupees(s.open), "high": rupees(s.high), "low": rupees(s.low), "close": close},
        "change": (rupees(s.last) - close) * 100 / close if close else 0,
    }
    if not index:
        tick |= {
            "last_traded_quantity": s.last_quantity,
            "average_traded_price": rupees(s.average),
            "volume_traded": s.volume,
            "total_buy_quantity": s.bought,
            "total_sell_quantity": s.sold,
        }
    if mode == "full":
        tick["exchange_timestamp"] = epoch(s.at)
    if mode == "full" and not index:
        tick |= {
            "last_trade_time": epoch(s.last_trade_at),
            "oi": s.oi,
            "oi_day_high": s.oi_high,
            "oi_day_low": s.oi_low,
            "depth": {"buy": levels(s.bids), "sell": levels(s.asks)},
        }
    return tick


async def last_ticks(official: OfficialClient, count: int) -> dict[int, Any]:
    """The newest tick of each instrument, after at least so many ticks."""
    return {tick["instrument_token"]: tick for tick in await official.heard("ticks", count)}


@pytest.mark.parametrize("mode", MODES)
def test_ticks_of_shares_indices_and_options_are_the_snapshots_of_their_instants(mode: str) -> None:
    async def story(client: Rehearsal) -> None:
        server, market = client.server, client.server.venue.market
        index = next(one for one in market.listed if one.kind == "INDEX")
        chosen = [market.by_key["NSE:INFY"], index, client.call_near(), client.call_near("TCS")]
        tokens = [one.token for one in chosen]
        async with official_client(server.ready()) as official:
            await official.connect_ticker()
            await official.tell_ticker("subscribe", tokens)
            cached = await official.heard("ticks", len(chosen))
            assert {tick["mode"] for tick in cached} == {"quote"}
            await official.tell_ticker("set_mode", mode, tokens)
            seen = await last_ticks(official, 2 * len(chosen))
            at = server.clock.now()
            assert seen == {one.token: as_tick(market, one, at, mode) for one in chosen}
            await client.wait(20)
            at = server.clock.now()
            await official.heard_until(at)
            pushed = len(await official.heard("ticks", 2 * len(chosen) + 20))
            # Whatever came of an instrument last is how it stands now: nothing was lost, nothing is old.
            assert await last_ticks(official, pushed) == {
                one.token: as_tick(market, one, at, mode) for one in chosen
            }
            await official.tell_ticker("unsubscribe", tokens)
            while server.tickers.tokens():  # noqa: ASYNC110 - the server has no reason to tell
                await asyncio.sleep(0.01)
            await client.wait(5)
            await official.heard_until(server.clock.now())
            assert len(await official.heard("ticks", pushed)) == pushed

    rehearse(story)


def test_order_updates_tell_what_became_of_the_order() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        async with official_client(client.server.ready()) as official:
            await official.connect_ticker()
            bid, _ = await bid_and_ask(client, listed)
            order = an_order(listed, "BUY", price=rupees(bid - 100))
            resting = await official.rest("place_order", REGULAR, **order)
            await official.rest("cancel_order", REGULAR, resting)
            filled = await buy(client, official, listed, tag="a tag")
            updates = await official.heard("orders", 2)
            now = client.server.clock.now()
            assert [(one["order_id"], one["status"]) for one in updates] == [
                (resting, "CANCELLED"),
                (filled, "COMPLETE"),
            ]
            keys = client.server.sessions.credentials
            reports = {one.order_id: one for one in client.server.venue.desk.exchange.orders_of_day()}
            last = updates[-1]
            assert last["average_price"] == rupees(reports[filled].average)
            assert (last["filled_quantity"], last["tag"]) == (listed.lot_size, "a tag")
            assert (last["user_id"], last["instrument_token"]) == (keys.user_id, listed.token)
            stamp = moment(now)
            assert stamp is not None
            assert last["order_timestamp"] == stamp["datetime"].replace("T", " ")

    rehearse(story)


def test_a_ticker_with_a_dead_token_never_connects() -> None:
    async def story(client: Rehearsal) -> None:
        client.server.sessions.kill()
        async with official_client(client.server.ready()) as official:
            await official._ask({"ticker": "connect"})
            ((_, reason), *_) = await official.heard("errors", 1)
            assert "403" in reason

    rehearse(story)
