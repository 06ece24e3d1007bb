"""The figures of a run of days, by the formulas of `design/interfaces.md`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from math import sqrt
from statistics import mean, stdev

import msgspec

from ninefifteen.domain.charges import UNITS_PER_PAISA, charges, rupees4, to_printed
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.levels import worsened
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.record import DayRecord, Trade

_Z95 = 1.959963984540054
_TRADING_DAYS_A_YEAR = 252
_PROMPT = 60 * SECOND


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of days earned and how surely.

    Rupees are decimal strings with four places. `win_rate_low` and `win_rate_high` are the Wilson 95 %
    interval; `max_drawdown` is a share of the running peak of capital plus net; None where a figure
    does not exist. `net_ambiguous_as_target` takes bars that hold both levels as targets;
    `prompt_*` count trades entered at most 60 s late; `days_paused_by_streak` are entry days after
    `max_consecutive_losses` losses in a row, on which a real account would have paused.
    """

    trades: int
    wins: int
    net: str
    charges: str
    expectancy: str | None
    win_rate: float | None
    win_rate_low: float | None
    win_rate_high: float | None
    max_drawdown: float
    sharpe: float | None
    longest_loss_streak: int
    profit_factor: float | None
    ambiguous_days: int
    net_ambiguous_as_target: str
    prompt_trades: int
    prompt_wins: int
    prompt_net: str
    days_paused_by_streak: int
    traded_days: int
    no_trade_days: int
    no_data_days: int


def summarise(
    days: Sequence[tuple[DayFacts, DayRecord]], *, capital: Decimal, slippage: Decimal, streak_limit: int
) -> Summary:
    """The summary of days in date order; `capital` in rupees, `slippage` percent."""
    trades = [trade for _, record in days for trade in record.trades]
    nets = [net_units(trade) for trade in trades]
    wins = [net for net in nets if net > 0]
    losses = [net for net in nets if net < 0]
    prompt = [net for trade, net in zip(trades, nets, strict=True) if trade.entry_delay <= _PROMPT]
    low, high = wilson(len(wins), len(nets))
    statuses = [record.status for _, record in days]
    return Summary(
        trades=len(nets),
        wins=len(wins),
        net=rupees4(sum(nets)),
        charges=rupees4(sum(to_printed(trade.charges.total) for trade in trades)),
        expectancy=_mean_rupees(nets),
        win_rate=len(wins) / len(nets) if nets else None,
        win_rate_low=low,
        win_rate_high=high,
        max_drawdown=max_drawdown(capital, nets),
        sharpe=sharpe([_day_net(record) for _, record in days if record.status != "no_data"]),
        longest_loss_streak=max(_loss_streaks(nets), default=0),
        profit_factor=float(Fraction(sum(wins), -sum(losses))) if losses else None,
        ambiguous_days=sum(trade.ambiguous for trade in trades),
        net_ambiguous_as_target=rupees4(
            sum(_net_as_target(facts, trade, slippage) for facts, record in days for trade in record.trades)
        ),
        prompt_trades=len(prompt),
        prompt_wins=sum(net > 0 for net in prompt),
        prompt_net=rupees4(sum(prompt)),
        days_paused_by_streak=_paused(nets, streak_limit),
        traded_days=statuses.count("traded"),
        no_trade_days=statuses.count("no_trade"),
        no_data_days=statuses.count("no_data"),
    )


def net_units(trade: Trade) -> int:
    """The result after charges in `UNITS_PER_PAISA`-ths of a paisa, charges as printed (G1)."""
    return trade.gross * UNITS_PER_PAISA - to_printed(trade.charges.total)


def wilson(wins: int, trades: int) -> tuple[float | None, float | None]:
    """Wilson's 95 % interval of a win rate; (None, None) without trades."""
    if not trades:
        return None, None
    share, square = wins / trades, _Z95 * _Z95
    centre = share + square / (2 * trades)
    spread = _Z95 * sqrt(share * (1 - share) / trades + square / (4 * trades * trades))
    return (centre - spread) / (1 + square / trades), (centre + spread) / (1 + square / trades)


def max_drawdown(capital: Decimal, nets: Iterable[int]) -> float:
    """The deepest fall of capital plus cumulative net, as a share of the peak before it."""
    equity = peak = Fraction(capital) * 100 * UNITS_PER_PAISA
    deepest = Fraction(0)
    for net in nets:
        equity += net
        peak = max(peak, equity)
        deepest = max(deepest, (peak - equity) / peak)
    return float(deepest)


def sharpe(daily_net: Sequence[float]) -> float | None:
    """Mean over sample deviation of daily net, a year's worth; None below two days or without spread."""
    if len(daily_net) <= 1:
        return None
    spread = stdev(daily_net)
    return mean(daily_net) / spread * sqrt(_TRADING_DAYS_A_YEAR) if spread else None


def _day_net(record: DayRecord) -> float:
    return sum(net_units(trade) for trade in record.trades) / UNITS_PER_PAISA / 100


def _mean_rupees(nets: Sequence[int]) -> str | None:
    return rupees4(round(Fraction(sum(nets), len(nets)))) if nets else None


def _loss_streaks(nets: Iterable[int]) -> Iterable[int]:
    return (len(list(run)) for lost, run in groupby(net < 0 for net in nets) if lost)


def _paused(nets: Sequence[int], limit: int) -> int:
    paused = streak = 0
    for net in nets:
        paused += streak >= limit
        streak = 0 if net > 0 else streak + 1
    return paused


def _net_as_target(facts: DayFacts, trade: Trade, slippage: Decimal) -> int:
    if not trade.ambiguous:
        return net_units(trade)
    leave = worsened(trade.target, Fraction(slippage), trade.instrument.tick, buying=False)
    value = leave * trade.quantity
    spent = to_printed(charges(facts.rates, trade.buy_value, value, 2).total)
    return (value - trade.buy_value) * UNITS_PER_PAISA - spent
