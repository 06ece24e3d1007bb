"""What the official client reads from our exchange is what the exchange holds, field by field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from yarl import URL

from ninefifteen.domain.instants import day_of, to_datetime
from ninefifteen.simulator.kite import KiteServer
from ninefifteen.simulator.market import Candle, Listed, Snapshot
from tests.official.official import levels, moment, official_client, rupees
from tests.simulator.kite.rehearsal import CASH, Rehearsal, rehearse
from tests.simulator.kite.rehearsal import moment as at_time


def ohlc(s: Snapshot) -> dict[str, float]:
    return {"open": rupees(s.open), "high": rupees(s.high), "low": rupees(s.low), "close": rupees(s.close)}


def as_quoted(s: Snapshot) -> dict[str, Any]:
    """A snapshot as `quote` shows it."""
    return {
        "instrument_token": s.token,
        "timestamp": moment(s.at),
        "last_trade_time": moment(s.last_trade_at),
        "last_price": rupees(s.last),
        "last_quantity": s.last_quantity,
        "buy_quantity": s.bought,
        "sell_quantity": s.sold,
        "volume": s.volume,
        "average_price": rupees(s.average),
        "oi": s.oi,
        "oi_day_high": s.oi_high,
        "oi_day_low": s.oi_low,
        "net_change": rupees(s.last - s.close),
        "lower_circuit_limit": rupees(s.lower_circuit),
        "upper_circuit_limit": rupees(s.upper_circuit),
        "ohlc": ohlc(s),
        "depth": {"buy": levels(s.bids), "sell": levels(s.asks)},
    }


def as_listed(one: Listed) -> dict[str, Any]:
    """An instrument as the official parser shows its row."""
    return {
        "instrument_token": one.token,
        "exchange_token": str(one.exchange_token),
        "tradingsymbol": one.symbol,
        "name": one.root,
        "last_price": 0.0,
        "expiry": {"date": one.expiry.isoformat()} if one.expiry else "",
        "strike": rupees(one.strike),
        "tick_size": rupees(one.tick),
        "lot_size": one.lot_size,
        "instrument_type": one.kind if one.kind in ("CE", "PE") else "EQ",
        "segment": one.segment,
        "exchange": one.exchange,
    }


def as_candle(candle: Candle, *, oi: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "date": {"datetime": to_datetime(candle.at).isoformat()},
        "open": rupees(candle.open),
        "high": rupees(candle.high),
        "low": rupees(candle.low),
        "close": rupees(candle.close),
        "volume": candle.volume,
    }
    return row | ({"oi": candle.oi} if oi else {})


def some_of_each(server: KiteServer) -> list[Listed]:
    """A share, both kinds of option, one that hardly trades, and an index."""
    listed = server.venue.market.listed
    options = [one for one in listed if one.root == "INFY" and one.expiry]
    middle = len(options) // 2
    index = next(one for one in listed if one.kind == "INDEX")
    share = server.venue.market.by_key["NSE:INFY"]
    return [share, index, options[0], *options[middle : middle + 4]]


def test_a_whole_session_from_the_login_page_to_the_logout() -> None:
    async def story(client: Rehearsal) -> None:
        server = client.server
        keys = server.sessions.credentials
        async with official_client({**server.ready(), "access_token": None}) as official:
            page = URL(await official.rest("login_url")).query
            assert page == {"api_key": keys.api_key, "v": "3"}
            address = f"{client.rest}/connect/login"
            async with client.http.get(address, params=page, allow_redirects=False) as reply:
                token = URL(reply.headers["Location"]).query["request_token"]
            session = await official.rest("generate_session", token, keys.api_secret)
            now = server.clock.now()
            assert session["user_id"] == keys.user_id
            assert session["api_key"] == keys.api_key
            assert session["login_time"] == moment(now)
            assert server.sessions.lives(session["access_token"], now)
            profile = await official.rest("profile")
            assert {name: session[name] for name in profile} == profile
            assert (profile["broker"], profile["exchanges"]) == ("ZERODHA", ["NSE", "NFO"])
            assert await official.rest("invalidate_access_token") is True
            assert not server.sessions.lives(session["access_token"], now)
            dead = await official.problem("profile")
            assert (dead.kind, dead.code) == ("TokenException", 403)

    rehearse(story)


def test_funds_before_any_order_are_the_cash_of_the_account() -> None:
    async def story(client: Rehearsal) -> None:
        async with official_client(client.server.ready()) as official:
            funds = await official.rest("margins")
            assert set(funds) == {"equity", "commodity"}
            assert funds["equity"] == await official.rest("margins", "equity")
            assert funds["equity"]["net"] == rupees(CASH)
            assert funds["equity"]["available"]["live_balance"] == rupees(
                client.server.venue.desk.exchange.cash
            )
            assert funds["commodity"]["net"] == 0

    rehearse(story)


def test_every_row_of_the_instruments_file_is_what_is_listed() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.server.venue.market.listed
        async with official_client(client.server.ready()) as official:
            for exchange in ("NSE", "NFO"):
                rows = await official.rest("instruments", exchange)
                assert rows == [as_listed(one) for one in listed if one.exchange == exchange]
            assert len(await official.rest("instruments")) == len(listed)

    rehearse(story)


def test_quotes_of_every_kind_are_the_snapshots_of_that_instant() -> None:
    async def story(client: Rehearsal) -> None:
        server, market = client.server, client.server.venue.market
        chosen = some_of_each(server)
        keys = [one.key for one in chosen]
        async with official_client(server.ready()) as official:
            for clock in ("08:45:00", "09:08:30", "09:15:00", "09:15:03", "09:47:12", "15:45:00"):
                await client.go_to(clock)
                at = server.clock.now()
                shown = {one.key: market.snapshot(one.token, at) for one in chosen}
                quotes = await official.rest("quote", [*keys, "NFO:NOBODY26DEC1CE"])
                assert quotes == {key: as_quoted(s) for key, s in shown.items()}
                await client.wait(1)
                at = server.clock.now()
                shown = {one.key: market.snapshot(one.token, at) for one in chosen}
                assert await official.rest("ohlc", keys) == {
                    key: {"instrument_token": s.token, "last_price": rupees(s.last), "ohlc": ohlc(s)}
                    for key, s in shown.items()
                }
                await client.wait(1)
                at = server.clock.now()
                assert await official.rest("ltp", keys) == {
                    one.key: {
                        "instrument_token": one.token,
                        "last_price": rupees(market.snapshot(one.token, at).last),
                    }
                    for one in chosen
                }

    rehearse(story, start="08:30:00")


def test_candles_are_those_of_the_market_with_the_zone_of_india() -> None:
    async def story(client: Rehearsal) -> None:
        market, now = client.server.venue.market, client.server.clock.now()
        option = client.call_near()
        share = market.by_key["NSE:INFY"]
        first, last = at_time("09:15:00"), at_time("09:40:00")
        between = ("2026-12-02 09:15:00", "2026-12-02 09:40:00")
        async with official_client(client.server.ready()) as official:
            for one, interval in ((share, "minute"), (option, "5minute")):
                rows = await official.rest("historical_data", one.token, *between, interval, False, True)
                truth = market.candles(one.token, interval, first, last, now=now)
                assert rows == [as_candle(candle, oi=True) for candle in truth]
                assert rows
                assert rows[0]["date"] == {"datetime": "2026-12-02T09:15:00+05:30"}
            await client.wait(1)
            earlier = day_of(first) - timedelta(days=7)
            rows = await official.rest("historical_data", option.token, str(earlier), "2026-12-02", "day")
            truth = market.candles(option.token, "day", at_time("00:00:00", earlier), first, now=now)
            assert rows == [as_candle(candle, oi=False) for candle in truth]
            assert len(rows) == 1

    rehearse(story, start="09:40:00")
