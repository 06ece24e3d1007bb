"""What the engine remembers between two events. Only `engine/` writes it; everybody may read it."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from ninefifteen.domain.candidate import Candidate, Plan, Selection
from ninefifteen.domain.effects import Alert, Effect, Note, ReadOrders, ReadPositions, StartTimer
from ninefifteen.domain.events import Quote
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.money import Paise
from ninefifteen.domain.record import Trade
from ninefifteen.domain.settings import Settings

from .books import Books, Proof
from .orders import OrderBook
from .strategy import Hours, StockBar, Strategy

Figures = dict[str, str | int | float | bool | None]


class Phase(StrEnum):
    """Where one strategy stands today (`reference/reliability.md` section 4c)."""

    IDLE = "idle"
    SCANNING = "scanning"
    ARMED = "armed"
    WATCHING = "watching"
    ENTERING = "entering"
    HOLDING = "holding"
    EXITING = "exiting"
    DONE = "done"


class Position:
    """What one strategy holds of one contract: bought units, sold units, and the exit levels in paise.

    `raised` is how far a trailing or breakeven rule has lifted the stop (0: not at all); `exits` counts
    sell orders that ended while units were held. `own_sold` is what our own orders have sold, `by_hand`
    what somebody sold in the broker's app, each with its value in paise; `doubt` is how many units seem
    to have been sold by hand while that is not confirmed, `hand_ended` that a sale by hand was the last.
    `pending_looks` counts the looks at a stop that neither rests nor trades. `seen_bid` is when a book
    with a bid was shown last, and that bid.
    """

    __slots__ = (
        "best_bid",
        "bought",
        "buy_value",
        "by_hand",
        "doubt",
        "entry_at",
        "exit_at",
        "exits",
        "hand_ended",
        "hand_value",
        "instrument",
        "last_observed_at",
        "longest_gap",
        "own_sold",
        "own_value",
        "pending_looks",
        "plan",
        "raised",
        "seen_bid",
        "stop",
        "target",
    )

    def __init__(self, instrument: Instrument, at: Instant) -> None:
        self.instrument = instrument
        self.entry_at = at
        self.exit_at: Instant | None = None
        self.bought = 0
        self.buy_value: Paise = 0
        self.own_sold = 0
        self.own_value: Paise = 0
        self.by_hand = 0
        self.hand_value: Paise = 0
        self.hand_ended = False
        self.doubt = 0
        self.pending_looks = 0
        self.target: Paise = 0
        self.stop: Paise = 0
        self.plan: Plan | None = None
        self.raised: Paise = 0
        self.best_bid: Paise = 0
        self.seen_bid: tuple[Instant, Paise] = (0, 0)
        self.exits = 0
        self.last_observed_at: Instant = at
        self.longest_gap: Instant = 0

    @property
    def sold(self) -> int:
        """Units sold, by our orders and by hand."""
        return self.own_sold + self.by_hand

    @property
    def sell_value(self) -> Paise:
        """What they were sold for, in paise."""
        return self.own_value + self.hand_value

    @property
    def sellable(self) -> int:
        """Units a new sale may offer: whole lots of what is held for certain."""
        certain = max(self.net - self.doubt, 0)
        return certain - certain % self.instrument.lot_size

    @property
    def net(self) -> int:
        """Units held now. Below zero only after a fault, which halts the day (I2)."""
        return self.bought - self.sold

    @property
    def average(self) -> Paise:
        """Average buy price in paise, rounded up: exits are never planned on a price too good."""
        return -(-self.buy_value // self.bought) if self.bought else 0


class Leaving:
    """An exit under way: why, and how far the price was followed.

    `stop_limit` is the limit of the stop that was given up for it, in paise; `blind` counts the steps
    without a bid to follow, `in_a_row` what was refused one after the other, `refusals` all of it.
    """

    __slots__ = (
        "began",
        "blind",
        "in_a_row",
        "reason",
        "refusals",
        "refused_at",
        "refused_limit",
        "step",
        "stop_limit",
        "told_at",
    )

    def __init__(self, reason: str, at: Instant, stop_limit: Paise = 0) -> None:
        self.reason = reason
        self.began = at
        self.stop_limit = stop_limit
        self.step = 0
        self.blind = 0
        self.in_a_row = 0
        self.refusals = 0
        self.refused_limit: Paise = 0
        self.refused_at: Instant = 0
        self.told_at: Instant | None = None


class Run:
    """One strategy's day.

    `drop` is the reason for which whatever the entry still fills is sold at once ("": it is kept).
    `checking` is since when a repair waits for the positions: somebody may have sold by hand.
    `decided_at` is when the selection was made.
    """

    __slots__ = (
        "ambiguous",
        "cancel_wanted",
        "cancelled_at",
        "cancels",
        "checking",
        "decided_at",
        "done_reason",
        "drop",
        "entry_tag",
        "exit_tag",
        "exit_time_unknown",
        "first_ask",
        "hours",
        "index",
        "leaving",
        "loss_seen_at",
        "no_data",
        "notes",
        "phase",
        "plan",
        "position",
        "ranked",
        "seen_price",
        "selection",
        "stop_seen_at",
        "strategy",
        "time_due",
        "trade",
        "wait_reason",
        "wanted",
    )

    def __init__(self, strategy: Strategy, hours: Hours) -> None:
        self.strategy = strategy
        self.hours = hours
        self.phase = Phase.IDLE
        self.wanted: tuple[str, ...] = ()
        self.ranked: tuple[Candidate, ...] = ()
        self.selection = Selection(candidates=())
        self.decided_at: Instant | None = None
        self.plan: Plan | None = None
        self.index = 0
        self.entry_tag = ""
        self.exit_tag = ""
        self.first_ask: Paise = 0
        self.cancel_wanted = False
        self.cancelled_at: Instant = 0
        self.cancels = 0
        self.checking: Instant | None = None
        self.drop = ""
        self.position: Position | None = None
        self.leaving: Leaving | None = None
        self.loss_seen_at: Instant | None = None
        self.stop_seen_at: Instant | None = None
        self.seen_price: tuple[Instant, Paise] | None = None
        self.ambiguous = False
        self.time_due = False
        self.exit_time_unknown = False
        self.trade: Trade | None = None
        self.done_reason: str | None = None
        self.no_data: str | None = None
        self.wait_reason = ""
        self.notes: list[str] = []

    @property
    def candidate(self) -> Candidate | None:
        """The candidate being tried, if any is left."""
        picks = self.selection.picks
        return self.selection.candidates[picks[self.index]] if self.index < len(picks) else None


class EngineState:
    """The whole memory of one day; `back_at` is when the engine last came back into it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.facts: DayFacts | None = None
        self.now: Instant = 0
        self.runs: list[Run] = []
        self.by_strategy: dict[str, Run] = {}
        self.orders = OrderBook()
        self.quotes: dict[str, Quote] = {}
        self.first_quotes: dict[str, Instant] = {}
        self.marks: dict[str, Paise] = {}
        self.stock_index: dict[str, int] = {}
        self.stock_prices: list[Paise] = []
        self.stocks_at: Instant = 0
        self.stock_bars: dict[str, list[StockBar]] = {}
        self.timers: dict[str, Instant] = {}
        self.halted: str | None = None
        self.paused: str | None = None
        self.entries_today = 0
        self.net_today = Fraction(0)
        self.streak = 0
        self.streak_excused = 0
        self.looks = 0
        self.back_at: Instant = 0
        self.no_data: str | None = None
        self.books = Books()
        self.unreconciled = ""
        self.proofs: dict[str, Proof] = {}
        self.commands: dict[str, Instant] = {}
        self.ended = False
        self.alarms = 0
        self.out: list[Effect] = []

    @property
    def day(self) -> DayFacts:
        """Today's facts; the engine only asks after `DayOpened`."""
        if self.facts is None:
            raise RuntimeError("no day has been opened")
        return self.facts

    @property
    def max_daily_loss(self) -> Fraction:
        """The limit of the settings in paise."""
        return Fraction(self.settings.risk.max_daily_loss) * 100

    @property
    def loss_left(self) -> Fraction:
        """Paise that may still be lost today before the limit."""
        return self.max_daily_loss + self.net_today

    @property
    def free_cash(self) -> Fraction:
        """Paise free to pay premium with: what is held has been paid for."""
        held = (run.position for run in self.runs if run.trade is None)
        return self.day.free_cash + self.net_today - sum(p.buy_value - p.sell_value for p in held if p)

    @property
    def observed(self) -> bool:
        """Prices are single recorded observations: no book, and an exit waits for the next one."""
        return self.day.price_source != "quotes"

    @property
    def careful(self) -> bool:
        """The broker can lose answers, so its books are reconciled with ours."""
        return self.facts is not None and self.facts.reconcile_every > 0 and not self.observed

    def emit(self, effect: Effect) -> None:
        """Ask for an effect of this step."""
        self.out.append(effect)

    def note(self, kind: str, text: str, **data: str | float | bool | None) -> None:
        """Tell a fact."""
        self.out.append(Note(kind, text, dict(data)))

    def alert(self, severity: str, text: str) -> None:
        """Raise an alarm."""
        self.alarms += 1
        self.out.append(Alert(severity, text))

    def timer(self, name: str, due: Instant) -> None:
        """Ask to be woken."""
        self.timers[name] = due
        self.out.append(StartTimer(name, due))

    def read_orders(self) -> None:
        """Ask for the order book."""
        self.books.orders.ask(self.now)
        self.out.append(ReadOrders())

    def read_positions(self) -> None:
        """Ask for the positions; while an answer is under way, once more after it."""
        if self.books.positions.waits(self.now):
            self.books.again = True
            return
        self.books.positions.ask(self.now)
        self.out.append(ReadPositions())

    def watch_orders(self, within: Instant = SECOND) -> None:
        """Have the order book looked at: something was asked whose answer can be lost."""
        due, pending = self.now + within, self.timers.get("book:look")
        if pending is None or pending > due:
            self.timer("book:look", due)
