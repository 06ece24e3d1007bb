"""The plan as a document: the entry, its exits, and its three losses in rupees."""

from __future__ import annotations

from typing import Any

from ninefifteen.domain.candidate import Plan
from ninefifteen.domain.money import rupees


def plan_document(plan: Plan) -> dict[str, Any]:
    """Rupees as decimal strings; `break_even_win_rate` is a share."""
    return {
        "contract": plan.instrument.name,
        "quantity": plan.quantity,
        "entry": rupees(plan.entry),
        "target": rupees(plan.target),
        "stop": rupees(plan.stop),
        "stop_order_limit": rupees(plan.stop_limit),
        "stop_without_tightening": rupees(plan.untightened_stop),
        "tightened": plan.tightened,
        "loss_at_stop": rupees(plan.loss_at_stop),
        "loss_at_stop_limit": rupees(plan.loss_at_stop_limit),
        "loss_of_premium": rupees(plan.loss_of_premium),
        "profit_at_target": rupees(plan.profit_at_target),
        "break_even_win_rate": round(plan.break_even, 6),
    }
