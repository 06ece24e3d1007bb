"""What an order would need and cost: margins and charges as Kite's JSON shows them.

Charges are the rules' exact ones (`domain.charges`). A bought option needs its premium. This account
never has margin for a short option, so a sell of units that are not held needs the whole strike value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ninefifteen.domain.charges import UNITS_PER_PAISA, ChargeRates, charges
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise, parse_rupees
from ninefifteen.simulator.market import Listed

from .desk import Desk
from .envelope import KiteError, number

Row = dict[str, Any]
_UNITS_PER_RUPEE = 100 * UNITS_PER_PAISA
_MOST_ORDERS = 500


def order_margins(desk: Desk, rates: ChargeRates, body: object, at: Instant) -> list[Row]:
    """What each of these orders needs by itself."""
    return [_margin(desk, rates, order, at) for order in _orders(body)]


def basket_margins(desk: Desk, rates: ChargeRates, body: object, at: Instant) -> Row:
    """What these orders need together; nothing offsets anything here, so `final` equals `initial`."""
    rows = order_margins(desk, rates, body, at)
    together = _sum(rows)
    return {"initial": together, "final": together, "orders": rows, "charges": together["charges"]}


def contract_notes(desk: Desk, rates: ChargeRates, body: object, at: Instant) -> list[Row]:
    """The charges of each of these orders, at the price it is said to have traded at."""
    notes = []
    for order in _orders(body):
        listed, side, quantity = _read(desk, order)
        price = _price(order, "average_price", desk.market.snapshot(listed.token, at).last)
        notes.append(
            {
                "transaction_type": side,
                "tradingsymbol": listed.symbol,
                "exchange": listed.exchange,
                "variety": str(order.get("variety", "regular")),
                "product": str(order.get("product", "")),
                "order_type": str(order.get("order_type", "")),
                "quantity": quantity,
                "price": number(price),
                "charges": _charges(rates, side, quantity * price),
            }
        )
    return notes


def _margin(desk: Desk, rates: ChargeRates, order: Mapping[str, object], at: Instant) -> Row:
    listed, side, quantity = _read(desk, order)
    price = _price(order, "price", desk.market.snapshot(listed.token, at).last)
    premium = quantity * price if side == "BUY" else 0
    short = max(0, quantity - desk.exchange.net(listed.label)) if side == "SELL" else 0
    span = short * listed.strike
    return {
        "type": "equity",
        "tradingsymbol": listed.symbol,
        "exchange": listed.exchange,
        "span": number(span),
        "exposure": 0,
        "option_premium": number(premium),
        "additional": 0,
        "bo": 0,
        "cash": 0,
        "var": 0,
        "pnl": {"realised": 0, "unrealised": 0},
        "leverage": 1,
        "charges": _charges(rates, side, quantity * price),
        "total": number(premium + span),
    }


def _charges(rates: ChargeRates, side: str, value: Paise) -> Row:
    buy, sell = (value, 0) if side == "BUY" else (0, value)
    exact = charges(rates, buy, sell, 1)
    gst = _rupees(exact.gst)
    return {
        "transaction_tax": _rupees(exact.stt),
        "transaction_tax_type": "stt",
        "exchange_turnover_charge": _rupees(exact.exchange),
        "sebi_turnover_charge": _rupees(exact.sebi),
        "brokerage": _rupees(exact.brokerage),
        "stamp_duty": _rupees(exact.stamp),
        "gst": {"igst": gst, "cgst": 0, "sgst": 0, "total": gst},
        "total": _rupees(exact.total),
    }


def _sum(rows: list[Row]) -> Row:
    """One row that adds up the figures of all; charges are added part by part."""
    total: Row = {
        "type": "", "tradingsymbol": "", "exchange": "", "span": 0, "exposure": 0, "option_premium": 0,
        "additional": 0, "bo": 0, "cash": 0, "var": 0, "pnl": {"realised": 0, "unrealised": 0},
        "leverage": 0, "charges": _no_charges(), "total": 0,
    }  # fmt: skip
    for row in rows:
        for name in ("span", "option_premium", "total"):
            total[name] = round(total[name] + row[name], 2)
        _add_charges(total["charges"], row["charges"])
    return total


def _no_charges() -> Row:
    return {
        "transaction_tax": 0, "transaction_tax_type": "", "exchange_turnover_charge": 0,
        "sebi_turnover_charge": 0, "brokerage": 0, "stamp_duty": 0,
        "gst": {"igst": 0, "cgst": 0, "sgst": 0, "total": 0}, "total": 0,
    }  # fmt: skip


def _add_charges(total: Row, row: Row) -> None:
    for name, figure in row.items():
        if isinstance(figure, dict):
            _add_charges(total[name], figure)
        elif not isinstance(figure, str):
            total[name] = round(total[name] + figure, 6)


def _orders(body: object) -> list[Mapping[str, object]]:
    if not isinstance(body, list) or len(body) > _MOST_ORDERS:
        raise KiteError("Invalid request body: a list of orders is expected.")
    for order in body:
        if not isinstance(order, dict):
            raise KiteError("Invalid request body: every order must be an object.")
    return body


def _read(desk: Desk, order: Mapping[str, object]) -> tuple[Listed, str, int]:
    key = f"{order.get('exchange', '')}:{order.get('tradingsymbol', '')}"
    listed = desk.market.by_key.get(key)
    if listed is None or listed.kind not in ("CE", "PE"):
        raise KiteError(f"Invalid `tradingsymbol`: {key} is no option of this exchange.")
    side, quantity = order.get("transaction_type"), order.get("quantity")
    if side not in ("BUY", "SELL"):
        raise KiteError("Invalid `transaction_type`.")
    whole = isinstance(quantity, int | float) and not isinstance(quantity, bool) and quantity == int(quantity)
    if not whole or not 0 < int(quantity) < 2**31:  # type: ignore[call-overload]
        raise KiteError("Invalid `quantity`.")
    return listed, str(side), int(quantity)  # type: ignore[call-overload]


def _price(order: Mapping[str, object], name: str, last: Paise) -> Paise:
    """The price given, in paise; without one the last price."""
    given = order.get(name) or 0
    if not isinstance(given, int | float) or isinstance(given, bool):
        raise KiteError(f"Invalid `{name}`.")
    try:
        price = parse_rupees(given)
    except ValueError:
        price = round(given * 100) if abs(given) < 2**31 else -1
    if not 0 <= price < 2**31:
        raise KiteError(f"Invalid `{name}`.")
    return price or last


def _rupees(units: int) -> float:
    """An exact amount as Kite shows it: a number of rupees, here to six places."""
    return round(units / _UNITS_PER_RUPEE, 6)
