"""Settings that are valid one by one and still work against each other, said in plain arithmetic.

Source: `design/strategy.md`, "Limits meet the strategy".
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from ninefifteen.domain.settings import Settings
from ninefifteen.domain.typical import TYPICAL_LOT


def notes(settings: Settings) -> list[str]:
    """What the settings mean together, a few lines each; empty when nothing works against another.

    Typical lots stand in for today's premiums, and charges and spreads come on top, so the figures are
    round: every day's plan says the exact ones.
    """
    return [
        *_daily_loss(settings),
        *_position_value(settings),
        *_near_stop(settings),
        *_beyond_the_capital(settings),
        *_not_yet(settings),
        *_placeholders(settings),
    ]


def _daily_loss(settings: Settings) -> Iterator[str]:
    """The contradiction check: the planned loss at the stop against the day's limit."""
    limit, stop = settings.risk.max_daily_loss, settings.strategy.stop_pct
    low, high = (settings.strategy.lots * cost for cost in TYPICAL_LOT)
    least, most = low * stop / 100, high * stop / 100
    if limit >= most:
        return
    fact = (
        f"strategy.stop_pct {stop} % of a typical position ({_range(low, high)}) is a loss of"
        f" {_range(least, most)}, and risk.max_daily_loss is {_rupees(limit)}."
    )
    choices = "Your choices: a higher limit, cheaper lots, or few trades."
    if settings.risk.when_stop_exceeds_limit == "refuse":
        means = "when_stop_exceeds_limit: refuse then trades only positions that cost less than about"
        yield f"{fact}\n{means} {_rupees(limit * 100 / stop)}.\n{choices}"
        return
    yield f"{fact}\n{_tightening(settings, low, high)}\n{_single_trade(settings)}{choices}"


def _tightening(settings: Settings, low: Decimal, high: Decimal) -> str:
    limit, stop = settings.risk.max_daily_loss, settings.strategy.stop_pct
    widest, tightest = min(stop, limit * 100 / low), limit * 100 / high
    text = (
        f"when_stop_exceeds_limit: tighten then raises the working stop to {_percent(widest)} below the entry"
        f" at {_rupees(low)} and {_percent(tightest)} at {_rupees(high)}, less charges."
    )
    least = settings.strategy.min_working_stop_pct
    if tightest >= least:
        return text
    dearest = _rupees(limit * 100 / least)
    return (
        f"{text}\nNearer than min_working_stop_pct {least} % is noise: positions above about {dearest}"
        " are refused (risk_too_large)."
    )


def _single_trade(settings: Settings) -> str:
    trades = settings.risk.max_trades
    if trades == 1:
        return ""
    return f"One stopped trade uses up the day, so max_trades: {trades} then acts as 1. "


def _position_value(settings: Settings) -> Iterator[str]:
    limit, lots = settings.risk.max_position_value, settings.strategy.lots
    for name, money in (
        ("risk.max_position_value", limit),
        ("trading.paper_capital", settings.trading.paper_capital),
    ):
        if lots * TYPICAL_LOT[0] > money:
            cost = _range(lots * TYPICAL_LOT[0], lots * TYPICAL_LOT[1])
            yield (
                f"strategy.lots {lots} of a typical lot cost {cost}, more than {name} {_rupees(money)}:"
                " nearly every candidate will be refused (unaffordable)."
            )


def _near_stop(settings: Settings) -> Iterator[str]:
    least, stop = settings.strategy.min_working_stop_pct, settings.strategy.stop_pct
    if stop < least:
        yield (
            f"strategy.stop_pct {stop} % is nearer than strategy.min_working_stop_pct {least} %:"
            " every candidate will be refused (risk_too_large)."
        )


def _beyond_the_capital(settings: Settings) -> Iterator[str]:
    limit, capital = settings.risk.max_daily_loss, settings.trading.paper_capital
    if limit >= capital:
        yield f"risk.max_daily_loss {_rupees(limit)} is all of trading.paper_capital {_rupees(capital)}."


def _not_yet(settings: Settings) -> Iterator[str]:
    if settings.trading.wiring == "live":
        yield (
            "trading.mode: live is possible in rehearsal homes only in this version, at our own exchange:"
            " a real home trades on paper (run --paper)."
        )
    if settings.trading.broker != "zerodha":
        yield (
            f"trading.broker: {settings.trading.broker} does not exist yet: this version has zerodha only,"
            " for login and for run --paper."
        )


def _placeholders(settings: Settings) -> Iterator[str]:
    unfinished = [number for number in settings.emergency.sms_numbers if "X" in number]
    if unfinished:
        yield f"emergency.sms_numbers: {', '.join(unfinished)} is a placeholder, no phone can stop by it."


def _range(low: Decimal, high: Decimal) -> str:
    return f"{_rupees(low)} to {_rupees(high).removeprefix('Rs ')}"


def _rupees(amount: Decimal) -> str:
    """Whole rupees with Indian grouping: Rs 1,50,000."""
    digits = str(amount.quantize(Decimal(1), ROUND_HALF_UP))
    head, tail = digits[:-3], digits[-3:]
    groups: list[str] = []
    while head:
        head, group = head[:-2], head[-2:]
        groups.insert(0, group)
    return "Rs " + ",".join([*groups, tail])


def _percent(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1'), ROUND_HALF_UP)} %"
