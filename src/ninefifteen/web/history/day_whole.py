"""One day whole, from its journal: also the running day, as far as it has been written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.charges import UNITS_PER_PAISA, rupees4, to_printed
from ninefifteen.domain.instants import Instant, iso_ms
from ninefifteen.domain.money import rupees
from ninefifteen.domain.record import Trade
from ninefifteen.reports.documents import candidate_document
from ninefifteen.reports.plan_document import plan_document
from ninefifteen.reports.state_document import flat
from ninefifteen.reports.verdicts import verdicts
from ninefifteen.reports.words import words
from ninefifteen.runtime.views import RunView, View, view_of
from ninefifteen.web.models.days import (
    CandidateRow,
    DayEvent,
    DayPhase,
    DayResult,
    DayWhole,
    HeldNow,
    Kind,
    OtherRun,
    PlanFigures,
    Status,
    StrategyDay,
)

from .day_book import DayBook
from .records import Records
from .trade_rows import order_rows, trade_rows
from .why_sentence import why

_PICKED = frozenset({"pick", "bought", "not_bought"})
_WATERMARKS = {"synthetic": "SYNTHETIC", "rehearsal": "REHEARSAL"}


def whole_day(records: Records, day: date, run: str | None) -> DayWhole:
    """Everything about a day. Raises NoSuchDay, Busy, or Unreadable."""
    path = records.run_of(day, run)
    others = [other_run(other) for other in records.runs(day) if other != path]
    with records.book(path) as book:
        return _document(book, others)


def kind_of(name: str) -> Kind:
    """What the day of this journal is."""
    return "synthetic" if ".synthetic" in name else "rehearsal" if ".rehearsal" in name else "real"


def other_run(path: Path) -> OtherRun:
    """A further journal of the same date."""
    seed = path.stem.partition(".")[2].split(".")[0].partition("-")[2]
    return OtherRun(run=path.stem, kind=kind_of(path.name), seed=int(seed) if seed.isdigit() else None)


def status_of(book: DayBook) -> tuple[Status, str | None]:
    """What the day came to so far, and the reason for no trade."""
    record = book.so_far
    if record is None:
        return "unfinished", None
    status: Status = "unfinished"
    if book.record is not None:
        known: dict[str, Status] = {"traded": "traded", "no_trade": "no_trade", "no_data": "no_data"}
        status = known.get(record.status, "unfinished")
    return status, record.reason


def result_of(trades: tuple[Trade, ...], alarms: int) -> DayResult:
    """The sum of the day's trades, charges as printed so that the rows add up to it."""
    gross = sum(trade.gross for trade in trades)
    spent = sum(to_printed(trade.charges.total) for trade in trades)
    return DayResult(
        trades=len(trades),
        gross=rupees(gross) if trades else None,
        charges=rupees4(spent) if trades else None,
        net=rupees4(gross * UNITS_PER_PAISA - spent) if trades else None,
        alarms=alarms,
    )


def trades_of(book: DayBook) -> tuple[Trade, ...]:
    """The round trips so far."""
    if book.record is not None:
        return book.record.trades
    return tuple(run.trade for run in book.state.runs if run.trade is not None)


def _document(book: DayBook, others: list[OtherRun]) -> DayWhole:
    header, state, record = book.header, book.state, book.so_far
    view = view_of(state)
    status, reason = status_of(book)
    return DayWhole(
        date=header.date.isoformat(),
        run=book.path.stem,
        kind=kind_of(book.path.name),
        watermark=_WATERMARKS.get(kind_of(book.path.name)),
        seed=header.seed,
        at_broker=None if state.facts is None else state.facts.reconcile_every > 0,
        finished=book.record is not None,
        status=status,
        reason=reason,
        reason_text=None if reason is None else words("no_trade", reason),
        as_of=None if book.until is None else iso_ms(book.until),
        catching_up=book.catching_up,
        steps=book.steps,
        program=header.program,
        settings_hash=header.settings_hash,
        price_source=None if state.facts is None else state.facts.price_source,
        restarts=book.restarts,
        halted=state.halted,
        paused=state.paused,
        flat=None if view is None else flat(state),
        unknown=[] if book.record is None else list(book.record.unknown),
        shadow_pick=None if record is None else record.shadow,
        strategies=[] if view is None else [_strategy(run) for run in view.runs],
        orders=order_rows(book),
        trades=trade_rows(book),
        result=result_of(trades_of(book), state.alarms),
        events=[
            DayEvent(at=iso_ms(told.at), kind=told.kind, severity=told.severity or None, text=told.text)
            for told in book.told
        ],
        events_left_out=book.told_in_all - len(book.told),
        phases=[] if view is None else _phases(book, view),
        runs=others,
    )


def _strategy(run: RunView) -> StrategyDay:
    told = verdicts(run)
    current = None if run.current is None else run.candidates[run.current]
    held = run.position
    return StrategyDay(
        strategy=run.strategy,
        phase=run.phase,
        why=why(run),
        candidates=[_candidate(one, verdict) for one, verdict in zip(run.candidates, told, strict=True)],
        pick=None if current is None else current.symbol,
        plan=None if run.plan is None else PlanFigures(**plan_document(run.plan)),
        position=None
        if held is None
        else HeldNow(
            contract=held.name,
            quantity=held.quantity,
            average=rupees(held.average),
            target=rupees(held.target),
            stop=rupees(held.stop),
            stop_resting=held.stop_resting,
            leaving=held.leaving,
            since=iso_ms(held.since),
        ),
    )


def _candidate(one: Candidate, verdict: str) -> CandidateRow:
    return CandidateRow(
        **candidate_document(one),
        pre_open=rupees(one.price),
        prev_close=rupees(one.prev_close),
        code_text=words("code", one.code),
        contract=None if one.instrument is None else one.instrument.name,
        estimate=rupees(one.estimate) if one.estimate else None,
        picked=verdict in _PICKED,
        verdict=verdict,
        verdict_text=words("verdict", verdict) if verdict else "",
    )


def _phases(book: DayBook, view: View) -> list[DayPhase]:
    """The points of the day in order, as the foreground strategy has them."""
    facts = book.state.day
    points: list[tuple[str, Instant]] = [("auction", facts.preopen_final_at)]
    if view.runs:
        run = view.runs[0]
        points += [
            ("scan", run.scan_at),
            ("entry", run.entry_at),
            ("cutoff", run.cutoff_at),
            ("square_off", run.exit_at),
        ]
    points.append(("close", facts.close_at))
    now = facts.close_at if book.record is not None else (book.until or 0)
    past = [place for place, (_, at) in enumerate(points) if at <= now]
    last = past[-1] if past and book.record is None else -1
    return [
        DayPhase(
            name=name,
            text=words("step", name),
            at=iso_ms(at),
            state="now" if place == last else "past" if place in past else "next",
        )
        for place, (name, at) in enumerate(points)
    ]
