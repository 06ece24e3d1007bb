"""W1 through the shipped line: the backtest loop, the runner, the engine and the simulated exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from functools import partial

from ninefifteen.domain.charges import UNITS_PER_PAISA as CHARGE_UNITS
from ninefifteen.domain.charges import ChargeRates
from ninefifteen.domain.events import DayClosed, DayOpened
from ninefifteen.domain.instants import at
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.order_limits import OrderLimits
from ninefifteen.domain.record import Trade
from ninefifteen.engine import Engine
from ninefifteen.research.backtest import backtest
from ninefifteen.runtime.inbox import Inbox
from ninefifteen.runtime.runner import Runner
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.fills import ObservedFills

from .bar_day import BarDay
from .gap_strategy import SHARES_BY_NAME, WITHOUT_LIMITS, GapTrade
from .market import NAMES, BarStore, weekdays
from .reference import FLAT_COST, PlainTrade

RATES = ChargeRates(
    brokerage_per_order=FLAT_COST,
    brokerage_share=0,
    stt_buy=0,
    stt_sell=0,
    stt_exercise=0,
    exchange=500_000,
    sebi=0,
    stamp_buy=0,
    gst_per_mille=0,
)
"""W1's cost as the engine's rates: Rs 20 an order and 0.05 % of the value."""

LIMITS = OrderLimits(
    far_last=10_000,
    far_buy_percent=150,
    far_sell_percent=50,
    writes_per_second=10,
    modifications=25,
    tag_length=20,
)
"""Shares know no limit price protection; the rest is the broker's, as for options."""

OPENING = time(9, 15)
_FREE_CASH = 10**15
_FILLS = ObservedFills(Decimal(0))


def share_facts(day: date, previous: date, price_source: str) -> DayFacts:
    """The facts of a day on which shares are traded from 09:15 to 15:15."""
    clock = partial(at, day)
    opening = clock(OPENING)
    return DayFacts(
        date=day,
        previous_day=previous,
        special=False,
        preopen_final_at=opening,
        open_at=opening,
        exit_at=clock(time(15, 15)),
        close_at=clock(time(15, 30)),
        last_observation_at=clock(time(15, 30)),
        expiry=day,
        days_left=0,
        calendar_days_left=0,
        calendar_days_left_previous=1,
        rates=RATES,
        limits=LIMITS,
        universe=NAMES,
        free_cash=_FREE_CASH,
        price_source=price_source,
        synthetic=True,
        seed=0,
    )


class ShareDay:
    """One day ready to run."""

    def __init__(self, facts: DayFacts, world: BarDay, strategy: GapTrade) -> None:
        exchange = Exchange(
            open_at=facts.open_at,
            close_at=facts.last_observation_at,
            fills=_FILLS,
            free_cash=_FREE_CASH,
            limits=facts.limits,
        )
        exchange.list_instruments(SHARES_BY_NAME.values())
        inbox = Inbox((world, exchange))
        inbox.put(DayOpened(facts.open_at, facts))
        inbox.schedule(DayClosed(facts.close_at))
        self.facts = facts
        self.runner = Runner(
            engine=Engine(WITHOUT_LIMITS, (strategy,)),
            inbox=inbox,
            feed=world,
            broker=exchange,
            observers=(exchange.observe,),
        )


MakeWorld = Callable[[BarStore, int, DayFacts], BarDay]


class Replay:
    """A strategy over the first `days` days of a store; the first day only gives previous closes."""

    def __init__(
        self,
        store: BarStore,
        days: int,
        *,
        strategy: GapTrade | None = None,
        world: MakeWorld = BarDay,
        price_source: str = "last",
    ) -> None:
        self._store, self._world, self._price_source = store, world, price_source
        self._strategy = GapTrade() if strategy is None else strategy
        self._calendar = weekdays(days)
        self._number = {day: n for n, day in enumerate(self._calendar)}
        self._open: ShareDay | None = None

    def trades(self) -> Iterator[Trade | None]:
        """Run; each day's trade."""
        for _, record in backtest(self._calendar[1:], self._open_day):
            yield record.trades[0] if record.trades else None

    def engines(self) -> Iterator[Engine]:
        """Run; each day's engine as the day left it."""
        for _ in backtest(self._calendar[1:], self._open_day):
            if self._open is not None:
                yield self._open.runner.engine

    def _open_day(self, day: date, _: Fraction) -> ShareDay:
        number = self._number[day]
        facts = share_facts(day, self._calendar[number - 1], self._price_source)
        self._open = ShareDay(facts, self._world(self._store, number, facts), self._strategy)
        return self._open


def engine_result(store: BarStore, days: int, strategy: GapTrade) -> Fraction:
    """The engine's result over the first `days` days after cost, in units."""
    trades = [trade for trade in Replay(store, days, strategy=strategy).trades() if trade is not None]
    return sum(map(net_of, trades), Fraction(0))


def net_of(trade: Trade) -> Fraction:
    """Its result after cost, in units."""
    return trade.gross - Fraction(trade.charges.total, CHARGE_UNITS)


def differs(trade: Trade | None, plain: PlainTrade) -> str | None:
    """Where a trade of the engine differs from the reference's, None where it does not."""
    if trade is None:
        return f"day {plain.day}: no trade"
    ours = (NAMES.index(trade.instrument.name), trade.quantity, trade.entry, trade.exit, net_of(trade))
    theirs = (plain.share, plain.quantity, plain.entry, plain.exit, plain.net)
    return None if ours == theirs else f"day {plain.day}: {ours} is not {theirs}"
