"""From candidates to a plan: affordability, the working stop, and the three losses.

This is where limits meet the strategy (the contradiction check of `design/strategy.md`): the
planned loss must fit in what is left of the daily limit, or the candidate fails.
"""

from __future__ import annotations

from fractions import Fraction

import msgspec

from ninefifteen.domain.candidate import Candidate, Plan, Selection
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.levels import break_even, level, loss_at, percent, stop_order_limit, working_stop
from ninefifteen.domain.money import Paise, rupees

from .exposure import loss_left
from .risk import money_allows
from .state import EngineState, Run
from .strategy import ScanView

PCR_CODES = frozenset({"pcr_thin", "pcr_out_of_range"})


def select(state: EngineState, run: Run, view: ScanView) -> tuple[Selection, Plan | None]:
    """Run the scan, add the tests only the account can answer, and choose pick and prepared ones.

    The plan is the pick's; None when there is no pick.
    """
    # Recorded prices tell one contract's story: only quotes make it possible to try the next one (E2, E3).
    prepared = 0 if state.observed else run.strategy.prepared()
    candidates, plans = _tested(state, run, run.strategy.scan(view), 1 + prepared)
    shadowed, shadow = _tested(state, run, run.strategy.scan(view, PCR_CODES), 1)
    selection = Selection(
        candidates=candidates,
        picks=tuple(plans),
        shadow=next((shadowed[n].symbol for n in shadow), None),
    )
    return selection, next(iter(plans.values()), None)


def _tested(
    state: EngineState, run: Run, scanned: tuple[Candidate, ...], wanted: int
) -> tuple[tuple[Candidate, ...], dict[int, Plan]]:
    """The candidates with the account's codes, and the plans of the first `wanted` that pass, by index."""
    tested: list[Candidate] = []
    plans: dict[int, Plan] = {}
    for index, candidate in enumerate(scanned):
        verdict: Candidate | Plan = candidate
        if candidate.code == "ok":
            verdict = _account_tests(state, run, candidate)
        if isinstance(verdict, Plan) and len(plans) < wanted:
            plans[index] = verdict
        tested.append(candidate if isinstance(verdict, Plan) else verdict)
    return tuple(tested), plans


def _account_tests(state: EngineState, run: Run, candidate: Candidate) -> Candidate | Plan:
    """The plan of a candidate the account allows, or the candidate with the code that stops it."""
    units = run.strategy.quantity(candidate, candidate.estimate)
    refusal = money_allows(state, units * candidate.estimate)
    if refusal is not None:
        return msgspec.structs.replace(candidate, code="unaffordable", detail=refusal.text)
    plan = plan_of(state, run, candidate)
    if plan is None:
        detail = f"no stop fits in the Rs {rupees(int(loss_left(state, run)))} left of the daily limit"
    else:
        detail = too_near(state, plan) or ""
    if plan is not None and not detail:
        return plan
    return msgspec.structs.replace(candidate, code="risk_too_large", detail=detail)


def plan_of(
    state: EngineState, run: Run, candidate: Candidate, entry: Paise = 0, half_spread: Fraction = Fraction(0)
) -> Plan | None:
    """The plan for buying the candidate at `entry` (0: its estimate); None as in `make_plan`."""
    price = entry or candidate.estimate
    units = run.strategy.quantity(candidate, price)
    if candidate.instrument is None or price <= 0 or units <= 0:
        return None
    return make_plan(state, run, candidate.instrument, units, price, half_spread)


def make_plan(
    state: EngineState,
    run: Run,
    instrument: Instrument,
    units: int,
    entry: Paise,
    half_spread: Fraction = Fraction(0),
) -> Plan | None:
    """The plan for `units` at `entry`; None when no working stop fits in what is left of the day."""
    rates, exits = state.day.rates, run.strategy.exits
    tick = instrument.tick
    wished = level(entry, -exits.stop_pct, tick)
    stop = working_stop(entry, wished, tick, units, rates, loss_left(state, run), half_spread)
    if stop is None or (stop != wished and state.settings.risk.when_stop_exceeds_limit == "refuse"):
        return None
    target = level(entry, exits.target_pct, tick)
    stop_limit = stop_order_limit(stop, tick, entry, state.day.limits)
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


def too_near(state: EngineState, plan: Plan) -> str | None:
    """Why the working stop is mere noise, or None: it is at least `min_working_stop_pct` away."""
    least = state.settings.strategy.min_working_stop_pct
    distance = plan.entry - plan.stop
    if distance >= percent(least) * plan.entry:
        return None
    away = 100 * distance / plan.entry
    return f"working stop only {away:.1f} % away (Rs {rupees(plan.stop)}), {least} % needed"


def _up(amount: Fraction) -> Paise:
    return -(-amount.numerator // amount.denominator)
