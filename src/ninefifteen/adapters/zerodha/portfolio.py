"""What the account did and holds: an order's history, trades, positions. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TypeVar

import msgspec

from ninefifteen.domain.money import Paise

from .client import KiteClient
from .errors import Down
from .order_rows import OrderRow, TradeRow, order_row, trade_row
from .stamps import SignedUnits, Units, amount, decode, nearest

T = TypeVar("T")


class PositionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One position. Units (negative is short) and paise; `average` is rounded to the paisa.

    `quantity` is what is held now, `overnight` what was carried in. `pnl` is Kite's own figure, in
    paise, before charges.
    """

    token: int
    exchange: str
    symbol: str
    product: str
    quantity: int
    overnight: int
    average: Paise
    last: Paise
    bought: int
    sold: int
    buy_value: Paise
    sell_value: Paise
    pnl: Paise


class Positions(msgspec.Struct, frozen=True):
    """`net` is what is held in all, `day` what came of today's trades alone."""

    net: tuple[PositionRow, ...]
    day: tuple[PositionRow, ...]

    def held(self, exchange: str, symbol: str) -> int:
        """Units held of one contract over all products; negative is short."""
        return sum(row.quantity for row in self.net if (row.exchange, row.symbol) == (exchange, symbol))


class _Position(msgspec.Struct, frozen=True, kw_only=True):
    instrument_token: int
    exchange: str
    tradingsymbol: str
    product: str
    quantity: SignedUnits
    average_price: Decimal
    overnight_quantity: SignedUnits = 0
    last_price: Decimal = Decimal()
    buy_quantity: Units = 0
    sell_quantity: Units = 0
    buy_value: Decimal = Decimal()
    sell_value: Decimal = Decimal()
    pnl: Decimal = Decimal()


class _Positions(msgspec.Struct, frozen=True):
    net: tuple[msgspec.Raw, ...]
    day: tuple[msgspec.Raw, ...]


async def order_history(client: KiteClient, order_id: str) -> tuple[OrderRow, ...]:
    """Every state an order went through, in order; raises Refused, LoggedOut or Down."""
    rows = await client.read(f"/orders/{order_id}", list[msgspec.Raw])
    return _all(order_row, rows, f"history of order {order_id}")


async def trades(client: KiteClient, order_id: str = "") -> tuple[TradeRow, ...]:
    """The day's trades, or those of one order; raises Refused, LoggedOut or Down."""
    path = f"/orders/{order_id}/trades" if order_id else "/trades"
    return _all(trade_row, await client.read(path, list[msgspec.Raw]), "trade")


async def positions(client: KiteClient) -> Positions:
    """The account's positions, those of other programs included; raises Refused, LoggedOut or Down."""
    both = await client.read("/portfolio/positions", _Positions)
    return Positions(
        net=_all(position_row, both.net, "net position"), day=_all(position_row, both.day, "day position")
    )


def position_row(raw: bytes | msgspec.Raw) -> PositionRow:
    """One position; raises ValueError when it cannot be read."""
    row = decode(raw, _Position)
    return PositionRow(
        token=row.instrument_token,
        exchange=row.exchange,
        symbol=row.tradingsymbol,
        product=row.product,
        quantity=row.quantity,
        overnight=row.overnight_quantity,
        average=nearest(row.average_price),
        last=nearest(row.last_price),
        bought=row.buy_quantity,
        sold=row.sell_quantity,
        buy_value=amount(row.buy_value),
        sell_value=amount(row.sell_value),
        pnl=amount(row.pnl),
    )


def _all(parse: Callable[[msgspec.Raw], T], rows: Iterable[msgspec.Raw], what: str) -> tuple[T, ...]:
    try:
        return tuple(parse(row) for row in rows)
    except ValueError as problem:
        raise Down(f"malformed {what}: {problem}") from None
