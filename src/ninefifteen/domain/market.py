"""Facts of the market that a scan reads: pre-open rows, chains, the day itself."""

from __future__ import annotations

import datetime as dt

import msgspec

from .charges import ChargeRates
from .instants import Instant
from .instrument import Instrument
from .money import Paise
from .order_limits import OrderLimits


class PreOpenRow(msgspec.Struct, frozen=True):
    """One member in the pre-open: auction price and previous close, paise."""

    symbol: str
    price: Paise
    prev_close: Paise


class CallRow(msgspec.Struct, frozen=True):
    """One listed call of the traded expiry with its previous trading day's figures.

    `oi` and `volume` are units, not lots; `oi` is None when the contract has no row of the previous
    day, `volume` None when that day's volume is unknown. `price` is the previous day's price in
    paise (close or last), 0 when it has none. `name` is the contract's key.
    """

    name: str
    strike: Paise
    oi: int | None
    volume: int | None
    price: Paise


class ChainFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The chain of one stock at the traded expiry, as known before the open.

    `calls` are sorted by strike and empty when no call of the expiry is listed. `call_oi` and
    `put_oi` sum the previous trading day's open interest over all strikes (units); None when the
    day has no row of that stock and expiry. `lot_size` is units, `tick` paise; `iv_ratio` is
    near/next implied volatility where both are known.
    """

    symbol: str
    expiry: dt.date
    lot_size: int
    tick: Paise
    calls: tuple[CallRow, ...]
    call_oi: int | None
    put_oi: int | None
    freeze_quantity: int = 0
    iv_ratio: float | None = None
    band_low: Paise = 0
    band_high: Paise = 0


def call_of(chain: ChainFacts, row: CallRow) -> Instrument:
    """The tradable call of one row, with the chain's lot, tick, freeze quantity and band."""
    return Instrument(
        name=row.name,
        symbol=chain.symbol,
        kind="CE",
        lot_size=chain.lot_size,
        tick=chain.tick,
        expiry=chain.expiry,
        strike=row.strike,
        freeze_quantity=chain.freeze_quantity,
        band_low=chain.band_low,
        band_high=chain.band_high,
    )


class DayFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the rules of the market say about one trading day.

    It enters the engine as the first event of the day, so a replay needs the journal and nothing
    else. `universe` fixes the order in which stock ticks carry their prices. `banned` and `events`
    are None when no list is known for the day. Free cash is paise; `losing_streak` counts losing
    trades in a row up to yesterday. `reconcile_every` is how often the broker's order book is read
    while an order of ours merely rests (ns; 0: never, where no answer can be lost).
    """

    date: dt.date
    previous_day: dt.date
    special: bool
    preopen_final_at: Instant
    open_at: Instant
    exit_at: Instant
    close_at: Instant
    last_observation_at: Instant
    expiry: dt.date
    days_left: int
    calendar_days_left: int
    calendar_days_left_previous: int
    rates: ChargeRates
    limits: OrderLimits
    universe: tuple[str, ...]
    free_cash: Paise
    price_source: str
    synthetic: bool
    seed: int | None = None
    banned: tuple[str, ...] | None = None
    events: dict[str, str] | None = None
    losing_streak: int = 0
    reconcile_every: Instant = 0
    trades_today: int = 0
    net_today: Paise = 0
