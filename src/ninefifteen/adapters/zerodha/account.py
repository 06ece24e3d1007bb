"""The account: what it may trade, and what money is free."""

from __future__ import annotations

from typing import Annotated

import msgspec

from ninefifteen.domain.money import Paise

from .client import KiteClient
from .errors import Down

_Rupees = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
"""Kite sends rupees as binary fractions (99725.05000000002); beyond a lakh crore it is no account."""


class Profile(msgspec.Struct, frozen=True):
    """Who is logged in, and the exchanges, products and order types open to them, in Kite's words."""

    user_id: str
    exchanges: tuple[str, ...]
    products: tuple[str, ...]
    order_types: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What the account lacks for trading stock options intraday, a line each; empty when nothing."""
        needs = (
            (
                "NFO" in self.exchanges,
                "the F&O segment (NFO) is not active: activate it in Zerodha's console",
            ),
            ("MIS" in self.products, "the product MIS (intraday) is not open to this account: ask Zerodha"),
            ("LIMIT" in self.order_types, "limit orders are not open to this account: ask Zerodha"),
            (
                "SL" in self.order_types,
                "stop-loss limit orders (SL) are not open to this account: ask Zerodha",
            ),
        )
        return tuple(line for there, line in needs if not there)


class Funds(msgspec.Struct, frozen=True):
    """Money of the equity and F&O segment, in paise. `free_cash` is what may pay a premium now."""

    enabled: bool
    free_cash: Paise
    collateral: Paise
    opening_balance: Paise


class _Available(msgspec.Struct):
    cash: _Rupees
    live_balance: _Rupees
    opening_balance: _Rupees = 0.0
    collateral: _Rupees = 0.0


class _Segment(msgspec.Struct):
    enabled: bool
    net: _Rupees
    available: _Available


class _Margins(msgspec.Struct):
    equity: _Segment


async def profile(client: KiteClient) -> Profile:
    """The profile of the session's user; raises Refused, LoggedOut or Down."""
    found = await client.read("/user/profile", Profile)
    if not found.user_id:
        raise Down("Zerodha: GET /user/profile: answered without a user id")
    return found


async def funds(client: KiteClient) -> Funds:
    """The money of the equity and F&O segment; raises Refused, LoggedOut or Down.

    Kite's `net` counts pledged shares as money, but a premium is paid in cash (SEBI, from 1 Feb 2025
    in full and upfront): free is the smaller of `net` and the live cash balance, never below nothing.
    """
    equity = (await client.read("/user/margins", _Margins)).equity
    return Funds(
        enabled=equity.enabled,
        free_cash=max(0, min(_paise(equity.net), _paise(equity.available.live_balance))),
        collateral=_paise(equity.available.collateral),
        opening_balance=_paise(equity.available.opening_balance),
    )


def _paise(rupees: float) -> Paise:
    """To the nearest paisa: the binary fraction is Kite's, the money is whole paise."""
    return round(rupees * 100)
