"""The position: bid, result after charges at the bid, and how far stop and target are."""

from __future__ import annotations

from rich.text import Text

from ninefifteen.reports import figures
from ninefifteen.reports.words import words
from ninefifteen.runtime.views import PositionView

from .lines import line, two_ends
from .look import ALARM, MUTED, TITLE, Marks, arrow, tint
from .scene import Block, Scene

_ENDS = 24
_LONGEST_BAR = 60


def position(scene: Scene, width: int) -> Block | None:
    """What the foreground strategy holds; None when it is flat."""
    held = scene.run.position if scene.run is not None else None
    if held is None:
        return None
    marks = scene.marks
    rows = [
        two_ends(_result(held, marks), line((_age(scene, held), MUTED)), width, marks),
        _prices(held),
        _bar(held, width, marks),
        _distances(held),
        _guard(scene, held),
    ]
    style = tint(held.result or 0)
    name = f"Position   {figures.grouped(held.quantity)} {held.name}"
    return Block(title=name, rows=tuple(rows), least=len(rows), style=style if style != "default" else "dim")


def _result(held: PositionView, marks: Marks) -> Text:
    if held.result is None:
        return line(("no bid: the result is not known now", ALARM))
    text = f"{arrow(held.result, marks)} {figures.gain_or_loss(held.result)}"
    return line((text, f"bold {tint(held.result)}"), " after charges, sold at the bid")


def _age(scene: Scene, held: PositionView) -> str:
    return f"held {figures.countdown(scene.clock - held.since)}"


def _prices(held: PositionView) -> Text:
    bid = figures.price(held.bid) if held.bid else "none"
    ask = figures.price(held.ask) if held.ask else "none"
    made = line("bid ", (bid, TITLE), f"   ask {ask}   bought at {figures.price(held.average)}")
    if held.bid:
        made.append(f"   {figures.change(held.bid, held.average)}", tint(held.bid - held.average))
    return made


def _bar(held: PositionView, width: int, marks: Marks) -> Text:
    """From stop to target: where it was bought and where the bid is."""
    size = min(width - _ENDS, _LONGEST_BAR)
    span = held.target - held.stop
    if size < _ENDS // 2 or span <= 0:
        return line("stop ", figures.price(held.stop), "   target ", figures.price(held.target))
    bought = _place(held.average, held, size)
    here = _place(held.bid, held, size) if held.bid else -1
    bar = line(f"stop {figures.price(held.stop)} ")
    for cell in range(size):
        style = "red" if cell < bought else "green"
        if cell == here:
            bar.append(marks.here, "bold")
        else:
            bar.append(marks.entry if cell == bought else marks.bar, style)
    return bar.append(f" {figures.price(held.target)} target")


def _place(paise: int, held: PositionView, size: int) -> int:
    share = (paise - held.stop) / (held.target - held.stop)
    return min(max(round(share * (size - 1)), 0), size - 1)


def _distances(held: PositionView) -> Text:
    if not held.bid:
        return line(("no bid: distances are not known now", MUTED))
    to_target, to_stop = held.target - held.bid, held.bid - held.stop
    return line(
        f"to target {figures.price(to_target)} ({figures.change(held.target, held.bid)})",
        f"   to stop {figures.price(to_stop)} ({figures.change(held.stop, held.bid)})",
    )


def _guard(scene: Scene, held: PositionView) -> Text:
    marks = scene.marks
    if held.blind_since is not None and held.known_at is not None:
        stop = "its stop order rested" if held.stop_resting else "NO stop order rested"
        age = figures.countdown(scene.clock - held.known_at)
        return line((f"{marks.alarm} as known {age} ago: {stop}", ALARM))
    if held.leaving is not None:
        return line((f"{marks.next} leaving: {words('exit', held.leaving)}", "bold yellow"))
    if held.stop_resting:
        return line((f"{marks.tick} stop order rests at the exchange", "green"))
    return line((f"{marks.alarm} NO stop order rests at the exchange now", ALARM))
