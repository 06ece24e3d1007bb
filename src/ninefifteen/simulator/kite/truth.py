"""What really happened at this exchange, for tests: every write that came, every order, fill and position.

Nobody but a test may look here: real brokers have no such address, and the program never asks for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import msgspec

from ninefifteen.domain.instants import Instant, day_of
from ninefifteen.domain.order import FINAL

from .desk import Desk
from .envelope import KiteError


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """One write that reached the broker: `place`, `modify` or `cancel`; `refused` has the words of a no."""

    at: Instant
    what: str
    tag: str | None
    order_id: str | None
    refused: str | None


class Truth:
    """The writes of the day as they came, and the documents of the days before."""

    def __init__(self) -> None:
        self._writes: list[Write] = []
        self._past: list[dict[str, Any]] = []

    def written(self, at: Instant, what: str, tag: str | None, do: Callable[[], str]) -> str:
        """Do a write and keep it, whatever becomes of its reply; the order's id, or raises KiteError."""
        try:
            order_id = do()
        except KiteError as no:
            self._writes.append(Write(at=at, what=what, tag=tag, order_id=None, refused=no.message))
            raise
        self._writes.append(Write(at=at, what=what, tag=tag, order_id=order_id, refused=None))
        return order_id

    def end_day(self, desk: Desk, at: Instant) -> None:
        """Keep a day before the desk of the next one begins."""
        self._past.append(self._day(desk, at))
        self._writes = []

    def document(self, desk: Desk, now: Instant) -> dict[str, Any]:
        """Every day so far, today last. Quantities units, prices paise, instants nanoseconds."""
        return {"days": [*self._past, self._day(desk, now)]}

    def _day(self, desk: Desk, now: Instant) -> dict[str, Any]:
        return {
            "date": day_of(now),
            "writes": list(self._writes),
            "orders": [
                {
                    "order_id": order.order_id,
                    "tag": order.wish.tag,
                    "side": order.wish.side,
                    "symbol": order.wish.listed.symbol,
                    "quantity": order.state.quantity,
                    "filled": order.state.filled,
                    "status": order.state.status,
                    "placed_at": order.placed_at,
                }
                for order in desk.orders.values()
            ],
            "fills": [
                {
                    "order_id": order.order_id,
                    "tag": order.wish.tag,
                    "side": fill.side,
                    "symbol": order.wish.listed.symbol,
                    "quantity": fill.quantity,
                    "price": fill.price,
                    "at": fill.at,
                }
                for fill, order in desk.trades()
            ],
            "contracts": [_contract(desk, symbol) for symbol in _symbols(desk)],
            "flat": desk.exchange.is_flat(),
        }


def _symbols(desk: Desk) -> list[str]:
    return list(dict.fromkeys(order.wish.listed.symbol for order in desk.orders.values()))


def _contract(desk: Desk, symbol: str) -> dict[str, Any]:
    """A contract's net, the least it ever was, and the least that was held beyond open sell orders (I2)."""
    moves: dict[Instant, list[int]] = defaultdict(lambda: [0, 0])
    for order in desk.orders.values():
        if order.wish.listed.symbol != symbol:
            continue
        sign, filled, offered = (1 if order.wish.side == "BUY" else -1), 0, 0
        for at, report in desk.exchange.history(order.order_id):
            open_sell = report.quantity - report.filled if sign < 0 and report.status not in FINAL else 0
            move = moves[at]
            move[0] += sign * (report.filled - filled)
            move[1] += open_sell - offered
            filled, offered = report.filled, open_sell
    net = least_net = offered = least_spare = 0
    for at in sorted(moves):
        net += moves[at][0]
        offered += moves[at][1]
        least_net, least_spare = min(least_net, net), min(least_spare, net - offered)
    return {"symbol": symbol, "net": net, "least_net": least_net, "least_spare": least_spare}
