"""The broker as the emergency core sees it: whose a row is, what spoils a reading, which token is used."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import web

from ninefifteen.adapters.zerodha.errors import Down, LoggedOut
from ninefifteen.adapters.zerodha.order_line import OrderLine
from ninefifteen.adapters.zerodha.session import save_session, session_of
from ninefifteen.adapters.zerodha.session_file import SESSION_FILE
from ninefifteen.config import LoadedConfig, load_config
from ninefifteen.engine.emergency_acts import Move, Pull, Reading, Send
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.wiring.emergency_broker import EmergencyBroker
from tests.adapters.zerodha.kite_rows import TAG, order
from tests.adapters.zerodha.scripted_server import StepClock

T = TypeVar("T")
CALL = "ACME26NOV262.5CE"
STOP = {"order_id": "77", "transaction_type": "SELL", "status": "TRIGGER PENDING", "order_type": "SL",
        "price": 30, "trigger_price": 35, "tag": "x01abcdefgp", "tags": ["x01abcdefgp"]}  # fmt: skip


def position(**changes: Any) -> dict[str, Any]:
    row = {"instrument_token": 258, "exchange": "NFO", "tradingsymbol": CALL, "product": "MIS",
           "quantity": 75, "average_price": 45.6, "last_price": 44.0}  # fmt: skip
    return row | changes


def quote(stamp: str = "2026-11-23 08:30:00") -> dict[str, Any]:
    prices = {"open": 1, "high": 1, "low": 1, "close": 1}
    depth = {"buy": [{"price": 43.9, "quantity": 75}], "sell": []}
    return {"instrument_token": 258, "last_price": 44.0, "ohlc": prices, "timestamp": stamp, "depth": depth,
            "lower_circuit_limit": 0.05, "upper_circuit_limit": 90.0}  # fmt: skip


class Desk:
    """A broker whose answers are data by path; a number is the status of a failure."""

    def __init__(self, folder: Path) -> None:
        self.home = Home.open(folder / "home", rehearsal=True)
        self.home.env_file.write_text("BROKER_API_KEY=key0123456789\nBROKER_ACCESS_TOKEN=written0123456789\n")
        self.clock = StepClock()
        self.answers: dict[str, Any] = {
            "/orders": [],
            "/portfolio/positions": {"net": [], "day": []},
            "/quote": {f"NFO:{CALL}": quote()},
        }
        self.living = {"written0123456789", "kept0123456789"}
        self.used: list[str] = []
        self.forms: list[tuple[str, str, dict[str, Any]]] = []

    async def _answer(self, request: web.Request) -> web.Response:
        token = request.headers["Authorization"].rpartition(":")[2]
        self.used.append(token)
        if token not in self.living:
            body = {"status": "error", "message": "Incorrect `api_key` or `access_token`.",
                    "error_type": "TokenException"}  # fmt: skip
            return web.json_response(body, status=403)
        if request.method != "GET":
            self.forms.append((request.method, request.path, dict(await request.post())))
        found = self.answers.get(request.path, 503)
        if isinstance(found, int):
            return web.Response(status=found, text="<html>")
        return web.json_response({"status": "success", "data": found})

    def do(self, work: Callable[[EmergencyBroker], Awaitable[T]]) -> T:
        """What the work makes of this broker."""

        async def run() -> T:
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", self._answer)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            rest = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self.home.config_file.write_text(f"broker_endpoint: {{rest: '{rest}', ws: 'ws://127.0.0.1:1'}}\n")
            broker = EmergencyBroker(self.home, self.loaded, self.clock)
            try:
                return await work(broker)
            finally:
                await broker.close()
                await runner.cleanup()

        return asyncio.run(run())

    @property
    def loaded(self) -> LoadedConfig:
        return load_config(self.home, ())

    def reading(self) -> Reading:
        """One whole look."""
        return self.do(lambda broker: broker.reading())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_rows_are_ours_by_their_tag_and_only_of_the_derivatives(desk: Desk) -> None:
    theirs = order(order_id="8", tag=None, tags=[])
    share = order(order_id="9", exchange="NSE", tradingsymbol="ACME")
    desk.answers["/orders"] = [order(), order(**STOP), theirs, share]
    desk.answers["/orders/77"] = [order(status=word) for word in ("OPEN", "MODIFY PENDING", "MODIFY PENDING")]
    desk.answers["/portfolio/positions"] = {"net": [position(), position(exchange="NSE")], "day": []}
    reading = desk.reading()
    assert [(line.order_id, line.tag, line.stop) for line in reading.lines] == [
        (order()["order_id"], TAG, False),
        ("77", "x01abcdefgp", True),
        ("8", "", False),
    ]
    assert [line.modifications for line in reading.lines] == [0, 2, 0]
    assert [(stake.name, stake.net, stake.last) for stake in reading.stakes] == [(CALL, 75, 4400)]
    shown = reading.shown[CALL]
    assert (shown.bid, shown.ask, shown.last, shown.low, shown.high) == (4390, 0, 4400, 5, 9000)


def test_quotes_and_histories_that_fail_are_done_without(desk: Desk) -> None:
    desk.answers |= {"/orders": [order(**STOP)], "/quote": 503}
    reading = desk.reading()
    assert (reading.shown, reading.lines[0].modifications) == ({}, 0)


def test_a_quote_of_yesterday_is_none(desk: Desk) -> None:
    desk.answers |= {"/orders": [order()], "/quote": {f"NFO:{CALL}": quote("2026-11-20 15:29:59")}}
    assert desk.reading().shown == {}


def test_a_row_of_others_that_cannot_be_read_is_passed_over(desk: Desk) -> None:
    desk.answers["/orders"] = [order(order_id="8", tag=None, tags=[], quantity=-5), order()]
    assert [line.tag for line in desk.reading().lines] == [TAG]


@pytest.mark.parametrize("row", [order(quantity=-5), order(filled_quantity=90), {"tags": "x"}])
def test_a_row_of_ours_that_cannot_be_read_spoils_the_reading(desk: Desk, row: dict[str, Any]) -> None:
    desk.answers["/orders"] = [row]
    with pytest.raises(Down, match="malformed order book"):
        desk.reading()


def test_the_session_of_the_home_goes_first_and_a_dead_one_is_not_tried_again(desk: Desk) -> None:
    save_session(desk.home.path / SESSION_FILE, session_of("AB1234", "kept0123456789", desk.clock.now()))
    desk.reading()
    assert set(desk.used) == {"kept0123456789"}
    desk.living.remove("kept0123456789")
    desk.used.clear()

    async def twice(broker: EmergencyBroker) -> None:
        with suppress(LoggedOut):
            await broker.reading()
        await broker.reading()

    desk.do(twice)
    assert desk.used[-1] == "written0123456789"
    desk.living.clear()

    async def thrice(broker: EmergencyBroker) -> None:
        for _ in range(3):
            with pytest.raises(LoggedOut):
                await broker.reading()

    desk.do(thrice)


def test_what_is_asked_for_leaves_once_in_the_brokers_words(desk: Desk) -> None:
    desk.answers |= {
        "/orders/regular": {"order_id": "501"},
        "/orders/regular/77": {"order_id": "77"},
    }
    send = Send(tag="x07aaafaabr", name=CALL, product="MIS", side="SELL", quantity=75, limit=4345)

    async def all_three(broker: EmergencyBroker) -> list[str]:
        acts = (Pull(order_id="77", name=CALL),
                Move(order_id="77", name=CALL, product="MIS", quantity=75, limit=4345), send)  # fmt: skip
        await broker.reading(priced=False)
        answers = [(await broker.perform(act))[0] for act in acts]
        desk.answers["/orders"] = [order(order_id="501", transaction_type="SELL", tag=None, tags=[])]
        (line,) = (await broker.reading(priced=False)).lines
        return [*answers, line.tag, str(broker.requests)]

    assert desk.do(all_three) == ["taken", "taken", "taken", send.tag, "3"]
    priced = {"order_type": "LIMIT", "quantity": "75", "price": "43.45", "validity": "DAY"}
    wish = {"exchange": "NFO", "tradingsymbol": CALL, "transaction_type": "SELL", "product": "MIS"}
    assert desk.forms == [
        ("DELETE", "/orders/regular/77", {}),
        ("PUT", "/orders/regular/77", priced),
        ("POST", "/orders/regular", wish | priced | {"tag": send.tag}),
    ]


def test_what_became_of_a_request_is_said_as_it_is(desk: Desk) -> None:
    pull = Pull(order_id="77", name=CALL)

    async def three(broker: EmergencyBroker) -> list[str]:
        await broker.reading(priced=False)
        answers = [await broker.perform(pull)]  # 503: nobody knows what was done
        desk.living.clear()
        answers.append(await broker.perform(pull))
        broker.client._orders = OrderLine("http://127.0.0.1:1")
        answers.append(await broker.perform(pull))
        return [answer for answer, words in answers if words]

    assert desk.do(three) == ["unknown", "refused", "not_sent"]


def test_a_home_that_names_no_broker_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "bare", rehearsal=True)
    with pytest.raises(BadInput, match="BROKER_API_KEY is missing"):
        EmergencyBroker(home, load_config(home, ()), StepClock())
    home.env_file.write_text("BROKER_API_KEY=key0123456789\n")
    with pytest.raises(BadInput, match="needs broker_endpoint"):
        EmergencyBroker(home, load_config(home, ()), StepClock())
    other = load_config(home, ("trading.broker=upstox",))
    with pytest.raises(BadInput, match="zerodha is the only one yet"):
        EmergencyBroker(home, other, StepClock())
