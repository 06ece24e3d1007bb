"""The knobs of the synthetic market; the figures are in simulator/data/synthetic_world.toml.

Percentages are percent of a price, volatilities fractions a year, `_sd` standard deviations, `_s`
seconds. Every knob is explained beside its figure in that file.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct
from msgspec.structs import replace

_FIGURES = files("ninefifteen.simulator") / "data" / "synthetic_world.toml"


class Gaps(Struct, frozen=True, forbid_unknown_fields=True):
    """The overnight move from the previous close to the price of the pre-open auction."""

    market_mean_pct: float
    market_sd_pct: float
    market_df: int
    sector_sd_pct: float
    own_sd_pct: float
    own_volatility: float
    own_df: int
    news_chance: float
    news_low_pct: float
    news_high_pct: float
    limit_pct: float
    base_sd_pct: float


class Auction(Struct, frozen=True, forbid_unknown_fields=True):
    """How indicative prices come to the final one."""

    starts_before_final_s: int
    settles_within_s: int
    wander_pct: float


class Clock(Struct, frozen=True, forbid_unknown_fields=True):
    """How a day's variance is spent: relative `rates` at `minutes` after the open, linear between."""

    year_days: int
    inside_share: float
    inside_s: int
    minutes: tuple[float, ...]
    rates: tuple[float, ...]


class Paths(Struct, frozen=True, forbid_unknown_fields=True):
    """How stocks move while the market is open."""

    market_vol: float
    sector_vol: float
    factor_share: float
    realised_ratio: float
    realised_sd: float
    jumps_per_day: float
    jump_pct: float
    reversal_share: float
    reversal_s: float
    drift_pct: float


class Surface(Struct, frozen=True, forbid_unknown_fields=True):
    """Implied volatility: its level, its shape, and how both move in the day."""

    rate: float
    level_sd: float
    own_level_sd: float
    lowest_vol: float
    highest_vol: float
    ratio_sd: float
    event_chance: float
    event_ratio_low: float
    event_ratio_high: float
    open_bump: float
    open_bump_sd: float
    bump_s: float
    spot_slope: float
    noise_sd: float
    noise_minutes: float
    skew: float
    smile: float


class ByLiquidity(Struct, frozen=True, forbid_unknown_fields=True):
    """One figure for each liquidity group of the members."""

    liquid: float
    middle: float
    thin: float

    def of(self, group: str) -> float:
        """The figure of `group`."""
        return float(getattr(self, group))


class Chain(Struct, frozen=True, forbid_unknown_fields=True):
    """What yesterday left behind: listed strikes, open interest, volume."""

    strikes_each_side: int
    strikes_share: float
    pcr_median: float
    pcr_sd: float
    oi_sd: float
    strike_sd: float
    width_strikes: float
    dead_chance: float
    dead_factor: float
    turnover: float
    turnover_sd: float
    turnover_strikes: float
    age_days: tuple[float, ...]
    age_factor: tuple[float, ...]
    band_share: float
    lots: ByLiquidity


class Depth(Struct, frozen=True, forbid_unknown_fields=True):
    """The order book of the contracts of one liquidity group."""

    spread_pct: float
    missing_chance: float
    missing_s: int
    one_sided_chance: float
    lots: float
    trades: float


class Book(Struct, frozen=True, forbid_unknown_fields=True):
    """Spreads by second of the day and by the age of the series, and each group's depth."""

    seconds: tuple[float, ...]
    width: tuple[float, ...]
    own_sd: float
    noise_sd: float
    noise_s: float
    age_days: tuple[float, ...]
    age_width: tuple[float, ...]
    quotes: bool
    liquid: Depth
    middle: Depth
    thin: Depth

    def of(self, group: str) -> Depth:
        """The figures of one liquidity group."""
        depth: Depth = getattr(self, group)
        return depth


class Delivery(Struct, frozen=True, forbid_unknown_fields=True):
    """Milliseconds from the exchange's stamp, or from a question, to the inbox."""

    pre_open_ms: int
    chains_ms: int
    stocks_ms: int
    quote_low_ms: int
    quote_high_ms: int


class SyntheticOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that shapes a synthetic day besides its seed and its facts."""

    gaps: Gaps
    auction: Auction
    clock: Clock
    paths: Paths
    surface: Surface
    chain: Chain
    book: Book
    delivery: Delivery


@cache
def default_options() -> SyntheticOptions:
    """The knobs as shipped."""
    figures = tomllib.loads(_FIGURES.read_text(encoding="utf-8"))
    return msgspec.convert(figures, SyntheticOptions)


def fair(options: SyntheticOptions | None = None, *, spread: bool = False) -> SyntheticOptions:
    """The same market made fair, for the self-test of everything that trades on it.

    No drift, no reversal, no jumps; realised volatility equals implied volatility, which is the same
    at every strike and stays what it was at the open. Middle prices are then an exact martingale at
    every second, so no rule for leaving can earn or lose on average. Without `spread` every quote has
    both sides at that price and no spread; with it, quotes are those of an ordinary day.
    """
    given = options or default_options()
    return replace(
        given,
        paths=replace(
            given.paths,
            realised_ratio=1.0,
            realised_sd=0.0,
            jumps_per_day=0.0,
            reversal_share=0.0,
            drift_pct=0.0,
        ),
        surface=replace(given.surface, open_bump=0.0, spot_slope=0.0, noise_sd=0.0, skew=0.0, smile=0.0),
        book=replace(given.book, quotes=spread),
    )
