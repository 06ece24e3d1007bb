"""Honest odds: what today's settings can earn and lose, reckoned from them and from dated rules.

Nothing here is a forecast of the market. A position stands for typical lots; its stop, its losses and its
break-even are reckoned as the day's plan does it, on the value of the position without rounding to ticks.
On a fair market no rule for leaving earns or loses anything on average, so a trade loses on average
exactly what it costs: charges and spread. `odds_sections` says all of it in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from ninefifteen.domain.calendar import TradingCalendar
from ninefifteen.domain.charges import ChargeRates, ChargeTable
from ninefifteen.domain.levels import break_even, cost, level, loss_at, percent, working_stop
from ninefifteen.domain.money import Paise
from ninefifteen.domain.settings import Settings
from ninefifteen.domain.typical import TYPICAL_LOT

from .odds_data import OddsData, RunningCost, odds_data

Refused = Literal["unaffordable", "risk_too_large", "too_cheap"]
_STEP: Paise = 100_00
_MONTHS = 12
_DAYS_OF_A_YEAR = 365


class Position(Struct, frozen=True, kw_only=True):
    """One typical position of `value` paise and what becomes of it; every amount is paise.

    `refused` is the code of the test that it fails, and then it has no working stop. `dearest` marks the
    dearest position that the limits let through, where dearer typical ones are refused.
    """

    value: Paise
    dearest: bool
    refused: Refused | None
    wished_loss: Paise
    """At `strategy.stop_pct`, charges and half a spread included."""
    stop_loss: Paise | None
    """At the working stop, the same included."""
    stop_share: Fraction | None
    """How far below the entry the working stop is."""
    tightened: bool
    profit: Paise
    """At the target, after the same costs."""
    wished_break_even: float
    break_even: float | None
    """The share of trades that must reach the target, computed from the working stop."""
    charges: Paise
    crossing: Paise
    """What the spread takes at the entry and the exit together."""
    month: Paise | None
    """A month on a fair market, with as many trades as `Pace.trades_a_month`."""
    month_every_day: Paise | None
    """The same with a trade on every trading day."""

    @property
    def cost_share(self) -> Fraction:
        """Charges and spread as a share of the premium: the edge a trade needs to earn nothing."""
        return Fraction(self.charges + self.crossing, self.value)


class Pace(Struct, frozen=True, kw_only=True):
    """How often trades come: trading days of a known year, and the share of them that had a trade."""

    year: int
    days_of_year: int
    share: Fraction

    @property
    def days_a_month(self) -> Fraction:
        """Trading days of an average month."""
        return Fraction(self.days_of_year, _MONTHS)

    @property
    def trades_a_month(self) -> Fraction:
        """Trades of an average month."""
        return self.days_a_month * self.share


class GateDate(Struct, frozen=True, kw_only=True):
    """When a number of trades is reached, counted from the first trading day after today.

    `exact` is False where the calendar ends before: then the pace of the last known year goes on.
    """

    trades: int
    every_day: date
    at_pace: date
    exact: bool


class Odds(Struct, frozen=True, kw_only=True):
    """All figures; `settings` are those they were reckoned from."""

    as_of: date
    settings: Settings
    data: OddsData
    positions: tuple[Position, ...]
    pace: Pace
    gates: tuple[GateDate, ...]
    costs: tuple[RunningCost, ...]

    @property
    def monthly_low(self) -> Decimal:
        """Rupees a month that have to be paid in any case."""
        return sum((one.low for one in self.costs if not one.optional), Decimal(0))

    @property
    def monthly_high(self) -> Decimal:
        """Rupees a month with everything that may be needed."""
        return sum((one.high for one in self.costs), Decimal(0))


def odds(settings: Settings, calendar: TradingCalendar, charges: ChargeTable, today: date) -> Odds:
    """The odds of these settings on this day. Raises NoChargeData."""
    data, rates = odds_data(), charges.on(today, "options")
    pace = _pace(calendar, today, data.trading_days.share)
    desk = _Desk(settings, rates, data, pace)
    counts = sorted({settings.gates.min_trades, settings.gates.full_trades})
    return Odds(
        as_of=today,
        settings=settings,
        data=data,
        positions=tuple(desk.positions()),
        pace=pace,
        gates=tuple(_gate(calendar, pace, today, count) for count in counts),
        costs=tuple(one for one in data.cost if one.broker in ("", settings.trading.broker)),
    )


class _Desk:
    """Plans of positions that nobody has, as `engine.planning` makes them."""

    def __init__(self, settings: Settings, rates: ChargeRates, data: OddsData, pace: Pace) -> None:
        self._strategy, self._risk = settings.strategy, settings.risk
        self._rates, self._pace = rates, pace
        self._crossing = data.crossing.share
        self._money = int(min(self._risk.max_position_value, settings.trading.paper_capital) * 100)
        self._budget = Fraction(self._risk.max_daily_loss) * 100

    def positions(self) -> Iterator[Position]:
        """The typical ones, and the dearest one that passes where that is below the dear one."""
        low, high = (int(lot * 100) * self._strategy.lots for lot in TYPICAL_LOT)
        dearest = self._dearest(high)
        for value in sorted({low, high, dearest} - {0}):
            yield self._position(value, dearest=value == dearest < high)

    def _dearest(self, high: Paise) -> Paise:
        """The dearest position up to `high` that money and risk let through, 0 for none; steps of Rs 100."""
        low_step, high_step = 0, high // _STEP
        while low_step < high_step:
            middle = (low_step + high_step + 1) // 2
            if self._refused(middle * _STEP, self._stop(middle * _STEP)) is None:
                low_step = middle
            else:
                high_step = middle - 1
        return low_step * _STEP

    def _stop(self, value: Paise) -> Paise | None:
        """The working stop as the value of the position there."""
        wished = level(value, -self._strategy.stop_pct, 1)
        return working_stop(value, wished, 1, 1, self._rates, self._budget, self._half(value))

    def _half(self, value: Paise) -> Fraction:
        return value * self._crossing / 2

    def _refused(self, value: Paise, stop: Paise | None) -> Refused | None:
        """The code of the first test of money and risk that this position fails."""
        if value > self._money:
            return "unaffordable"
        wished = level(value, -self._strategy.stop_pct, 1)
        if stop is None or (stop > wished and self._risk.when_stop_exceeds_limit == "refuse"):
            return "risk_too_large"
        near = value - stop < percent(self._strategy.min_working_stop_pct) * value
        return "risk_too_large" if near else None

    def _too_cheap(self, value: Paise, target: Paise) -> bool:
        share = self._strategy.max_charge_share
        return bool(share) and cost(self._rates, value, target) > percent(share) * (target - value)

    def _position(self, value: Paise, *, dearest: bool) -> Position:
        rates, half, stop = self._rates, self._half(value), self._stop(value)
        wished = level(value, -self._strategy.stop_pct, 1)
        target = level(value, self._strategy.target_pct, 1)
        refused = self._refused(value, stop) or ("too_cheap" if self._too_cheap(value, target) else None)
        wished_loss = loss_at(value, wished, 1, rates, half)
        profit = -loss_at(value, target, 1, rates, half)
        crossing = self._crossing * value
        # Charges are linear in what is sold for, so those of the average sale are the average charges.
        spent = cost(rates, value, int(value - crossing))
        works = refused is None and stop is not None
        loss = loss_at(value, stop, 1, rates, half) if works and stop is not None else None
        return Position(
            value=value,
            dearest=dearest,
            refused=refused,
            wished_loss=_up(wished_loss),
            stop_loss=None if loss is None else _up(loss),
            stop_share=Fraction(value - stop, value) if works and stop is not None else None,
            tightened=works and stop is not None and stop > wished,
            profit=int(profit),
            wished_break_even=break_even(profit, wished_loss),
            break_even=None if loss is None else break_even(profit, loss),
            charges=_up(spent),
            crossing=_up(crossing),
            month=-_up((spent + crossing) * self._pace.trades_a_month) if works else None,
            month_every_day=-_up((spent + crossing) * self._pace.days_a_month) if works else None,
        )


def _pace(calendar: TradingCalendar, today: date, share: Fraction) -> Pace:
    """The trading days of this year; where its calendar is not loaded, of the newest year that is."""
    year = today.year if calendar.covers(today.year) else max(calendar.years, default=today.year)
    days = calendar.trading_days(date(year, 1, 1), date(year, 12, 31))
    return Pace(year=year, days_of_year=len(days), share=share)


def _gate(calendar: TradingCalendar, pace: Pace, today: date, trades: int) -> GateDate:
    days = -(-trades * pace.share.denominator // pace.share.numerator)
    every_day, known = _day_number(calendar, pace, today, trades)
    at_pace, also_known = _day_number(calendar, pace, today, days)
    return GateDate(trades=trades, every_day=every_day, at_pace=at_pace, exact=known and also_known)


def _day_number(calendar: TradingCalendar, pace: Pace, today: date, number: int) -> tuple[date, bool]:
    """The `number`-th trading day after today, and whether the calendar itself says so."""
    end = calendar.data_end(today)
    known = [] if end is None else calendar.trading_days(today + timedelta(1), end)
    if len(known) >= number:
        return known[number - 1], True
    rest = Fraction((number - len(known)) * _DAYS_OF_A_YEAR, pace.days_of_year)
    return (end or today) + timedelta(-(-rest.numerator // rest.denominator)), False


def _up(amount: Fraction) -> Paise:
    return -(-amount.numerator // amount.denominator)
