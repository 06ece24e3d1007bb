"""A day's market at Zerodha: its lists, its ticker, what is told, recorded and gathered, and no order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ninefifteen.adapters.recorder import read_spool
from ninefifteen.adapters.zerodha.catalogue import catalogue_of
from ninefifteen.adapters.zerodha.client import Endpoint
from ninefifteen.adapters.zerodha.errors import Down, LoggedOut
from ninefifteen.adapters.zerodha.wire import decode
from ninefifteen.domain.events import Event, Quote
from ninefifteen.domain.instants import MINUTE, SECOND, Instant
from ninefifteen.domain.secret import SecretText
from ninefifteen.wiring.zerodha_market import INDEX, Lists, ZerodhaMarket, _freeze, load_lists
from tests.adapters.zerodha.fake_kite import FakeClient, in_turn
from tests.adapters.zerodha.feed_desk import DAY, EXPIRY, NAMES, NEXT, Fake, FeedDesk, clock, down_until
from tests.adapters.zerodha.kite_frames import frame, full
from tests.adapters.zerodha.scripted_server import StepClock
from tests.adapters.zerodha.ticker_server import Server, heartbeats, sends
from tests.engine.builders import facts
from tests.patience import PATIENCE_S
from tests.simulator.synthetic_facts import rules

OPEN = clock("09:15:00")
CALL = "AAA26DEC1030CE"
HEADER = (
    "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,"
    "instrument_type,segment,exchange"
)
MEMBERS = tuple(f"M{number:02}" for number in range(50))


# -------------------------------------------------------------------------------------------------- the lists


def share_rows() -> bytes:
    rows = [f"{n << 8 | 1},{n},{name},{name},0,,0,0.05,1,EQ,NSE,NSE" for n, name in enumerate(MEMBERS, 1)]
    return "\n".join([HEADER, *rows, f"{256265},1001,{INDEX},{INDEX},0,,0,0,0,EQ,INDICES,NSE"]).encode()


def option_rows() -> bytes:
    rows: list[str] = []
    for name in MEMBERS:
        for expiry in (EXPIRY, NEXT):
            for strike in range(1_000, 1_100, 10):
                for kind in ("CE", "PE"):
                    number = 1_000 + len(rows)
                    symbol = f"{name}{expiry:%y%b}{strike}{kind}".upper()
                    plain = f"{number << 8 | 2},{number},{symbol},{name},0,{expiry},{strike},0.05,250"
                    rows.append(f"{plain},{kind},NFO-OPT,NFO")
    return "\n".join([HEADER, *rows]).encode()


def lists(client: FakeClient, until: Instant, told: list[str]) -> Lists | None:
    """The lists that can be had until then."""
    day = facts(universe=MEMBERS)
    tell = lambda kind, text: told.append(f"{kind}: {text}")  # noqa: E731 - said once, used once
    return asyncio.run(load_lists(client.as_client(), day, until, tell))


def served(shares: object = None, options: object = None) -> Fake:
    """A client that serves these lists."""
    client = Fake(StepClock(clock("08:30:00")))
    client.replies["GET /quote"] = {}
    client.replies["GET /instruments/NSE"] = share_rows() if shares is None else shares
    client.replies["GET /instruments/NFO"] = option_rows() if options is None else options
    return client


def test_both_lists_are_fetched_checked_and_counted() -> None:
    told: list[str] = []
    found = lists(served(), OPEN, told)
    assert found is not None
    assert set(found.shares.shares) == set(MEMBERS)
    assert INDEX in found.shares.indices
    assert len(found.contracts.calls("M00", EXPIRY)) == 10
    assert told == ["data: 51 shares and indices, 2000 contracts listed"]


def test_a_list_that_is_cut_is_told_once_and_fetched_again() -> None:
    told: list[str] = []
    cut = option_rows()[:5_000]
    client = served(options=in_turn(cut, cut, option_rows()))
    assert lists(client, OPEN, told) is not None
    assert client.clock.at == clock("08:30:10")
    assert len(told) == 2
    assert told[0].startswith("data: Kite's instruments list of NFO is not used: ")


def test_a_list_whose_tokens_are_of_another_day_is_not_used() -> None:
    """A token of yesterday may be another contract's today: its prices would be traded on."""
    told: list[str] = []
    client = served()
    ohlc = {"open": 44, "high": 46.15, "low": 43.9, "close": 41.2}
    quoted = {"timestamp": "2026-11-23 08:30:00", "last_price": 45.5, "volume": 0, "oi": 0, "ohlc": ohlc}
    client.replies["GET /quote"] = {"NSE:M00": {"instrument_token": 15_000_066, **quoted}}
    assert lists(client, clock("08:31:00"), told) is None
    (line,) = told
    assert "the instruments list is of another day: NSE:M00 has another token at the exchange" in line


def test_a_list_that_cannot_be_had_in_time_is_none() -> None:
    told: list[str] = []
    client = served(shares=Down("no answer in time"))
    assert lists(client, clock("08:31:00"), told) is None
    assert told == ["data: no answer in time"]
    assert client.clock.at < clock("08:31:00")


def test_without_a_session_only_a_login_helps() -> None:
    with pytest.raises(LoggedOut):
        lists(served(shares=LoggedOut("the token is dead")), OPEN, [])


def test_time_stands_still_while_a_list_is_checked_and_never_while_its_turn_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A turn may come only when time goes on: standing still around it would be for ever."""
    client = served()
    asking: list[int] = []
    checking: list[int] = []

    async def counted(_: object) -> bytes:
        asking.append(client.clock.inside)
        return share_rows()

    def checked(*given: Any, **how: Any) -> Any:
        checking.append(client.clock.inside)
        return catalogue_of(*given, **how)

    client.replies["GET /instruments/NSE"] = counted
    monkeypatch.setattr("ninefifteen.adapters.zerodha.catalogue.catalogue_of", checked)
    lists(client, OPEN, [])
    assert (asking, checking) == ([0], [1, 1])
    assert client.clock.inside == 0


# ------------------------------------------------------------------------------------------------- the market


class Day:
    """A market of one day over a ticker that says what it is told."""

    def __init__(self, folder: Path, now: Instant) -> None:
        self.desk = FeedDesk(now=now)
        self.events: list[Event] = []
        self.told: list[str] = []
        self.clock_shown: list[Instant] = []
        self.live: list[bool] = []
        self._folder = folder

    def market(self, ws: str) -> ZerodhaMarket:
        client = self.desk.client.as_client()
        client.endpoint = Endpoint("http://127.0.0.1:1", ws, "http://127.0.0.1:1")
        client.api_key = SecretText("key-4711")
        market = ZerodhaMarket(
            client=client,
            token=SecretText("token-0815"),
            lists=Lists(self.desk.shares, self.desk.contracts),
            facts=self.desk.facts,
            rules=rules(),
            deliver=self.events.append,
            tell=lambda kind, text: self.told.append(f"{kind}: {text}"),
            give_up_at=clock("09:15:30"),
            ticks_dir=self._folder,
            rehearsal=False,
            show_clock=self.clock_shown.append,
            on_live=self.live.append,
        )
        # A hand-stepped clock would be slept on to the close; the watch has tests of its own.
        market.feed.watch_prices = asyncio.Event().wait  # type: ignore[method-assign,assignment]
        return market


@asynccontextmanager
async def running(market: ZerodhaMarket) -> AsyncIterator[None]:
    task = asyncio.create_task(market.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await market.close()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - whatever it waits for tells nobody
            await asyncio.sleep(0.005)


def lived(day: Day, server: Server, story: Callable[[ZerodhaMarket], Awaitable[None]]) -> ZerodhaMarket:
    """The market after this happened while it ran."""

    async def run() -> ZerodhaMarket:
        async with server.up():
            market = day.market(server.url)
            async with running(market):
                await story(market)
            assert len(asyncio.all_tasks()) == 1 or not [
                task
                for task in asyncio.all_tasks()
                if "Ticker" in repr(task) or "ZerodhaMarket" in repr(task)
            ]
            return market

    return asyncio.run(run())


def packet_of(day: Day) -> bytes:
    """A full packet of the call, of the first second of the session."""
    stamped = OPEN // SECOND
    return full(day.desk.contracts.by_symbol[CALL].token, 4_005, stamped, stamped)


def test_prices_become_events_and_go_to_the_recording_with_their_names(tmp_path: Path) -> None:
    day = Day(tmp_path, OPEN)
    data = frame(packet_of(day))

    async def story(market: ZerodhaMarket) -> None:
        market.feed.subscribe(OPEN, (CALL,))
        await until(lambda: day.events)

    async def speak(talk: Any) -> None:
        listening = asyncio.create_task(talk.listen())
        await until(lambda: day.desk.contracts.by_symbol[CALL].token in talk.modes)
        await talk.socket.send_bytes(data)
        await listening

    market = lived(day, Server(speak), story)
    [event] = day.events
    assert isinstance(event, Quote)
    assert (event.name, event.at, event.ask) == (CALL, OPEN, 101)
    assert day.live[0] is True
    assert day.told[0] == "feed: live data: live"
    with read_spool(market.spool.path) as contents:
        assert list(contents.frames()) == [(OPEN, data)]
        assert {*NAMES, INDEX, CALL} <= set(contents.names.values())


def test_texts_of_the_broker_are_told_and_the_exchange_s_clock_is_passed_on(tmp_path: Path) -> None:
    day = Day(tmp_path, OPEN)
    texts = (
        '{"type": "message", "data": "maintenance tonight"}',
        '{"type": "error", "data": "too many instruments"}',
        '{"type": "ninefifteen_clock", "data": {"at": 1795000000000000000}}',
        '{"type": "order", "data": {"order_id": "1"}}',
    )

    async def story(_: ZerodhaMarket) -> None:
        await until(lambda: day.clock_shown)

    lived(day, Server(sends(*texts)), story)
    assert day.clock_shown == [1_795_000_000 * SECOND]
    assert day.told[1:3] == [
        "feed: the broker says: maintenance tonight",
        "feed: the broker says: too many instruments",
    ]


def test_a_ticker_that_is_refused_or_gone_is_told_with_its_reason_and_its_books_are_forgotten(
    tmp_path: Path,
) -> None:
    day = Day(tmp_path, OPEN)
    server = Server(heartbeats())
    server.refuse = {"token-0815": 403}
    lost: list[bool] = []

    async def story(market: ZerodhaMarket) -> None:
        market.feed.lost = lambda: lost.append(True)  # type: ignore[method-assign]
        await until(lambda: day.told)
        market.use(SecretText("token-new"))
        await until(lambda: day.live[-1:] == [True])

    lived(day, server, story)
    assert day.told[0].startswith("feed: live data: refused (the ticker refuses the token")
    assert lost
    assert server.attempts[-1][0] == "token-new"
    assert day.desk.client.token == SecretText("token-new")


@pytest.mark.parametrize(
    ("now", "last"),
    [("08:40:00", "09:10:00"), ("09:08:59", "09:10:00"), ("09:09:30", "09:13:30"), ("09:13:00", "09:13:30")],
)
def test_open_interest_is_gathered_by_ten_past_nine_or_in_what_time_is_left(
    tmp_path: Path, now: str, last: str
) -> None:
    day = Day(tmp_path, clock(now))
    day.desk.down = down_until(1 << 62)

    async def story(_: ZerodhaMarket) -> None:
        await until(lambda: any("readings" in line for line in day.told))

    lived(day, Server(heartbeats()), story)
    assert day.desk.clock.at == clock(last)


@pytest.mark.parametrize("now", ["09:13:30", "09:15:00", "12:00:00"])
def test_so_late_a_start_gathers_nothing(tmp_path: Path, now: str) -> None:
    day = Day(tmp_path, clock(now))

    async def story(_: ZerodhaMarket) -> None:
        await until(lambda: day.live)
        await asyncio.sleep(0.02)

    lived(day, Server(heartbeats()), story)
    assert day.desk.client.asked == []


def test_nothing_but_readings_is_ever_asked_of_the_broker(tmp_path: Path) -> None:
    day = Day(tmp_path, clock("08:40:00"))

    async def story(market: ZerodhaMarket) -> None:
        await until(lambda: any("is read" in line for line in day.told))
        day.desk.clock.at = clock("09:14:00")
        market.feed.ask_pre_open(0)
        await until(lambda: day.events)
        market.feed.ask_chains(0, NAMES, EXPIRY)
        await until(lambda: len(day.events) == 2)

    lived(day, Server(heartbeats()), story)
    assert {what.split()[0] for what in day.desk.client.requests()} == {"GET"}


def test_a_recording_that_cannot_be_written_is_told_once_and_prices_go_on(tmp_path: Path) -> None:
    day = Day(tmp_path, OPEN)

    async def story(market: ZerodhaMarket) -> None:
        market.feed.subscribe(OPEN, (CALL,))

        class Full:
            def take(self, *_: object) -> None:
                self.problem = "2026-12-02.spool cannot be written: no space left"

            def close(self) -> None:
                """Nothing to let go of."""

            add_names = close

        market.spool.close()
        market.spool = Full()  # type: ignore[assignment]
        data = frame(packet_of(day))
        for _ in range(2):
            market._frame(OPEN, data, decode(data))

    lived(day, Server(heartbeats()), story)
    assert [line for line in day.told if line.startswith("recording")] == [
        "recording: 2026-12-02.spool cannot be written: no space left"
    ]
    assert len([event for event in day.events if isinstance(event, Quote) and event.ask]) == 2


def test_behind_the_recording_only_what_is_needed_is_streamed_and_at_last_nothing(tmp_path: Path) -> None:
    day = Day(tmp_path, OPEN)
    server = Server(heartbeats())

    async def story(market: ZerodhaMarket) -> None:
        market.feed.subscribe(OPEN, (CALL,))
        await until(lambda: server.conversations and len(server.conversations[0].modes) > 5)
        market.end_recording()
        await until(lambda: list(server.conversations[0].modes) == [day.desk.contracts.by_symbol[CALL].token])
        market.rest()
        await until(lambda: not server.conversations[0].modes)

    market = lived(day, server, story)
    with read_spool(market.spool.path) as contents:
        assert (contents.header.begin, contents.header.end) == (OPEN - 15 * MINUTE, OPEN + 5 * MINUTE)
        assert (contents.header.date, contents.header.source) == (DAY, "zerodha")


def test_freeze_quantities_are_those_of_the_rules_where_they_know_the_stock() -> None:
    day = msgspec.structs.replace(facts(), universe=("RELIANCE", "UNHEARD"))
    assert set(_freeze(rules(), day)) <= {"RELIANCE"}
