"""A feed that is connected later: what it is asked until then waits, in order."""

from __future__ import annotations

from datetime import date

from ninefifteen.domain.instants import Instant
from ninefifteen.wiring.market_day import LateFeed

DAY = date(2026, 12, 7)


class Asked:
    """A feed that keeps what it is asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def ask_pre_open(self, at: Instant) -> None:
        self.calls.append(("pre_open", at))

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:
        self.calls.append(("chains", at, symbols, expiry))

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        self.calls.append(("subscribe", at, names))

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        self.calls.append(("unsubscribe", at, names))

    def subscribe_stocks(self, at: Instant) -> None:
        self.calls.append(("stocks", at))


def test_what_is_asked_before_there_is_a_market_waits_for_it_in_order() -> None:
    late, feed = LateFeed(), Asked()

    def ask_everything(start: Instant) -> list[tuple[object, ...]]:
        late.ask_pre_open(start)
        late.ask_chains(start + 1, ("ACME",), DAY)
        late.subscribe(start + 2, ("call",))
        late.unsubscribe(start + 3, ("call",))
        late.subscribe_stocks(start + 4)
        return [
            ("pre_open", start),
            ("chains", start + 1, ("ACME",), DAY),
            ("subscribe", start + 2, ("call",)),
            ("unsubscribe", start + 3, ("call",)),
            ("stocks", start + 4),
        ]

    early = ask_everything(0)
    assert feed.calls == []
    late.connect(feed)
    assert feed.calls == early
    assert early + ask_everything(10) == feed.calls
