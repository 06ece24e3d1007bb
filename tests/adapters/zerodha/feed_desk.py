"""A desk for tests: the feed over a market that is data, a ticker that is none, and every event it makes.

Three shares (AAA, BBB, CCC) at a previous close of Rs 1,000; each has calls and puts at three strikes of
two expiries. Yesterday every contract of the nearer expiry had an open interest of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, time
from functools import partial
from typing import Any

from ninefifteen.adapters.zerodha.catalogue import Catalogue, Listed
from ninefifteen.adapters.zerodha.errors import Down
from ninefifteen.adapters.zerodha.feed import ZerodhaFeed
from ninefifteen.adapters.zerodha.interest import OpenInterest
from ninefifteen.adapters.zerodha.packets import Mode
from ninefifteen.adapters.zerodha.ticker import Ticker
from ninefifteen.adapters.zerodha.wire import decode
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import Instant, at, to_datetime
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.secret import SecretText
from tests.adapters.zerodha.fake_kite import FakeClient
from tests.adapters.zerodha.kite_frames import frame
from tests.adapters.zerodha.scripted_server import StepClock
from tests.engine.builders import facts

DAY, BEFORE = date(2026, 12, 2), date(2026, 12, 1)
EXPIRY, NEXT = date(2026, 12, 29), date(2027, 1, 26)
NAMES = ("AAA", "BBB", "CCC")
STRIKES = (98_000, 100_000, 103_000)
INDEX = "NIFTY 50"
SCAN = at(DAY, time(9, 14))
GIVE_UP = at(DAY, time(9, 15, 30))
MATCHED = at(DAY, time(9, 12))
YESTERDAY = at(BEFORE, time(15, 29))


def clock(text: str, day: date = DAY) -> Instant:
    """That time of the day."""
    return at(day, time.fromisoformat(text))


def listed(number: int, symbol: str, **changes: Any) -> Listed:
    """A row of a list; a share unless told otherwise."""
    row: dict[str, Any] = {
        "token": number << 8 | 1,
        "symbol": symbol,
        "root": symbol,
        "kind": "EQ",
        "expiry": None,
        "strike": 0,
        "tick": 5,
        "lot_size": 1,
        "exchange": "NSE",
        "segment": "NSE",
    }
    return Listed(**(row | changes))


def shares() -> Catalogue:
    """The three shares and the index."""
    rows = [listed(1 + number, name) for number, name in enumerate(NAMES)]
    return Catalogue("NSE", DAY, [*rows, listed(9, INDEX, token=9 << 8 | 9, segment="INDICES")])


def contracts(*, lots: Mapping[str, int] | None = None) -> Catalogue:
    """The calls and puts of the shares; `lots` are those of single contracts."""
    rows: list[Listed] = []
    for name in NAMES:
        for expiry in (EXPIRY, NEXT):
            for strike in STRIKES:
                for kind in ("CE", "PE"):
                    symbol = f"{name}{expiry:%y%b}{strike // 100}{kind}".upper()
                    number = 100 + len(rows)
                    row = listed(
                        number,
                        symbol,
                        token=number << 8 | 2,
                        root=name,
                        kind=kind,
                        expiry=expiry,
                        strike=strike,
                        lot_size=(lots or {}).get(symbol, 250),
                        exchange="NFO",
                        segment="NFO-OPT",
                    )
                    rows.append(row)
    return Catalogue("NFO", DAY, rows)


def written(instant: Instant) -> str | None:
    """A time as Kite writes it."""
    return f"{to_datetime(instant):%Y-%m-%d %H:%M:%S}" if instant else None


def quote(last: float, **changes: Any) -> dict[str, Any]:
    """A row of `/quote`: stamped and traded yesterday unless told otherwise."""
    row: dict[str, Any] = {
        "instrument_token": 1,
        "timestamp": YESTERDAY,
        "last_trade_time": YESTERDAY,
        "last_price": last,
        "ohlc": {"open": last, "high": last, "low": last, "close": 1000},
        "oi": 0,
        "volume": 0,
    }
    row |= changes
    for name in ("timestamp", "last_trade_time"):
        row[name] = written(row[name])
    return row


def matched(last: float, **changes: Any) -> dict[str, Any]:
    """A share after the auction's match."""
    return quote(last, **({"timestamp": MATCHED, "last_trade_time": MATCHED} | changes))


class Fake(FakeClient):
    """A client with a clock; `token` is the session it speaks for."""

    def __init__(self, clock: StepClock) -> None:
        super().__init__()
        self.clock = clock
        self.token: SecretText | None = None

    def use(self, token: SecretText) -> None:
        self.token = token


class Told(Ticker):
    """A ticker that only keeps what it was asked to stream."""

    def __init__(self) -> None:
        self.wanted: list[dict[int, Mode]] = []

    def want(self, wanted: Mapping[int, Mode]) -> None:
        self.wanted.append(dict(wanted))


class FeedDesk:
    """The feed with everything around it. `quotes` and `candles` are the market, by key and by symbol."""

    def __init__(
        self,
        now: Instant = SCAN,
        *,
        listed: Catalogue | None = None,
        give_up_at: Instant = GIVE_UP,
        freeze: Mapping[str, int] | None = None,
        **changes: Any,
    ) -> None:
        self.facts: DayFacts = facts(**changes)
        self.clock = StepClock(now)
        self.shares, self.contracts = shares(), contracts() if listed is None else listed
        self.quotes: dict[str, dict[str, Any]] = {}
        self.candles: dict[str, list[list[Any]]] = {}
        self.down: Callable[[Instant], BaseException | None] = lambda now: None
        self.down_for_candles: BaseException | None = None
        self.client = Fake(self.clock)
        self.client.replies["GET /quote"] = self._quote
        for row in self.contracts.rows:
            path = f"GET /instruments/historical/{row.token}/day"
            self.client.replies[path] = partial(self._candles, row.symbol)
        self.events: list[Event] = []
        self.told: list[str] = []
        self.ticker = Told()
        self.interest = OpenInterest(
            self.client.as_client(), self.contracts, self.facts, self.clock, self._tell
        )
        self.feed = ZerodhaFeed(
            client=self.client.as_client(),
            ticker=self.ticker,
            shares=self.shares,
            contracts=self.contracts,
            facts=self.facts,
            interest=self.interest,
            deliver=self.events.append,
            tell=self._tell,
            give_up_at=give_up_at,
            freeze=freeze,
        )
        self.gainers()
        self.yesterday()

    # ---- the market

    def gainers(self, **prices: float) -> None:
        """The shares after the match, AAA first."""
        for name, price in ({"AAA": 1030.0, "BBB": 1020.0, "CCC": 990.0} | prices).items():
            self.quotes[f"NSE:{name}"] = matched(price)

    def yesterday(self) -> None:
        """Every contract as it closed yesterday: calls with 1,000 x strike, puts with half of it."""
        for row in self.contracts.rows:
            oi = row.strike // 100 * (1_000 if row.kind == "CE" else 500)
            price = 40.0 if row.expiry == EXPIRY else 60.0
            limits = {"lower_circuit_limit": 0.05, "upper_circuit_limit": 400.0}
            self.quotes[f"NFO:{row.symbol}"] = quote(price, oi=oi, instrument_token=row.token, **limits)
            self.candles[row.symbol] = [candle(BEFORE, 41.0, 77_000, oi + 250)]

    async def _quote(self, given: Any) -> Any:
        problem = self.down(self.clock.at)
        if problem is not None:
            raise problem
        keys = [value for name, value in given[0] if name == "i"]
        return {key: self.quotes[key] for key in keys if key in self.quotes}

    async def _candles(self, symbol: str, given: Any) -> Any:
        if self.down_for_candles is not None:
            raise self.down_for_candles
        return {"candles": self.candles[symbol]}

    # ---- looking

    def _tell(self, kind: str, text: str) -> None:
        self.told.append(f"{kind}: {text}")

    @property
    def streamed(self) -> set[str]:
        """The symbols that are streamed now."""
        rows = self.shares.by_token | self.contracts.by_token
        return {rows[token].symbol for token in (self.ticker.wanted or [{}])[-1]}

    def call(self, name: str, strike: int = 103_000, expiry: date = EXPIRY, kind: str = "CE") -> Listed:
        """One contract."""
        return next(
            row
            for row in self.contracts.rows
            if (row.root, row.strike, row.expiry, row.kind) == (name, strike, expiry, kind)
        )

    async def rest(self) -> None:
        """Until no reading is under way any more."""
        while under_way := [one for one in self.feed._readings.values() if not one.done()]:
            await asyncio.wait(under_way)
        await asyncio.sleep(0)

    def ask(self, *questions: Callable[[ZerodhaFeed], object]) -> list[Event]:
        """The events after each of these was asked and answered."""

        async def story() -> None:
            for question in questions:
                question(self.feed)
                await self.rest()

        asyncio.run(story())
        return self.events

    def show(self, received_at: Instant, *packets: bytes) -> list[Event]:
        """The events of one frame."""
        before = len(self.events)
        self.feed.on_frame(received_at, decode(frame(*packets)))
        return self.events[before:]


def candle(day: date, close: float, volume: int, oi: int | None) -> list[Any]:
    """A daily candle as Kite writes it."""
    row: list[Any] = [f"{day}T00:00:00+0530", close, close, close, close, volume]
    return row if oi is None else [*row, oi]


def pre_open(feed: ZerodhaFeed) -> None:
    """Ask for the pre-open prices."""
    feed.ask_pre_open(SCAN)


def chains(*names: str) -> Callable[[ZerodhaFeed], None]:
    """Ask for the chains of these, all three without a name."""
    return lambda feed: feed.ask_chains(SCAN, names or NAMES, EXPIRY)


def down_until(instant: Instant, problem: BaseException | None = None) -> Callable[[Instant], Any]:
    """The broker answers nothing until then."""
    return lambda now: (problem or Down("no answer in time")) if now < instant else None


def keys_asked(desk: FeedDesk) -> list[list[str]]:
    """The keys of each request for quotes."""
    return [[value for name, value in given[0]] for what, given in desk.client.asked if what == "GET /quote"]
