"""Quotes, candles and the instruments file say what the market of the day says."""

from __future__ import annotations

from typing import Any

import pytest

from ninefifteen.domain.instants import SECOND, Instant
from tests.simulator.kite.rehearsal import Rehearsal, moment, rehearse


def rupees(paise: int) -> float:
    return paise / 100


def test_a_quote_shows_the_snapshot_of_this_instant() -> None:
    async def story(client: Rehearsal) -> None:
        listed = client.call_near()
        key = f"NFO:{listed.symbol}"
        got = await client.get("/quote", params=[("i", key), ("i", "NSE:INFY"), ("i", "NSE:NOBODY")])
        assert set(got) == {key, "NSE:INFY"}
        quote, shown = got[key], client.server.venue.market.snapshot(listed.token, client.server.clock.now())
        assert quote["instrument_token"] == listed.token
        assert quote["last_price"] == rupees(shown.last)
        assert quote["ohlc"]["close"] == rupees(shown.close)
        assert (quote["volume"], quote["oi"]) == (shown.volume, shown.oi)
        assert quote["depth"]["buy"][0]["price"] == rupees(shown.bids[0][0])
        assert [len(quote["depth"][side]) for side in ("buy", "sell")] == [5, 5]
        assert quote["timestamp"].startswith("2026-12-02 09:")
        await client.wait(1)
        by_token = await client.get("/quote/ltp", params={"i": str(listed.token)})
        assert by_token == {
            str(listed.token): {"instrument_token": listed.token, "last_price": quote["last_price"]}
        }
        await client.wait(1)
        ohlc = await client.get("/quote/ohlc", params={"i": "NSE:NIFTY 50"})
        assert set(ohlc["NSE:NIFTY 50"]) == {"instrument_token", "last_price", "ohlc"}

    rehearse(story)


def test_before_the_open_a_quote_shows_yesterday() -> None:
    async def story(client: Rehearsal) -> None:
        key = f"NFO:{client.call_near().symbol}"
        quote = (await client.get("/quote", params={"i": key}))[key]
        assert quote["timestamp"].startswith("2026-12-01 15:")
        assert quote["last_price"] == quote["ohlc"]["close"]
        assert quote["depth"]["sell"][0] == {"price": 0, "quantity": 0, "orders": 0}

    rehearse(story, start="08:45:00")


@pytest.mark.parametrize(("path", "cap"), [("/quote", 500), ("/quote/ohlc", 1000), ("/quote/ltp", 1000)])
def test_quotes_have_a_cap_and_need_an_instrument(path: str, cap: int) -> None:
    async def story(client: Rehearsal) -> None:
        assert len(await client.get(path, params=[("i", f"{n}") for n in range(cap)])) == 0
        await client.wait(1)
        too_many = await client.no("GET", path, params=[("i", f"{n}") for n in range(cap + 1)])
        assert (too_many.status, too_many.error_type) == (400, "InputException")
        await client.wait(1)
        assert (await client.no("GET", path)).message == "Missing or empty field `i`"

    rehearse(story)


def test_the_instruments_file_lists_everything_with_twelve_columns() -> None:
    async def story(client: Rehearsal) -> None:
        market = client.server.venue.market
        rows = await client.instruments()
        assert len(rows) == sum(one.exchange == "NFO" for one in market.listed)
        listed = client.call_near()
        row = next(row for row in rows if row["tradingsymbol"] == listed.symbol)
        assert row == {
            "instrument_token": str(listed.token),
            "exchange_token": str(listed.token >> 8),
            "tradingsymbol": listed.symbol,
            "name": "INFY",
            "last_price": "0.0",
            "expiry": "2026-12-29",
            "strike": f"{listed.strike / 100}",
            "tick_size": f"{listed.tick / 100}",
            "lot_size": str(listed.lot_size),
            "instrument_type": "CE",
            "segment": "NFO-OPT",
            "exchange": "NFO",
        }
        both = await client.instruments("/instruments")
        assert len(both) == len(market.listed)
        index = next(row for row in both if row["tradingsymbol"] == "NIFTY 50")
        assert (index["segment"], index["instrument_type"], index["expiry"]) == ("INDICES", "EQ", "")
        assert len(await client.instruments("/instruments/NSE")) == len(both) - len(rows)
        assert (await client.no("GET", "/instruments/MCX")).status == 400

    rehearse(story)


def test_candles_are_those_that_are_over() -> None:
    async def story(client: Rehearsal) -> None:
        market, listed = client.server.venue.market, client.call_near()
        path = f"/instruments/historical/{listed.token}/minute"
        query = {"from": "2026-12-02 09:15:00", "to": "2026-12-02 15:30:00", "oi": "1"}
        candles = (await client.get(path, params=query))["candles"]
        now: Instant = client.server.clock.now()
        expected = market.candles(listed.token, "minute", moment("09:15:00"), now, now=now)
        assert len(candles) == len(expected) == 5
        assert candles[0][0] == "2026-12-02T09:15:00+0530"
        assert candles[0][1:] == [
            *(rupees(p) for p in (expected[0].open, expected[0].high, expected[0].low, expected[0].close)),
            expected[0].volume,
            expected[0].oi,
        ]
        await client.wait(1)
        daily = f"/instruments/historical/{listed.token}/day"
        (row,) = (await client.get(daily, params={"from": "2026-11-20", "to": "2026-12-02"}))["candles"]
        assert row[0] == "2026-12-01T00:00:00+0530"
        assert len(row) == 6

    rehearse(story)


@pytest.mark.parametrize(
    ("interval", "query", "words"),
    [
        ("2minute", {}, "invalid interval"),
        ("minute", {"to": "2026-12-02"}, "invalid `from` date"),
        ("minute", {"from": "2026-12-02", "to": "yesterday"}, "invalid `to` date"),
        ("minute", {"from": "2026-12-02", "to": "2026-12-01"}, "from is after to"),
        ("minute", {"from": "2026-09-01", "to": "2026-12-01"}, "interval exceeds max limit: 60 days"),
    ],
)
def test_candles_that_cannot_be_asked_for_are_refused(
    interval: str, query: dict[str, str], words: str
) -> None:
    async def story(client: Rehearsal) -> None:
        token = client.call_near().token
        no = await client.no("GET", f"/instruments/historical/{token}/{interval}", params=query)
        assert (no.status, no.error_type) == (400, "InputException")
        assert words in no.message

    rehearse(story)


def test_an_unknown_instrument_has_no_candles() -> None:
    async def story(client: Rehearsal) -> None:
        query = {"from": "2026-12-01", "to": "2026-12-02"}
        no = await client.no("GET", "/instruments/historical/1/day", params=query)
        assert no.message == "invalid token"

    rehearse(story)


@pytest.mark.parametrize(
    ("method", "path", "status", "error_type"),
    [
        ("GET", "/nowhere", 404, "GeneralException"),
        ("PUT", "/user/profile", 405, "GeneralException"),
        ("GET", "/user/margins/gold", 400, "InputException"),
        ("POST", "/gtt/triggers", 400, "GeneralException"),
        ("GET", "/gtt/triggers/123", 400, "GeneralException"),
        ("PUT", "/portfolio/positions", 400, "GeneralException"),
        ("POST", "/session/refresh_token", 400, "GeneralException"),
        ("POST", "/ninefifteen/advance", 400, "InputException"),
        ("GET", "/", 400, "GeneralException"),
    ],
)
def test_what_is_not_there_is_an_error_in_the_envelope(
    method: str, path: str, status: int, error_type: str
) -> None:
    async def story(client: Rehearsal) -> None:
        options: dict[str, Any] = {}
        if path == "/":
            options["params"] = {"api_key": client.api_key, "access_token": client.token}
        no = await client.no(method, path, **options)
        assert (no.status, no.error_type) == (status, error_type)

    rehearse(story)


def test_the_servers_own_addresses_tell_the_clock_and_what_was_asked() -> None:
    async def story(client: Rehearsal) -> None:
        await client.get("/orders")
        await client.no("GET", "/orders/261202000000001")
        await client.no("POST", "/gtt/triggers")
        await client.no("DELETE", "/orders/regular/5")
        async with client.http.get(f"{client.rest}/ninefifteen/counts") as reply:
            assert await reply.json() == {
                "DELETE /orders/regular": 1,
                "GET /orders": 1,
                "GET /orders/*": 1,
                "POST /gtt/triggers": 1,
            }
        async with client.http.get(f"{client.rest}/ninefifteen/clock") as reply:
            assert await reply.json() == {
                "at": moment("09:20:00"),
                "iso": "2026-12-02T09:20:00.000+05:30",
                "speed": "max",
                "date": "2026-12-02",
                "seed": 7,
                "synthetic": True,
            }
        assert await client.get("/portfolio/holdings") == []
        assert await client.get("/portfolio/holdings/auctions") == []

    rehearse(story)


def test_a_clock_that_runs_by_itself_cannot_be_turned() -> None:
    async def story(client: Rehearsal) -> None:
        no = await client.no("POST", "/ninefifteen/advance", json={"until": moment("09:21:00")})
        assert "--speed max" in no.message
        assert client.server.speed == 1
        assert client.server.clock.now() < moment("09:20:00") + SECOND

    rehearse(story, speed=1.0)
