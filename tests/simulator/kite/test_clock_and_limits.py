"""The exchange's clock, and the rate limits that run on it."""

from __future__ import annotations

import pytest

from ninefifteen.domain.instants import MINUTE, SECOND
from ninefifteen.simulator.kite import ExchangeClock
from ninefifteen.simulator.kite.envelope import KiteError
from ninefifteen.simulator.kite.limits import WINDOWS, RateLimits
from tests.simulator.kite.rehearsal import Rehearsal, moment, rehearse

START = moment("09:00:00")


class Machine:
    """Seconds of this machine, turned by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_running_clock_runs_at_its_speed_from_its_beginning() -> None:
    machine = Machine()
    clock = ExchangeClock(START, 60.0, machine)
    machine.seconds += 5  # getting ready
    clock.begin()
    machine.seconds += 0.5
    assert clock.now() == START + 30 * SECOND
    assert clock.seconds_until(START + 90 * SECOND) == pytest.approx(1.0)
    assert clock.seconds_until(START) == 0
    clock.move_to(START + 10 * MINUTE)
    machine.seconds += 1
    assert clock.now() == START + 11 * MINUTE


def test_a_clock_in_lockstep_stands_until_it_is_moved_and_never_goes_back() -> None:
    machine = Machine()
    clock = ExchangeClock(START, None, machine)
    machine.seconds += 1000
    assert clock.lockstep
    assert clock.now() == START
    assert clock.seconds_until(START + SECOND) is None
    clock.move_to(START + SECOND)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.move_to(START)


@pytest.mark.parametrize(("speed", "tolerance"), [(None, 0), (1.0, SECOND // 40), (60.0, 9 * SECOND // 10)])
def test_a_fast_clock_forgives_what_a_request_spends_on_its_way(speed: float | None, tolerance: int) -> None:
    assert ExchangeClock(START, speed, Machine()).tolerance == tolerance


@pytest.mark.parametrize("family", sorted(WINDOWS))
def test_a_second_lets_so_many_through_and_the_next_second_as_many(family: str) -> None:
    limits = RateLimits()
    most = WINDOWS[family][0][0]
    for start in (START, START + SECOND):
        for _ in range(most):
            limits.take(family, start)
        with pytest.raises(KiteError) as no:
            limits.take(family, start + SECOND - 1)
        assert (no.value.status, no.value.error_type) == (429, "NetworkException")


def test_orders_have_a_limit_of_the_minute_and_one_of_the_day() -> None:
    limits = RateLimits()
    for number in range(400):
        limits.take("order", START + number * SECOND // 10)
    with pytest.raises(KiteError, match="Too many requests"):
        limits.take("order", START + 50 * SECOND)
    limits.take("order", START + 61 * SECOND)
    day = RateLimits()
    for number in range(5000):
        day.take("order", START + number * SECOND)
    with pytest.raises(KiteError):
        day.take("order", START + 6000 * SECOND)


def test_the_limits_of_the_server_run_on_its_clock() -> None:
    async def story(client: Rehearsal) -> None:
        await client.get("/quote?i=NSE:INFY")
        no = await client.no("GET", "/quote?i=NSE:INFY")
        assert (no.status, no.error_type, no.message) == (429, "NetworkException", "Too many requests")
        await client.wait(1)
        await client.get("/quote?i=NSE:INFY")

    rehearse(story)
