"""Where the day stands: its phase in words, the points of the day, and what comes next."""

from __future__ import annotations

import msgspec

from ninefifteen.domain.instants import Instant
from ninefifteen.reports.words import words

from .scene import Scene

_UNDER_WAY = frozenset({"entering", "holding", "exiting"})


class Point(msgspec.Struct, frozen=True):
    """A point of the day: its name, its instant, and whether the foreground strategy still needs it."""

    name: str
    at: Instant
    wanted: bool


def points(scene: Scene) -> tuple[Point, ...]:
    """The points of the day in order of time."""
    run, facts = scene.run, scene.facts
    if run is None:
        return (Point("auction", facts.preopen_final_at, True), Point("close", facts.close_at, True))
    held = run.position is not None
    done = run.phase == "done" and not held
    entering = not done and run.phase not in ("holding", "exiting")
    return (
        Point("auction", facts.preopen_final_at, True),
        Point("scan", run.scan_at, entering),
        Point("entry", run.entry_at, entering),
        Point("cutoff", run.cutoff_at, entering),
        Point("square_off", run.exit_at, not done),
        Point("close", facts.close_at, True),
    )


def coming(scene: Scene) -> Point | None:
    """The next point that still matters; None when the day is over."""
    return next((point for point in points(scene) if point.wanted and point.at > scene.clock), None)


def phase(scene: Scene) -> str:
    """The phase in words."""
    run, facts = scene.run, scene.facts
    if run is not None and run.phase in _UNDER_WAY:
        return words("phase", run.phase)
    if scene.clock >= facts.close_at:
        return words("phase", "closed")
    if run is None or run.phase == "idle":
        return words("phase", "auction" if scene.clock < facts.preopen_final_at else "matched")
    if run.phase == "watching" and run.waiting:
        return f"{words('phase', 'watching')}: {words('waiting', run.waiting)}"
    return words("phase", run.phase)
