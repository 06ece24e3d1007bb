"""Honest odds: what today's settings can earn and lose, said before anybody enters a key."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import Reply
from .shapes import Day, Rupees


class OddsFigure(Reply):
    """One answer: what it is of, the answer in words, and how it was reckoned and from what."""

    label: str
    value: str
    how: str


class OddsSection(Reply):
    """Some answers under one title, and what they mean."""

    name: Literal["stop", "break_even", "fair_month", "running_cost", "gates", "never"]
    title: str
    figures: list[OddsFigure]
    says: str


class OddsPosition(Reply):
    """One typical position. What is null cannot be: the position is refused.

    Losses and profit are after charges and half a spread; shares are fractions of 1. `dearest` is the dearest
    position that the limits let through, where dearer typical ones are refused.
    """

    value: Rupees
    dearest: bool
    refused: Literal["unaffordable", "risk_too_large", "too_cheap"] | None
    wished_loss: Rupees = Field(description="at strategy.stop_pct")
    stop_loss: Rupees | None = Field(description="at the working stop")
    stop_share: float | None = Field(description="how far below the entry the working stop is")
    tightened: bool
    profit: Rupees = Field(description="at the target")
    wished_break_even: float
    break_even: float | None = Field(description="the share of trades that must reach the target")
    charges: Rupees
    spread: Rupees = Field(description="what the spread takes, entry and exit together")
    cost_share: float = Field(description="charges and spread as a share of the premium")
    fair_month: Rupees | None = Field(description="a month on a fair market, at trades_a_month")
    fair_month_every_day: Rupees | None


class RunningCosts(Reply):
    """Rupees a month: what has to be paid, and with all that may be needed."""

    low: Rupees
    high: Rupees


class GateForecast(Reply):
    """When a number of paper trades is reached; not `exact`: beyond the calendar that is loaded."""

    trades: int
    every_day: Day
    at_pace: Day
    exact: bool


class RuleSetting(Reply):
    """A setting that holds a rule; `changed`: it is not the default."""

    key: str
    value: str
    changed: bool


class RuleOrigin(Reply):
    """Whose rule it is: of your document, of the strategy's public origin, or put in by this program."""

    whose: Literal["yours", "origin", "ours"]
    text: str
    settings: list[RuleSetting]


class Odds(Reply):
    """`sections` says everything in words, in reading order; the rest is the same for programs."""

    as_of: Day
    sections: list[OddsSection]
    positions: list[OddsPosition]
    trades_a_month: float
    running_cost: RunningCosts
    gates: list[GateForecast]
    rules: list[RuleOrigin]
