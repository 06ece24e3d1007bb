"""What became of each candidate of a scan, as every screen says it."""

from __future__ import annotations

from ninefifteen.runtime.views import RunView

_BOUGHT = frozenset({"holding", "exiting"})


def verdicts(run: RunView) -> list[str]:
    """What became of each candidate: a key of `verdict` in `words.toml`, "" where it failed a test."""
    made = ["passes" if candidate.code == "ok" else "" for candidate in run.candidates]
    current = run.picks.index(run.current) if run.current in run.picks else len(run.picks)
    for place, index in enumerate(run.picks):
        made[index] = "given_up" if place < current else "pick" if place == current else "prepared"
        if place == current and (run.phase in _BOUGHT or run.trade is not None):
            made[index] = "bought"
        elif place >= current and run.phase == "done" and run.trade is None:
            made[index] = "not_bought" if place == current else "passes"
    return made
