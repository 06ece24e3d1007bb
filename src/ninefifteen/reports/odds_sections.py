"""The honest odds in words: each figure with how it was reckoned. Terminal and page say the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from ninefifteen.domain.money import Paise

from .figures import amount
from .odds import GateDate, Odds, Position

_REFUSED = {
    "unaffordable": "refused (unaffordable): more than risk.max_position_value or the capital",
    "too_cheap": "refused (too_cheap): charges eat more of the target than strategy.max_charge_share",
}


class Figure(Struct, frozen=True, kw_only=True):
    """One answer: what it is of, the answer, and how it was reckoned and from what."""

    label: str
    value: str
    how: str


class Section(Struct, frozen=True, kw_only=True):
    """Some answers under one title, and what they mean."""

    name: str
    title: str
    figures: tuple[Figure, ...]
    says: str


def sections(odds: Odds) -> list[Section]:
    """All of it, in the order in which it should be read."""
    return [
        _stop(odds),
        _break_even(odds),
        _fair_month(odds),
        _running_cost(odds),
        _gates(odds),
        _never(odds),
    ]


def _stop(odds: Odds) -> Section:
    risk = odds.settings.risk
    figures = [_stop_figure(odds, position) for position in odds.positions]
    says = "Planned losses: a gap through the stop loses more, at worst the whole premium."
    tight = any(position.tightened for position in odds.positions)
    if tight and risk.max_trades > 1:
        says += f" One stopped trade uses up the day, so max_trades: {risk.max_trades} then acts as 1."
    return Section(name="stop", title="What one losing trade costs", figures=tuple(figures), says=says)


def _stop_figure(odds: Odds, position: Position) -> Figure:
    risk, strategy = odds.settings.risk, odds.settings.strategy
    wished = f"{_plain(strategy.stop_pct)} %"
    how = (
        f"a fall of {wished} costs {_about(position.wished_loss)}, charges and half a spread included;"
        f" risk.max_daily_loss is {_rupees(risk.max_daily_loss)}"
    )
    if position.stop_loss is None or position.stop_share is None:
        return Figure(label=_label(position), value=_why_refused(odds, position), how=how)
    value = f"{_about(position.stop_loss)} at a stop {_percent(position.stop_share)} below the entry"
    if position.tightened:
        value += f" instead of {wished}"
        how += ", so when_stop_exceeds_limit: tighten raises the stop until the loss fits"
    return Figure(label=_label(position), value=value, how=how)


def _why_refused(odds: Odds, position: Position) -> str:
    risk, least = odds.settings.risk, _plain(odds.settings.strategy.min_working_stop_pct)
    if position.refused == "risk_too_large" and risk.when_stop_exceeds_limit == "refuse":
        return "refused (risk_too_large): the planned loss does not fit the day's limit"
    if position.refused == "risk_too_large":
        return f"refused (risk_too_large): a stop that fits is nearer than {least} %, which is noise"
    return _REFUSED[position.refused or "unaffordable"]


def _break_even(odds: Odds) -> Section:
    strategy, gates = odds.settings.strategy, odds.settings.gates
    target, stop = _plain(strategy.target_pct), _plain(strategy.stop_pct)
    figures = [
        _break_even_figure(odds, position) for position in odds.positions if position.break_even is not None
    ]
    cheap, dear = odds.positions[0], odds.positions[-1]
    figures.append(
        Figure(
            label=f"If the stop stayed at {stop} %",
            value=f"{_of_100(cheap.wished_break_even)} of 100 trades must reach +{target} %",
            how=f"the same sum for {_about(cheap.value)}; for {_about(dear.value)} it is"
            f" {_of_100(dear.wished_break_even)} of 100",
        )
    )
    figures.extend(_fair_exits(odds))
    says = (
        "A nearer stop needs fewer wins and is hit more often: on a fair market the two cancel out. "
        f"So gates.min_win_rate {_percent(Fraction(gates.min_win_rate))} alone proves nothing;"
        " what counts is the result after charges."
    )
    return Section(name="break_even", title="How often it must win", figures=tuple(figures), says=says)


def _break_even_figure(odds: Odds, position: Position) -> Figure:
    target = _plain(odds.settings.strategy.target_pct)
    loss = position.stop_loss or 0
    return Figure(
        label=_label(position),
        value=f"{_of_100(position.break_even or 1.0)} of 100 trades must reach +{target} %",
        how=f"loss {_about(loss)} / (loss + profit {_about(position.profit)}), both after charges and half a"
        " spread; trades that end by time are left out",
    )


def _fair_exits(odds: Odds) -> Iterator[Figure]:
    """Only where the measurement had this target and this stop."""
    fair, strategy = odds.data.fair_exits, odds.settings.strategy
    if (fair.target_pct, fair.stop_pct) != (strategy.target_pct, strategy.stop_pct):
        return
    yield Figure(
        label="A fair market, without any edge",
        value=f"{fair.target} of 100 reach the target, {fair.stop} the stop, {fair.time} end by time",
        how=f"{fair.source}, with the stop at {_plain(fair.stop_pct)} %: winning often is no proof",
    )


def _fair_month(odds: Odds) -> Section:
    pace, data = odds.pace, odds.data
    trades = f"{float(pace.trades_a_month):.1f}"
    figures = []
    for position in odds.positions:
        if position.month is None or position.month_every_day is None:
            continue
        figures.append(
            Figure(
                label=_label(position),
                value=f"{_about(position.month)} a month; with a trade on every trading day"
                f" {_about(position.month_every_day)}",
                how=f"{trades} trades, each {_about(position.charges)} of charges and"
                f" {_about(position.crossing)} of spread: {_percent(position.cost_share)} of the premium",
            )
        )
    says = (
        f"Trades: {pace.days_of_year} trading days of {pace.year} / 12, on {_percent(pace.share)} of which a"
        f" trade is found ({data.trading_days.source}). Charges: the dated rates of today. Spread:"
        f" {_plain(data.crossing.percent)} % of the premium, {data.crossing.source}."
    )
    title = "What a fair market gives in a month, after costs"
    if not figures:
        says = f"With these limits no typical position is bought. {says}"
    return Section(name="fair_month", title=title, figures=tuple(figures), says=says)


def _running_cost(odds: Odds) -> Section:
    figures = [
        Figure(
            label=one.text,
            value=_range(one.low, one.high) + (" a month, if you need it" if one.optional else " a month"),
            how=one.source + (f" (looked up on {_day(one.checked)})" if one.checked else ""),
        )
        for one in odds.costs
    ]
    low, high = odds.monthly_low, odds.monthly_high
    figures.append(
        Figure(
            label="Together", value=f"{_range(low, high)} a month", how="without and with what is optional"
        )
    )
    says = f"Your document counts {_rupees(odds.data.your_document.monthly)} a month."
    payer = next((one for one in reversed(odds.positions) if one.month is not None), None)
    if payer is not None and low:
        edge = payer.cost_share + Fraction(low) * 100 / odds.pace.trades_a_month / payer.value
        says += (
            f" To pay for charges, spread and {_rupees(low)} a month, every trade of {_about(payer.value)}"
            f" has to beat a fair market by {_percent(edge)} of its premium on average."
        )
    if not any(one.broker for one in odds.costs):
        says += f" What {odds.settings.trading.broker} asks for its interface is not known here."
    return Section(name="running_cost", title="What it costs to run", figures=tuple(figures), says=says)


def _gates(odds: Odds) -> Section:
    gates = odds.settings.gates
    figures = [
        Figure(
            label=f"{gate.trades} paper trades",
            value=f"{_when(gate.every_day, gate)} at one trade on every trading day;"
            f" {_when(gate.at_pace, gate)} if {_percent(odds.pace.share)} of the days trade",
            how=_calendar(odds, gate),
        )
        for gate in odds.gates
    ]
    says = (
        f"Before the first live lot: {gates.min_trades} trades, win rate above"
        f" {_percent(Fraction(gates.min_win_rate))}, drawdown below {_percent(Fraction(gates.max_drawdown))},"
        f" Sharpe above {_plain(gates.min_sharpe)}, at most {gates.max_consecutive_losses} losses in a row."
    )
    return Section(
        name="gates", title="When the go-live gates could be full", figures=tuple(figures), says=says
    )


def _calendar(odds: Odds, gate: GateDate) -> str:
    if gate.exact:
        return f"counted from the trading day after {_day(odds.as_of)} by the exchange's calendar"
    return (
        f"counted from the trading day after {_day(odds.as_of)}; the calendar of that year is not loaded yet,"
        f" so the pace of {odds.pace.year} goes on ({odds.pace.days_of_year} trading days)"
    )


def _never(odds: Odds) -> Section:
    costs = [one.cost_share for one in odds.positions]
    says = (
        "Every trade starts behind by what it costs:"
        f" {_percent(min(costs))} to {_percent(max(costs))} of its premium here. A Sharpe ratio above"
        f" {_plain(odds.settings.gates.min_sharpe)} needs a result well above zero after that, and nobody has"
        " shown yet that this strategy has such an edge. If it has none, paper trading will say so, and then"
        " the right result is that no real money is traded."
    )
    study = odds.data.study
    figure = Figure(label="Others", value=study.text, how=study.source)
    return Section(name="never", title="This may never pass", figures=(figure,), says=says)


def _label(position: Position) -> str:
    note = ", the dearest that is bought" if position.dearest and position.refused is None else ""
    return f"A position of {_about(position.value)}{note}"


def _when(day: date, gate: GateDate) -> str:
    return _day(day) if gate.exact else f"about {day:%B %Y}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _about(paise: Paise) -> str:
    """Whole rupees: more places would promise more than typical figures know."""
    whole = Decimal(paise).scaleb(-2).quantize(Decimal(1))
    return amount(int(whole) * 100).removesuffix(".00")


def _rupees(money: Decimal) -> str:
    return _about(int(money * 100))


def _range(low: Decimal, high: Decimal) -> str:
    return _rupees(low) if low == high else f"{_rupees(low)} to {_rupees(high).removeprefix('Rs ')}"


def _percent(share: Fraction) -> str:
    return f"{float(share) * 100:.1f}".removesuffix(".0") + " %"


def _plain(value: Decimal) -> str:
    return f"{value.normalize() + 0:f}"


def _of_100(share: float) -> str:
    return f"{share * 100:.0f}"
