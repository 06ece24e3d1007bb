"""How Kite writes times and money: naive stamps are India's, and prices become whole paise.

Everything here is a function of its argument and raises ValueError, with what is wrong in its text,
for anything that cannot be what it should be. A caller makes one clear line of it: the reply is
malformed, and nothing in it is believed (`reference/brokers.md` sections 2.2 and 2.6).
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, TypeVar

import msgspec

from ninefifteen.domain.instants import IST, Instant, from_datetime, to_datetime
from ninefifteen.domain.money import Paise

T = TypeVar("T")

Units = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
"""A count of units in a reply; beyond a million million it is no count of anything traded in India."""

SignedUnits = Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)]
"""A count of units that may be sold short."""

IDENTITY = r"\A[A-Za-z0-9_-]{1,64}\Z"
"""Signs of an id; it becomes part of the address of a request."""

Identity = Annotated[str, msgspec.Meta(pattern=IDENTITY)]
"""An id as text: newer order ids have 19 digits, more than a float can hold."""

_HIGHEST_PRICE = Decimal(10_000_000)
"""Rupees. The dearest share in India costs a fiftieth of it, an index a hundredth."""

_HIGHEST_AMOUNT = Decimal(10) ** 12
"""Rupees to either side, for sums of money of one account."""

_NAIVE = len("2026-11-23 09:15:01")
_FIRST_YEAR = 2000
"""The exchange's epoch is 1980; what Kite stamps before this year means "never"."""


def decode(raw: bytes | msgspec.Raw, shape: type[T]) -> T:
    """JSON as `shape`; raises ValueError for anything else."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except RecursionError:
        raise ValueError("nested too deep") from None


def instant(text: str | None) -> Instant:
    """A stamp as an instant; 0 for none. Naive stamps are IST, others carry their offset."""
    if not text:
        return 0
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        if len(text) != _NAIVE:
            raise ValueError(f"not a date and a time to the second: {text!r}")
        moment = moment.replace(tzinfo=IST)
    return from_datetime(moment) if moment.year >= _FIRST_YEAR else 0


def written(moment: Instant) -> str:
    """The instant as Kite takes it in a request: "2026-11-23 09:15:01", IST, to the second below."""
    return to_datetime(moment).strftime("%Y-%m-%d %H:%M:%S")


def exact(value: Decimal) -> Paise:
    """A price that must be whole paise, as prices of orders, trades and strikes are."""
    paise = _paise(value, _HIGHEST_PRICE)
    if paise != paise.to_integral_value() or paise < 0:
        raise ValueError(f"not a price in whole paise: {value}")
    return int(paise)


def nearest(value: Decimal) -> Paise:
    """A price to the nearest paisa, half up: averages, index values and adjusted history carry more."""
    paise = _paise(value, _HIGHEST_PRICE)
    if paise < 0:
        raise ValueError(f"a negative price: {value}")
    return int(paise.to_integral_value(ROUND_HALF_UP))


def amount(value: Decimal) -> Paise:
    """A sum of rupees, which may be negative, to the nearest paisa, half away from zero."""
    return int(_paise(value, _HIGHEST_AMOUNT).to_integral_value(ROUND_HALF_UP))


def _paise(value: Decimal, highest: Decimal) -> Decimal:
    if not value.is_finite() or not -highest <= value <= highest:
        raise ValueError(f"not an amount of rupees: {str(value)[:40]}")
    return value * 100
