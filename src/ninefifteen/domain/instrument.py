"""What can be traded: one contract of one day, with the facts an order must respect."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from .money import Paise

Kind = Literal["CE", "PE", "EQ"]


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """A tradable contract as today's contract list shows it.

    `name` is the key used everywhere (a broker's trading symbol, or the label of a recorded
    contract); it is never taken apart or built from a template to reach a broker. `lot_size` and
    `freeze_quantity` are units, `tick` and `strike` paise; `strike` is 0 and `expiry` None for a
    share. `band_low`/`band_high` are the day's operating range in paise, 0 where unknown.
    """

    name: str
    symbol: str
    kind: Kind
    lot_size: int
    tick: Paise
    expiry: date | None = None
    strike: Paise = 0
    freeze_quantity: int = 0
    band_low: Paise = 0
    band_high: Paise = 0


def recorded_name(symbol: str, expiry: date, strike: Paise, kind: Kind) -> str:
    """The label of a recorded or synthetic contract: "WIPRO 2026-01-27 262.5 CE".

    It is a label for people and files and is never sent to a broker (`design/strategy.md` C4).
    """
    whole, rest = divmod(strike, 100)
    shown = f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
    return f"{symbol} {expiry.isoformat()} {shown} {kind}"
