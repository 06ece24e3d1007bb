"""The promise of a broker: it takes orders and answers through the inbox, never by return value.

An adapter says one of three things about a placing: `OrderAccepted`, `OrderRefused` (the broker's
final answer, by an allow-list of definite refusals), or `OutcomeUnknown` (sent, and no trustworthy
answer). It never retries a write by itself and never raises for what the market or network does.
"""

from __future__ import annotations

from typing import Protocol

from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.order import ApprovedOrder


class Broker(Protocol):
    """Where approved orders go."""

    def submit(self, at: Instant, order: ApprovedOrder) -> None:
        """Send the order once."""

    def modify(self, at: Instant, change: Modify) -> None:
        """Ask for the living order to take this whole new shape."""

    def cancel(self, at: Instant, change: Cancel) -> None:
        """Ask for the order to be cancelled."""

    def read_orders(self, at: Instant) -> None:
        """Read the day's order book; the answer is `OrdersRead`."""

    def read_positions(self, at: Instant) -> None:
        """Read what the account holds; the answer is `PositionsRead`."""
