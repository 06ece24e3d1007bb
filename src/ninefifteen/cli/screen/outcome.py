"""How a strategy's day went: the round trip and why it was left, or why there was none."""

from __future__ import annotations

from fractions import Fraction

from rich.text import Text

from ninefifteen.domain.charges import UNITS_PER_PAISA
from ninefifteen.domain.money import Paise
from ninefifteen.domain.record import Trade
from ninefifteen.reports import figures
from ninefifteen.reports.words import words

from .lines import line, sentence
from .look import MUTED, TITLE, Marks, arrow, tint
from .scene import Block, Scene


def outcome(scene: Scene, width: int) -> Block | None:
    """The result of the foreground strategy; None while its day is not decided."""
    run = scene.run
    if run is None or run.position is not None:
        return None
    if run.trade is not None:
        rows = trade_rows(run.trade, width, scene.marks)
        return Block(title="Result", rows=tuple(rows), least=2, style=tint(net(run.trade)))
    if run.phase != "done":
        return None
    told = words("no_trade", run.done_reason or "not_filled")
    rows = [line(("NO TRADE today: ", TITLE), (told, TITLE))]
    detail = scene.log.no_trade
    if detail and detail != told:
        rows += sentence(detail, width)
    rows += sentence("Not trading is a decision too: the ranking says what stopped each stock.", width, MUTED)
    return Block(title="Result", rows=tuple(rows), least=1, style="yellow")


def net(trade: Trade) -> Paise:
    """The trade's result after charges, to the paisa."""
    return round(trade.gross - Fraction(trade.charges.total, UNITS_PER_PAISA))


def trade_rows(trade: Trade, width: int, marks: Marks) -> list[Text]:
    """The round trip in rows: result, prices and times, and why."""
    result = net(trade)
    word = "GAIN" if result > 0 else "LOSS" if result < 0 else "EVEN"
    head = f"{arrow(result, marks)} {word} {figures.gain_or_loss(result)}"
    spent = figures.amount(trade.charges.total_paise)
    left = f"{figures.clock(trade.exit_at)}" if trade.exit_at is not None else "time not known"
    rows = [
        line((head, f"bold {tint(result)}"), f" after charges of {spent}"),
        line(f"{figures.grouped(trade.quantity)} ", (trade.instrument.name, TITLE)),
        line(f"bought at {figures.price(trade.entry)}  {figures.clock(trade.entry_at)}"),
        line(f"sold at   {figures.price(trade.exit)}  {left}   ", (words("exit", trade.exit_reason), TITLE)),
    ]
    rows[2].append(f"   target {figures.price(trade.target)}, stop {figures.price(trade.stop)}", MUTED)
    if trade.ambiguous:
        rows += sentence("Both levels lay in one bar: the stop was assumed.", width, MUTED)
    return rows + (sentence(trade.note, width, MUTED) if trade.note else [])
