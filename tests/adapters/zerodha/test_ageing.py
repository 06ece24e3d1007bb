"""Prices that stand still although the line is alive."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from ninefifteen.adapters.zerodha import ageing
from ninefifteen.adapters.zerodha.ageing import PriceAge
from ninefifteen.adapters.zerodha.client import KiteClient
from ninefifteen.adapters.zerodha.errors import Down
from ninefifteen.adapters.zerodha.quotes import QuoteRow
from ninefifteen.domain.events import Event, Quote
from ninefifteen.domain.instants import MINUTE, SECOND, Instant
from tests.adapters.zerodha.feed_desk import FeedDesk

NAME = "ITC26NOV400CE"


class Watched:
    """A watch over one subscribed contract on a clock that is slept through, until `until`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, until: Instant) -> None:
        self.facts = FeedDesk().facts
        self.at = self.facts.open_at - MINUTE
        self.until = self.facts.open_at + until
        self.lost_at: list[Instant] = []
        self.events: list[Event] = []
        self.told: list[str] = []
        self.names: dict[int, str] = {7: NAME}
        self.moving_until: Instant = 0
        self.answers: dict[str, QuoteRow] | None = {}
        self.asked: list[Instant] = []
        self.clock: Any = self
        monkeypatch.setattr(ageing, "quotes", self._quotes)
        self.age = PriceAge(
            client=cast("KiteClient", self),
            facts=self.facts,
            names=lambda: self.names,
            lost=lambda: self.lost_at.append(self.at),
            deliver=self.events.append,
            tell=lambda kind, text: self.told.append(f"{kind}: {text}"),
        )

    def now(self) -> Instant:
        return self.at

    async def sleep_until(self, until: Instant) -> None:
        if until > self.until:
            raise asyncio.CancelledError
        self.at = max(self.at, until)
        # As far as the prices move, a packet of this very second has just come.
        moved = min(self.at, self.facts.open_at + self.moving_until)
        self.age.seen(moved // SECOND * SECOND, self.at)

    async def _quotes(self, _: object, keys: list[str]) -> dict[str, QuoteRow]:
        assert keys == [f"NFO:{NAME}"]
        self.asked.append(self.at)
        if self.answers is None:
            raise Down("no answer")
        return self.answers

    def watch(self) -> None:
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(self.age.run())


def row(stamped_at: Instant) -> QuoteRow:
    return QuoteRow(
        token=7,
        stamped_at=stamped_at,
        traded_at=stamped_at,
        last=5_000,
        volume=0,
        oi=0,
        open=0,
        high=0,
        low=0,
        close=0,
        lower_circuit=0,
        upper_circuit=0,
        bids=((4_990, 50), (4_980, 100)),
        asks=(),
    )


def test_prices_that_move_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, 10 * MINUTE)
    watched.moving_until = 20 * MINUTE
    watched.watch()
    assert (watched.lost_at, watched.told, watched.asked) == ([], [], [])
    assert watched.age.believes(watched.at - 60 * MINUTE, watched.at)


def test_prices_that_stand_still_are_lost_once_told_and_asked_for_by_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched = Watched(monkeypatch, 5 * MINUTE)
    watched.moving_until = MINUTE
    watched.watch()
    (lost_at,) = watched.lost_at
    assert watched.facts.open_at + MINUTE < lost_at <= watched.facts.open_at + 3 * MINUTE
    (told,) = watched.told
    assert told.startswith("alarm: prices stand still since 09:16:00")
    assert len(watched.asked) > 10
    assert watched.age.still
    assert not watched.age.believes(watched.at - 6 * SECOND, watched.at)
    assert watched.age.believes(watched.at - SECOND, watched.at)


def test_a_quote_by_rest_counts_only_when_its_stamp_is_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, 5 * MINUTE)
    watched.answers = {f"NFO:{NAME}": row(watched.facts.open_at + SECOND)}
    watched.watch()
    quotes = [event for event in watched.events if isinstance(event, Quote)]
    assert all(quote.at - quote.exchange_at <= 61 * SECOND for quote in quotes)
    assert len(quotes) < len(watched.asked)
    fresh = Watched(monkeypatch, 5 * MINUTE)
    fresh.answers = {f"NFO:{NAME}": row(fresh.facts.open_at + 4 * MINUTE)}
    fresh.watch()
    got = fresh.events[-1]
    assert isinstance(got, Quote)
    assert (got.name, got.bid, got.ask, got.more_bids) == (NAME, 4_990, 0, ((4_980, 100),))


def test_a_broker_that_does_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, 5 * MINUTE)
    watched.answers = None
    watched.watch()
    assert len(watched.asked) > 10
    assert watched.events == []


def test_when_prices_move_again_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, 5 * MINUTE)
    watched.watch()
    assert watched.age.still
    watched.moving_until, watched.until = 20 * MINUTE, watched.until + 2 * MINUTE
    watched.watch()
    assert watched.told[-1] == "feed: prices move again"
    assert not watched.age.still


@pytest.mark.parametrize("names", [{}])
def test_without_a_contract_nobody_minds(monkeypatch: pytest.MonkeyPatch, names: dict[int, str]) -> None:
    watched = Watched(monkeypatch, 5 * MINUTE)
    watched.names = names
    watched.watch()
    assert watched.told == []


def test_a_stamp_of_the_future_is_no_proof_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, 5 * MINUTE)
    watched.age.seen(watched.facts.open_at + 60 * MINUTE, watched.facts.open_at)
    watched.watch()
    assert watched.lost_at
