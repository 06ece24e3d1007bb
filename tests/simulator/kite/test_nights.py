"""Night falls: the clock leaps, tokens die, cash stays, and a holiday is a short day without trading."""

from __future__ import annotations

import asyncio
from datetime import date

import aiohttp
import pytest

from ninefifteen.domain.charges import charges
from ninefifteen.domain.instants import day_of
from ninefifteen.errors import BadInput
from ninefifteen.simulator.kite import ExchangeClock, KiteServer
from tests.simulator.kite.rehearsal import CASH, REDIRECT, SEED, Rehearsal, days, frames, moment, rehearse

MONDAY, HOLIDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)
FRIDAY, SATURDAY = date(2026, 12, 4), date(2026, 12, 5)
LAST = date(2026, 12, 31)


def test_the_clock_leaps_from_ten_to_four_to_the_next_morning_over_a_holiday() -> None:
    async def story(client: Rehearsal) -> None:
        mornings = [await client.advance(moment("12:00:00", WEDNESDAY)) for _ in range(2)]
        assert mornings == [moment("08:30:00", HOLIDAY), moment("08:30:00", WEDNESDAY)]
        assert client.server.venue.day.date == WEDNESDAY
        assert await client.advance(moment("09:00:00", WEDNESDAY)) == moment("09:00:00", WEDNESDAY)

    rehearse(story, start="15:40:00", day=MONDAY)


def test_on_a_holiday_the_market_stands_as_it_closed_and_takes_no_orders() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near(later=True)
        await client.place(listed, "BUY", price="1000")  # far above: rejected, and gone tomorrow
        assert len(await client.get("/orders")) == 1
        assert await client.advance(moment("12:00:00", HOLIDAY)) == moment("08:30:00", HOLIDAY)
        await client.log_in()
        assert await client.get("/orders") == []
        key = f"NFO:{listed.symbol}"
        quote = (await client.get("/quote", params={"i": key}))[key]
        assert quote["timestamp"].startswith("2026-11-23")
        no = await client.refusal(listed, "BUY", price="10")
        assert no.message.startswith("Markets are closed")
        async with client.ticker() as socket:
            await socket.send_json({"a": "subscribe", "v": [listed.token]})
            assert len(await frames(socket, until=bool)) == 1

    rehearse(story, start="15:00:00", day=MONDAY)


def test_at_night_tokens_die_sockets_close_after_they_were_told_and_the_next_day_is_new() -> None:
    async def story(client: Rehearsal) -> None:
        old = {one.symbol for one in client.server.venue.market.listed}
        before = await client.instruments()
        async with client.ticker() as socket:
            await socket.send_json({"a": "subscribe", "v": [client.call_near().token]})
            await frames(socket, until=bool)
            morning = await client.advance(moment("09:00:00", date(2026, 12, 3)))
            assert morning == moment("08:30:00", date(2026, 12, 3))
            got = await frames(socket, until=lambda got: False)
        assert {"type": "ninefifteen_clock", "data": {"at": morning}} in got
        assert got[-1] in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)
        assert (await client.no("GET", "/user/profile")).error_type == "TokenException"
        await client.log_in()
        assert day_of(client.server.clock.now()) == client.server.venue.day.date == date(2026, 12, 3)
        assert await client.instruments() != before
        assert old

    rehearse(story, start="15:45:00")


def test_cash_is_carried_over_the_night_less_the_days_charges_and_positions_are_gone() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        last = client.server.venue.market.snapshot(listed.token, client.server.clock.now()).last / 100
        await client.place(listed, "BUY", price=f"{last + 3:.2f}")
        (trade,) = await client.get("/trades")
        value = round(trade["average_price"] * 100) * trade["quantity"]
        rates = client.server.venue.day.rates
        await client.advance(moment("09:00:00", date(2026, 12, 3)))
        await client.log_in()
        desk = client.server.venue.desk
        assert desk.exchange.cash == CASH - value - charges(rates, value, 0, 1).total_paise
        assert desk.opening_cash == desk.exchange.cash
        assert (await client.get("/portfolio/positions")) == {"net": [], "day": []}

    rehearse(story)


def test_a_running_clock_leaps_too_and_runs_on() -> None:
    class Machine:
        seconds = 0.0

        def __call__(self) -> float:
            return self.seconds

    machine = Machine()

    async def story(client: Rehearsal) -> None:
        machine.seconds += 15.0
        client.server.poke()
        await asyncio.sleep(0.05)
        assert client.server.clock.now() == moment("08:30:00", SATURDAY)
        machine.seconds += 55 * 60.0
        assert client.server.catch_up() == moment("08:30:00", date(2026, 12, 6))

    rehearse(story, start="15:49:50", day=FRIDAY, speed=1.0, seconds=machine)


def test_where_the_rules_end_the_server_ends_with_what_is_missing() -> None:
    async def story(client: Rehearsal) -> None:
        running = asyncio.create_task(client.server.run())
        await asyncio.sleep(0)
        no = await client.no(
            "POST", "/ninefifteen/advance", json={"until": moment("09:00:00", date(2027, 1, 4))}
        )
        assert no.status == 500
        with pytest.raises(BadInput, match="2027"):
            await running

    rehearse(story, start="15:49:00", day=date(2026, 12, 21))


def test_the_exchange_begins_on_a_trading_day_only() -> None:
    with pytest.raises(ValueError, match="nothing trades on 2026-12-05"):
        KiteServer(
            clock=ExchangeClock(moment("08:30:00", SATURDAY), None, lambda: 0.0),
            seed=SEED,
            first=SATURDAY,
            make_day=days(),
            cash=CASH,
            redirect_url=REDIRECT,
        )
