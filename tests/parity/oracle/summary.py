"""The figures over all days, by the formulas of design/interfaces.md."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from math import sqrt
from statistics import NormalDist, mean, stdev

from .days import Day
from .settings import Settings
from .trade import TENTH_PAISA

Figures = dict[str, object]
Z95 = NormalDist().inv_cdf(0.975)


def summary(days: Sequence[Day], settings: Settings) -> Figures:
    """Rupees as decimal strings, shares as numbers; None where nothing can be said."""
    trades = [day.trade for day in days if day.trade]
    nets = [trade.net for trade in trades]
    wins = [net for net in nets if net > 0]
    losses = [net for net in nets if net < 0]
    net = sum(nets, Decimal(0))
    low, high = wilson(len(wins), len(nets))
    return {
        "trades": len(trades),
        "wins": len(wins),
        "net": rupees(net),
        "charges": rupees(sum((trade.charges for trade in trades), Decimal(0))),
        "expectancy": rupees(net / len(nets)) if nets else None,
        "win_rate": len(wins) / len(nets) if nets else None,
        "win_rate_low": low,
        "win_rate_high": high,
        "max_drawdown": max_drawdown(settings.paper_capital, nets),
        "sharpe": sharpe(days),
        "longest_loss_streak": max(
            (len(list(run)) for lost, run in groupby(n < 0 for n in nets) if lost), default=0
        ),
        "profit_factor": float(sum(wins, Decimal(0)) / -sum(losses, Decimal(0))) if losses else None,
        "ambiguous_days": sum(trade.end.ambiguous for trade in trades),
        "net_ambiguous_as_target": rupees(sum((trade.net_if_target for trade in trades), Decimal(0))),  # X4
    }


def rupees(amount: Decimal) -> str:
    """Four places, as the charges have."""
    return str(amount.quantize(TENTH_PAISA, ROUND_HALF_UP))


def wilson(wins: int, trades: int) -> tuple[float | None, float | None]:
    """The Wilson 95 % interval of the win rate."""
    if not trades:
        return None, None
    share, z2 = wins / trades, Z95 * Z95
    centre = (share + z2 / (2 * trades)) / (1 + z2 / trades)
    half = Z95 / (1 + z2 / trades) * sqrt(share * (1 - share) / trades + z2 / (4 * trades * trades))
    return centre - half, centre + half


def max_drawdown(capital: Decimal, nets: Sequence[Decimal]) -> float:
    """The deepest fall as a share of the running peak of capital + cumulative net."""
    equity = peak = capital
    deepest = Decimal(0)
    for net in nets:
        equity += net
        peak = max(peak, equity)
        deepest = max(deepest, (peak - equity) / peak)
    return float(deepest)


def sharpe(days: Sequence[Day]) -> float | None:
    """Mean over sample deviation of the daily net of traded and no_trade days, times sqrt(252)."""
    daily = [float(day.trade.net) if day.trade else 0.0 for day in days if day.status != "no_data"]
    if len(daily) < 2 or not stdev(daily):
        return None
    return mean(daily) / stdev(daily) * sqrt(252)
