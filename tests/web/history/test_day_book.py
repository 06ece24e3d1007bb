"""What a journal tells beside the ordinary day: a halt, a restart, refusals, answers that never came."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import msgspec
import pytest

from ninefifteen.adapters.journal import Step, read_journal
from ninefifteen.domain.effects import Cancel, Modify, Submit
from ninefifteen.domain.events import (
    ChangeAnswered,
    Halted,
    OrderAccepted,
    OrderRefused,
    OrdersRead,
    OrderUpdate,
    OutcomeUnknown,
    Restarted,
)
from ninefifteen.domain.instants import SECOND, at
from ninefifteen.domain.order import OrderReport, OrderState
from ninefifteen.web.history.charts import chart_of
from ninefifteen.web.history.day_whole import whole_day
from ninefifteen.web.history.orders import OrderLives
from ninefifteen.web.history.records import Records
from tests.web.history.homes import TRADED, goes_on, journal, running

TEN = at(TRADED, time(10, 0))


@pytest.fixture
def held(lived: Path, tmp_path: Path) -> Records:
    """A home in which a position is held at ten."""
    return running(lived, tmp_path / "home", time(10, 0))


def test_a_halt_is_told_with_who_and_when_and_the_exit_it_decided(held: Records):
    goes_on(journal(held), Halted(TEN + SECOND, source="cli:asha", reason="storm"))
    day = whole_day(held, TRADED, None)
    assert day.halted == "cli:asha: storm"
    (strategy,) = day.strategies
    assert strategy.position is not None
    assert strategy.position.leaving == "halt"
    assert day.orders[-1].changes == 1, "the resting stop was turned into a limit order"
    with held.book(journal(held)) as book:
        (moments,) = [one for one in book.orders.moments.values() if one.exit_decided]
        assert moments.exit_decided == TEN + SECOND


def test_the_broker_sells_and_the_trade_has_its_exit_decided_before_it_was_filled(held: Records):
    stop = whole_day(held, TRADED, None).orders[-1]
    goes_on(
        journal(held),
        Halted(TEN + SECOND, source="cli:asha", reason="storm"),
        ChangeAnswered(TEN + 2 * SECOND, stop.tag, change="modify", taken=True),
        OrderUpdate(
            TEN + 3 * SECOND,
            OrderReport(
                order_id=str(stop.order_id),
                tag=stop.tag,
                status=OrderState.COMPLETE,
                quantity=stop.quantity,
                filled=stop.quantity,
                average=26000,
                limit=25900,
            ),
        ),
    )
    (trade,) = whole_day(held, TRADED, None).trades
    times = trade.times
    assert trade.exit_reason == "halt"
    assert times.exit_decided == "2026-12-04T10:00:01.000+05:30"
    assert times.exit_filled == "2026-12-04T10:00:03.000+05:30"
    assert (
        chart_of(held, TRADED, None, of=None, name=None, since=None)
        .markers[-1]
        .text.endswith("emergency stop")
    )


def test_restarts_are_counted(held: Records):
    assert whole_day(held, TRADED, None).restarts == 0
    goes_on(journal(held), Restarted(TEN + SECOND, epoch=3))
    assert whole_day(held, TRADED, None).restarts == 3


def test_an_alarm_is_a_line_with_its_severity_and_counts(held: Records):
    stop = whole_day(held, TRADED, None).orders[-1]
    gone = OrderReport(
        order_id=str(stop.order_id),
        tag=stop.tag,
        status=OrderState.REJECTED,
        quantity=stop.quantity,
        filled=0,
        average=0,
        limit=1,
        message="RMS: blocked",
    )
    goes_on(journal(held), OrderUpdate(TEN + SECOND, gone))
    day = whole_day(held, TRADED, None)
    assert day.result.alarms > 0
    assert {line.severity for line in day.events if line.kind == "alarm"} <= {"P1", "P2", "P3"}
    assert any(line.kind == "alarm" for line in day.events)
    refused = next(one for one in day.orders if one.tag == stop.tag)
    assert (refused.state, refused.message) == ("rejected", "RMS: blocked")
    assert refused.ended_at == "2026-12-04T10:00:01.000+05:30"


def test_the_life_of_an_order_is_kept_answer_by_answer(held: Records):
    with held.book(journal(held)) as book:
        (submit, *_) = [
            effect for step in _steps(held) for effect in step.effects if isinstance(effect, Submit)
        ]
        tag = book.orders.by_tag[submit.order.request.tag].request.tag
    lives = OrderLives()
    lives.take(OutcomeUnknown(1, "nobody", detail="?"), ())
    lives.take(Restarted(1, epoch=1), (submit, Cancel("nobody", "1")))
    life = lives.by_tag[tag]
    assert (life.sent_at, life.answered_at) == (1, None)
    lives.take(OutcomeUnknown(2, tag, detail="no answer"), ())
    unanswered = life.answered_at is None
    assert unanswered
    report = OrderReport(
        order_id="7", tag=tag, status=OrderState.OPEN, quantity=50, filled=0, average=0, limit=1
    )
    lives.take(OrdersRead(3, ok=True, reports=(report, msgspec.structs.replace(report, tag="other"))), ())
    assert (life.answered_at, life.first_fill_at, life.ended_at) == (3, None, None)
    part = msgspec.structs.replace(report, filled=25, average=100)
    lives.take(OrderUpdate(4, part), (Modify(tag, "7", "LIMIT", 50, 2), Modify("other", "8", "LIMIT", 1, 2)))
    assert (life.first_fill_at, life.filled_at, life.changes) == (4, None, 1)
    whole = msgspec.structs.replace(report, filled=50, status=OrderState.COMPLETE)
    lives.take(OrderUpdate(5, whole), ())
    lives.take(OrderUpdate(6, whole), ())
    assert (life.filled_at, life.ended_at, life.first_fill_at) == (5, 5, 4)


def test_a_refused_order_has_ended_with_its_answer(held: Records):
    (submit, *_) = [effect for step in _steps(held) for effect in step.effects if isinstance(effect, Submit)]
    tag, lives = submit.order.request.tag, OrderLives()
    lives.take(Restarted(1, epoch=1), (submit,))
    lives.take(OrderRefused(2, tag, message="no"), ())
    lives.take(OrderAccepted(3, tag, order_id="7"), ())
    lives.take(ChangeAnswered(4, tag, change="cancel", taken=True), ())
    lives.take(ChangeAnswered(4, "other", change="cancel", taken=True), ())
    life = lives.by_tag[tag]
    assert (life.answered_at, life.ended_at) == (2, 2)
    assert lives.entry_of("nine_fifteen", "nothing") is None
    assert lives.exit_of("nine_fifteen", "nothing") is None


def _steps(records: Records) -> list[Step]:
    return list(read_journal(journal(records)).steps)
