"""Whole days of a fair market through the real engine: what the trade earns when nothing can be earned.

Every stage but the strategy's filters takes part: scan, plan, entry order, stop at the exchange, monitor,
exit order, latencies. Filters and limits are off so that every seed gives a trade, chosen by chance.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from decimal import Decimal
from functools import cache, partial
from statistics import NormalDist, mean, stdev

import msgspec

from ninefifteen.adapters.rules import load_rules
from ninefifteen.domain.charges import UNITS_PER_PAISA, ChargeRates
from ninefifteen.domain.effects import Effect, Submit
from ninefifteen.domain.events import DayOpened, Event, OrderUpdate, Quote
from ninefifteen.domain.instants import MILLISECOND, at
from ninefifteen.domain.settings import NineFifteen, Risk, Settings, Trading
from ninefifteen.research.backtest import run_to_the_end
from ninefifteen.simulator.synthetic import SyntheticOptions, demo_date
from ninefifteen.wiring import Account, day_facts, synthetic_session
from ninefifteen.wiring.demo import STARTS_AT

RULES = load_rules()
PLENTY = Decimal(10) ** 9
"""Rupees no trade comes near."""
NO_CHARGES = ChargeRates(
    brokerage_per_order=0,
    brokerage_share=0,
    stt_buy=0,
    stt_sell=0,
    stt_exercise=0,
    exchange=0,
    sebi=0,
    stamp_buy=0,
    gst_per_mille=0,
)
_ANSWER = 85 * MILLISECOND
"""How long after a fill its report arrives, in the middle."""
OPEN_TO_ALL = Settings(
    trading=Trading(paper_capital=PLENTY),
    strategy=NineFifteen(
        min_gain_pct=Decimal(0),
        max_gain_pct=Decimal(0),
        max_iv_ratio=Decimal(0),
        min_chain_oi_lots=0,
        pcr_min=Decimal(0),
        pcr_max=Decimal(0),
        min_open_interest_lots=0,
        min_volume_lots=0,
        min_premium=Decimal(0),
        min_target_ticks=0,
        max_charge_share=Decimal(0),
        min_working_stop_pct=Decimal(0),
        max_spread_pct=Decimal(0),
        max_move_pct=Decimal(0),
        max_over_model_pct=Decimal(0),
    ),
    risk=Risk(max_daily_loss=PLENTY, max_position_value=PLENTY),
)


class Result(msgspec.Struct, frozen=True):
    """One trade in percent of the premium paid.

    `crossing` is what its first and last fill gave away against the middle of the book they met, `middle`
    what the middle moved from one to the other: luck, in a fair market. Their difference is `gross`.
    """

    reason: str
    gross: float
    charges: float
    crossing: float

    @property
    def middle(self) -> float:
        """What the market itself moved between the two fills."""
        return self.gross + self.crossing


class Mean(msgspec.Struct, frozen=True):
    """A mean with its 95 % confidence interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.2f} % ({self.low:+.2f} to {self.high:+.2f})"


def mean_of(values: list[float]) -> Mean:
    """The mean of independent values."""
    half = NormalDist().inv_cdf(0.975) * stdev(values) / len(values) ** 0.5
    return Mean(mean(values), mean(values) - half, mean(values) + half)


def fair_trade(seed: int, options: SyntheticOptions, *, charges: bool) -> Result | None:
    """The trade of one seed's day; None when it made none."""
    day = demo_date(seed, RULES.calendar)
    facts = day_facts(
        day,
        rules=RULES,
        settings=OPEN_TO_ALL,
        account=Account(free_cash=int(PLENTY) * 100),
        universe=RULES.membership.on(day),
        price_source="quotes",
        seed=seed,
    )
    if not charges:
        facts = msgspec.structs.replace(facts, rates=NO_CHARGES)
    session = synthetic_session(DayOpened(at(day, STARTS_AT), facts=facts), OPEN_TO_ALL, RULES, options)
    watch = Watch()
    session.runner.watch(watch.look)
    record = run_to_the_end(session.runner)
    assert record.flat
    assert session.flat
    if not record.trades:
        return None
    (trade,) = record.trades
    return Result(
        reason=trade.exit_reason,
        gross=100.0 * trade.gross / trade.buy_value,
        charges=100.0 * trade.charges.total / UNITS_PER_PAISA / trade.buy_value,
        crossing=100.0 * (watch.given["BUY"] + watch.given["SELL"]) * trade.quantity / trade.buy_value,
    )


class Watch:
    """Remembers, for the first fill of each order, how far from the middle of its book it was."""

    def __init__(self) -> None:
        self.given: dict[str, float] = {}
        self._sides: dict[str, tuple[str, str]] = {}
        self._books: dict[str, deque[Quote]] = defaultdict(partial(deque, maxlen=3))

    def look(self, event: Event, effects: Sequence[Effect]) -> None:
        """A witness of the runner."""
        for effect in effects:
            if isinstance(effect, Submit):
                request = effect.order.request
                self._sides[request.tag] = (request.side, request.instrument.name)
        if isinstance(event, Quote):
            self._books[event.name].append(event)
        elif isinstance(event, OrderUpdate) and event.report.filled:
            side, name = self._sides[event.report.tag]
            middle = self._middle(name, event.at - _ANSWER)
            gap = event.report.average - middle
            self.given[side] = gap if side == "BUY" else -gap

    def _middle(self, name: str, when: int) -> float:
        books = self._books[name]
        seen = next((one for one in reversed(books) if one.at <= when), books[0])
        return (seen.bid + seen.ask) / 2 if seen.bid and seen.ask else float(seen.bid or seen.ask)


@cache
def fair_trades(seeds: int, options: SyntheticOptions, *, charges: bool) -> list[Result]:
    """The trades of the first so many seeds."""
    found = (fair_trade(seed, options, charges=charges) for seed in range(seeds))
    return [one for one in found if one is not None]
