"""Orders of ours that this day has not sent: no "flat" while they are there, never in an exit's way."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.order import OrderReport, OrderState
from ninefifteen.engine.state import Phase
from ninefifteen.engine.strays import left
from ninefifteen.runtime.exposed import exposed

from .builders import CALL, LOT, Desk
from .careful import CarefulDesk

BUY, SELL = "x07abcdefge", "x07abcdefgp"


def row(tag: str = BUY, **changes: Any) -> OrderReport:
    """A buy that has filled, or a stop that rests."""
    bought = tag.endswith("e")
    given: dict[str, Any] = {
        "order_id": "old" + tag[-1],
        "tag": tag,
        "status": OrderState.COMPLETE if bought else OrderState.TRIGGER_PENDING,
        "quantity": LOT,
        "filled": LOT if bought else 0,
        "average": 5_000 if bought else 0,
        "limit": 5_000 if bought else 3_000,
        "trigger": 0 if bought else 3_500,
        "name": CALL,
    } | changes
    return OrderReport(**given)


def begun(*strangers: OrderReport, net: int = LOT, sold: int = 0) -> CarefulDesk:
    desk = CarefulDesk()
    desk.strangers, desk.net, desk.sold = list(strangers), net, sold
    return desk.begun()


def told(desk: Desk, kind: str) -> list[str]:
    return [note.text for note in desk.all(ef.Note) if note.kind == kind]


# ---- never flat while they are there


def test_a_position_of_a_forgotten_run_keeps_a_halt_undone_and_the_day_not_flat():
    desk = begun(row(), row(SELL)).wait(5)
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    assert "halt --direct" in desk.alerts("P1")[-1]
    before = len(desk.alerts("P1"))
    desk.wait(181)
    assert len(desk.alerts("P1")) == before + 3
    assert not told(desk, "halt_done")
    assert exposed(desk.engine.state)
    assert not desk.engine.finished
    desk.step(ev.Unlocked(desk.now, "cli", "go"))
    assert desk.engine.state.halted is not None
    assert not desk.record.flat


def test_a_forgotten_position_that_somebody_has_closed_ends_the_halt():
    desk = begun(row()).wait(5)
    assert isinstance(desk, CarefulDesk)
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    desk.wait(20)
    assert not told(desk, "halt_done")
    desk.by_hand(LOT)
    desk.wait(30)
    assert told(desk, "halt_done")
    assert not left(desk.engine.state)
    before = len(desk.alerts())
    desk.wait(120)
    assert len(desk.alerts()) == before
    assert desk.record.flat


@pytest.mark.parametrize("found", ["held", "stale", "not listed", "unnamed", "mixed with others"])
def test_what_is_not_seen_to_be_gone_is_still_there(found: str):
    desk = CarefulDesk()
    desk.strangers = [row(name="" if found == "unnamed" else CALL)]
    desk.net = LOT if found == "held" else 0
    desk.listed = found != "not listed"
    if found == "mixed with others":
        desk.net, desk.sold = LOT, LOT
    desk.begun()
    assert left(desk.engine.state)


@pytest.mark.parametrize("sold_by", ["a forgotten sell", "somebody"])
def test_what_was_bought_and_sold_again_is_gone(sold_by: str):
    sale = row(SELL, status=OrderState.COMPLETE, filled=LOT, average=5_000)
    desk = begun(row(), *([sale] if sold_by == "a forgotten sell" else []), net=0, sold=LOT)
    assert not left(desk.engine.state)
    assert not exposed(desk.engine.state)


def test_our_own_trade_in_the_contract_is_no_sale_of_the_forgotten_units():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.strangers = [row()]
    desk.report("complete", LOT, desk.exit, average=4_200)
    desk.sold = LOT  # ours; the forgotten lot is still held
    desk.wait(20)
    assert str(LOT) in left(desk.engine.state)


# ---- never in an exit's way


def forgotten(*rows: OrderReport) -> CarefulDesk:
    """The entry has filled, and the book shows a sell that this day does not know."""
    desk = CarefulDesk().entering()
    assert isinstance(desk, CarefulDesk)
    desk.net = LOT
    desk.told_rows[desk.entry.tag] = desk.word("complete", LOT, desk.entry, average=5_000)
    desk.strangers = list(rows)
    return desk


def sells(desk: Desk) -> list[ef.Submit]:
    return [submit for submit in desk.all(ef.Submit) if submit.order.request.side == "SELL"]


def test_a_forgotten_sell_of_what_we_hold_becomes_the_exit_and_leaves_on_a_halt():
    desk = forgotten(row(SELL)).wait(6)
    assert isinstance(desk, CarefulDesk)
    assert not sells(desk)
    assert desk.exit.tag == SELL
    assert not left(desk.engine.state)
    desk.strangers, desk.told_rows[SELL] = [], desk.word("trigger_pending", 0, desk.exit)
    desk.step(ev.Halted(desk.now, "sms", "stop"))
    change = desk.all(ef.Modify)[-1]
    assert (change.order_id, change.order_type, change.quantity) == ("oldp", "LIMIT", LOT)
    desk.net, desk.sold = 0, LOT
    desk.report("complete", LOT, desk.exit, average=4_900).wait(10)
    assert desk.run.trade is not None
    assert desk.run.trade.exit_reason == "halt"
    assert not sells(desk)


def test_what_a_forgotten_sell_has_sold_already_is_ours():
    desk = CarefulDesk(
        strategy={"lots": 2}, risk={"max_daily_loss": "20000", "max_position_value": 60_000}
    ).entering()
    assert isinstance(desk, CarefulDesk)
    desk.net, desk.sold = LOT, LOT
    desk.told_rows[desk.entry.tag] = desk.word("complete", 2 * LOT, desk.entry, average=5_000)
    limit = row("x07abcdefgr", quantity=2 * LOT, filled=LOT, average=4_000, trigger=0, status=OrderState.OPEN)
    desk.strangers = [limit]
    desk.wait(6)
    assert desk.exit.tag == limit.tag
    assert (desk.position.net, desk.position.by_hand) == (LOT, 0)


def test_a_forgotten_sell_beside_our_own_exit_is_cancelled_until_it_is_gone():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    own = desk.exit.tag
    desk.strangers = [row(SELL)]
    desk.wait(17)
    cancels = [cancel for cancel in desk.all(ef.Cancel) if cancel.order_id == "oldp"]
    assert len(cancels) > 1
    desk.strangers = [row(SELL, status=OrderState.CANCELLED)]
    desk.wait(60)
    assert desk.run.exit_tag == own
    assert desk.run.phase is Phase.HOLDING
    assert not sells(desk)[1:]


def test_a_forgotten_sell_waits_while_our_own_exit_is_in_doubt():
    desk = CarefulDesk().entering()
    assert isinstance(desk, CarefulDesk)
    desk.net = LOT
    desk.report("complete", LOT, average=5_000).lose()
    own = desk.orders[-1]
    desk.strangers = [row(SELL)]
    desk.wait(6)
    assert not desk.all(ef.Cancel)
    assert desk.run.exit_tag == own.tag
    assert desk.engine.state.books.orphan_sells(CALL) == LOT


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "BBB"},
        {"tag": BUY, "status": OrderState.OPEN},
        {"status": OrderState.CANCELLED},
    ],
)
def test_what_sells_nothing_of_ours_is_not_taken_in(changes: dict[str, Any]):
    desk = forgotten(msgspec.structs.replace(row(SELL), **changes)).wait(6)
    assert len(sells(desk)) == 1
    assert not told(desk, "adopted")


def test_what_a_forgotten_sell_has_sold_in_full_is_not_sold_again():
    desk = forgotten(row(SELL, status=OrderState.COMPLETE, filled=LOT, average=4_000))
    desk.net, desk.sold, desk.sell_value = 0, LOT, LOT * 4_000
    desk.wait(15)
    assert not sells(desk)
    assert desk.run.trade is not None
    assert desk.run.trade.exit == 4_000
    assert desk.engine.finished


def test_a_row_that_cannot_be_true_is_not_taken_in():
    desk = CarefulDesk().guarded()
    assert isinstance(desk, CarefulDesk)
    desk.strangers = [row(SELL, filled=2 * LOT)]
    desk.wait(6)
    assert not told(desk, "adopted")


def test_a_forgotten_sell_that_is_pushed_has_the_books_read():
    desk = CarefulDesk().guarded()
    before = len(desk.all(ef.ReadOrders))
    desk.step(ev.OrderUpdate(desk.now, row(SELL)))
    assert len(desk.all(ef.ReadOrders)) == before + 1
