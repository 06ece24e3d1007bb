"""What a day inherits from the days before it in the same home, on paper or at the broker."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput
from ninefifteen.home import Home

from .sessions import Account, fresh_account

_REMEDY = "restore it from a backup, or move it away"
_MOST = Decimal(10) ** 12
"""Rupees beyond which a result is no trade of one person."""


class _Trade(msgspec.Struct):
    net: Decimal


class _Held(msgspec.Struct):
    paid: Decimal


class _Day(msgspec.Struct):
    date: date
    mode: str
    trades: list[_Trade]
    held: list[_Held] = []
    rehearsal: bool = False

    @property
    def amounts(self) -> list[Decimal]:
        """Every amount of money in it, in rupees."""
        return [*(trade.net for trade in self.trades), *(held.paid for held in self.held)]


def account_before(home: Home, settings: Settings, before: date, wiring: str = "paper") -> Account:
    """Cash and losing trades in a row, from the documents of this home's earlier days of that kind.

    Cash is `trading.paper_capital` plus the net result of each of them, rounded down to the paisa. What a
    day ended holding counts as lost with all that was paid: nobody knows what it brought. Raises BadInput
    for a document that cannot be read: a day that is left out would be money made up.
    """
    account = fresh_account(settings)
    cash, streak = Decimal(account.free_cash), 0
    for day in sorted(_days(home, wiring), key=lambda day: day.date):
        if day.date >= before:
            continue
        for trade in day.trades:
            net = trade.net * 100
            cash += net
            streak = 0 if net > 0 else streak + 1
        for held in day.held:
            cash -= held.paid * 100
            streak += 1
    return Account(free_cash=int(cash // 1), losing_streak=streak)


def _days(home: Home, wiring: str) -> list[_Day]:
    days = [_read(path) for path in sorted(home.days_dir.glob("*.json")) if ".run-" not in path.name]
    return [day for day in days if day.mode == wiring and day.rehearsal == home.rehearsal]


def _read(path: Path) -> _Day:
    try:
        day = msgspec.json.decode(path.read_bytes(), type=_Day)
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
        raise BadInput(f"{path}: cannot be read ({error}): {_REMEDY}") from None
    if not all(amount.is_finite() and amount.copy_abs() < _MOST for amount in day.amounts):
        raise BadInput(f"{path}: a net result is no amount of money: {_REMEDY}")
    return day
