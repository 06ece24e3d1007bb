"""Beside a day at the broker: its money, its warm line, hints, lost lines, its heart, its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ninefifteen.adapters.fence import Fence
from ninefifteen.adapters.zerodha.errors import Down
from ninefifteen.domain.events import Event, Reconnected
from ninefifteen.domain.instants import SECOND
from ninefifteen.home import Home
from ninefifteen.runtime.fencing import Fenced
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.live import LiveLine, Pushed
from ninefifteen.wiring import live_heart
from ninefifteen.wiring.desk import Companion
from ninefifteen.wiring.heartbeat import Heartbeat
from ninefifteen.wiring.live_heart import Heart
from ninefifteen.wiring.live_run import LiveCompanion, LiveDesk
from tests.runtime.live_stage import OPEN, HandClock

MARGINS = {"equity": {"enabled": True, "net": 61_000.5, "available": {"cash": 1.0, "live_balance": 70_000.0}}}


class Broker:
    """A client that answers what it is told to, and the orders behind it."""

    def __init__(self) -> None:
        self.problem: Exception | None = None
        self.asked: list[str] = []

    async def read(self, path: str, shape: Any, **_: Any) -> Any:
        import msgspec

        self.asked.append(path)
        if self.problem is not None:
            raise self.problem
        return msgspec.json.decode(
            json.dumps(MARGINS if path == "/user/margins" else []).encode(), type=shape
        )

    async def warm(self) -> None:
        self.asked.append("warm")
        if self.problem is not None:
            raise self.problem

    def hint(self, data: object) -> bool:
        return data == "ours"

    def read_orders(self, at: int) -> None:
        self.asked.append("orders")

    def read_positions(self, at: int) -> None:
        self.asked.append("positions")

    async def close(self) -> None:
        self.asked.append("closed")


class Beside:
    """One companion of a day with everything it touches."""

    def __init__(self, folder: Path) -> None:
        self.broker, self.told = Broker(), list[str]()
        self.clock = HandClock(OPEN - 60 * SECOND)
        self.inbox, self.pushed = Inbox(()), Pushed()
        self.state = SimpleNamespace(
            orders=SimpleNamespace(living=list), runs=(), proofs={}, books=SimpleNamespace(orphans={})
        )
        self.fence = Fence(folder / "epoch")
        self.fence.take()
        desk = SimpleNamespace(
            home=Home(folder, rehearsal=True),
            client=self.broker,
            fence=self.fence,
            clock=SimpleNamespace(wall=self.clock),
            days=SimpleNamespace(refuse_foreign=lambda path: self.told.append(f"whose is {path}?")),
            tell=lambda kind, text: self.told.append(f"{kind}: {text}"),
        )
        runner = SimpleNamespace(inbox=self.inbox, engine=SimpleNamespace(state=self.state))
        market = SimpleNamespace(
            runner=runner,
            pushed=self.pushed,
            home_day=SimpleNamespace(journal_path="the journal"),
            facts=SimpleNamespace(open_at=OPEN, exit_at=OPEN + 1_000 * SECOND),
        )
        self.session = SimpleNamespace(orders=self.broker, trades=())
        self.companion = LiveCompanion(cast(LiveDesk, desk), cast(Any, market), cast(Any, self.session))

    def events(self) -> list[Event]:
        """What waits in the inbox."""
        found = []
        while self.inbox.next_at() is not None:
            found.append(self.inbox.pop())
        return found

    def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Let it work."""

        async def working() -> None:
            await work()

        asyncio.run(working())


@pytest.fixture
def beside(tmp_path: Path) -> Beside:
    return Beside(tmp_path)


# ------------------------------------------------------------------------------------------------ the line


def test_the_line_for_orders_is_opened_ten_seconds_before_the_entry_and_before_the_exit(
    beside: Beside,
) -> None:
    beside.run(lambda: beside.companion.beside(cast(LiveLine, None)))
    assert beside.clock.slept == [OPEN - 10 * SECOND, OPEN + 990 * SECOND]
    assert beside.broker.asked == ["warm", "warm"]
    assert beside.told == []


def test_a_line_that_cannot_be_opened_is_told_and_stops_nothing(beside: Beside) -> None:
    beside.broker.problem = Down("no connection")
    beside.clock.at = OPEN + SECOND
    beside.run(lambda: beside.companion.beside(cast(LiveLine, None)))
    assert beside.told == ["data: the connection for orders is not open yet: no connection"]


def test_only_a_hint_about_an_order_of_ours_has_the_books_read(beside: Beside) -> None:
    beside.companion.on_order("somebody else's")
    assert beside.broker.asked == []
    beside.companion.on_order("ours")
    assert beside.broker.asked == ["orders", "positions"]


def test_while_something_is_held_anybodys_order_has_the_books_read(beside: Beside) -> None:
    """It may be the account's owner who sells in the broker's app."""
    position = SimpleNamespace(net=50, instrument=SimpleNamespace(name="CALL"))
    beside.state.runs = (SimpleNamespace(position=position, trade=None),)
    beside.companion.on_order("somebody else's")
    assert beside.broker.asked == ["orders", "positions"]


def test_a_ticker_that_comes_back_is_told_to_the_engine_and_its_first_coming_is_not(beside: Beside) -> None:
    for live in (False, True):
        beside.companion.on_ticker(live=live)
    assert beside.events() == []
    for live in (False, False, True, True):
        beside.companion.on_ticker(live=live)
    assert beside.events() == [Reconnected(beside.clock.at)]


def test_a_login_has_the_engine_look_again(beside: Beside) -> None:
    beside.companion.logged_in()
    assert beside.told == ["whose is the journal?"]
    assert beside.events() == [Reconnected(beside.clock.at)]


def test_what_is_lost_overtakes_what_waits_and_time_never_goes_back(beside: Beside) -> None:
    beside.inbox.now = OPEN
    beside.inbox.start_timer("entry", OPEN)
    beside.companion.woken()
    assert beside.inbox.pop() == Reconnected(OPEN)


# ---------------------------------------------------------------------------------------------- the fence


def test_whoever_wakes_after_somebody_took_over_ends_before_anything_else(beside: Beside) -> None:
    Fence(beside.fence.path).take()
    with pytest.raises(Fenced):
        beside.companion.woken()
    with pytest.raises(Fenced):
        beside.companion.look(OPEN)
    assert beside.events() == []


# ---------------------------------------------------------------------------------------------- the heart


def beat_of(path: Path) -> Heartbeat:
    """What the file says."""
    import msgspec

    return msgspec.json.decode(path.read_bytes(), type=Heartbeat)


def test_it_beats_once_a_second_of_this_machine_and_says_what_is_held(
    beside: Beside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = [5 * SECOND]
    monkeypatch.setattr(live_heart, "steady", lambda: machine[0])
    path = tmp_path / "heartbeat.json"
    heart = beside.companion._heart
    beside.companion.look(OPEN)
    assert heart._writing is not None
    heart._writing.result(5)
    first = path.read_bytes()
    assert (beat_of(path).epoch, beat_of(path).holding, beat_of(path).contract) == (1, False, "")
    machine[0] += SECOND - 1
    position = SimpleNamespace(net=75, instrument=SimpleNamespace(name="ACME26NOV262.5CE"))
    beside.state.runs = (SimpleNamespace(trade=None, position=position),)
    beside.companion.look(OPEN)
    assert path.read_bytes() == first
    machine[0] += 1
    beside.companion.look(OPEN)
    heart._writing.result(5)
    second = path.read_bytes()
    assert (beat_of(path).holding, beat_of(path).contract) == (True, "ACME26NOV262.5CE")
    assert len(first) == len(second), "in place: a full disk does not stop it"
    beside.run(beside.companion.end)
    assert not path.exists()
    assert beside.broker.asked == ["closed"]


def test_another_engine_s_heart_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat.json"
    path.write_text('{"at": 1, "pid": 1, "epoch": 9, "holding": true}')
    Heart(path).stop()
    assert path.exists()
    path.write_text("damaged")
    Heart(path).stop()
    assert path.exists()


def test_a_heart_that_cannot_beat_stops_nothing(tmp_path: Path) -> None:
    heart = Heart(tmp_path / "nowhere" / "heartbeat.json")
    heart.beat(1, [], holding=False)
    heart.stop()


# ----------------------------------------------------------------------------------------------- the money


def test_it_may_spend_what_is_free_at_the_broker_and_never_more_than_the_capital(beside: Beside) -> None:
    assert free_cash(beside, 10_000_000) == 6_100_050
    assert free_cash(beside, 5_000_000) == 5_000_000


def test_money_that_is_not_known_is_no_money(beside: Beside) -> None:
    beside.broker.problem = Down("no answer in time")
    assert free_cash(beside, 10_000_000) == 0
    assert beside.told == ["alarm: the free cash is not known, so nothing is bought today: no answer in time"]


def free_cash(beside: Beside, most: int) -> int:
    """What a desk of that broker would let the day spend."""
    desk = LiveDesk.__new__(LiveDesk)
    desk.client = cast(Any, beside.broker)
    desk.tell = lambda kind, text: beside.told.append(f"{kind}: {text}")
    return asyncio.run(desk._free_cash(most))


# --------------------------------------------------------------------------------------------------- its end


def test_the_broker_s_trades_are_read_for_the_record(beside: Beside) -> None:
    beside.run(beside.companion.settle)
    assert beside.broker.asked == ["/trades"]
    beside.broker.problem = Down("no answer in time")
    beside.run(beside.companion.settle)
    assert beside.told == ["data: the day's trades cannot be read for its record: no answer in time"]


def test_a_day_that_is_not_at_the_broker_has_no_such_companion() -> None:
    market = SimpleNamespace(home_day=SimpleNamespace(session=None))
    with pytest.raises(TypeError, match="has its orders"):
        LiveDesk.__new__(LiveDesk).companion(cast(Any, market))


def test_on_paper_there_is_nothing_to_do_beside() -> None:
    nothing = Companion()

    async def all_of_it() -> None:
        await nothing.beside(cast(LiveLine, None))
        nothing.on_order("ours")
        nothing.on_ticker(live=True)
        nothing.logged_in()
        nothing.woken()
        nothing.look(OPEN)
        await nothing.settle()
        await nothing.end()

    asyncio.run(all_of_it())
