"""The rows of the live parts: P5, P6, P9 and P11 on the line, the official and the naive ways beside them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from .measuring import Measured, case
from .table import Row, at_most, figures

TRIALS = 100
"""Of each way in each round; three rounds make 300."""
BELLS = 100
NAIVE_BELLS = 50
APPENDS = 500
_MS = 1000.0


def order_rows(repeat: int) -> Iterator[Row]:
    """P5: from the bytes of a tick to the bytes of the order."""
    ways = ("tick_to_order", "order_official", "order_naive")
    rounds = [[case(way, TRIALS) for way in ways] for _ in range(repeat)]  # each has its turn in each round
    runs, official, naive = (list(way) for way in zip(*rounds, strict=True))
    name = "tick bytes in to order bytes out, durable"
    ours = figures(runs, "out_p50")
    row = at_most("P5", f"{name}: p50", 300, ours, "us")
    there = figures(runs, "there_p50")
    yield msgspec.structs.replace(row, note=f"read by the sink after {there:,.0f} us")
    row = at_most("P5", f"{name}: p99", 2, figures(runs, "out_p99") / _MS, "ms")
    first = figures(runs, "out_first") / _MS
    yield msgspec.structs.replace(row, note=f"the first order of a process {first:.1f} ms")
    yield from _beside("P5", "the official client, no journal, no engine: p50", official, ours)
    yield from _beside("P5", "asyncio, JSON and fsync in the loop, no engine: p50", naive, ours)


def _beside(id_: str, what: str, runs: list[Measured], ours: float) -> Iterator[Row]:
    if any("out_p50" not in one.printed for one in runs):
        yield Row(id_, what, "", None, "", "peer not installed")
        return
    theirs = figures(runs, "out_p50")
    note = f"{theirs / ours:.1f} x ours; p99 {figures(runs, 'out_p99') / _MS:.1f} ms"
    yield Row(id_, what, "", theirs, "us", "for comparison", note)


def bell_rows(_: int) -> Iterator[Row]:
    """P6: the order at the bell, against our own exchange; one run of many bells."""
    runs = [case("bell", BELLS)]
    name = f"order at the bell, {BELLS} bells: first byte"
    early = int(figures(runs, "early"))
    yield Row("P6", f"{name}, early", "0", early, "times", "met" if not early else "MISSED",
              f"earliest {figures(runs, 'least'):,.0f} us after 09:15:00.000")  # fmt: skip
    row = at_most("P6", f"{name}, p99", 1, figures(runs, "left_p99") / _MS, "ms")
    left, came, last = (figures(runs, key) / _MS for key in ("left_p50", "came_p50", "came_p99"))
    note = f"p50 {left:.2f} ms; read by the exchange {came:.2f} (p99 {last:.2f}) ms"
    yield msgspec.structs.replace(row, note=note)
    naive = case("bell_naive", NAIVE_BELLS).printed
    what = "sleep, collector on, official parser, no journal: p99"
    if "left_p99" not in naive:
        yield Row("P6", what, "", None, "", "peer not installed")
        return
    late = float(naive["left_p99"]) / _MS
    note = f"p50 {float(naive['left_p50']) / _MS:.2f} ms; early {naive['early']}; decides nothing"
    yield Row("P6", what, "", late, "ms", "for comparison", note)


def rest_rows(_: int) -> Iterator[Row]:
    """P9: the running engine with 500 instruments; one run, it takes minutes."""
    runs = [case("at_rest")]
    name = f"run --paper, {int(figures(runs, 'instruments'))} instruments live"
    official = runs[0].printed
    there = bool(official["official_there"])
    yield at_most("P9", f"{name}: memory", 90, figures(runs, "ours_mb"), "MB")
    yield at_most("P9", f"{name}: of a core, 30 s from 09:15:40", 2, figures(runs, "ours_cpu_pct"), "%")
    yield at_most("P9", f"{name}: ready after", 2, figures(runs, "ready_s"), "s")
    what = "KiteTicker with the same instruments: of a core"
    if not there:
        yield Row("P9", what, "", None, "", "peer not installed")
        return
    memory, packets = figures(runs, "official_mb"), figures(runs, "packets_per_s")
    note = f"memory {memory:.0f} MB; {packets:.0f} packets a second; it keeps the last tick, no more"
    yield Row("P9", what, "", figures(runs, "official_cpu_pct"), "%", "for comparison", note)


def append_rows(repeat: int) -> Iterator[Row]:
    """P11 on the line: durable in a thread, the loop goes on."""
    runs = [case("line_append", APPENDS) for _ in range(repeat)]
    ours = figures(runs, "append_p50")
    stall = figures(runs, "longest_callback")
    row = at_most("P11", "a step on the line, durable in the thread: p50", 0.3, ours / _MS, "ms")
    note = (
        f"p99 {figures(runs, 'append_p99') / _MS:.2f} ms; longest callback of the loop {stall / _MS:.2f} ms"
    )
    yield msgspec.structs.replace(row, note=note)
    naive = [case("sqlite_append", APPENDS) for _ in range(repeat)]
    theirs, stood = figures(naive, "append_p50"), figures(naive, "longest_callback")
    late = figures(naive, "append_p99") / _MS
    note = f"{theirs / ours:.1f} x ours; p99 {late:.2f} ms; the loop stood for {stood / _MS:.2f} ms"
    yield Row(
        "P11",
        "SQLite, WAL, synchronous=FULL, in the loop: p50",
        "",
        theirs / _MS,
        "ms",
        "for comparison",
        note,
    )
