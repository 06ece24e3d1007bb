"""`simulate --crash-sweep N`, every journal point of N days crashed, and `simulate --shrink SEED`."""

from __future__ import annotations

import time
from collections.abc import Callable

import typer

from ninefifteen.cli.common import LARGEST_SEED, console, print_json, say
from ninefifteen.errors import BadInput
from ninefifteen.simulator.disaster.shrink import NothingBroken, written
from ninefifteen.simulator.disaster.sweep import Sweep
from ninefifteen.wiring.disaster_runs import shrunk, sweep_days

BROKEN = 1


def swept(seed: int, days: int, jobs: int, *, as_json: bool) -> None:
    """Sweep and tell; exit 1 when an invariant was violated."""
    began = time.perf_counter()
    result = sweep_days(seed, days, jobs, _progress(days))
    elapsed = time.perf_counter() - began
    violations = [
        {"seed": broken.seed, "invariant": broken.invariant, "detail": broken.detail, "faults": plan}
        for broken, plan in zip(result.violations, result.broken, strict=True)
    ]
    if as_json:
        print_json({
            "days": result.days,
            "points": result.points,
            "runs": result.runs,
            "crashes": result.crashes,
            "violations": violations,
            "elapsed_s": round(elapsed, 3),
            "runs_per_minute": round(60 * result.runs / elapsed),
        })  # fmt: skip
    else:
        say(
            f"{result.days:,} days crashed at each of {result.points:,} journal points in three ways:"
            f" {result.runs:,} runs, {result.crashes:,} crashes,"
            f" {60 * result.runs / elapsed:,.0f} runs a minute"
        )
        for row in violations:
            say(f"VIOLATED {row['invariant']} in seed {row['seed']}: {row['detail']}; {row['faults']}")
        if not violations:
            say("no invariant was violated")
    if violations:
        raise typer.Exit(BROKEN)


def smallest(seed: int) -> None:
    """Print the smallest case as JSON, as the tests keep it; exit 1 as the day does break something."""
    if not 0 <= seed < LARGEST_SEED:
        raise BadInput(f"--shrink {seed}: a whole number from 0 to {LARGEST_SEED - 1}")
    try:
        case = shrunk(seed)
    except NothingBroken as nothing:
        say(str(nothing))
        return
    print(written(case), end="")
    raise typer.Exit(BROKEN)


def _progress(days: int) -> Callable[[Sweep], None]:
    """A line on stderr after each tenth of the way while people look."""
    screen = console()

    def told(result: Sweep) -> None:
        if screen.is_terminal and result.days % max(1, days // 10) == 0:
            screen.print(f"{result.days} of {days} days, {result.runs:,} runs")

    return told
