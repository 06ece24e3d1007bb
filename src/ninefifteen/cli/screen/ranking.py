"""The ranking: every examined stock with its gain, put/call ratio, code and reason in words."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ninefifteen.domain.candidate import Candidate
from ninefifteen.reports import figures
from ninefifteen.reports.verdicts import verdicts
from ninefifteen.reports.words import words

from .lines import Part, columns, line, sentence
from .look import MUTED, PICK, PREPARED, Marks
from .scene import Block, Scene

PCR_MEANING = "PCR: yesterday's put/call open interest, this expiry, all strikes"
_PCR_TAIL = " (yesterday, this expiry, all strikes)"
_FULL, _WIDE = 76, 120


def ranking(scene: Scene, width: int) -> Block:
    """The ranking of the foreground strategy; before the scan, what it will show."""
    run, marks = scene.run, scene.marks
    if run is None or not run.candidates:
        text = _before(scene)
        return Block(title="Ranking", rows=tuple(sentence(text, width, MUTED)), least=1)
    rows = rank_rows(run.candidates, verdicts(run), width, marks)
    keep = [number for number, verdict in enumerate(verdicts(run)) if verdict in ("pick", "bought")]
    return Block(
        title=f"Ranking   {PCR_MEANING}" if width >= _FULL else "Ranking",
        rows=tuple(rows),
        least=3,
        shorter=lambda count: _shorter(rows, keep, count),
    )


def rank_rows(candidates: Sequence[Candidate], told: Sequence[str], width: int, marks: Marks) -> list[Text]:
    """A head and a row for each candidate, in at most `width` characters."""
    code, contract = (16 if width >= _FULL else 0), (28 if width >= _WIDE else 0)
    premium = -9 if width >= _WIDE else 0
    fixed = 1 + 2 + 11 + 8 + 5 + code + contract - premium
    gaps = 5 + sum(1 for size in (code, contract, premium) if size)
    widths = (1, -2, 11, -8, -5, code, max(width - fixed - gaps, 8), contract, premium)
    heads = ("", "", "stock", "gain", "PCR", "code", "why", "contract", "estimate")
    rows = [columns([(head, MUTED) for head in heads], widths, marks)]
    for candidate, verdict in zip(candidates, told, strict=True):
        rows.append(columns(_cells(candidate, verdict, marks), widths, marks))
    return rows


def _cells(candidate: Candidate, verdict: str, marks: Marks) -> list[Part]:
    ratio = candidate.pcr
    chosen = verdict in ("pick", "bought")
    style = PICK if chosen else PREPARED if verdict == "prepared" else "" if verdict else MUTED
    mark = marks.tick if chosen else marks.next if verdict == "prepared" else ""
    why = words("verdict", verdict) if verdict else _reason(candidate)
    return [
        (mark, style),
        (str(candidate.rank), style),
        (candidate.symbol, style if verdict else ""),
        (figures.percent(candidate.gain, 2), style),
        ("-" if ratio is None else f"{float(ratio):.2f}", style),
        (candidate.code, style),
        (why, style if verdict else ""),
        (candidate.instrument.name if candidate.instrument else "-", style),
        (figures.price(candidate.estimate) if candidate.estimate else "-", style),
    ]


def _reason(candidate: Candidate) -> str:
    detail = candidate.detail.replace(_PCR_TAIL, "")
    return figures.regrouped(detail) or words("code", candidate.code)


def _before(scene: Scene) -> str:
    run = scene.run
    if run is None:
        return "No strategy trades today."
    if run.phase == "done":
        return "Nothing was ranked today."
    members = len(scene.facts.universe)
    return (
        f"At {figures.clock(run.scan_at)} the {members} members are ranked here by their pre-open gain, each "
        "with the test that stopped it; the first that passes every test is the pick."
    )


def _shorter(rows: list[Text], keep: list[int], count: int) -> list[Text]:
    """The head, as many of the first as fit, and always the pick; the last row says how many are hidden."""
    room = count - 2
    must = [number + 1 for number in keep]
    first = [number for number in range(1, len(rows)) if number not in must][: max(room - len(must), 0)]
    shown = sorted(must + first)
    hidden = len(rows) - 1 - len(shown)
    return [rows[0], *(rows[number] for number in shown), line((f"   and {hidden} more", MUTED))][:count]
