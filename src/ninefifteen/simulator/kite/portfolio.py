"""Positions and funds of the account as Kite's JSON shows them. There are no holdings and no margin here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise
from ninefifteen.simulator.market import Listed
from ninefifteen.simulator.orders import Fill

from .desk import Desk, Order
from .envelope import number

Row = dict[str, Any]
_NOTHING = (
    "exposure", "m2m_realised", "m2m_unrealised", "payout", "span", "holding_sales", "turnover",
    "liquid_collateral", "stock_collateral", "delivery",
)  # fmt: skip


def positions(desk: Desk, at: Instant) -> dict[str, list[Row]]:
    """Everything traded today, by contract and product: `net` and `day` are the same on this exchange."""
    bags: dict[tuple[int, str], list[tuple[Fill, Order]]] = {}
    for fill, order in desk.trades():
        bags.setdefault((order.wish.listed.token, order.wish.product), []).append((fill, order))
    rows = []
    for (token, product), bag in bags.items():
        listed = bag[0][1].wish.listed
        last = desk.market.snapshot(token, at).last
        rows.append(_position(listed, product, [fill for fill, _ in bag], last))
    return {"net": rows, "day": rows}


def funds(desk: Desk) -> dict[str, Row]:
    """Both segments; only equity, which options belong to, has money."""
    cash, free = desk.exchange.cash, desk.exchange.free_cash
    held = sum(
        desk.exchange.net(name) * _average_bought(desk, name)
        for name in {fill.name for fill, _ in desk.trades()}
    )
    opening = desk.opening_cash
    premium = round(held) + cash - free
    return {
        "equity": _segment(opening, free, premium),
        "commodity": _segment(0, 0, 0),
    }


def _position(listed: Listed, product: str, fills: list[Fill], last: Paise) -> Row:
    bought, buy_value = _side(fills, "BUY")
    sold, sell_value = _side(fills, "SELL")
    net = bought - sold
    value = sell_value - buy_value
    result = value + net * last
    buy_price, sell_price = _mean(buy_value, bought), _mean(sell_value, sold)
    return {
        "tradingsymbol": listed.symbol,
        "exchange": listed.exchange,
        "instrument_token": listed.token,
        "product": product,
        "quantity": net,
        "overnight_quantity": 0,
        "multiplier": 1,
        "average_price": buy_price if net else 0,
        "close_price": 0,
        "last_price": number(last),
        "value": number(value),
        "pnl": number(result),
        "m2m": number(result),
        "unrealised": number(result),
        "realised": 0,
        "buy_quantity": bought,
        "buy_price": buy_price,
        "buy_value": number(buy_value),
        "buy_m2m": number(buy_value),
        "sell_quantity": sold,
        "sell_price": sell_price,
        "sell_value": number(sell_value),
        "sell_m2m": number(sell_value),
        "day_buy_quantity": bought,
        "day_buy_price": buy_price,
        "day_buy_value": number(buy_value),
        "day_sell_quantity": sold,
        "day_sell_price": sell_price,
        "day_sell_value": number(sell_value),
    }


def _segment(opening: Paise, free: Paise, premium: Paise) -> Row:
    return {
        "enabled": True,
        "net": number(free),
        "available": {
            "adhoc_margin": 0,
            "cash": number(opening),
            "opening_balance": number(opening),
            "live_balance": number(free),
            "collateral": 0,
            "intraday_payin": 0,
        },
        "utilised": {
            "debits": number(opening - free),
            **dict.fromkeys(_NOTHING, 0),
            "option_premium": number(premium),
        },
    }


def _average_bought(desk: Desk, name: str) -> float:
    """The mean price in paise of everything bought of one contract today."""
    units, value = _side((fill for fill, _ in desk.trades() if fill.name == name), "BUY")
    return value / units if units else 0.0


def _side(fills: Iterable[Fill], side: str) -> tuple[int, Paise]:
    chosen = [fill for fill in fills if fill.side == side]
    return sum(fill.quantity for fill in chosen), sum(fill.quantity * fill.price for fill in chosen)


def _mean(value: Paise, quantity: int) -> float:
    """A mean price in rupees, as Kite shows it: not rounded to a tick."""
    return round(value / quantity / 100, 6) if quantity else 0
