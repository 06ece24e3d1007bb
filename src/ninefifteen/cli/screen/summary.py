"""The end of a day in a few lines: what happened, why, the result after charges, and the day's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from ninefifteen.domain.record import DayRecord
from ninefifteen.reports import figures
from ninefifteen.reports.words import words

from .header import banner
from .lines import fitted, headed, line, sentence
from .look import ALARM, MUTED, TITLE, Marks, arrow, tint
from .outcome import net, trade_rows
from .plan import plan_rows
from .ranking import PCR_MEANING, rank_rows

WIDEST = 120


def summary(record: DayRecord, files: Sequence[tuple[str, Path]], width: int, marks: Marks) -> list[Text]:
    """The rows of the summary, at most 120 wide. `files` are (name, path) of what the day left behind."""
    width = min(width, WIDEST)
    rows = banner(record.synthetic, record.seed, width, marks)
    rows.append(_head(record, marks))
    for trade in record.trades:
        rows += headed(f"Trade, {trade.strategy}", trade_rows(trade, width, marks), width, marks)
    if record.plan is not None:
        rows += headed("Plan", plan_rows(record.plan, None, width, marks), width, marks)
    if record.candidates:
        ranked = rank_rows(record.candidates, _verdicts(record), width, marks)
        rows += headed(f"Ranking   {PCR_MEANING}", ranked, width, marks)
    rows += headed("The day", _facts(record, files, width, marks), width, marks)
    return rows + banner(record.synthetic, record.seed, width, marks)


def _head(record: DayRecord, marks: Marks) -> Text:
    made = line((f"{figures.day(record.date)}: {words('status', record.status)}", TITLE))
    if record.reason is not None:
        made.append(f": {words('no_trade', record.reason)}", TITLE)
    if record.trades:
        result = sum(net(trade) for trade in record.trades)
        shown = f"   {arrow(result, marks)} {figures.gain_or_loss(result)}"
        made.append(shown, f"bold {tint(result)}").append(" after charges")
    return made


def _verdicts(record: DayRecord) -> list[str]:
    """As in the live ranking: candidates are tried in rank order, so one before the pick was given up."""
    last = len(record.candidates) if record.pick is None else record.pick
    made = []
    for place, candidate in enumerate(record.candidates):
        verdict = "given_up" if place < last else "passes"
        if place == record.pick:
            verdict = "bought" if record.trades else "not_bought"
        made.append(verdict if candidate.code == "ok" else "")
    return made


def _facts(record: DayRecord, files: Sequence[tuple[str, Path]], width: int, marks: Marks) -> list[Text]:
    flat = line((f"{marks.tick} flat at the end", "green")) if record.flat else None
    rows = [flat or line((f"{marks.alarm} NOT FLAT: act in the broker's app", ALARM))]
    rows[0].append(f"   orders {record.orders}", "")
    rows[0].append(f"   alarms {record.alarms}", ALARM if record.alarms else "")
    if record.shadow is not None:
        rows.append(line((f"without the put/call filter the pick would be {record.shadow}", MUTED)))
    if record.unknown:
        names = " and ".join(record.unknown)
        rows += sentence(f"not known for this day: {names}; the tests that need them passed", width, MUTED)
    for note in record.notes:
        rows += sentence(note, width, MUTED)
    # A path is printed whole, so that it can be clicked and copied.
    return [fitted(row, max(width, len(row.plain)), marks) for row in rows] + [
        line(f"{name}: ", (str(path), "")) for name, path in files
    ]
