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


def test_a_listed_contract_that_never_comes_back_is_asked_for_a_few_times_and_told_of_once() -> None:
    desk = FeedDesk(now=MORNING)
    gone = f"NFO:{desk.call('AAA').symbol}"
    del desk.quotes[gone]
    assert gathered(desk)
    assert keys_asked(desk)[1:] == [[gone]] * 2
    assert desk.clock.at == MORNING + 2 * _PAUSE
    assert gathered(desk)
    assert keys_asked(desk)[3:] == [[gone]]
    assert desk.call("AAA").token not in desk.interest.read
    read, doubtful = desk.told
    assert read == "interest: yesterday's open interest of 17 contracts is read"
    assert doubtful == (
        "interest: listed contracts that the broker does not quote: AAA 1; yesterday's open interest counts "
        "as unknown of AAA (calls: 1 of 3 not quoted)"
    )


def test_contracts_that_a_reply_leaves_out_are_there_when_they_come_the_next_time() -> None:
    desk = FeedDesk(now=MORNING)
    left_out = {key: row for key, row in desk.quotes.items() if key.startswith("NFO:BBB")}

    def come(now: Instant) -> None:
        if now > MORNING:
            desk.quotes.update(left_out)

    desk.quotes = {key: row for key, row in desk.quotes.items() if key not in left_out}
    desk.down = come
    assert gathered(desk)
    assert len(desk.interest.read) == 18
    assert desk.told == ["interest: yesterday's open interest of 18 contracts is read"]


def test_a_chain_that_is_weeks_old_is_asked_for_again_and_taken_when_it_is_fresh() -> None:
    desk = FeedDesk(now=MORNING)
    old = aged(desk, "BBB")
    assert gathered(desk)
    assert [len(keys) for keys in keys_asked(desk)] == [18, 6, 6]
    assert desk.told[-1] == (
        "interest: yesterday's open interest counts as unknown of "
        "BBB (calls: 3 of 3 older than the previous trading day), "
        "BBB (puts: 3 of 3 older than the previous trading day)"
    )
    desk.quotes.update(old)
    assert gathered(desk)
    assert len(keys_asked(desk)) == 4
    assert gathered(desk)
    assert len(keys_asked(desk)) == 4


def test_what_is_in_doubt_does_not_hold_the_other_stocks_up_when_the_broker_goes() -> None:
    desk = FeedDesk(now=OPEN - MINUTE)
    del desk.quotes[f"NFO:{desk.call('AAA').symbol}"]
    desk.down = lambda now: down_until(1 << 62)(now) if len(keys_asked(desk)) > 1 else None
    assert gathered(desk)
    assert desk.clock.at < OPEN - MINUTE // 2
    assert len(desk.interest.read) == 17


def test_what_is_in_doubt_is_not_asked_for_after_the_open() -> None:
    desk = FeedDesk(now=OPEN - SECOND)
    del desk.quotes[f"NFO:{desk.call('AAA').symbol}"]
    assert gathered(desk)
    assert desk.clock.at == OPEN
    assert gathered(desk)
    assert len(keys_asked(desk)) == 1


def aged(desk: FeedDesk, name: str) -> dict[str, dict[str, object]]:
    """Make the quotes of a stock's contracts two weeks old; the quotes as they were."""
    before = {key: row for key, row in desk.quotes.items() if key.startswith(f"NFO:{name}")}
    stamp = "2026-11-17 15:29:00"
    desk.quotes |= {key: row | {"timestamp": stamp, "last_trade_time": stamp} for key, row in before.items()}
    return before


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
