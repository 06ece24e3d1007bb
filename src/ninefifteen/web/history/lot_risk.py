"""What one position could lose here: by the day's own plan, else by what a typical lot costs."""

from __future__ import annotations

from decimal import Decimal

from ninefifteen.domain.candidate import Plan
from ninefifteen.domain.money import rupees
from ninefifteen.domain.settings import Settings
from ninefifteen.domain.typical import TYPICAL_LOT
from ninefifteen.reports.figures import amount
from ninefifteen.web.models.risk import LotLoss, LotRisk

from .day_book import DayBook

_DELIVERY = (
    "A stock option that is held into its expiry and ends in the money is delivered: the shares have to be"
    " paid for in full. The bot sells on the day it buys and leaves an expiry alone that is near."
)


def lot_risk(settings: Settings, book: DayBook | None) -> LotRisk:
    """The four ways in which one position can end badly."""
    plan = None if book is None else _plan(book)
    if book is None or plan is None:
        return _typical(settings)
    return _planned(settings, book, plan)


def _plan(book: DayBook) -> Plan | None:
    for run in book.state.runs:
        plan = run.position.plan if run.position is not None and run.position.plan else run.plan
        if plan is not None:
            return plan
    return None


def _planned(settings: Settings, book: DayBook, plan: Plan) -> LotRisk:
    share = settings.strategy.stop_pct
    rule = "strategy.stop_pct"
    stop = f"sold at the stop {amount(plan.stop)}, charges included"
    if plan.tightened:
        rule = "risk.max_daily_loss"
        stop += f"; {share} % would be {amount(plan.untightened_stop)}, raised to fit into the day's limit"
    obligation = plan.instrument.strike * plan.quantity
    losses = [
        _loss("stop", "At the stop", rupees(plan.loss_at_stop), stop, rule),
        _loss(
            "stop_limit",
            "At the limit of the stop order",
            rupees(plan.loss_at_stop_limit),
            f"sold at {amount(plan.stop_limit)}, the worst price the stop order takes in a fall",
            "the exchange's price protection",
        ),
        _loss(
            "premium",
            "The whole premium",
            rupees(plan.loss_of_premium),
            "nobody buys any more: a gap, a halt of the stock, a broker that is down",
            "risk.max_position_value",
        ),
        _loss("delivery", "Physical delivery", rupees(obligation), _DELIVERY, "strategy.roll_days"),
    ]
    invented = "" if not book.header.synthetic else " (synthetic)"
    return LotRisk(
        basis="plan",
        basis_text=f"the plan of {book.header.date}{invented}: {plan.quantity} {plan.instrument.name}",
        contract=plan.instrument.name,
        losses=losses,
    )


def _typical(settings: Settings) -> LotRisk:
    """Before a plan is made: the dearer of the two typical lots, without charges."""
    risk, strategy = settings.risk, settings.strategy
    premium = TYPICAL_LOT[1] * strategy.lots
    bound = ""
    if risk.when_stop_exceeds_limit == "tighten" and strategy.min_working_stop_pct:
        dearest = risk.max_daily_loss * 100 / strategy.min_working_stop_pct
        if dearest < premium:
            premium, bound = dearest, ": dearer ones are refused, their stop would be too near"
    wide = premium * strategy.stop_pct / 100
    rule, stop = "strategy.stop_pct", wide
    detail = f"{strategy.stop_pct} % of a premium of {_whole(premium)}; charges come on top"
    if wide > risk.max_daily_loss and risk.when_stop_exceeds_limit == "tighten":
        rule, stop = "risk.max_daily_loss", risk.max_daily_loss
        detail += f"; {_whole(wide)} would not fit into the day's limit, so the stop is raised"
    elif wide > risk.max_daily_loss:
        detail += "; it does not fit into the day's limit, so such a trade is refused"
    return LotRisk(
        basis="typical",
        basis_text=(
            f"no plan yet: a typical position of {strategy.lots} lot{'s' if strategy.lots > 1 else ''} at the"
            f" money, {_whole(TYPICAL_LOT[0] * strategy.lots)} to {_whole(TYPICAL_LOT[1] * strategy.lots)};"
            f" reckoned with {_whole(premium)}{bound}"
        ),
        contract=None,
        losses=[
            _loss("stop", "At the stop", _two(stop), detail, rule),
            _loss(
                "stop_limit",
                "At the limit of the stop order",
                None,
                "depends on the contract's price: the day's plan says it",
                "the exchange's price protection",
            ),
            _loss(
                "premium",
                "The whole premium",
                _two(premium),
                "nobody buys any more: a gap, a halt of the stock, a broker that is down",
                "risk.max_position_value",
            ),
            _loss("delivery", "Physical delivery", None, _DELIVERY, "strategy.roll_days"),
        ],
    )


def _loss(name: str, text: str, money: str | None, detail: str, rule: str) -> LotLoss:
    return LotLoss.model_validate(
        {"name": name, "text": text, "amount": money, "detail": detail, "rule": rule}
    )


def _two(money: Decimal) -> str:
    return f"{money.quantize(Decimal('0.01')):f}"


def _whole(money: Decimal) -> str:
    return amount(int(money * 100)).removesuffix(".00")
