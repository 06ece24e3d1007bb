"""Everything that can enter the engine. One door: each of these comes through the inbox.

Every event carries `at`, the instant at which it is processed; market events also carry
`exchange_at`, the exchange's own stamp, so that stale data can be told from fresh. Prices are
paise, quantities units.
"""

from __future__ import annotations

import msgspec

from .instants import Instant
from .market import ChainFacts, DayFacts, PreOpenRow
from .money import Paise
from .order import Holding, OrderReport

Levels = tuple[tuple[Paise, int], ...]
"""Visible levels of one side, best first: price in paise and units."""
_NO_LEVEL: Levels = ((0, 0),)


class _Event(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True):
    at: Instant


class DayOpened(_Event, frozen=True, tag="day_opened"):
    """The day begins: its rules and facts. Always the first event of a journal."""

    facts: DayFacts


class PreOpen(_Event, frozen=True, tag="pre_open"):
    """The pre-open prices asked for. `final` is False while the auction is still indicative."""

    exchange_at: Instant
    final: bool
    rows: tuple[PreOpenRow, ...]


class Chains(_Event, frozen=True, tag="chains"):
    """The chains asked for, in the order of the asking."""

    chains: tuple[ChainFacts, ...]


class NoData(_Event, frozen=True, tag="no_data"):
    """The rules cannot be applied today: a reason of `design/strategy.md` D4.

    `fatal` ends the day at once; otherwise the day's selection is still made and the reason stands
    in place of a trade.
    """

    reason: str
    fatal: bool = True


class StockTicks(_Event, frozen=True, tag="stock_ticks"):
    """Last prices of the universe in its own order; 0 where a stock has not traded since the last."""

    exchange_at: Instant
    prices: tuple[Paise, ...]


class Quote(_Event, frozen=True, tag="quote"):
    """Best bid and ask of one contract with their quantities, and the last price. 0 = none.

    `more_bids` and `more_asks` are the visible levels behind the best, (price, quantity), best first.
    """

    name: str
    exchange_at: Instant
    bid: Paise
    bid_quantity: int
    ask: Paise
    ask_quantity: int
    last: Paise = 0
    more_bids: tuple[tuple[Paise, int], ...] = ()
    more_asks: tuple[tuple[Paise, int], ...] = ()


def book_quote(
    at: Instant, name: str, exchange_at: Instant, bids: Levels = (), asks: Levels = (), last: Paise = 0
) -> Quote:
    """The quote of these visible levels, best first; without any: no book is known of the contract."""
    bid, ask = (bids or _NO_LEVEL)[0], (asks or _NO_LEVEL)[0]
    return Quote(
        at,
        name=name,
        exchange_at=exchange_at,
        bid=bid[0],
        bid_quantity=bid[1],
        ask=ask[0],
        ask_quantity=ask[1],
        last=last,
        more_bids=bids[1:],
        more_asks=asks[1:],
    )


class LastPrice(_Event, frozen=True, tag="last"):
    """A recorded observation of one contract: a last price, no book."""

    name: str
    price: Paise


class Bar(_Event, frozen=True, tag="bar"):
    """A finished bar of one contract; `at` is its end. `opening` marks the bar of the entry price.

    A bar of a share of the universe carries the share's symbol as its name and is one minute long.
    """

    name: str
    open: Paise
    high: Paise
    low: Paise
    close: Paise
    opening: bool = False


class MinuteBars(_Event, frozen=True, tag="minute_bars"):
    """One finished minute of many instruments as columns, each in the order of `names`.

    It means one `Bar` of each name in that order, all at `at`, and costs a twentieth of them.
    """

    names: tuple[str, ...]
    opens: tuple[Paise, ...]
    highs: tuple[Paise, ...]
    lows: tuple[Paise, ...]
    closes: tuple[Paise, ...]
    opening: bool = False


class EndOfData(_Event, frozen=True, tag="end_of_data"):
    """The recording of this day has no further observation."""


class OrderAccepted(_Event, frozen=True, tag="order_accepted"):
    """The broker took the order and gave it an id."""

    tag: str
    order_id: str


class OrderRefused(_Event, frozen=True, tag="order_refused"):
    """The broker's final answer to a placing: no. A definite refusal by its own words."""

    tag: str
    message: str


class OutcomeUnknown(_Event, frozen=True, tag="outcome_unknown"):
    """Sent, and no trustworthy answer. Never re-sent: looked up."""

    tag: str
    detail: str


class ChangeAnswered(_Event, frozen=True, tag="change_answered"):
    """The answer to a modification or a cancel request: taken or not, with the broker's words."""

    tag: str
    change: str
    taken: bool
    message: str = ""


class OrderUpdate(_Event, frozen=True, tag="order_update"):
    """The broker's word on one order."""

    report: OrderReport


class OrdersRead(_Event, frozen=True, tag="orders_read"):
    """The whole order book of the day as read; `ok` False when the read failed or was malformed."""

    ok: bool
    reports: tuple[OrderReport, ...]


class PositionsRead(_Event, frozen=True, tag="positions_read"):
    """What the account holds as read; `ok` False when the read failed or was malformed.

    A contract that is not listed is not held, but only in a reading that is ok (I12).
    """

    ok: bool
    holdings: tuple[Holding, ...]


class Reconnected(_Event, frozen=True, tag="reconnected"):
    """The line to the broker was gone and is back: what was pushed meanwhile is lost."""


class TimerFired(_Event, frozen=True, tag="timer"):
    """A timer the engine started is due."""

    timer: str


class Halted(_Event, frozen=True, tag="halt"):
    """Somebody said stop. Latched: survives the restart. `command` is the id it was sent under, if any."""

    source: str
    reason: str
    command: str = ""


class Paused(_Event, frozen=True, tag="pause"):
    """No new entries until resumed."""

    source: str
    reason: str
    command: str = ""


class Resumed(_Event, frozen=True, tag="resume"):
    """New entries are allowed again."""

    source: str
    reason: str
    command: str = ""


class Unlocked(_Event, frozen=True, tag="unlock"):
    """Somebody with the right to it has lifted the halt; today stays without an entry that was missed."""

    source: str
    reason: str
    command: str = ""


class Flattened(_Event, frozen=True, tag="flatten"):
    """Close what is open, keep running."""

    source: str
    reason: str
    command: str = ""


class Restarted(_Event, frozen=True, tag="restarted"):
    """The engine came back after a stop and has read its journal up to here."""

    epoch: int


class DayClosed(_Event, frozen=True, tag="day_closed"):
    """The exchange has closed; the day's record is due."""


Event = (
    DayOpened
    | PreOpen
    | Chains
    | NoData
    | StockTicks
    | Quote
    | LastPrice
    | Bar
    | MinuteBars
    | EndOfData
    | OrderAccepted
    | OrderRefused
    | OutcomeUnknown
    | ChangeAnswered
    | OrderUpdate
    | OrdersRead
    | PositionsRead
    | Reconnected
    | TimerFired
    | Halted
    | Paused
    | Resumed
    | Unlocked
    | Flattened
    | Restarted
    | DayClosed
)
