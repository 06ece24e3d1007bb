"""The rows of the table: what is measured, its bar, the median, the verdict."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from .live_rows import append_rows, bell_rows, order_rows, rest_rows
from .measuring import ROOT, Measured, case, middle, run
from .page_rows import page_rows
from .table import Row, at_least, at_most, figures, holds

RECORDED = ROOT.parent / "shared" / "data"
PEERS = ROOT / ".bench-venvs"
PEER_DAYS = 20
FULL_DAYS = 250
MOST_DAYS = 1250
WATCHED_DAYS = 60
FRAME_PACKETS = 50
DISASTER_DAYS = 4_000


def gap_rows(repeat: int) -> Iterator[Row]:
    """P1: 250 and 1,250 days of the gap strategy."""
    for days, run_bar, memory_bar in ((FULL_DAYS, 0.5, 150), (MOST_DAYS, 2.5, 300)):
        runs = [case("gap", days) for _ in range(repeat)]
        plain, ours = case("reference", days).printed, runs[0].printed
        name = f"gap strategy, {days:,} days"
        yield at_most("P1", f"{name}: run, CPU", run_bar, figures(runs, "run_cpu_s"), "s")
        if days == FULL_DAYS:
            yield at_most("P1", f"{name}: whole process", 1.0, middle([one.wall_s for one in runs]), "s")
        yield at_most("P1", f"{name}: peak memory", memory_bar, middle([one.peak_mb for one in runs]), "MB")
        note = f"{ours['trades']:,} trades, Rs {ours['result']:,.2f}"
        yield holds(
            "P1", f"{name}: every trade as the plain reference", ours["digest"] == plain["digest"], note
        )


def grid_rows(repeat: int) -> Iterator[Row]:
    """P2: the grid of targets and stops."""
    runs = [case("grid", FULL_DAYS) for _ in range(repeat)]
    name = f"20 x 20 targets and stops, {FULL_DAYS} days"
    yield at_most("P2", f"{name}: after load, CPU", 0.05, figures(runs, "run_cpu_s"), "s")
    check = case("grid_check", FULL_DAYS).printed
    note = f"{check['equal']} of {check['pairs']} pairs (all 400 on 20 days: a test)"
    yield holds("P2", f"{name}: as runs of the engine", check["equal"] == check["pairs"], note)


def bar_rows(repeat: int) -> Iterator[Row]:
    """P3: every bar of every share through the engine."""
    runs = [case("all_bars", WATCHED_DAYS) for _ in range(repeat)]
    yield at_least(
        "P3", "bars of 50 shares, a minute an event", 1.0, figures(runs, "per_second") / 1e6, "M/s"
    )
    single = [case("each_bar", PEER_DAYS) for _ in range(repeat)]
    rate = figures(single, "per_second") / 1e6
    yield Row("P3", "the same, each bar its own event", "", rate, "M/s", "for comparison")


def kite_rows(repeat: int) -> Iterator[Row]:
    """P4: one frame of Kite's ticker with 50 full packets."""
    runs = [case("kite_frame", FRAME_PACKETS) for _ in range(repeat)]
    name = f"Kite frame of {FRAME_PACKETS} full packets"
    ours, dicts = figures(runs, "columns"), figures(runs, "dictionaries")
    yield at_least("P4", f"{name}: to columns", 4.0, ours / 1e6, "M packets/s")
    tuples = figures(runs, "tuples") / 1e6
    yield Row("P4", f"{name}: struct, a tuple a packet", "", tuples, "M packets/s", "for comparison")
    if any(one.printed["equal"] is None for one in runs):
        yield Row("P4", f"{name}: against kiteconnect", "", None, "", "peer not installed")
        return
    official = figures(runs, "official")
    row = at_least("P4", f"{name}: to columns, against kiteconnect", 100, ours / official, "x")
    yield msgspec.structs.replace(row, note=f"kiteconnect {official / 1e3:.0f} k packets/s")
    yield at_least("P4", f"{name}: as the same dictionaries", 2.5, dicts / official, "x")
    equal = all(one.printed["equal"] for one in runs)
    yield holds("P4", f"{name}: field by field as kiteconnect", equal, "times compared as instants")


def day_rows(repeat: int) -> Iterator[Row]:
    """P7 and the start: a whole simulated day, the import, a month of recorded days."""
    homes = [tempfile.mkdtemp(prefix="ninefifteen-bench-") for _ in range(repeat)]
    program = (sys.executable, "-m", "ninefifteen")
    options = ("--demo", "--speed", "max", "--once", "--no-dashboard", "--seed", "7", "--json")
    days = [run((*program, "run", *options, "--home", home)) for home in homes]
    for home in homes:
        shutil.rmtree(home, ignore_errors=True)
    if any(day.code or not day.printed for day in days):
        yield Row("P7", "run --demo --speed max --once", "<= 5 s", None, "", "FAILED")
    else:
        wall, peak = middle([day.wall_s for day in days]), middle([day.peak_mb for day in days])
        yield at_most("P7", "run --demo --speed max --once: whole process", 5, wall, "s")
        yield at_most("P7", "run --demo --speed max --once: peak memory", 200, peak, "MB")
    starts = [case("import_engine") for _ in range(repeat)]
    yield at_most("P7", "import ninefifteen.engine", 0.3, figures(starts, "import_s"), "s")
    yield recorded_row(repeat)


def recorded_row(repeat: int) -> Row:
    """The backtest of a month of recorded option chains, where there are any."""
    what, bar = "backtest, January 2026, option chain snapshots", 20
    if not RECORDED.is_dir():
        return Row("P7", what, f"<= {bar} s", None, "", "no recorded data", "../shared/data is not there")
    dates = ("--from", "2026-01-01", "--to", "2026-01-29", "--json")
    with tempfile.TemporaryDirectory(prefix="ninefifteen-bench-") as home:
        command = (sys.executable, "-m", "ninefifteen", "backtest", "--data", str(RECORDED), *dates)
        runs = [run((*command, "--home", home)) for _ in range(repeat)]
    if any(one.code or not one.printed for one in runs):
        return Row("P7", what, f"<= {bar} s", None, "", "FAILED")
    row = at_most("P7", what, bar, middle([one.wall_s for one in runs]), "s")
    peak = middle([one.peak_mb for one in runs])
    return msgspec.structs.replace(row, note=f"peak memory {peak:.0f} MB")


def disaster_rows(repeat: int) -> Iterator[Row]:
    """P8: simulated days with faults and crashes, on two processes."""
    command = (sys.executable, "-m", "ninefifteen", "simulate", "--days", str(DISASTER_DAYS), "--jobs", "2")
    runs = [run((*command, "--seed", "1", "--json")) for _ in range(repeat)]
    what = f"simulate, {DISASTER_DAYS:,} days with faults and crashes, 2 processes"
    if any(one.code or not one.printed for one in runs):
        yield Row("P8", what, ">= 3,000 days a minute", None, "", "FAILED")
        return
    first = runs[0].printed
    row = at_least("P8", what, 3_000, figures(runs, "days_per_minute"), "days a minute")
    note = f"{first['faulty_days']:,} with faults, {first['crashes']:,} crashes, {first['entries']:,} entries"
    yield msgspec.structs.replace(row, note=note)
    same = all(one.printed[key] == first[key] for one in runs for key in ("steps", "alarms", "coverage"))
    yield holds("P8", "the same days each time", same, f"{first['steps'] / first['days']:.0f} steps a day")
    for key, least in (("faulty_days", 0.9), ("entries", 0.5), ("crashes", 0.2)):
        share = first[key] / first["days"]
        yield at_least("P8", f"{key.replace('_', ' ')} of all days", least, share, "a day")


def journal_rows(repeat: int) -> Iterator[Row]:
    """P11: the durable append."""
    runs = [case("journal", 500) for _ in range(repeat)]
    row = at_most("P11", "journal: a durable append, p50", 0.3, figures(runs, "p50_us") / 1000, "ms")
    yield msgspec.structs.replace(row, note=f"p99 {figures(runs, 'p99_us') / 1000:.2f} ms")
    yield from append_rows(repeat)


def peer_rows(_: int) -> Iterator[Row]:
    """The same strategy in other programs, where they are installed; whole processes, one run."""
    ours = case("gap", PEER_DAYS)
    yield peer_row("backtrader", "pip install backtrader numpy", ours)
    for name in ("vectorbt", "nautilus_trader"):
        yield Row(
            "P1", f"peer {name}", "", None, "", "no script here", "earlier figures: docs/performance.md"
        )


def peer_row(name: str, install: str, ours: Measured) -> Row:
    """One peer's whole process as a multiple of ours."""
    what = f"peer {name}, {PEER_DAYS} days: whole process against ours"
    python = PEERS / name / "bin" / "python"
    if not python.exists():
        note = f"python -m venv .bench-venvs/{name} && .bench-venvs/{name}/bin/{install}"
        return Row("P1", what, "", None, "", "peer not installed", note)
    market = str(Path("build") / "bench" / "market")
    script = (str(python), "-m", f"benchmarks.peers.{name}_gap", market, str(PEER_DAYS))
    theirs = run(script, {"PYTHONPATH": str(ROOT)})
    if theirs.code or not theirs.printed:
        return Row("P1", what, "", None, "", "FAILED")
    difference = abs(float(theirs.printed["result"]) - float(ours.printed["result"]))
    run_ratio = float(theirs.printed["run_cpu_s"]) / float(ours.printed["run_cpu_s"])
    note = f"run alone {run_ratio:.0f} x; its result differs by Rs {difference:.2f}"
    return Row("P1", what, "", theirs.wall_s / ours.wall_s, "x", "for comparison", note)


PARTS: dict[str, Callable[[int], Iterator[Row]]] = {
    "P1": gap_rows,
    "P2": grid_rows,
    "P3": bar_rows,
    "P4": kite_rows,
    "P5": order_rows,
    "P6": bell_rows,
    "P7": day_rows,
    "P8": disaster_rows,
    "P9": rest_rows,
    "P10": page_rows,
    "P11": journal_rows,
    "peers": peer_rows,
}
