"""From candidates to a plan: affordability, the working stop, and the three losses.

This is where limits meet the strategy (the contradiction check of `design/strategy.md`): the
planned loss must fit in what is left of the daily limit, or the candidate fails.
"""

from __future__ import annotations

from fractions import Fraction

import msgspec

from ninefifteen.domain.candidate import Candidate, Plan, Selection
from ninefifteen.domain.levels import break_even, level, loss_at, percent, stop_order_limit, working_stop
from ninefifteen.domain.money import Paise, rupees

from .risk import money_allows
from .state import EngineState, Run
from .strategy import ScanView

PCR_CODES = frozenset({"pcr_thin", "pcr_out_of_range"})


def select(state: EngineState, run: Run, view: ScanView) -> Selection:
    """Run the scan, add the tests only the account can answer, and choose pick and prepared ones."""
    # Recorded prices tell one contract's story: only quotes make it possible to try the next one (E2, E3).
    prepared = run.strategy.prepared() if state.day.price_source == "quotes" else 0
    candidates, picks = _tested(state, run, run.strategy.scan(view), 1 + prepared)
    shadowed, shadow = _tested(state, run, run.strategy.scan(view, PCR_CODES), 1)
    return Selection(
        candidates=candidates,
        picks=picks,
        shadow=shadowed[shadow[0]].symbol if shadow else None,
    )


def _tested(
    state: EngineState, run: Run, scanned: tuple[Candidate, ...], wanted: int
) -> tuple[tuple[Candidate, ...], tuple[int, ...]]:
    tested: list[Candidate] = []
    picks: list[int] = []
    for index, scanned_one in enumerate(scanned):
        candidate = scanned_one
        if candidate.code == "ok" and len(picks) < wanted:
            candidate = _account_tests(state, run, candidate)
            if candidate.code == "ok":
                picks.append(index)
        tested.append(candidate)
    return tuple(tested), tuple(picks)


def _account_tests(state: EngineState, run: Run, candidate: Candidate) -> Candidate:
    units = run.strategy.quantity(candidate, candidate.estimate)
    refusal = money_allows(state, units * candidate.estimate)
    if refusal is not None:
        return msgspec.structs.replace(candidate, code="unaffordable", detail=refusal.text)
    plan = make_plan(state, run, candidate, candidate.estimate)
    if plan is None:
        limit = rupees(int(state.loss_left))
        return msgspec.structs.replace(
            candidate, code="risk_too_large", detail=f"no stop fits in the Rs {limit} left of the daily limit"
        )
    noise = too_near(state, plan, 0)
    if noise is not None:
        return msgspec.structs.replace(candidate, code="risk_too_large", detail=noise)
    return candidate


def make_plan(
    state: EngineState, run: Run, candidate: Candidate, entry: Paise, half_spread: Fraction = Fraction(0)
) -> Plan | None:
    """The plan for buying at `entry`; None when no working stop fits in what is left of the day."""
    instrument, rates, exits = candidate.instrument, state.day.rates, run.strategy.exits
    if instrument is None or entry <= 0:
        return None
    units = run.strategy.quantity(candidate, entry)
    tick = instrument.tick
    wished = level(entry, -exits.stop_pct, tick)
    stop = working_stop(entry, wished, tick, units, rates, state.loss_left, half_spread)
    if stop is None or (stop != wished and state.settings.risk.when_stop_exceeds_limit == "refuse"):
        return None
    target = level(entry, exits.target_pct, tick)
    stop_limit = stop_order_limit(stop, tick, entry)
    loss = loss_at(entry, stop, units, rates, half_spread)
    profit = -loss_at(entry, target, units, rates, half_spread)
    return Plan(
        strategy=run.strategy.name,
        instrument=instrument,
        quantity=units,
        entry=entry,
        target=target,
        stop=stop,
        stop_limit=stop_limit,
        untightened_stop=wished,
        tightened=stop > wished,
        loss_at_stop=_up(loss),
        loss_at_stop_limit=_up(loss_at(entry, stop_limit, units, rates)),
        loss_of_premium=_up(loss_at(entry, 0, units, rates)),
        profit_at_target=int(profit),
        break_even=break_even(profit, loss),
    )


def too_near(state: EngineState, plan: Plan, spread: Paise) -> str | None:
    """Why the working stop is mere noise, or None: at least `min_working_stop_pct` and 3 spreads away."""
    least = state.settings.strategy.min_working_stop_pct
    distance = plan.entry - plan.stop
    if distance < percent(least) * plan.entry:
        away = 100 * distance / plan.entry
        return f"working stop only {away:.1f} % away (Rs {rupees(plan.stop)}), {least} % needed"
    if distance < 3 * spread:
        return f"working stop only {distance / spread:.1f} spreads away, 3 needed"
    return None


def _up(amount: Fraction) -> Paise:
    return -(-amount.numerator // amount.denominator)
