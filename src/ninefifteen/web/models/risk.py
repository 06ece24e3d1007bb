"""What may be lost, what of it is used, and the rule behind each figure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import Reply
from .shapes import Rupees, When


class Gauge(Reply):
    """One limit: what is used of it, the limit, and the setting that makes it.

    `share` is used over limit (0 to 1 and beyond), null where nothing is known. `unit` is rupees or count.
    """

    name: str
    text: str
    unit: Literal["rupees", "count"]
    used: Rupees | None
    limit: Rupees
    share: float | None
    state: Literal["green", "amber", "red", "unknown"]
    detail: str
    rule: str = Field(description="the setting that makes the limit")
    resets: str = Field(description="when it starts anew")


class LotLoss(Reply):
    """One way in which one position can end badly; `amount` null where it cannot be reckoned today."""

    name: Literal["stop", "stop_limit", "premium", "delivery"]
    text: str
    amount: Rupees | None
    detail: str
    rule: str


class LotRisk(Reply):
    """What one position could lose here: of the day's own plan, else of a typical position."""

    basis: Literal["plan", "typical"]
    basis_text: str
    contract: str | None
    losses: list[LotLoss]


class Clash(Reply):
    """Settings that are valid one by one and work against each other."""

    text: str
    keys: list[str]


class Risk(Reply):
    """The risk page. `from_engine`: the figures are those of the running engine, else of the newest day."""

    as_of: When | None
    from_engine: bool
    date: str | None
    gauges: list[Gauge]
    lot: LotRisk
    warnings: list[Clash]
    stops: list[str] = Field(description="what keeps new entries from being made now")
