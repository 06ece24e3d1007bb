"""The speeds a synthetic day can be asked for."""

from __future__ import annotations

from datetime import date, time

from ninefifteen.adapters.system_clock import SystemClock
from ninefifteen.domain.instants import at
from ninefifteen.errors import BadInput
from ninefifteen.runtime.pace import Leg, Pace
from ninefifteen.wiring.demo import STARTS_AT

_BELL_IS_OVER = time(9, 16)
_FAST = 120.0
_FASTEST = 100_000.0


def pace_of(day: date, speed: str | None, pace: str | None) -> Pace:
    """The pace asked for: `--speed N`, `--speed max`, `--pace demo`, or real time."""
    return Pace(legs_of(day, speed, pace), SystemClock())


def legs_of(day: date, speed: str | None, pace: str | None) -> list[Leg]:
    """The speeds of that pace on `day`; raises BadInput for one that does not exist."""
    start = at(day, STARTS_AT)
    if pace is not None:
        if pace != "demo" or speed is not None:
            raise BadInput(f"--pace {pace}: only --pace demo exists, and without --speed")
        return [Leg(start, 1.0), Leg(at(day, _BELL_IS_OVER), _FAST)]
    return [Leg(start, _number(speed))]


def _number(speed: str | None) -> float:
    if speed is None:
        return 1.0
    if speed == "max":
        return 0.0
    try:
        number = float(speed)
    except ValueError:
        number = 0.0
    if not 0 < number <= _FASTEST:
        raise BadInput(f"--speed {speed}: needs max or a number above 0 and up to {_FASTEST:.0f}, like 60")
    return number


def night(pace: Pace, day: date) -> None:
    """The simulated night passes at once: the next synthetic day begins where its first one did."""
    pace.shift(at(day, STARTS_AT))
