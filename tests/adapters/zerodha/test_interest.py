"""Yesterday's open interest: read in batches before the open, tried again, never taken from today."""

from __future__ import annotations

import asyncio

import pytest

from ninefifteen.adapters.zerodha.interest import _PAUSE
from ninefifteen.adapters.zerodha.quotes import BATCH
from ninefifteen.domain.instants import MINUTE, SECOND, Instant
from tests.adapters.zerodha.feed_desk import EXPIRY, NAMES, FeedDesk, clock, down_until, keys_asked, quote

MORNING = clock("08:50:00")
OPEN = clock("09:15:00")


def gathered(desk: FeedDesk, *names: str, until: Instant = OPEN) -> bool:
    """Whether everything of these stocks is there afterwards, of all three without a name."""
    return asyncio.run(desk.interest.gather(names or NAMES, until))


def test_every_call_and_put_of_the_traded_expiry_is_read_once() -> None:
    desk = FeedDesk(now=MORNING)
    assert gathered(desk, "AAA", "BBB")
    assert gathered(desk)
    assert gathered(desk)
    asked = [key for keys in keys_asked(desk) for key in keys]
    assert len(asked) == len(set(asked)) == 18
    assert {row.expiry for row in desk.interest.contracts("AAA")} == {EXPIRY}
    assert desk.interest.read[desk.call("AAA").token].oi == 1_030_000
    assert desk.told == [
        "interest: yesterday's open interest of 12 contracts is read",
        "interest: yesterday's open interest of 6 contracts is read",
    ]


def test_a_contract_the_broker_does_not_know_is_missing_and_not_asked_for_again() -> None:
    desk = FeedDesk(now=MORNING)
    gone = desk.call("AAA")
    del desk.quotes[f"NFO:{gone.symbol}"]
    assert gathered(desk)
    assert gone.token not in desk.interest.read
    assert gathered(desk)
    assert len(keys_asked(desk)) == 1


def test_many_contracts_are_read_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ninefifteen.adapters.zerodha.interest.BATCH", 7)
    desk = FeedDesk(now=MORNING)
    assert gathered(desk)
    assert [len(keys) for keys in keys_asked(desk)] == [7, 7, 4]
    assert BATCH == 250


def test_a_broker_that_comes_back_is_asked_again_and_told_of_once() -> None:
    desk = FeedDesk(now=MORNING)
    desk.down = down_until(MORNING + 5 * SECOND)
    assert gathered(desk)
    assert desk.clock.at == MORNING + 3 * _PAUSE
    assert desk.told[0] == "interest: open interest cannot be read: no answer in time"
    assert len(desk.told) == 2


def test_what_is_not_read_by_then_is_told_and_what_was_read_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ninefifteen.adapters.zerodha.interest.BATCH", 7)
    desk = FeedDesk(now=MORNING)
    until = MORNING + MINUTE
    desk.down = lambda now: None if len(keys_asked(desk)) == 1 else down_until(1 << 62)(now)
    assert not gathered(desk, until=until)
    assert desk.clock.at == until
    assert len(desk.interest.read) == 7
    assert desk.told[-1] == "interest: yesterday's open interest: 1 of 3 readings so far"
    desk.down = lambda now: None
    assert gathered(desk)
    assert len(desk.interest.read) == 18
    assert [len(keys) for keys in keys_asked(desk)[-2:]] == [7, 4]


def test_nothing_is_gathered_from_the_open_on() -> None:
    desk = FeedDesk(now=OPEN)
    assert not gathered(desk, until=OPEN + MINUTE)
    assert keys_asked(desk) == []
    assert desk.interest.read == {}


def test_an_answer_that_comes_after_the_open_is_not_taken() -> None:
    desk = FeedDesk(now=OPEN - SECOND)

    def slow(now: Instant) -> None:
        desk.clock.at = OPEN

    desk.down = slow
    assert not gathered(desk, until=OPEN + MINUTE)
    assert desk.interest.read == {}


@pytest.mark.parametrize("stamp", ["timestamp", "last_trade_time"])
def test_what_the_exchange_stamped_after_the_open_is_today_s_even_if_our_clock_is_slow(stamp: str) -> None:
    desk = FeedDesk(now=OPEN - 2 * SECOND)
    call = desk.call("BBB")
    desk.quotes[f"NFO:{call.symbol}"] = quote(40.0, oi=1, **{stamp: OPEN})
    assert not gathered(desk)
    assert desk.interest.read == {}


def test_a_contract_that_never_traded_has_its_open_interest_all_the_same() -> None:
    desk = FeedDesk(now=MORNING)
    call = desk.call("BBB")
    desk.quotes[f"NFO:{call.symbol}"] = quote(0.0, oi=0, timestamp=0, last_trade_time=0)
    assert gathered(desk)
    assert desk.interest.read[call.token].oi == 0
