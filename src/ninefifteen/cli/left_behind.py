"""What a stop leaves and a start finds: said on the plain terminal, so that nobody wonders what is held."""

from __future__ import annotations

from ninefifteen.domain.instants import clock_of
from ninefifteen.domain.money import rupees
from ninefifteen.runtime.views import PositionView, view_of
from ninefifteen.wiring.home_day import HomeDay


def left_behind(day: HomeDay) -> str:
    """The line for a day that is stopped before its end."""
    facts = day.session.facts
    name = "synthetic day" if facts.synthetic and not day.rehearsal else "day"
    text = f"stopped at {clock_of(day.runner.inbox.now):%H:%M:%S} of the {name} {facts.date}"
    for position in _held(day):
        stop = f"its stop of Rs {rupees(position.stop)} rests" if position.stop_resting else "no stop rests"
        text += f"; held: {position.quantity} {position.name}, {stop} at the exchange"
        if day.wiring == "paper":
            text += " (on paper nobody watches it until you start again)"
    return f"{text}. The next start goes on with this day."


def found_again(day: HomeDay) -> str:
    """The line for a day that is gone on with."""
    facts, now = day.session.facts, day.runner.inbox.now
    text = f"going on with {facts.date} where it was stopped, at {clock_of(now):%H:%M:%S}"
    for position in _held(day):
        text += (
            f"; held: {position.quantity} {position.name} bought at {rupees(position.average)},"
            f" stop {rupees(position.stop)}, target {rupees(position.target)}"
        )
    return text


def _held(day: HomeDay) -> list[PositionView]:
    view = view_of(day.runner.engine.state)
    return [run.position for run in view.runs if run.position is not None] if view is not None else []
