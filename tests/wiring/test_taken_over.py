"""Somebody takes over while orders wait for their turn or their connection: their first byte never leaves."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ninefifteen.adapters.fence import Fence
from ninefifteen.adapters.zerodha.client import KiteClient
from ninefifteen.adapters.zerodha.orders import ZerodhaOrders
from ninefifteen.domain.effects import Cancel, Modify
from ninefifteen.domain.events import ChangeAnswered, Event, OrderAccepted, OrderRefused
from ninefifteen.runtime.fencing import FencedBroker
from ninefifteen.wiring.live import LiveTrading
from tests.adapters.zerodha.asking import PLACED, with_server
from tests.adapters.zerodha.scripted_server import Scripted, StepClock
from tests.runtime.live_stage import OPEN, order


def asked_of(path: Path, *, taken_over: bool) -> tuple[list[Event], int]:
    """Five buys, a change and a cancel, all begun while the fence held: what is answered, what has left."""
    answers: list[Event] = []

    async def use(_: Scripted, client: KiteClient) -> None:
        fence = Fence(path)
        fence.take()
        LiveTrading(client, fence)
        orders = ZerodhaOrders(client, answers.append, client.clock)
        broker = FencedBroker(orders, fence)
        for number in range(5):
            broker.submit(OPEN, order(f"x01aaaaaa{number}e").order)
        broker.modify(OPEN, Modify("t1", "1953341975595868161", "LIMIT", 75, 4_500))
        broker.cancel(OPEN, Cancel("t2", "1953341975595868162"))
        await asyncio.sleep(0)  # they are under way, each waiting for its turn or its connection
        if taken_over:
            Fence(path).take()
        await orders.close()

    server = asyncio.run(with_server(use, PLACED, clock=StepClock()))
    return answers, len(server.asked)


def test_what_was_begun_before_somebody_took_over_does_not_leave_any_more(tmp_path: Path) -> None:
    answers, sent = asked_of(tmp_path / "epoch", taken_over=True)
    assert sent == 0
    refused = [answer for answer in answers if isinstance(answer, OrderRefused)]
    untaken = [answer for answer in answers if isinstance(answer, ChangeAnswered) and not answer.taken]
    assert (len(refused), len(untaken), len(answers)) == (5, 2, 7)
    for message in [*(answer.message for answer in refused), *(answer.message for answer in untaken)]:
        assert "nothing was sent: somebody else has taken over" in message


def test_while_nobody_takes_over_everything_leaves_once(tmp_path: Path) -> None:
    answers, sent = asked_of(tmp_path / "epoch", taken_over=False)
    assert sent == 7
    assert len([answer for answer in answers if isinstance(answer, OrderAccepted)]) == 5
