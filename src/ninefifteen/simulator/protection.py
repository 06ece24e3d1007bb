"""Limit price protection, and the broker's rule for prices far from the last price.

Sources: NSE/FAOP/54242 and Zerodha's support page on rejections; the figures are dated rows of
`rules/order_limits.csv`. At the open the reference is theoretical, later the mean price of the last 30
seconds; without a trade for 15 minutes it is theoretical again. The feed shows prices, not trades:
a changed last price counts as a trade, and the mean is taken over the last prices shown.
"""

from __future__ import annotations

from collections import deque

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.money import Paise, rupees
from ninefifteen.domain.order import Side
from ninefifteen.domain.order_limits import OrderLimits, price_range

from .words import Refusal, refusal


class PriceReference:
    """The reference price of one contract. `theoretical` is paise, 0 where nobody has told it."""

    __slots__ = ("_changed_at", "_seen", "_total", "_untraded", "_window", "last", "theoretical")

    def __init__(self, limits: OrderLimits) -> None:
        self.theoretical: Paise = 0
        self.last: Paise = 0
        self._window = limits.lpp_window * SECOND
        self._untraded = limits.lpp_untraded * SECOND
        self._seen: deque[tuple[Instant, Paise]] = deque()
        self._total = 0
        self._changed_at: Instant = 0

    def see(self, at: Instant, price: Paise) -> None:
        """A last price shown at `at`; instants never go back."""
        if price != self.last:
            self.last, self._changed_at = price, at
        seen = self._seen
        seen.append((at, price))
        self._total += price
        while len(seen) > 1 and seen[0][0] <= at - self._window:
            self._total -= seen.popleft()[1]

    def at(self, instant: Instant) -> Paise:
        """The reference in force, to the nearest paisa (half up); 0 when there is none."""
        if not self.last or instant - self._changed_at >= self._untraded:
            return self.theoretical
        count = len(self._seen)
        return (2 * self._total + count) // (2 * count)


def protection_refusal(
    code: str, name: str, side: Side, price: Paise, reference: Paise, limits: OrderLimits
) -> Refusal | None:
    """The refusal `code` when a buy is above or a sell below the range; None without a reference."""
    if not reference or not limits.lpp_percent:
        return None
    low, high = price_range(reference, limits)
    if price <= high if side == "BUY" else price >= low:
        return None
    figures = {"low": rupees(low), "high": rupees(high), "reference": rupees(reference)}
    return refusal(code, name=name, price=rupees(price), **figures)


def far_refusal(name: str, side: Side, price: Paise, last: Paise, limits: OrderLimits) -> Refusal | None:
    """The broker's refusal of a limit far from a last price that is high enough for the rule."""
    if not last or last < limits.far_last:
        return None
    if side == "BUY":
        bound, relation = last * (100 + limits.far_buy_percent) // 100, "up to"
        passes = price <= bound
    else:
        bound, relation = -(-last * (100 - limits.far_sell_percent) // 100), "down to"
        passes = price >= bound
    if passes:
        return None
    figures = {"side": side, "relation": relation, "bound": rupees(bound)}
    return refusal("far_price", name=name, price=rupees(price), last=rupees(last), **figures)
