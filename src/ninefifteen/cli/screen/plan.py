"""The plan: what is bought near which price, target, stop, its three losses and the break-even rate."""

from __future__ import annotations

from rich.text import Text

from ninefifteen.domain.candidate import Plan
from ninefifteen.domain.money import Paise
from ninefifteen.reports import figures

from .lines import columns, line, sentence
from .look import MUTED, TITLE, Marks, tint
from .scene import Block, Scene

_LOSS_LABEL, _LOSS = 34, 16
_BRIEF = 5
"""Rows of a brief plan up to its break-even rate; below that it says too little."""


def plan(scene: Scene, width: int) -> Block | None:
    """The plan in force; None while there is none."""
    run = scene.run
    if run is None or run.plan is None:
        return None
    # What is left now is what the stop was fitted to, until a trade has used some of it up.
    allowed = scene.view.loss_left if run.trade is None else None
    rows = plan_rows(run.plan, allowed, width, scene.marks)
    brief = plan_rows(run.plan, allowed, width, scene.marks, brief=True)
    return Block(
        title="Plan",
        rows=tuple(rows),
        least=min(len(brief), _BRIEF),
        shorter=lambda count: brief[:count],
    )


def plan_rows(
    made: Plan, allowed: Paise | None, width: int, marks: Marks, *, brief: bool = False
) -> list[Text]:
    """The plan in rows, the most important first; `allowed` is the loss the stop had to fit in (paise).

    `brief` puts the three losses into one sentence.
    """
    lots = made.quantity // made.instrument.lot_size
    name = line("buy ", (f"{figures.grouped(made.quantity)} {made.instrument.name}", TITLE))
    name.append(f" ({lots} lot{'s' if lots != 1 else ''}) near {figures.price(made.entry)}")
    rows = [name, *_levels(made, width)]
    if made.tightened:
        rows += sentence(_tightened(made, allowed), width, "bold yellow")
    rows += _losses(made, width, marks, brief=brief)
    rate = f"break-even at {made.break_even * 100:.1f} % wins, charges included"
    rows.append(line((rate, TITLE)))
    rows += sentence("Planned losses: a gap through the stop can lose more.", width, MUTED)
    return rows


def _losses(made: Plan, width: int, marks: Marks, *, brief: bool) -> list[Text]:
    if brief:
        text = (
            f"loses {figures.amount(made.loss_at_stop)} at the stop, "
            f"{figures.price(made.loss_at_stop_limit)} "
            f"at its limit, {figures.price(made.loss_of_premium)} at most"
        )
        return sentence(text, width, "red")
    return [
        _loss("loss at the stop, charges included", made.loss_at_stop, marks),
        _loss("loss at the stop order's limit", made.loss_at_stop_limit, marks),
        _loss("loss of the whole premium", made.loss_of_premium, marks),
    ]


def _levels(made: Plan, width: int) -> list[Text]:
    target = line(f"target {figures.price(made.target)} ({figures.change(made.target, made.entry)}) earns ")
    target.append(figures.gain_or_loss(made.profit_at_target), tint(made.profit_at_target))
    stop = line(f"stop {figures.price(made.stop)} ({figures.change(made.stop, made.entry)})")
    if len(target.plain) + len(stop.plain) + 3 > width:
        return [target, stop]
    return [target.append("   ").append_text(stop)]


def _tightened(made: Plan, allowed: Paise | None) -> str:
    wished = figures.change(made.untightened_stop, made.entry)
    limit = "the daily limit" if allowed is None else figures.amount(allowed)
    return (
        f"Stop tightened from {wished} to {figures.change(made.stop, made.entry)} "
        f"so that the loss fits in {limit}."
    )


def _loss(label: str, paise: Paise, marks: Marks) -> Text:
    cells = [(label, ""), (figures.gain_or_loss(-paise), "red")]
    return columns(cells, (_LOSS_LABEL, -_LOSS), marks)
