"""`ninefifteen simulate`: trading days with faults and crashes by seed, and the invariants held to them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from ninefifteen.cli.common import LARGEST_SEED, JsonOption, console, print_json, say
from ninefifteen.cli.simulate_crashes import BROKEN, smallest, swept
from ninefifteen.errors import BadInput
from ninefifteen.simulator.disaster.outcome import Outcome
from ninefifteen.simulator.disaster.tally import Tally
from ninefifteen.wiring.disaster import live_through
from ninefifteen.wiring.disaster_runs import live_days

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("simulate")(simulate)


def simulate(
    days: Annotated[
        int, typer.Option("--days", metavar="N", help="How many days: the seeds from --seed on.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The first seed.")] = 1,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="J", help="Processes; all cores without it.")
    ] = None,
    trace: Annotated[bool, typer.Option("--trace", help="With --days 1: tell the day step by step.")] = False,
    crash_sweep: Annotated[
        int | None,
        typer.Option("--crash-sweep", metavar="N", help="N days, each crashed at every point, instead."),
    ] = None,
    shrink: Annotated[
        int | None,
        typer.Option("--shrink", metavar="SEED", help="The fewest faults that still break this seed's day."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Live through simulated days with faults and crashes; exit 1 when an invariant was violated."""
    if shrink is not None:
        smallest(shrink)
        return
    workers = _checked(days if crash_sweep is None else crash_sweep, seed, jobs)
    if crash_sweep is not None:
        swept(seed, crash_sweep, workers, as_json=as_json)
        return
    if trace and days != 1:
        raise BadInput("--trace tells one day: give --days 1 and the --seed to be told")
    began = time.perf_counter()
    if trace:
        tally = Tally()
        tally.add(_told(seed))
    else:
        with _progress(days, quiet=as_json) as told:
            tally = live_days(seed, days, workers, told)
    elapsed = time.perf_counter() - began
    if as_json:
        print_json(_document(tally, elapsed))
    else:
        _show(tally, elapsed)
    if tally.violations:
        raise typer.Exit(BROKEN)


def _checked(days: int, seed: int, jobs: int | None) -> int:
    if days < 1:
        raise BadInput(f"--days {days}: at least one day")
    if not 0 <= seed <= LARGEST_SEED - days:
        raise BadInput(f"--seed {seed}: a whole number from 0 to {LARGEST_SEED - days}")
    if jobs is not None and jobs < 1:
        raise BadInput(f"--jobs {jobs}: at least one process")
    return jobs or os.cpu_count() or 1


def _told(seed: int) -> Outcome:
    outcome = live_through(seed, story=True)
    plan = outcome.faults
    say(
        f"seed {seed}: "
        + ("no faults" if not outcome.faulty else f"{len(plan.terms)} faults, {len(plan.crashes)} crashes")
    )
    for fault in plan.terms:
        say(f"  {fault}")
    for crash in plan.crashes:
        say(f"  {crash}")
    for line in outcome.story:
        say(line)
    say(f"result: {outcome.result}; trace {outcome.trace}")
    return outcome


@contextmanager
def _progress(days: int, *, quiet: bool) -> Iterator[Callable[[Tally], None]]:
    """A bar on stderr while people look; nothing where stderr is a file."""
    screen = console()
    if quiet and not screen.is_terminal:
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("days"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=screen) as bar:
        task = bar.add_task("no violation", total=days)

        def told(tally: Tally) -> None:
            found = len(tally.violations)
            bar.update(
                task, completed=tally.days, description=f"{found} violations" if found else "no violation"
            )

        yield told


def _document(tally: Tally, elapsed: float) -> dict[str, Any]:
    return {
        "days": tally.days,
        "faulty_days": tally.faulty_days,
        "crashes": tally.crashes,
        "entries": tally.entries,
        "violations": [
            {"seed": broken.seed, "invariant": broken.invariant, "detail": broken.detail}
            for broken in tally.violations
        ],
        "alarms": tally.alarms,
        "excused_shorts": tally.excused,
        "steps": tally.steps,
        "coverage": dict(sorted(tally.seen.items())),
        "elapsed_s": round(elapsed, 3),
        "days_per_minute": round(60 * tally.days / elapsed),
    }


def _show(tally: Tally, elapsed: float) -> None:
    say(
        f"{tally.days:,} days, {tally.faulty_days:,} with faults, {tally.crashes:,} crashes,"
        f" {tally.entries:,} entries, {tally.alarms:,} alarms: {60 * tally.days / elapsed:,.0f} days a minute"
    )
    if tally.excused:
        say(f"{tally.excused} times short after a sale by hand or a disk that lied, inside what is allowed")
    for broken in tally.violations[:_SHOWN]:
        say(f"VIOLATED {broken.invariant} in seed {broken.seed}: {broken.detail}")
    if not tally.violations:
        say("no invariant was violated")
    else:
        say(f"{len(tally.violations)} violations; to see one: simulate --days 1 --trace --seed SEED")
