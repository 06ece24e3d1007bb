"""The top of the screen: the banner of a synthetic day, the clock, the phase, the countdown, the day."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ninefifteen.reports import figures
from ninefifteen.reports.words import words

from .lines import beside, cut, fitted, framed, line, two_ends
from .look import ALARM, BANNER, HALTED, MUTED, PAUSED, PREPARED, TITLE, Marks, arrow, tint
from .moment import Point, coming, phase, points
from .scene import Scene
from .words import large

_SHARE_BAR = 10
_IST, _EDGES = 4, 4
_ROOMY = 100


def banner(synthetic: bool, seed: int | None, width: int, marks: Marks) -> list[Text]:
    """One row that cannot be missed on a synthetic day, none on a real one."""
    if not synthetic:
        return []
    text = f" SYNTHETIC DAY (seed {seed}) "
    longer = f"{text}{marks.dash} invented prices, no market, no money "
    shown = longer if len(longer) <= width else text
    return [line((cut(shown, width, marks).center(width), BANNER))]


def invitation(scene: Scene, width: int) -> list[Text]:
    """Where the dashboard is found; the address stands alone where a name before it would cut it."""
    rows = []
    for text in scene.invited:
        named = f"dashboard: {text}"
        rows.append(fitted(line((named if len(named) <= width else text, PREPARED)), width, scene.marks))
    return rows


def stops(scene: Scene, width: int) -> list[Text]:
    """A row each for a silent broker, a halt, a pause and the latest alarm; none when all is well."""
    view, marks = scene.view, scene.marks
    rows = [(_blind(scene), HALTED)] if view.blind_since is not None else []
    if view.halted is not None:
        rows.append((f" HALTED: {view.halted}. Nothing enters; what is open is being closed. ", HALTED))
    if view.unreconciled and view.blind_since is None:
        rows.append((f" WAITING: {view.unreconciled}. Nothing enters until both books agree. ", PAUSED))
    if view.paused is not None:
        rows.append((f" PAUSED: {view.paused}. Nothing enters until you resume. ", PAUSED))
    alarm = scene.log.last_alarm
    if alarm is not None:
        rows.append((f"{marks.alarm} {view.alarms} alarm(s), latest {alarm.plain}", ALARM))
    return [fitted(line((cut(text, width, marks), style)), width, marks) for text, style in rows]


def _blind(scene: Scene) -> str:
    """What is shown then is what was last known, with its age: it is never taken for flat (I12)."""
    known = scene.view.known_at
    if known is None:
        return " THE BROKER DOES NOT ANSWER: its orders and positions were not read yet; look in its app. "
    age = figures.countdown(scene.clock - known)
    return f" THE BROKER DOES NOT ANSWER: orders and positions as known {age} ago; look in its app. "


def small(scene: Scene, width: int) -> list[Text]:
    """Clock, phase and countdown in two rows, for small terminals."""
    clock = line((figures.clock(scene.clock), TITLE), " IST  ", (phase(scene), TITLE))
    return [
        two_ends(clock, line((_where(scene), MUTED)), width, scene.marks),
        two_ends(_next(scene), line((_when(scene), MUTED)), width, scene.marks),
    ]


def roomy(scene: Scene, width: int) -> list[Text]:
    """The same in a frame, with large digits where the terminal can show them and all points of the day."""
    marks = scene.marks
    digits = (
        [line(" ", (row, TITLE)) for row in large(figures.clock(scene.clock))] if marks.large_clock else []
    )
    size = max((len(row.plain) for row in digits), default=0) + _IST
    rows = [line((phase(scene), TITLE)), _next(scene), _timeline(scene, width - size - _IST - _EDGES)]
    if digits:
        digits[1].append(" IST", MUTED)
        rows = beside([fitted(row, size, marks) for row in digits], rows, size, gap=3)
    else:
        rows[0] = line((figures.clock(scene.clock), TITLE), " IST  ").append_text(rows[0])
    title = f"{_where(scene)} {marks.dot} {_when(scene)}"
    return framed(title, rows, width, marks)


def day_line(scene: Scene, width: int) -> list[Text]:
    """Entries used, the day's result at the bid, what is left of the loss limit; other strategies below."""
    view, marks = scene.view, scene.marks
    left = line("entries ", (f"{view.entries_today} of {view.max_trades}", TITLE), "   today ")
    result = f"{arrow(view.day_result, marks)} {figures.gain_or_loss(view.day_result)}"
    left.append(result, tint(view.day_result)).append("   may still lose ")
    left.append(figures.price(_loss_left(scene)), TITLE)
    left.append(f" (limit {figures.price(view.max_daily_loss)}) ").append_text(_share(scene))
    if width >= _ROOMY:
        left.append(f"   alarms {view.alarms}", ALARM if view.alarms else MUTED)
    rows = [fitted(left, width, marks)]
    if len(view.runs) > 1:
        told = (f"{run.strategy}: {words('phase', run.phase)}" for run in view.runs)
        rows.append(fitted(line((f" {marks.dot} ".join(told), MUTED)), width, marks))
    return rows


def _where(scene: Scene) -> str:
    return f"{scene.title} {scene.marks.dot} {scene.speed}" if scene.speed else scene.title


def _when(scene: Scene) -> str:
    facts = scene.facts
    return f"{figures.day(facts.date)}, expiry {figures.day(facts.expiry)}, {facts.days_left} days left"


def _next(scene: Scene) -> Text:
    point = coming(scene)
    if point is None:
        return line(("the day is over", MUTED))
    left = figures.countdown(point.at - scene.clock)
    name = words("step", point.name)
    return line((f"{name} {figures.clock(point.at)} in ", ""), (left, "bold cyan"))


def _timeline(scene: Scene, width: int) -> Text:
    """The points of the day; where there is no room for all, past ones go first, then needless ones."""
    shown = list(points(scene))
    spare = [point for point in shown if point.at <= scene.clock]
    spare += [point for point in shown if point.at > scene.clock and not point.wanted]
    made = _points(scene, shown)
    for point in spare:
        if len(made.plain) <= width:
            break
        shown.remove(point)
        made = _points(scene, shown)
    return made


def _points(scene: Scene, shown: Sequence[Point]) -> Text:
    marks, upcoming = scene.marks, coming(scene)
    made = line()
    for point in shown:
        if made.plain:
            made.append("   ")
        text = f"{words('step', point.name)} {figures.clock(point.at)}"
        if point.at <= scene.clock:
            made.append(f"{marks.tick} {text}", MUTED)
        elif point == upcoming:
            made.append(f"{marks.next} {text}", PREPARED)
        else:
            made.append(text, "" if point.wanted else "dim strike")
    return made


def _loss_left(scene: Scene) -> int:
    """What the day may still lose before its limit, open loss counted, in paise."""
    return max(scene.view.max_daily_loss + scene.view.day_result, 0)


def _share(scene: Scene) -> Text:
    marks, limit = scene.marks, scene.view.max_daily_loss
    filled = min(round(_SHARE_BAR * _loss_left(scene) / limit), _SHARE_BAR) if limit > 0 else 0
    style = "red" if filled <= _SHARE_BAR // 4 else ""
    return line((marks.full * filled + marks.empty * (_SHARE_BAR - filled), style))
