"""The chart of a day: candles of the stock and the option, markers, and the levels over time."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import Reply
from .shapes import Day, Rupees, When


class ChartName(Reply):
    """Something the day has prices of. `role`: the stock behind the pick, the option, another one."""

    name: str
    role: Literal["stock", "option"]
    held: bool = Field(description="the bot bought it")


class Candle(Reply):
    """One minute. `time` is its beginning in seconds since 1970 (UTC), as the chart library wants it."""

    time: int
    open: Rupees
    high: Rupees
    low: Rupees
    close: Rupees


class Marker(Reply):
    """An entry, an exit, or the plan on the chart."""

    time: int
    at: When
    kind: Literal["entry", "exit"]
    contract: str
    price: Rupees
    quantity: int
    text: str


class LevelPoint(Reply):
    """From this instant on the level stood here; null: it no longer stood."""

    time: int
    price: Rupees | None


class Level(Reply):
    """A level of the exits over time."""

    name: Literal["target", "stop"]
    points: list[LevelPoint]


class Chart(Reply):
    """A day's chart of one name. With `since` only candles from that minute on are listed.

    `basis` says what the candles are made of: last trades, or bids of the option. Without a candle `reason`
    says why.
    """

    date: Day
    run: str
    name: str | None
    role: Literal["stock", "option"] | None
    basis: Literal["bid", "last", "bars"] | None
    basis_text: str | None
    names: list[ChartName]
    since: int | None
    candles: list[Candle]
    markers: list[Marker]
    levels: list[Level]
    finished: bool
    as_of: When | None
    catching_up: bool
    reason: str | None
