"""Just back after a stop: the disk may have forgotten a sell, so a new one waits for a look at the books."""

from __future__ import annotations

import msgspec

from ninefifteen.domain import effects as ef
from ninefifteen.domain import events as ev
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import OrderReport, OrderState

from .builders import CALL, LOT, Desk
from .careful import CarefulDesk


def stopped() -> CarefulDesk:
    """The exchange has cancelled the stop; the process is gone before the repair is due."""
    desk = CarefulDesk().guarded().quote(4_000, 4_050)
    assert isinstance(desk, CarefulDesk)
    desk.positions_readable = desk.orders_readable = False
    desk.report("cancelled", 0, desk.exit)
    desk.waiting.clear()
    desk.now += 30 * SECOND
    return desk


def back(desk: CarefulDesk) -> CarefulDesk:
    desk.step(ev.Restarted(desk.now, epoch=2))
    return desk


def forgotten(desk: CarefulDesk, status: str = "open", filled: int = 0) -> OrderReport:
    """A sell of this home that the journal has lost."""
    word = desk.word(status, filled, desk.exit, limit=3_900, trigger=0)
    return msgspec.structs.replace(word, order_id="lost1", tag="x01forgottr", name=CALL)


def sells(desk: Desk) -> int:
    return sum(submit.order.request.side == "SELL" for submit in desk.all(ef.Submit))


def test_a_repair_that_is_due_at_the_start_takes_the_sell_that_works_already():
    desk = stopped()
    desk.positions_readable = desk.orders_readable = True
    desk.strangers = [forgotten(desk)]
    before = sells(desk)
    back(desk).wait(3)
    assert sells(desk) == before
    assert desk.exit.order_id == "lost1"


def test_what_such_a_sell_has_sold_already_is_not_sold_again():
    desk = stopped()
    desk.positions_readable = desk.orders_readable = True
    desk.strangers = [forgotten(desk, "complete", LOT)]
    desk.by_hand(LOT, 3_900)
    before = sells(desk)
    back(desk).wait(30)
    assert sells(desk) == before
    assert desk.position.net == 0


def test_without_an_answer_the_sale_leaves_two_seconds_after_the_start():
    desk = stopped()
    before = sells(desk)
    assert sells(back(desk).wait(1.9)) == before
    assert sells(desk.wait(0.2)) == before + 1
    assert desk.exit.state is OrderState.SENDING


def test_with_both_books_read_the_sale_leaves_at_once():
    desk = stopped()
    desk.positions_readable = desk.orders_readable = True
    before = sells(desk)
    assert sells(back(desk).wait(0.5)) == before + 1


def test_a_halt_of_the_start_waits_for_the_same_look():
    desk = stopped()
    before = sells(desk)
    back(desk).step(ev.Halted(desk.now, "file", "the HALT file is there"))
    assert sells(desk.wait(1.9)) == before
    assert sells(desk.wait(0.2)) == before + 1
