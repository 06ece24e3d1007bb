"""Rows made from the values of the domain: pure, one function a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from ninefifteen.adapters.journal import Header
from ninefifteen.domain.candidate import Plan
from ninefifteen.domain.charges import UNITS_PER_PAISA, Charges, net_units, to_paise
from ninefifteen.domain.effects import Submit
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.order import OrderState
from ninefifteen.domain.record import DayRecord, Trade

from .schema import CHARGE_PARTS

Row = dict[str, Any]
"""Column name to value."""

_TAX_YEAR_BEGINS = 4  # April: Income-tax Act, India


def tax_year(day: date) -> str:
    """The Indian tax year a day belongs to: "2026-27" is 1 April 2026 to 31 March 2027."""
    first = day.year if day.month >= _TAX_YEAR_BEGINS else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def exact_rupees(units: int) -> str:
    """Charge units (`domain.charges`) as rupees, every digit: "8.411728" (no exponent, no idle zeros)."""
    rupee = 100 * UNITS_PER_PAISA
    whole, rest = divmod(abs(units), rupee)
    digits = f"{rest:0{len(str(rupee)) - 1}d}".rstrip("0")
    return f"{'-' if units < 0 else ''}{whole}{'.' if digits else ''}{digits}"


def day_row(header: Header) -> Row:
    """The day as its journal begins, before anything is known of its end."""
    return {
        "seed": header.seed,
        "program": header.program,
        "started_at": header.started,
        "settings": bytes(header.settings).decode(),
        "finished": False,
        "at_broker": False,
    }


def ended_day(record: DayRecord) -> Row:
    """What the end of the day adds to its row."""
    return {
        "finished": True,
        "status": record.status,
        "reason": record.reason,
        "price_source": record.price_source,
        "shadow": record.shadow,
        "not_known": _json(record.unknown),
        "notes": _json(record.notes),
        "pick_rank": None if record.pick is None else record.candidates[record.pick].rank,
        "orders": record.orders,
        "alarms": record.alarms,
        "flat": record.flat,
    }


def contract_row(instrument: Instrument) -> Row:
    """The columns that name a contract."""
    return {
        "contract": instrument.name,
        "symbol": instrument.symbol,
        "kind": instrument.kind,
        "expiry": instrument.expiry,
        "strike_paise": instrument.strike,
        "lot_size": instrument.lot_size,
    }


def candidate_rows(record: DayRecord) -> Iterator[Row]:
    """The ranking, in its order."""
    for position, found in enumerate(record.candidates):
        yield {
            "rank": found.rank,
            "symbol": found.symbol,
            "price_paise": found.price,
            "prev_close_paise": found.prev_close,
            "code": found.code,
            "detail": found.detail,
            "picked": position == record.pick,
            "pcr_puts": found.pcr_puts,
            "pcr_calls": found.pcr_calls,
            "contract": found.instrument.name if found.instrument else None,
            "oi": found.oi,
            "volume": found.volume,
            "estimate_paise": found.estimate,
            "model_paise": found.model,
            "volatility": found.volatility,
        }


def plan_row(plan: Plan) -> Row:
    """The plan of the day with its three losses."""
    return {
        "strategy": plan.strategy,
        **contract_row(plan.instrument),
        "quantity": plan.quantity,
        "entry_paise": plan.entry,
        "target_paise": plan.target,
        "stop_paise": plan.stop,
        "stop_limit_paise": plan.stop_limit,
        "untightened_stop_paise": plan.untightened_stop,
        "tightened": plan.tightened,
        "loss_at_stop_paise": plan.loss_at_stop,
        "loss_at_stop_limit_paise": plan.loss_at_stop_limit,
        "loss_of_premium_paise": plan.loss_of_premium,
        "profit_at_target_paise": plan.profit_at_target,
        "break_even": plan.break_even,
    }


def trade_row(day: date, trade: Trade) -> Row:
    """A round trip. The absolute difference is what the turnover of options counts (ICAI guidance note)."""
    net = net_units(trade.buy_value, trade.sell_value, trade.charges.total)
    return {
        "strategy": trade.strategy,
        "tax_year": tax_year(day),
        **contract_row(trade.instrument),
        "quantity": trade.quantity,
        "entry_at": trade.entry_at,
        "entry_paise": trade.entry,
        "exit_at": trade.exit_at,
        "exit_paise": trade.exit,
        "exit_reason": trade.exit_reason,
        "buy_value_paise": trade.buy_value,
        "sell_value_paise": trade.sell_value,
        "gross_paise": trade.gross,
        "absolute_difference_paise": abs(trade.gross),
        "net_exact": exact_rupees(net),
        "net_paise": to_paise(net),
        "target_paise": trade.target,
        "stop_paise": trade.stop,
        "entry_delay_ns": trade.entry_delay,
        "longest_gap_ns": trade.longest_gap,
        "ambiguous": trade.ambiguous,
        "note": trade.note,
    }


def charges_row(charges: Charges) -> Row:
    """Each charge in its own columns, exact and in paise."""
    parts = {part: int(getattr(charges, part)) for part in CHARGE_PARTS}
    exact = {f"{part}_exact": exact_rupees(units) for part, units in parts.items()}
    return exact | {f"{part}_paise": to_paise(units) for part, units in parts.items()}


def order_row(submit: Submit, at: int) -> Row:
    """An order as it was asked for, before any answer."""
    request = submit.order.request
    return {
        "order_id": None,
        "strategy": request.strategy,
        "role": request.role.value,
        "side": request.side,
        "order_type": request.type,
        **contract_row(request.instrument),
        "quantity": request.quantity,
        "limit_paise": request.limit,
        "trigger_paise": request.trigger,
        "submitted_at": at,
        "answered_at": None,
        "updated_at": None,
        "state": OrderState.SENDING.value,
        "filled": 0,
        "average_paise": 0,
        "modifications": 0,
        "cancel_requests": 0,
        "message": "",
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def note_data(data: dict[str, str | int | float | bool | None]) -> str:
    """The figures of a note as JSON."""
    return _json(data)
