"""The day's register: every order, which of them still work, every trade, and the account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ninefifteen.domain.instants import Instant
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import Holding, OrderReport, Side
from ninefifteen.domain.order_limits import UNBOUNDED

from .orders import Account, Fill, HeldOrder, Shape

WorstPrice = Callable[[str, Side, Paise], Paise]
"""Contract name, side and limit to the worst price in paise at which such an order can trade."""


class Register:
    """Orders by id in the order of their ids; `working` has the orders that are not final, by contract."""

    def __init__(self, day: date, cash: Paise, worst_price: WorstPrice) -> None:
        self.orders: dict[str, HeldOrder] = {}
        self.working: dict[str, list[HeldOrder]] = {}
        self.trades: list[Fill] = []
        self.published = 0  # changes of state so far
        self.account = Account(cash)
        self._day = day
        self._worst_price = worst_price

    def new_order(self, tag: str, name: str, shape: Shape) -> HeldOrder:
        """An order with the next id: the date as yymmdd and nine digits of a count."""
        order = HeldOrder(f"{self._day:%y%m%d}{len(self.orders) + 1:09d}", tag, name, shape)
        self.orders[order.order_id] = order
        return order

    def start(self, order: HeldOrder) -> None:
        """The order works from now on."""
        self.working.setdefault(order.name, []).append(order)

    def start_by_hand(self, name: str, side: Side, quantity: int, limit: Paise, tick: Paise) -> HeldOrder:
        """An order of the account's owner, without a limit at any price; the broker lends from now on."""
        limit = limit or (tick if side == "SELL" else UNBOUNDED)
        order = self.new_order("", name, Shape(side=side, type="LIMIT", quantity=quantity, limit=limit))
        self.account.lends = True
        self.start(order)
        return order

    def reports(self) -> tuple[OrderReport, ...]:
        """Every order of the day as it was published last, in the order of their ids."""
        return tuple(order.last_report() for order in self.orders.values())

    def settle(self, at: Instant, order: HeldOrder, price: Paise, quantity: int) -> None:
        """Book one trade of a working order."""
        order.fill(quantity, price)
        side = order.shape.side
        self.account.settle(order.name, side, quantity, price)
        self.trades.append(
            Fill(
                trade_id=f"{len(self.trades) + 1:08d}",
                order_id=order.order_id,
                name=order.name,
                side=side,
                at=at,
                quantity=quantity,
                price=price,
            )
        )

    def drop_if_final(self, order: HeldOrder) -> None:
        """A final order works no more."""
        orders = self.working.get(order.name, [])
        if order.final and order in orders:
            orders.remove(order)
            if not orders:
                del self.working[order.name]

    def net(self, name: str) -> int:
        """Units held of a contract now."""
        return self.account.positions.get(name, 0)

    def holdings(self) -> tuple[Holding, ...]:
        """Every contract traded today, in the order of the first trade, with its net and its sales."""
        sold: dict[str, tuple[int, Paise]] = {}
        for trade in self.trades:
            units, value = sold.get(trade.name, (0, 0))
            if trade.side == "SELL":
                units, value = units + trade.quantity, value + trade.quantity * trade.price
            sold[trade.name] = (units, value)
        return tuple(
            Holding(name=name, net=self.net(name), sold=units, sell_value=value)
            for name, (units, value) in sold.items()
        )

    def available(self, apart_from: HeldOrder | None = None) -> Paise:
        """Cash in paise that no working buy order has claimed, one order's own claim left out."""
        claimed = 0
        for name, orders in self.working.items():
            for order in orders:
                if order.shape.side == "BUY" and order is not apart_from:
                    claimed += order.remaining * self._worst_price(name, "BUY", order.shape.limit)
        return self.account.cash - claimed

    def sellable(self, name: str, apart_from: HeldOrder | None = None) -> int:
        """Units held that no working sell order has claimed, one order's own claim left out."""
        if self.account.lends:
            return UNBOUNDED
        orders = self.working.get(name, ())
        sells = (o for o in orders if o.shape.side == "SELL" and o is not apart_from)
        return self.net(name) - sum(order.remaining for order in sells)

    def works_or_holds(self, name: str) -> bool:
        """Whether anything is held of the contract or an order for it works."""
        return name in self.working or bool(self.account.positions.get(name))

    def is_flat(self) -> bool:
        """Nothing is held and no order can still trade."""
        return not self.working and not any(self.account.positions.values())
