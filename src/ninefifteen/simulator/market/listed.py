"""Instruments as a broker lists them, with tokens and trading symbols in the manner of Kite Connect v3.

The instrument token is the exchange's token and the segment in the low byte (1 NSE, 2 NFO, 9 indices).
Option tokens are handed out anew every day, as the real ones are reused: they mean nothing tomorrow.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from ninefifteen.domain.instrument import recorded_name
from ninefifteen.domain.money import Paise
from ninefifteen.simulator.synthetic.chains import Contract
from ninefifteen.simulator.synthetic.members import Member, members

_NSE, _NFO, _INDICES = 1, 2, 9
_FIRST_SHARE, FIRST_OPTION = 2001, 40_001
_CIRCUIT = 0.2
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument of the day. Prices are paise, quantities units.

    `symbol` is the trading symbol, `root` the underlying share (its own symbol for a share), `label`
    the simulator's name of an option, under which the exchange trades it. `band_low` and `band_high`
    bound the day's prices. An index has no tick, no lot and no band (0).
    """

    token: int
    exchange_token: int
    symbol: str
    root: str
    exchange: Literal["NSE", "NFO"]
    segment: Literal["NSE", "NFO-OPT", "INDICES"]
    kind: Literal["EQ", "CE", "PE", "INDEX"]
    tick: Paise
    lot_size: int
    label: str
    expiry: date | None = None
    strike: Paise = 0
    freeze_quantity: int = 0
    band_low: Paise = 0
    band_high: Paise = 0

    @property
    def key(self) -> str:
        """The name by which quotes are asked for: "NSE:INFY"."""
        return f"{self.exchange}:{self.symbol}"


def index_listed(name: str, exchange_token: int) -> Listed:
    """An index, which can be watched and not traded."""
    return Listed(
        token=exchange_token << 8 | _INDICES,
        exchange_token=exchange_token,
        symbol=name,
        root=name,
        exchange="NSE",
        segment="INDICES",
        kind="INDEX",
        tick=0,
        lot_size=0,
        label=name,
    )


def share_listed(member: Member, prev_close: Paise) -> Listed:
    """A share; its token is the same every day, its range a fifth of the previous close each way."""
    number = _FIRST_SHARE + sorted(members()).index(member.symbol)
    low, high = (round(prev_close * (1.0 + side) / member.stock_tick) for side in (-_CIRCUIT, _CIRCUIT))
    return Listed(
        token=number << 8 | _NSE,
        exchange_token=number,
        symbol=member.symbol,
        root=member.symbol,
        exchange="NSE",
        segment="NSE",
        kind="EQ",
        tick=member.stock_tick,
        lot_size=1,
        label=member.symbol,
        band_low=low * member.stock_tick,
        band_high=high * member.stock_tick,
    )


def option_listed(contract: Contract, kind: Literal["CE", "PE"], number: int) -> Listed:
    """An option of this day with the exchange token `number`."""
    member = contract.stock.member
    return Listed(
        token=number << 8 | _NFO,
        exchange_token=number,
        symbol=option_symbol(member.symbol, contract.expiry, contract.strike, kind),
        root=member.symbol,
        exchange="NFO",
        segment="NFO-OPT",
        kind=kind,
        tick=member.option_tick,
        lot_size=member.lot_size,
        label=contract.name,
        expiry=contract.expiry,
        strike=contract.strike,
        freeze_quantity=member.freeze_quantity,
        band_low=contract.band_low,
        band_high=contract.band_high,
    )


def option_symbol(root: str, expiry: date, strike: Paise, kind: Literal["CE", "PE"]) -> str:
    """The trading symbol of a monthly stock option: "ITC26AUG277.5CE"."""
    shown = recorded_name(root, expiry, strike, kind).split(" ")[-2]
    return f"{root}{expiry:%y}{_MONTHS[expiry.month - 1]}{shown}{kind}"
