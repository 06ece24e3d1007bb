"""What one process does while it is measured: `python -m benchmarks.cases CASE [NUMBER]`, one JSON line.

Checks against the reference are cases of their own, so that they do not count in what is measured;
both sides print the same digest of all trades. A case imports what it needs when it runs: imports
count in the time of the process.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

FOLDER = Path("build/bench")
MARKET = FOLDER / "market"
MOST_DAYS = 1250

Facts = dict[str, object]


def _digest(trades: Iterable[tuple[object, ...]]) -> str:
    return sha256(repr(list(trades)).encode()).hexdigest()[:16]


def market(_: int) -> Facts:
    """Make the market, once."""
    from .market import write_store

    write_store(MARKET, MOST_DAYS)
    return {}


def gap(days: int) -> Facts:
    """P1: the gap strategy through the shipped line."""
    from .market import NAMES, BarStore
    from .replay import Replay, net_of

    with BarStore(MARKET) as store:
        began = time.process_time()
        trades = list(Replay(store, days).trades())
        run = time.process_time() - began
    found = [
        (NAMES.index(t.instrument.name), t.quantity, t.entry, t.exit, net_of(t))
        for t in trades
        if t is not None
    ]
    result = float(sum((net for *_, net in found), Fraction(0)))
    return {"run_cpu_s": run, "trades": len(found), "result": result / 10_000, "digest": _digest(found)}


def reference(days: int) -> Facts:
    """The plain reference, for its trades."""
    from .market import BarStore
    from .reference import plain_run

    with BarStore(MARKET) as store:
        trades = plain_run(store, days)
    found = [(t.share, t.quantity, t.entry, t.exit, t.net) for t in trades]
    result = float(sum((t.net for t in trades), Fraction(0)))
    return {"trades": len(found), "result": result / 10_000, "digest": _digest(found)}


def grid(days: int) -> Facts:
    """P2: 400 pairs of target and stop in one pass."""
    from .grid import grid_run, traded_bars
    from .market import BarStore

    with BarStore(MARKET) as store:
        bars = traded_bars(store, days)
        began = time.process_time()
        grid_run(bars)
        run = time.process_time() - began
    return {"run_cpu_s": run}


def grid_check(days: int) -> Facts:
    """Pairs on the diagonals of the grid, each run through the engine: how many, and how many are equal."""
    from .gap_strategy import GapTrade
    from .grid import PERCENTAGES, grid_run, traded_bars
    from .market import BarStore
    from .replay import engine_result

    pairs = [(n, n) for n in range(0, 20, 5)] + [(n, 19 - n) for n in range(2, 20, 5)]
    with BarStore(MARKET) as store:
        _, results = grid_run(traded_bars(store, days))
        equal = 0
        for up, down in pairs:
            strategy = GapTrade(target_pct=PERCENTAGES[up], stop_pct=PERCENTAGES[down])
            equal += engine_result(store, days, strategy) * 2000 == int(results[up, down])
    return {"pairs": len(pairs), "equal": equal}


def all_bars(days: int) -> Facts:
    """P3: a strategy that subscribes to all shares, a minute of all of them an event."""
    from .bar_day import MinuteDay

    return _watched(days, MinuteDay)


def each_bar(days: int) -> Facts:
    """The same, each bar an event of its own."""
    from .bar_day import EachBarDay

    return _watched(days, EachBarDay)


def _watched(days: int, world: Callable[..., object]) -> Facts:
    from .gap_strategy import WatchAll
    from .market import BarStore
    from .replay import Replay

    with BarStore(MARKET) as store:
        began = time.process_time()
        replay = Replay(store, days, strategy=WatchAll(), world=world, price_source="quotes")  # type: ignore[arg-type]
        bars = sum(sum(map(len, engine.state.stock_bars.values())) for engine in replay.engines())
        run = time.process_time() - began
    return {"run_cpu_s": run, "bars": bars, "per_second": bars / run}


def import_engine(_: int) -> Facts:
    """How long `import ninefifteen.engine` takes in a fresh interpreter."""
    began = time.perf_counter()
    import ninefifteen.engine  # noqa: F401 - the import is what is measured

    return {"import_s": time.perf_counter() - began}


def journal(count: int) -> Facts:
    """P11: how long one durable append takes."""
    from .journal_append import appends

    return appends(FOLDER, count)


def kite_frame(packets: int) -> Facts:
    """P4: packets a second out of one binary frame of Kite's ticker."""
    from .kite_frames import packets_per_second

    return packets_per_second(packets)


def tick_to_order(trials: int) -> Facts:
    """P5: the product's own way from a frame to an order."""
    from .tick_to_order import tick_to_order

    return tick_to_order(FOLDER, trials)


def order_official(trials: int) -> Facts:
    """P5 by the official client."""
    from .tick_rivals import official_way

    return official_way(trials)


def order_naive(trials: int) -> Facts:
    """P5 as one would write it first."""
    from .tick_rivals import naive_way

    return naive_way(FOLDER, trials)


def bell(count: int) -> Facts:
    """P6: orders at the bell."""
    from .bell import bells

    return bells(FOLDER, count)


def bell_naive(count: int) -> Facts:
    """P6 as one would write it first."""
    from .bell import naive_bells

    return naive_bells(count)


def at_rest(_: int) -> Facts:
    """P9: the running engine from outside."""
    from .at_rest import at_rest

    return at_rest()


def page_process(seconds: int) -> Facts:
    """P10: the web process from outside."""
    from .page_process import web_process

    return web_process(seconds=seconds)


def page_first(_: int) -> Facts:
    """P10: what the page weighs."""
    from .page_first import first_load

    return first_load()


def page_beats(seconds: int) -> Facts:
    """P10: the engine's loop, alone and with three pages."""
    from .page_beats import heartbeat

    return heartbeat(seconds)


def line_append(count: int) -> Facts:
    """P11 through the live line."""
    from .line_append import line_appends

    return line_appends(FOLDER, count)


def sqlite_append(count: int) -> Facts:
    """P11 by SQLite in the loop."""
    from .line_append import sqlite_appends

    return sqlite_appends(FOLDER, count)


CASES: dict[str, Callable[[int], Facts]] = {
    "market": market,
    "gap": gap,
    "reference": reference,
    "grid": grid,
    "grid_check": grid_check,
    "all_bars": all_bars,
    "each_bar": each_bar,
    "import_engine": import_engine,
    "journal": journal,
    "kite_frame": kite_frame,
    "tick_to_order": tick_to_order,
    "order_official": order_official,
    "order_naive": order_naive,
    "bell": bell,
    "bell_naive": bell_naive,
    "at_rest": at_rest,
    "page_process": page_process,
    "page_first": page_first,
    "page_beats": page_beats,
    "line_append": line_append,
    "sqlite_append": sqlite_append,
}


if __name__ == "__main__":
    print(json.dumps(CASES[sys.argv[1]](int(sys.argv[2]))))
