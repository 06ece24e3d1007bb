"""The rows of P10: the web process, the page's weight, and what the engine's loop notices of them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from .measuring import Measured, case
from .table import Row, at_most, figures

WATCHED_S, BEATS_S = 20, 60
MORE_MS = 1.0
"""What three pages may add to the loop's processor time between two looks."""


def page_rows(_: int) -> Iterator[Row]:
    """P10; one run of each, it takes some four minutes."""
    yield from _process_rows(case("page_process", WATCHED_S))
    yield from _first_rows(case("page_first"))
    yield from _beat_rows(case("page_beats", BEATS_S))


def _process_rows(run: Measured) -> Iterator[Row]:
    name = "web process, 3 pages, 200 rows"
    for key, what in (("day", "as in a day"), ("all", "every row new in each frame")):
        pct, rate, size = (figures([run], f"{key}_{one}") for one in ("cpu_pct", "frames_per_s", "kb_per_s"))
        row = at_most("P10", f"{name}, {what}: of a core, {WATCHED_S} s", 1, pct, "%")
        note = f"{rate:.2f} frames a second, {size:.1f} kB a second to each page"
        yield msgspec.structs.replace(row, note=note)
    row = at_most("P10", f"{name}: memory", 70, figures([run], "all_mb"), "MB")
    yield msgspec.structs.replace(row, note=f"{figures([run], 'start_mb'):.1f} MB before anybody came")
    yield at_most(
        "P10", "the same, once all that can be read was read twice", 70, figures([run], "visited_mb"), "MB"
    )


def _first_rows(run: Measured) -> Iterator[Row]:
    row = at_most("P10", "the page: all scripts, compressed", 110, figures([run], "script_kb"), "kB")
    whole = figures([run], "script_kb")
    yield msgspec.structs.replace(row, note=f"{whole:.1f} in {figures([run], 'scripts'):.0f} files")
    what = "the page, opened for the first time"
    if "requests" not in run.printed:
        yield Row("P10", f"{what}: requests", "<= 5", None, "", "no chromium here")
        return
    row = at_most("P10", f"{what}: requests", 5, figures([run], "requests"), "requests")
    yield msgspec.structs.replace(row, note="and the WebSocket")
    row = at_most("P10", f"{what}: over the line", 150, figures([run], "load_kb"), "kB")
    later = ", ".join(run.printed["later"])
    yield msgspec.structs.replace(row, note=f"later by itself: {later} bytes" if later else "")


def _beat_rows(run: Measured) -> Iterator[Row]:
    what = "the engine's loop between two looks, processor time, p99"
    alone, pages = (figures([run], f"{key}_p99_us") / 1000 for key in ("alone", "pages"))
    yield Row("P10", f"{what}: no dashboard", "", alone, "ms", "for comparison", _of(run, "alone"))
    row = at_most("P10", f"{what}: dashboard and 3 pages", alone + MORE_MS, pages, "ms")
    bar = f"<= alone + {MORE_MS:g} ms"
    yield msgspec.structs.replace(row, bar=bar, note=_of(run, "pages"))


def _of(run: Measured, key: str) -> str:
    middle, late, last = (figures([run], f"{key}_{one}_us") / 1000 for one in ("p50", "p999", "max"))
    looks, pct = figures([run], f"{key}_looks"), figures([run], f"{key}_cpu_pct")
    times = f"p50 {middle:.2f}, p99.9 {late:.2f}, longest {last:.2f} ms of {looks:,.0f} looks"
    return f"{times}; the process {pct:.2f} % of a core"
