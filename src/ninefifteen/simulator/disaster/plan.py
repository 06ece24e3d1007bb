"""Which faults a day has: swarm testing by seed (`reference/reliability.md` 3c.6).

Each kind is on or off by itself, so days differ in what can meet, not only in when; one day in ten has no
fault at all, and must trade like a day without any of this around it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from ninefifteen.domain.instants import SECOND, Instant

from .faults import CrashPoint, Fault, FaultPlan
from .sessions import exit_after

_FAULT_FREE = 0.07
_ON = 0.3
_RARELY = 0.06
_CRASHES = 0.34
_LAST_POINT, _EARLY = 40, 8
_STOPS = ("halt", "latched", "flatten")
_STOP_POINT = 5
_OVER_THE_OPENING, _OVER_THE_EXIT = 0.2, 0.3
Make = Callable[[Random, Instant], Fault]
"""A fault from the generator and how long after the open the square-off is."""
_LATE = (1 * SECOND, 8 * SECOND, 90 * SECOND)
_DOWN = (1 * SECOND, 5 * SECOND, 30 * SECOND, 600 * SECOND)
_CRASH_KINDS = ("before", "torn", "after")


def draw(seed: int) -> FaultPlan:
    """The faults of this seed's day."""
    rng = Random(f"{seed}:plan")  # noqa: S311 - seeded faults
    if rng.random() < _FAULT_FREE:
        return FaultPlan()
    until = exit_after(seed)
    terms = [make(rng, until) for chance, make in _MAKERS if rng.random() < chance]
    crashes: list[CrashPoint] = []
    if any(term.kind in _STOPS for term in terms) and rng.random() < _ON:
        crashes.append(_crash(rng, rng.randrange(_STOP_POINT, _STOP_POINT + 12)))
    elif rng.random() < _CRASHES:
        crashes.append(_crash(rng, rng.randrange(_LAST_POINT) + 1))
        if rng.random() < _ON:  # soon after, often while it recovers
            crashes.append(_crash(rng, crashes[0].index + rng.randrange(8) + 1))
    if not crashes and any(term.kind == "latched" for term in terms) and rng.random() < _ON:
        crashes.append(_crash(rng, rng.randrange(_EARLY) + 1))  # a restart must still find the halt
    return FaultPlan(tuple(terms), tuple(crashes))


def _crash(rng: Random, index: int) -> CrashPoint:
    return CrashPoint(index, rng.choice(_CRASH_KINDS), rng.choice(_DOWN))  # type: ignore[arg-type]  # one of the three


def _rate(rng: Random) -> int:
    return rng.choice((20, 100, 300, 700))


def _when(rng: Random, until: Instant) -> Instant:
    """An instant after the open: mostly while the day is young, as positions are."""
    scale = min(rng.choice((5, 30, 120, 900, 7200)) * SECOND, until)
    return round(rng.random() * scale) + 1


def _window(rng: Random, until: Instant) -> tuple[Instant, Instant]:
    """Where a window begins and how long it lasts; some lie over the opening, some over the square-off."""
    lasts = round(rng.choice((2, 10, 60, 300, 1500)) * rng.uniform(0.5, 1.5) * SECOND)
    place = rng.random()
    if place < _OVER_THE_OPENING:
        return max(-lasts // 2, -55 * SECOND), lasts
    if place < _OVER_THE_EXIT:
        return until - lasts // 2, lasts
    return _when(rng, until), lasts


def _rated(kind: str) -> Make:
    return lambda rng, _: Fault(kind, rate=_rate(rng))


def _windowed(kind: str, size: Callable[[Random], int] = lambda _: 0) -> Make:
    def make(rng: Random, until: Instant) -> Fault:
        at, lasts = _window(rng, until)
        return Fault(kind, at=at, lasts=lasts, size=size(rng))

    return make


def _brief(kind: str) -> Make:
    """A window of 4 to 14 seconds: long enough for two readings to say the same wrong thing."""

    def make(rng: Random, until: Instant) -> Fault:
        return Fault(kind, at=_when(rng, until), lasts=rng.randrange(4, 15) * SECOND)

    return make


def _stop(kind: str) -> Make:
    """Somebody says stop: now and then before the open."""

    def make(rng: Random, until: Instant) -> Fault:
        early = rng.random() < _OVER_THE_OPENING
        return Fault(kind, at=-rng.randrange(1, 60) * SECOND if early else _when(rng, until))

    return make


def _at(kind: str, sizes: tuple[int, ...] = (0,), lasts: tuple[Instant, ...] = (0,)) -> Make:
    return lambda rng, until: Fault(
        kind, at=_when(rng, until), size=rng.choice(sizes), lasts=rng.choice(lasts)
    )


def _late(kind: str, sizes: tuple[Instant, ...]) -> Make:
    return lambda rng, _: Fault(kind, rate=_rate(rng), size=rng.choice(sizes))


_MAKERS: tuple[tuple[float, Make], ...] = (
    (_ON, _rated("reply_lost")),
    (_ON, _rated("request_lost")),
    (_ON, _late("late", _LATE)),
    (_RARELY, _late("very_late", (600 * SECOND, 7200 * SECOND))),
    (_ON, _late("timed_out_400", (8 * SECOND,))),
    (_RARELY, _rated("refused")),
    (_ON, _windowed("changes_refused")),
    (_ON, _windowed("writes_down")),
    (_ON, _rated("reads_fail")),
    (_ON, _windowed("reads_down")),
    (_ON, _windowed("reads_stale", lambda rng: rng.choice((1, 3, 10)) * SECOND)),
    (_ON, _late("hidden", (2 * SECOND, 8 * SECOND, 25 * SECOND))),
    (_RARELY, _brief("positions_empty")),
    (_RARELY, _brief("positions_partial")),
    (_ON, _rated("no_average")),
    (_ON, _rated("odd_status")),
    (_ON, _rated("pushes_lost")),
    (_ON, _rated("pushes_late")),
    (_ON, _rated("pushes_twice")),
    (_ON, lambda _, __: Fault("pushes_hint")),
    (_ON, _windowed("line_lost")),
    (_RARELY, _at("token_dead", lasts=(0, 60 * SECOND, 1800 * SECOND))),
    (_ON, _windowed("feed_silent")),
    (_ON, _windowed("feed_stale")),
    (_ON, _rated("thin_book")),
    (_RARELY, _windowed("one_sided")),
    (_RARELY, _rated("stop_cancelled")),
    (_RARELY, _at("hand_sale", (100, 100, 50))),
    (_RARELY, _at("hand_cancel")),
    (_RARELY, _at("hand_buy")),
    (_RARELY, _at("foreign")),
    (_RARELY, _stop("halt")),
    (_RARELY, _at("pause", lasts=(0, 5 * SECOND, 600 * SECOND))),
    (_RARELY, _stop("flatten")),
    (_RARELY / 3, lambda _, __: Fault("latched")),
    (_RARELY, _at("zombie", (2 * SECOND, 60 * SECOND))),
    (_RARELY, lambda rng, _: Fault("lying_card", rate=_rate(rng))),
)
