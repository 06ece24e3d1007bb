"""The checkers themselves: each is shown what it forbids, and what it lets pass."""

from __future__ import annotations

from random import Random

import pytest

from ninefifteen.domain.effects import Alert, Cancel, Effect, Modify, Submit
from ninefifteen.domain.events import (
    DayOpened,
    Event,
    Flattened,
    Halted,
    Paused,
    Resumed,
    StockTicks,
    Unlocked,
    book_quote,
)
from ninefifteen.domain.instants import MINUTE, SECOND, Instant
from ninefifteen.domain.order import ApprovedOrder, OrderRequest, Role
from ninefifteen.simulator.disaster.checks import Checks
from ninefifteen.simulator.disaster.faults import CrashPoint, Fault
from ninefifteen.simulator.disaster.journal import Crashed, MemoryJournal, Points
from ninefifteen.simulator.disaster.planes import Line, Write
from ninefifteen.simulator.disaster.trouble import Troubles
from ninefifteen.simulator.disaster.world import new_exchange
from ninefifteen.wiring.disaster import SHIPPED

TEMPLATE = SHIPPED.templates[0]
FACTS = TEMPLATE.facts
OPEN = FACTS.open_at
NAME = next(name for name in TEMPLATE.contracts if name.startswith("BRAVO"))
CALL = TEMPLATE.contracts[NAME]
LOT, PRICE = CALL.lot_size, 4_000


class Watched:
    """A day's checks with an exchange of its own and a journal in which everything is durable."""

    def __init__(self, *faults: Fault) -> None:
        self.troubles = Troubles(1, faults, OPEN, FACTS.close_at)
        self.checks = Checks(1, TEMPLATE, self.troubles)
        self.checks.exchange = self.exchange = new_exchange(TEMPLATE)
        self.checks.alive_since = OPEN - MINUTE
        self.exchange.register.account.lends = True
        self.line = Line(0)
        self.count = 0
        self.now = OPEN
        self.price(OPEN)

    @property
    def broken(self) -> list[str]:
        return [violation.invariant for violation in self.checks.violations]

    def price(self, at: Instant, bid: int = PRICE - 10) -> None:
        self.now = at
        quote = book_quote(at, NAME, at, bids=((bid, 9_000),), asks=((bid + 20, 9_000),), last=bid)
        self.exchange.observe(quote)
        self.checks.on_price(quote)
        self.checks.on_price(StockTicks(at, exchange_at=at, prices=(0,)))

    def order(self, side: str = "BUY", **fields: object) -> OrderRequest:
        self.count += 1
        shape = {
            "tag": f"x00a{self.count}",
            "role": Role.ENTRY,
            "strategy": "s",
            "instrument": CALL,
            "side": side,
            "quantity": LOT,
            "type": "LIMIT",
            "limit": PRICE + 50 if side == "BUY" else PRICE - 100,
        }
        return OrderRequest(**(shape | fields))  # type: ignore[arg-type]

    def leaves(self, write: Write, at: Instant = 0, *, journaled: bool = True) -> None:
        journal = MemoryJournal(SHIPPED, Points(()), lambda _: None)
        effect: Effect = Submit(ApprovedOrder(write, 0)) if isinstance(write, OrderRequest) else write
        if journaled:
            journal.record(Halted(at, source="", reason=""), (effect,))
        self.checks.journal = journal
        self.checks.on_write(at or self.now, self.line, write)

    def trades(self, write: Write) -> None:
        self.leaves(write)
        self.exchange.request(self.now, write)
        while self.exchange.next_at() is not None:
            self.exchange.pop()
        self.checks.look(self.now)

    def at(self, at: Instant) -> None:
        self.now = at
        self.checks.look(at)


def test_an_ordinary_entry_and_its_stop_break_nothing() -> None:
    day = Watched()
    day.trades(day.order())
    day.trades(day.order("SELL", type="SL", limit=2_500, trigger=3_000))
    day.at(OPEN + MINUTE)
    assert day.broken == []


def test_a_tag_twice_and_a_second_entry_are_i1() -> None:
    day = Watched()
    first = day.order()
    day.leaves(first)
    day.leaves(first)
    assert day.broken == ["I1", "I1"]


def test_too_much_money_is_i3() -> None:
    day = Watched()
    day.leaves(day.order(quantity=10 * LOT))
    assert day.broken == ["I3"]


def test_what_leaves_unjournaled_is_i4() -> None:
    day = Watched()
    day.leaves(day.order(), journaled=False)
    assert day.broken == ["I4"]


@pytest.mark.parametrize("stop", [Halted, Flattened, Paused])
def test_a_buy_after_a_stop_is_i5(stop: type[Halted | Flattened | Paused]) -> None:
    day = Watched()
    day.checks.on_durable(stop(OPEN, source="cli", reason="no"))
    day.leaves(day.order())
    assert day.broken == ["I5"]


def test_resume_and_unlock_let_buys_through_again() -> None:
    day = Watched()
    stopped: tuple[Event, ...] = (Paused(OPEN, source="", reason=""), Halted(OPEN, source="", reason=""))
    for event in (*stopped, Resumed(OPEN, source="", reason=""), Unlocked(OPEN, source="", reason="")):
        day.checks.on_durable(event)
    day.leaves(day.order())
    assert day.broken == []


def test_an_entry_raised_after_a_halt_is_i5() -> None:
    day = Watched()
    entry = day.order(limit=3_000)
    day.trades(entry)
    day.checks.on_durable(Halted(OPEN, source="cli", reason="no"))
    (order,) = day.exchange.orders_of_day()
    day.leaves(Modify(entry.tag, order.order_id, "LIMIT", LOT, 3_010))
    assert day.broken == ["I5"]


@pytest.mark.parametrize("seconds", [-1, 31])
def test_a_buy_outside_the_window_is_i8(seconds: int) -> None:
    day = Watched()
    day.price(OPEN + seconds * SECOND)
    day.leaves(day.order())
    assert day.broken == ["I8"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": LOT + 1},
        {"limit": PRICE + 1},
        {"limit": 10**6},
        {"type": "SL", "limit": 5, "trigger": 3_900},
    ],
)
def test_a_misshapen_order_is_i10(wrong: dict[str, object]) -> None:
    day = Watched()
    day.leaves(day.order("SELL" if "type" in wrong else "BUY", **wrong))
    assert "I10" in day.broken


def test_an_exit_below_what_is_protected_is_i10() -> None:
    day = Watched()
    day.trades(day.order())
    day.trades(day.order("SELL", type="SL", limit=2_500, trigger=3_000))
    stop = day.exchange.orders_of_day()[-1]
    day.leaves(Modify(stop.tag, stop.order_id, "LIMIT", LOT, 1_500))
    assert day.broken == ["I10"]


def test_a_buy_on_old_prices_is_i11() -> None:
    day = Watched()
    day.leaves(day.order(), OPEN + 4 * SECOND)
    assert day.broken == ["I11"]


def test_a_write_of_an_overtaken_start_is_i13() -> None:
    day = Watched()
    day.checks.epoch_is(1)
    day.leaves(day.order())
    assert day.broken == ["I13"]


def test_a_change_of_somebody_elses_order_is_i16() -> None:
    day = Watched()
    theirs = day.exchange.by_hand(OPEN, NAME, "BUY", LOT, 3_000)
    day.leaves(Cancel("x", theirs.order_id))
    day.leaves(Cancel("x", "nobody knows it"))
    assert day.broken == ["I16", "I16"]


def test_too_many_changes_and_too_many_at_once_are_i17() -> None:
    day = Watched()
    day.trades(day.order())
    day.trades(day.order("SELL", type="SL", limit=2_500, trigger=3_000))
    stop = day.exchange.orders_of_day()[-1]
    for second in range(24):
        day.leaves(Modify(stop.tag, stop.order_id, "SL", LOT, 2_500, 3_000), OPEN + (second + 5) * MINUTE)
    assert day.broken == ["I17"]
    for _ in range(4):
        day.leaves(Cancel(stop.tag, stop.order_id), OPEN + 30 * MINUTE)
    assert day.broken == ["I17"]
    for _ in range(3):
        day.leaves(Cancel(stop.tag, stop.order_id), OPEN + 30 * MINUTE)
    assert set(day.broken) == {"I17"}
    assert len(day.broken) > 1


def test_offering_more_than_is_held_is_i2_also_before_it_trades() -> None:
    day = Watched()
    day.trades(day.order())
    day.trades(day.order("SELL", type="SL", limit=2_500, trigger=3_000))
    day.trades(day.order("SELL", limit=5_000))
    assert day.broken == ["I2"]


def test_a_sale_by_hand_gives_the_engine_a_little_time() -> None:
    day = Watched()
    day.trades(day.order())
    day.trades(day.order("SELL", type="SL", limit=2_500, trigger=3_000))
    day.exchange.by_hand(OPEN, NAME, "SELL", LOT)
    day.checks.hands_at, day.checks.sold_by_hand[NAME] = OPEN, LOT
    day.at(OPEN + SECOND)
    assert day.broken == []
    day.at(OPEN + FACTS.reconcile_every + 11 * SECOND)
    assert day.broken == ["I2"]


def test_a_short_inside_that_time_is_counted_not_hidden() -> None:
    day = Watched()
    day.trades(day.order())
    day.trades(day.order("SELL", type="SL", limit=2_500, trigger=3_000))
    day.exchange.by_hand(OPEN, NAME, "SELL", LOT)
    day.checks.hands_at, day.checks.sold_by_hand[NAME] = OPEN, LOT
    day.price(OPEN + SECOND, bid=2_900)
    day.at(OPEN + SECOND)
    assert day.exchange.net(NAME) == -LOT
    day.at(OPEN + MINUTE)
    assert (day.broken, day.checks.excused) == ([], 1)


def test_a_start_on_a_disk_that_lied_has_a_little_time_to_find_a_sell_it_cannot_know_of() -> None:
    day = Watched()
    day.checks.disk_lied, day.checks.alive_since = True, OPEN
    day.trades(day.order())
    day.trades(day.order("SELL", type="SL", limit=2_500, trigger=3_000))
    day.trades(day.order("SELL", limit=5_000))
    assert day.broken == []
    day.at(OPEN + FACTS.reconcile_every + 11 * SECOND)
    assert day.broken == ["I2"]


def test_a_position_without_a_stop_is_i7_unless_somebody_is_told() -> None:
    day = Watched()
    day.trades(day.order())
    day.at(OPEN + 5 * SECOND)
    assert day.broken == []
    told, other = Watched(), Watched()
    for watched, text in ((told, f"{NAME} has no stop"), (other, "the login ends at six")):
        watched.trades(watched.order())
        watched.checks.on_effects(Resumed(OPEN + SECOND, source="", reason=""), (Alert("P1", text),))
    for watched in (day, told, other):
        watched.at(OPEN + 7 * SECOND)
    assert (day.broken, told.broken, other.broken) == (["I7"], [], ["I7"])


def test_while_the_broker_is_disturbed_the_clock_of_i7_stands() -> None:
    day = Watched()
    day.trades(day.order())
    day.troubles.trouble(OPEN + 20 * SECOND)
    day.at(OPEN + 25 * SECOND)
    assert day.broken == []
    day.at(OPEN + 27 * SECOND)
    assert day.broken == ["I7"]


def test_a_halt_that_moves_nothing_is_i18() -> None:
    day = Watched()
    day.trades(day.order())
    day.trades(day.order("SELL", type="SL", limit=2_500, trigger=3_000))
    halted = Halted(OPEN + MINUTE, source="cli", reason="now")
    day.checks.on_durable(halted)
    day.checks.on_effects(halted, (Alert("P1", "HALT"),))
    day.at(OPEN + MINUTE + 16 * SECOND)
    assert day.broken == ["I18"]


def test_holding_on_after_the_square_off_without_a_word_is_i6() -> None:
    day = Watched()
    day.trades(day.order())
    day.trades(day.order("SELL", limit=5_000))
    day.at(FACTS.exit_at)
    day.at(FACTS.exit_at + 5 * MINUTE)
    assert day.broken == ["I6"]


def test_an_alarm_from_the_fourth_minute_on_is_a_word() -> None:
    day = Watched()
    day.trades(day.order())
    day.trades(day.order("SELL", limit=5_000))
    day.at(FACTS.exit_at)
    late = Resumed(FACTS.exit_at + 4 * MINUTE, source="", reason="")
    day.checks.on_effects(late, (Alert("P1", "still held"),))
    day.at(FACTS.exit_at + 5 * MINUTE)
    assert day.broken == []


def test_a_disk_that_lied_and_a_broker_that_shows_nothing_excuse_a_second_entry() -> None:
    day = Watched()
    day.leaves(day.order())
    day.checks.disk_lied = True
    day.leaves(day.order())
    assert day.broken == []


# ---- the journal in memory


def journal(*crashes: CrashPoint) -> MemoryJournal:
    return MemoryJournal(SHIPPED, Points(crashes), lambda _: None)


STEP = (Halted(OPEN, source="", reason=""), (Alert("P1", "x"),))
LOOK = (DayOpened(OPEN, facts=FACTS), (Alert("P2", "y"),))


def test_before_and_torn_leave_nothing_of_the_step_and_after_leaves_it_durable() -> None:
    for kind, kept in (("before", 1), ("torn", 1), ("after", 2)):
        book = journal(CrashPoint(2, kind))  # type: ignore[arg-type]
        book.record(*STEP)
        with pytest.raises(Crashed, match=f"journal point 2, {kind}"):
            book.record(*LOOK)
        assert book.durable == kept


def test_what_was_not_durable_survives_wholly_partly_or_not_at_all() -> None:
    left = set()
    for seed in range(200):
        book = journal()
        book.record(*STEP)
        for _ in range(5):
            book.record(*LOOK)
        book.survive(Random(seed), 0)
        left.add(len(book.steps))
    assert left == {1, 2, 3, 4, 5, 6}


def test_a_lying_card_loses_what_it_promised() -> None:
    book = journal()
    for _ in range(5):
        book.record(*STEP)
    assert book.survive(Random(1), 2) == 2
    assert len(book.steps) == 3


def test_a_fork_does_not_see_what_is_written_later() -> None:
    book = journal()
    book.record(*STEP)
    other = book.fork()
    book.record(*STEP)
    other.close()
    assert (len(other.steps), len(book.steps)) == (1, 2)
