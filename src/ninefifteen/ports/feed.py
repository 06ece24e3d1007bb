"""The promise of market data: what is asked for comes back as events, and nothing else does."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from ninefifteen.domain.instants import Instant


class Feed(Protocol):
    """Where market data comes from; driven by what the engine asks for."""

    def ask_pre_open(self, at: Instant) -> None:
        """Answered by `PreOpen`, or by `NoData` where there is none."""

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:
        """Answered by `Chains` in the order asked, or by `NoData`."""

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """From now on `Quote`, `LastPrice` or `Bar` events of these contracts, in time order."""

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:
        """No further events of these contracts."""

    def subscribe_stocks(self, at: Instant) -> None:
        """From now on `StockTicks` of the universe, where the source has them."""
