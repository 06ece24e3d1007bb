"""One instrument of the day: who it is, what yesterday left, and how its columns are made."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ninefifteen.domain.events import Quote
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.money import Paise
from ninefifteen.simulator.synthetic.books import levels

from .listed import Listed
from .snapshot import EMPTY, Side, Snapshot, Yesterday
from .tape import NEVER, Columns, Tape

_FIVE = 5
_UNITS_AN_ORDER = 200  # of a share; of an option it is a few lots
_LOTS_AN_ORDER = 3


class Match(msgspec.Struct, frozen=True):
    """The opening auction's one trade: its stamp, price in paise and units (0 for an index)."""

    at: Instant
    price: Paise
    quantity: int


class Line(msgspec.Struct, kw_only=True, eq=False):
    """What is needed to show one instrument.

    Its session has `end` seconds from `open_at` on; `delay` passes between the exchange's stamp and
    the delivery of every change. `match` is None for an option, which has no auction.
    """

    listed: Listed
    delay: Instant
    open_at: Instant
    end: int
    yesterday: Yesterday
    make: Callable[[], Columns]
    match: Match | None = None

    def tape(self) -> Tape:
        """The whole session; some milliseconds of work."""
        return Tape.of(self.make(), max(1, self.listed.tick), max(1, self.listed.lot_size))

    def second(self, at: Instant) -> int:
        """The second of the session that is on show at `at`; negative before the first."""
        return (at - self.delay - self.open_at) // SECOND

    def delivery(self, second: int) -> Instant:
        """When what the exchange stamps with `second` arrives."""
        return self.open_at + second * SECOND + self.delay

    def before_open(self, at: Instant) -> Snapshot:
        """What is shown before the day's first change: yesterday, or the auction's trade."""
        match = self.match
        if match is not None and at >= match.at + self.delay:
            return self._matched(match)
        return self._stale()

    def _stale(self) -> Snapshot:
        """Yesterday as a server keeps it overnight: yesterday's stamps and totals, no book."""
        listed, old = self.listed, self.yesterday
        price, held = old.close, old.oi
        return Snapshot(
            listed.token, old.stamp, price, 0, price, old.volume, 0, 0, price, price, price, price,
            old.last_trade_at, held, held, held, EMPTY, EMPTY, listed.band_low, listed.band_high,
        )  # fmt: skip

    def _matched(self, match: Match) -> Snapshot:
        listed, price, average = self.listed, match.price, match.price if match.quantity else 0
        return Snapshot(
            listed.token, match.at, price, match.quantity, average, match.quantity, 0, 0, price, price,
            price, self.yesterday.close, match.at, 0, 0, 0, EMPTY, EMPTY, listed.band_low, listed.band_high,
        )  # fmt: skip

    def snapshot(self, tape: Tape, second: int, *, closed: bool) -> Snapshot:
        """What `second` shows, which `tape` must hold; a closed market has no book any more."""
        (
            bid, ask, bid_lots, ask_lots, deeper_lots, step_ticks, last, last_lots, latest, volume, average,
            first, high, low,
        ) = tape.row(second)  # fmt: skip
        listed, old, lot = self.listed, self.yesterday, self.listed.lot_size
        step = step_ticks * listed.tick
        bids, asks, bought, sold = EMPTY, EMPTY, 0, 0
        if not closed:
            bids, bought = self._side(bid, bid_lots * lot, -step, deeper_lots * lot)
            asks, sold = self._side(ask, ask_lots * lot, step, deeper_lots * lot)
        held, most, least = tape.oi[-1 if closed else second // 60].tolist()
        traded_at = self.open_at + latest * SECOND if latest != NEVER else old.last_trade_at
        return Snapshot(
            listed.token, self.open_at + second * SECOND, last or old.close, last_lots * lot, average, volume,
            bought, sold, first, high, low, old.close, traded_at, held, most, least, bids, asks,
            listed.band_low, listed.band_high,
        )  # fmt: skip

    def _side(self, best: Paise, quantity: int, step: Paise, deeper: int) -> tuple[Side, int]:
        """Five levels and the units in them."""
        if not best:
            return EMPTY, 0
        if self.match is not None:
            each = 1 + deeper // _UNITS_AN_ORDER
            more = tuple((best + n * step, deeper, each) for n in range(1, _FIVE))
            return ((best, quantity, 1 + quantity // _UNITS_AN_ORDER), *more), quantity + 4 * deeper
        size = _LOTS_AN_ORDER * self.listed.lot_size
        first, behind = (best, quantity, 1 + quantity // size), levels(best, step, deeper)
        if not behind:
            return (first, *EMPTY[1:]), quantity
        each = 1 + deeper // size
        (second, _), (third, _) = behind
        return (first, (second, deeper, each), (third, deeper, each), *EMPTY[3:]), quantity + 2 * deeper

    def quote(self, tape: Tape, second: int) -> Quote:
        """The engine's event of `second`, as the synthetic day words it: last is 0 before the first trade."""
        bid, ask, bid_lots, ask_lots, deeper_lots, step_ticks, last, *_ = tape.row(second)
        lot, step = self.listed.lot_size, step_ticks * self.listed.tick
        stamp, deeper = self.open_at + second * SECOND, deeper_lots * lot
        return Quote(
            stamp + self.delay, self.listed.label, stamp, bid, bid_lots * lot, ask, ask_lots * lot, last,
            levels(bid, -step, deeper), levels(ask, step, deeper),
        )  # fmt: skip
