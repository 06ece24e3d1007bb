"""One synthetic morning: who stands where before the first trade, drawn from (seed, date) alone."""

from __future__ import annotations

import math
from datetime import date, timedelta

import msgspec
import numpy as np

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.money import Paise

from .members import Member, member
from .options import Gaps, SyntheticOptions
from .streams import fat, stream

_FOUR_WEEKS = timedelta(days=28)


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """One member on this morning. Prices are paise.

    `open` is the final price of the pre-open auction and the day's first price; `vol` the implied
    volatility (fraction a year) of the traded expiry at the previous close; `iv_ratio` near over next.
    """

    member: Member
    prev_close: Paise
    open: Paise
    vol: float
    iv_ratio: float

    @property
    def gap(self) -> float:
        """The overnight move as a logarithm."""
        return math.log(self.open / self.prev_close)


class World:
    """What is the same for every question asked of one synthetic day.

    `expiries` are the near and the next one; without them the traded expiry and one four or five
    weeks later exist. Raises BadInput when a member of the universe has no synthetic figures.
    """

    def __init__(
        self, seed: int, facts: DayFacts, options: SyntheticOptions, expiries: tuple[date, ...] = ()
    ) -> None:
        self.seed, self.facts, self.options = seed, facts, options
        self.expiries = expiries or (facts.expiry, _month_later(facts.expiry))
        self.seconds = (facts.close_at - facts.open_at) // SECOND
        market = self.draws("market")
        gaps = options.gaps
        self._market_gap = gaps.market_mean_pct + gaps.market_sd_pct * fat(market, gaps.market_df)
        self._level = math.exp(options.surface.level_sd * float(market.standard_normal()))
        self.stocks = {symbol: self._stock(symbol) for symbol in facts.universe}

    def draws(self, *names: object) -> np.random.Generator:
        """The day's stream of chance of that name."""
        return stream(self.seed, self.facts.date, *names)

    def second(self, at: Instant) -> int:
        """Whole seconds from the open to `at`, rounded down; negative before the open."""
        return (at - self.facts.open_at) // SECOND

    def days_to(self, expiry: date) -> int:
        """Calendar days from this day to `expiry`, at least 1."""
        return max(1, (expiry - self.facts.date).days)

    def days_to_before(self, expiry: date) -> int:
        """Calendar days from the previous trading day to `expiry`, at least 1."""
        return max(1, (expiry - self.facts.previous_day).days)

    def vol(self, stock: Stock, expiry: date) -> float:
        """Implied volatility at the money of that expiry at the previous close."""
        traded = self.facts.expiry
        if expiry == traded:
            return stock.vol
        return stock.vol / stock.iv_ratio if expiry > traded else stock.vol * stock.iv_ratio

    def _stock(self, symbol: str) -> Stock:
        known, draws = member(symbol), self.draws("stock", symbol)
        gaps = self.options.gaps
        close = known.base_price * math.exp(gaps.base_sd_pct / 100.0 * float(draws.standard_normal()))
        prev_close = _to_tick(close, known.stock_tick)
        vol = self._vol(known, draws)
        sector = gaps.sector_sd_pct * float(self.draws("sector", known.sector).standard_normal())
        gap = known.beta * self._market_gap + sector + _own_gap(gaps, vol, draws)
        limited = min(max(gap, -gaps.limit_pct), gaps.limit_pct) / 100.0
        return Stock(
            member=known,
            prev_close=prev_close,
            open=_to_tick(prev_close * math.exp(limited), known.stock_tick),
            vol=vol,
            iv_ratio=self._ratio(draws),
        )

    def _vol(self, known: Member, draws: np.random.Generator) -> float:
        surface = self.options.surface
        own = math.exp(surface.own_level_sd * float(draws.standard_normal()))
        vol = known.volatility * self._level * own
        return round(min(max(vol, surface.lowest_vol), surface.highest_vol), 4)

    def _ratio(self, draws: np.random.Generator) -> float:
        surface = self.options.surface
        usual = math.exp(surface.ratio_sd * float(draws.standard_normal()))
        event = float(draws.uniform(surface.event_ratio_low, surface.event_ratio_high))
        return round(event if float(draws.random()) < surface.event_chance else usual, 3)


def _own_gap(gaps: Gaps, vol: float, draws: np.random.Generator) -> float:
    """The stock's own share of the gap in percent, with news now and then."""
    own = gaps.own_sd_pct * vol * 100.0 / gaps.own_volatility * fat(draws, gaps.own_df)
    news = float(draws.uniform(gaps.news_low_pct, gaps.news_high_pct))
    sign = 1.0 if float(draws.random()) < 0.5 else -1.0  # noqa: PLR2004 - heads or tails
    return own + sign * news if float(draws.random()) < gaps.news_chance else own


def _to_tick(price: float, tick: Paise) -> Paise:
    return max(1, round(price / tick)) * tick


def _month_later(expiry: date) -> date:
    """The last such weekday of the month after `expiry`'s."""
    later = expiry + _FOUR_WEEKS
    further = later + timedelta(days=7)
    return further if further.month == later.month else later
