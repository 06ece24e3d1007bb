"""The inbox: one door, time order, commands first, then timers, then the sources in their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.domain.events import DayClosed, EndOfData, Event, Paused, TimerFired
from ninefifteen.runtime.inbox import Inbox


class Listed:
    """A source over a list of events in time order."""

    def __init__(self, *events: Event) -> None:
        self.events = list(events)

    def next_at(self) -> int | None:
        return self.events[0].at if self.events else None

    def pop(self) -> Event:
        return self.events.pop(0)


def drained(inbox: Inbox) -> list[Event]:
    taken = []
    while inbox.next_at() is not None:
        taken.append(inbox.pop())
    return taken


def test_an_empty_inbox_has_nothing_due():
    inbox = Inbox(())
    assert inbox.next_at() is None
    with pytest.raises(IndexError, match="empty"):
        inbox.pop()


def test_at_one_instant_commands_go_before_timers_and_timers_before_sources():
    inbox = Inbox((Listed(EndOfData(5)), Listed(Paused(5, "second", ""))))
    inbox.schedule(DayClosed(5))
    inbox.start_timer("t", 5)
    inbox.put(Paused(5, "command", ""))
    assert drained(inbox) == [
        Paused(5, "command", ""),
        TimerFired(5, "t"),
        EndOfData(5),
        Paused(5, "second", ""),
        DayClosed(5),
    ]


def test_sources_are_merged_in_time_order():
    inbox = Inbox((Listed(EndOfData(1), EndOfData(4)), Listed(DayClosed(2), DayClosed(3))))
    assert [event.at for event in drained(inbox)] == [1, 2, 3, 4]


def test_a_timer_of_the_same_name_replaces_the_older_one():
    inbox = Inbox(())
    inbox.start_timer("t", 9)
    inbox.start_timer("t", 4)
    inbox.start_timer("t", 6)
    assert drained(inbox) == [TimerFired(6, "t")]


def test_a_timer_started_anew_at_the_same_instant_fires_once():
    inbox = Inbox(())
    inbox.start_timer("t", 4)
    inbox.start_timer("u", 4)
    inbox.start_timer("t", 4)
    assert drained(inbox) == [TimerFired(4, "u"), TimerFired(4, "t")]


def test_a_timer_that_is_past_fires_now():
    inbox = Inbox((Listed(EndOfData(7)),))
    inbox.pop()
    inbox.start_timer("t", 3)
    assert inbox.next_at() == 7
    assert inbox.pop() == TimerFired(7, "t")


def test_an_event_that_a_command_overtook_is_taken_at_the_commands_time():
    inbox = Inbox((Listed(EndOfData(7)),))
    inbox.put(Paused(9, "command", ""))
    assert inbox.next_at() == 9
    assert drained(inbox) == [Paused(9, "command", ""), EndOfData(9)]


def test_a_command_of_the_past_is_taken_now():
    inbox = Inbox((Listed(EndOfData(7)),))
    inbox.pop()
    inbox.put(Paused(2, "command", ""))
    assert inbox.next_at() == 7
    assert inbox.pop() == Paused(7, "command", "")


@given(
    st.lists(st.integers(0, 20)),
    st.lists(st.integers(0, 20)),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20))),
    st.lists(st.integers(0, 20)),
)
def test_whatever_waits_time_never_goes_back_and_nothing_is_lost(
    first: list[int], second: list[int], timers: list[tuple[str, int]], commands: list[int]
):
    inbox = Inbox((Listed(*map(EndOfData, sorted(first))), Listed(*map(DayClosed, sorted(second)))))
    for name, due in timers:
        inbox.start_timer(name, due)
    for at in commands:
        inbox.put(Paused(at, "", ""))
    taken = drained(inbox)
    instants = [event.at for event in taken]
    assert instants == sorted(instants)
    fired = {event.timer for event in taken if isinstance(event, TimerFired)}
    assert fired == {name for name, _ in timers}
    assert len(taken) == len(first) + len(second) + len(fired) + len(commands)
