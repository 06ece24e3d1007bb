"""P5: from the bytes of a tick to the bytes of the order, in one process, the journal's disk in between.

Ours is the product's own way: `Ticker` decodes the frame, `ZerodhaFeed` makes the quote, `LiveLine`
takes it through the engine with `nine_fifteen`, `FileJournal` has the step on the disk, and
`ZerodhaOrders` sends the order over the warm connection of `KiteClient`. Each trial has an engine of
its own that has lived the morning up to its first quote.
"""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from statistics import quantiles

import msgspec

from ninefifteen.adapters.clocks.wall import FollowedWall, steady
from ninefifteen.domain.events import StockTicks
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant

from .journal_append import remove
from .opening import Opening, opening, opening_frame
from .order_path import BytesOut, OrderPath, beside, client_of, journal_at, port_in

PACKETS = 50
SETTLE_S = 0.003
QUIET = 10
"""Frames that are not to be bought at, this far apart, before the one that is."""

_BEFORE = 5 * MILLISECOND


def tick_to_order(folder: Path, trials: int) -> dict[str, object]:
    """Microseconds from bytes in to bytes out, p50 and p99 of `trials`, and to the arrival elsewhere.

    `out_first` is the very first order of the process, which has to load its code: it counts in no other.
    """
    return asyncio.run(_measure(folder, trials))


async def _measure(folder: Path, trials: int) -> dict[str, object]:
    opened = opening("first_quote")
    frame = opening_frame(opened, PACKETS)
    quiet = [opening_frame(opened, PACKETS, one_sided=True)] * QUIET
    out: list[float] = []
    there: list[float] = []
    first = 0.0
    async with beside("benchmarks.sink") as (_, line):
        port = port_in(line)
        for number in range(trials + 3):
            took = await _trial(folder / "order.journal", opened, (quiet, frame), port)
            first = first or took[0]
            if number >= 3:  # noqa: PLR2004 - the first ones load code
                out.append(took[0])
                there.append(took[1])
    return {**spread("out", out), **spread("there", there), "out_first": first}


async def _trial(
    path: Path, opened: Opening, frames: tuple[list[bytes], bytes], port: int
) -> tuple[float, float]:
    quiet, frame = frames
    clock = FollowedWall(opened.facts.open_at - SECOND, 1)
    with journal_at(path, opened) as journal:
        async with client_of(port, clock) as client:
            out = BytesOut(client)
            order = OrderPath(opened, client, journal, clock)
            gc.collect()
            gc.freeze()
            gc.disable()
            clock.show(opened.facts.open_at - _BEFORE)
            await clock.sleep_until(opened.facts.open_at + MILLISECOND)
            order.pushed.push(_stocks_now(opened, clock.now()))
            try:
                for before in quiet:
                    order.hear(before)
                    await asyncio.sleep(SETTLE_S)
                began = steady()
                order.hear(frame)
                there = int(await order.order_id())
            finally:
                gc.enable()
                gc.unfreeze()
            await order.close()
    remove(path)
    return (out.at - began) / 1000, (there - began) / 1000


def spread(name: str, values: list[float]) -> dict[str, object]:
    """Middle, 99th percentile and largest of figures under names that begin with `name`."""
    cuts = quantiles(values, n=100, method="inclusive")
    return {f"{name}_p50": cuts[49], f"{name}_p99": cuts[98], f"{name}_max": max(values)}


def _stocks_now(opened: Opening, at: Instant) -> StockTicks:
    if opened.stocks is None:
        raise RuntimeError("this opening has no prices of shares")
    return msgspec.structs.replace(opened.stocks, at=at)
