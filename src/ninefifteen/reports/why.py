"""Why a strategy tries, has bought or has passed over what it did: a sentence a line, for the page."""

from __future__ import annotations

from fractions import Fraction

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.settings import Settings
from ninefifteen.runtime.views import RunView

from . import figures
from .kept import Kept
from .verdicts import verdicts
from .words import words

_FILTERED = "nine_fifteen"
"""The strategy that `strategy.pcr_min` and `pcr_max` belong to."""
_PASSED_OVER = 5


_kept: Kept[list[str]] = Kept()


def why_lines(run: RunView, settings: Settings, members: int) -> list[str]:
    """The reasons, the weightiest first; empty before the scan."""
    leaving = run.position.leaving if run.position is not None else None
    stands = (run.current, run.phase, run.waiting, run.done_reason, leaving)
    made_of = (run.candidates, run.plan, run.trade, stands, settings, members)
    return _kept.get(run.strategy, made_of, lambda: _lines(run, settings, members))


def _lines(run: RunView, settings: Settings, members: int) -> list[str]:
    """What speaks for the one that is tried, how it stands, then those ranked better."""
    lines: list[str] = []
    if run.current is not None and run.candidates:
        lines += _chosen(run, run.candidates[run.current], settings, members)
    return [*lines, *_standing(run), *_passed_over(run)]


def _standing(run: RunView) -> list[str]:
    if run.trade is not None:
        return [f"Sold: {words('exit', run.trade.exit_reason)}."]
    if run.position is not None and run.position.leaving is not None:
        return [f"Being sold: {words('exit', run.position.leaving)}."]
    if run.done_reason is not None:
        return [_ended(run)]
    return [f"Not bought yet: {words('waiting', run.waiting)}."] if run.waiting else []


def _ended(run: RunView) -> str:
    return f"No trade: {words('no_trade', run.done_reason or '')}."


def _passed_over(run: RunView) -> list[str]:
    """Those ranked better than the one tried, each with what stopped it."""
    last = len(run.candidates) if run.current is None else run.current
    told = [
        f"{candidate.rank}. {candidate.symbol} ({figures.percent(candidate.gain, 2)}):"
        f" {words('verdict', verdict) if verdict else _reason(candidate)}."
        for candidate, verdict in zip(run.candidates[:last], verdicts(run), strict=False)
    ]
    more = len(told) - _PASSED_OVER
    return told if more <= 0 else [*told[:_PASSED_OVER], f"and {more} more that were passed over."]


def _reason(candidate: Candidate) -> str:
    text = words("code", candidate.code)
    return f"{text} - {figures.regrouped(candidate.detail)}" if candidate.detail else text


def _chosen(run: RunView, candidate: Candidate, settings: Settings, members: int) -> list[str]:
    gain = figures.percent(candidate.gain, 2)
    moved = f"Rs {figures.price(candidate.prev_close)} to Rs {figures.price(candidate.price)}"
    lines = [
        f"{candidate.symbol} is number {candidate.rank} of {members} by its pre-open gain: {gain}, {moved}."
    ]
    if candidate.pcr is not None:
        lines.append(f"Its put/call ratio of yesterday is {float(candidate.pcr):.2f}{_range(run, settings)}.")
    instrument = candidate.instrument
    if instrument is not None:
        lines.append(
            f"{instrument.name} is the call whose strike lies nearest to that price; a lot is"
            f" {figures.grouped(instrument.lot_size)}, expected to cost"
            f" {figures.amount(candidate.estimate * instrument.lot_size)}."
        )
    plan = run.plan
    if plan is not None and plan.tightened:
        share = figures.percent(Fraction(plan.stop, plan.entry) - 1)
        lines.append(
            f"The stop was tightened to Rs {figures.price(plan.stop)} ({share}) so that its loss fits in"
            f" the daily limit of Rs {settings.risk.max_daily_loss}."
        )
    return lines


def _range(run: RunView, settings: Settings) -> str:
    rules = settings.strategy
    if run.strategy != _FILTERED or not (rules.pcr_min or rules.pcr_max):
        return ""
    most = f" to {rules.pcr_max}" if rules.pcr_max else " or more"
    return f" ({rules.pcr_min}{most} is asked for)"
