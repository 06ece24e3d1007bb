"""What an engine believes of orders and holdings, and whether the exchange agrees."""

from __future__ import annotations

from ninefifteen.engine import Engine
from ninefifteen.runtime.views import View, view_of
from ninefifteen.simulator.exchange import Exchange


def belief(engine: Engine) -> View | None:
    """Everything a screen would show of it; None before the day is opened."""
    return view_of(engine.state)


def exposure(engine: Engine) -> int:
    """Units believed to be held, and paise that orders may still cost."""
    runs = engine.state.runs
    held = sum(run.position.net for run in runs if run.position is not None and run.trade is None)
    return held + engine.state.orders.exposure()


def miscounted(engine: Engine, exchange: Exchange) -> str:
    """Which booked trade is worth something else at the exchange, by more than a paisa a unit; else empty."""
    mine = [order for order in exchange.register.orders.values() if order.tag]
    for run in engine.state.runs:
        trade = run.trade
        if trade is None:
            continue
        bought = sum(order.value for order in mine if order.shape.side == "BUY")
        sold = sum(order.value for order in mine if order.shape.side == "SELL")
        if max(abs(bought - trade.buy_value), abs(sold - trade.sell_value)) > trade.quantity:
            booked = f"booked {trade.buy_value} and {trade.sell_value}"
            return f"bought for {bought} and sold for {sold} paise at the exchange, {booked}"
    return ""


def converged(engine: Engine, exchange: Exchange) -> str:
    """In what engine and broker differ; empty when they agree."""
    state = engine.state
    for order in exchange.register.orders.values():
        if not order.tag:
            continue
        known = state.orders.by_tag.get(order.tag)
        if known is None:
            return f"order {order.order_id} ({order.tag}) is not known to the engine"
        if known.final != order.final or known.filled != order.filled:
            mine = f"{known.state}, {known.filled} filled"
            return f"order {order.order_id} is {order.status}, {order.filled} filled; believed {mine}"
    held: dict[str, int] = {}
    for run in state.runs:
        if run.position is not None:
            name = run.position.instrument.name
            held[name] = held.get(name, 0) + run.position.net
    for name, units in held.items():
        net = exchange.net(name)
        if units > max(net, 0):
            return f"{units} {name} believed to be held, {net} are"
    return ""
