"""Compares the simulator's at-the-money spreads with the recorded bids and asks of 2019.

Prints, for every recorded stock that the synthetic market also has and for every part of the day, the
lower quartile, median and upper quartile of the full spread in percent of the middle: first as recorded,
then as simulated. Usage: `python tools/check_spreads.py DATA [SEEDS]` with the folder of recorded data.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ninefifteen.adapters.rules import RuleBook, load_rules
from ninefifteen.domain.instants import at
from ninefifteen.domain.market import DayFacts
from ninefifteen.simulator.synthetic import default_options, demo_date
from ninefifteen.simulator.synthetic.books import book_of
from ninefifteen.simulator.synthetic.chains import contract, strikes
from ninefifteen.simulator.synthetic.members import members
from ninefifteen.simulator.synthetic.paths import StockPaths
from ninefifteen.simulator.synthetic.world import World

COLUMNS = ["ts", "symbol", "strike", "spot", "ce_bid", "ce_ask"]
OPEN, CLOSE, IST = 33_300, 55_800, 19_800  # seconds of the day; of the zone
PARTS = {"09:15": 33_300, "09:30": 34_200, "10:00": 36_000, "12:00": 43_200, "15:00": 54_000}
DAY = 86_400
LEAST_PRICES = 3  # a day on which the stock shows fewer prices is a repeated holiday page
SEEDS = 60
ROLL_DAYS = 4
EVERY_S = 60
Spreads = dict[tuple[str, str], list[float]]


def part_of(second: int) -> str:
    """The part of the day that a second of the day (IST) belongs to."""
    return [name for name, start in PARTS.items() if second >= start][-1]


def recorded(folder: Path) -> Spreads:
    """Spreads in percent of the two-sided quotes nearest the money, by stock and part of the day."""
    spreads: Spreads = defaultdict(list)
    for path in sorted((folder / "options_15min_2018_2019").glob("*.parquet")):
        table = pq.read_table(path, columns=COLUMNS, filters=[("symbol", "in", sorted(members()))])
        symbols = np.array(table["symbol"].to_pylist())
        seconds = table["ts"].to_numpy().astype("datetime64[s]").astype(np.int64) + IST
        rest = [table[name].to_numpy() for name in COLUMNS[2:]]
        for symbol in np.unique(symbols):
            mine = symbols == symbol
            for second, spread in at_the_money(seconds[mine], *(column[mine] for column in rest)):
                spreads[str(symbol), part_of(second)].append(spread)
    return spreads


def at_the_money(
    seconds: NDArray[np.int64], strike: np.ndarray, spot: np.ndarray, bid: np.ndarray, ask: np.ndarray
) -> Iterator[tuple[int, float]]:
    """(second of the day, spread in percent) of every snapshot's strike nearest the stock's price."""
    days = seconds // DAY
    moving = {day for day in np.unique(days) if len(np.unique(spot[days == day])) >= LEAST_PRICES}
    for snapshot in np.unique(seconds):
        if snapshot // DAY not in moving or not OPEN <= snapshot % DAY < CLOSE:
            continue
        rows = np.flatnonzero((seconds == snapshot) & (spot > 0))
        if len(rows):
            row = rows[np.argmin(np.abs(strike[rows] - spot[rows]))]
            if bid[row] > 0 and ask[row] > bid[row]:
                yield int(snapshot % DAY), 200 * float((ask[row] - bid[row]) / (ask[row] + bid[row]))


def simulated(symbols: list[str], seeds: int) -> Spreads:
    """The same from the synthetic days of that many seeds, one reading a minute."""
    spreads: Spreads = defaultdict(list)
    book = load_rules()
    for seed in range(seeds):
        world = World(seed, facts_of(book, seed, symbols), default_options())
        paths = StockPaths(world)
        for symbol, stock in world.stocks.items():
            _, nearest = min((abs(strike - stock.open), strike) for strike in strikes(world, stock))
            quotes = book_of(world, paths, contract(world, stock, world.facts.expiry, nearest))
            for second in range(0, CLOSE - OPEN, EVERY_S):
                bid, ask = int(quotes.bid[second]), int(quotes.ask[second])
                if bid and ask:
                    spreads[symbol, part_of(OPEN + second)].append(200 * (ask - bid) / (ask + bid))
    return spreads


def facts_of(book: RuleBook, seed: int, symbols: list[str]) -> DayFacts:
    """The facts of the seed's day, with these stocks as its universe."""
    day = demo_date(seed, book.calendar)
    session = book.calendar.session(day)
    if session is None:
        raise ValueError(f"{day} is no trading day")
    previous, expiry = book.calendar.previous(day), book.calendar.traded_expiry(day, ROLL_DAYS)
    return DayFacts(
        date=day,
        previous_day=previous,
        special=False,
        preopen_final_at=at(day, session.preopen_final),
        open_at=at(day, session.open),
        exit_at=at(day, session.exit_at),
        close_at=at(day, session.derivatives_close),
        last_observation_at=at(day, session.last_observation),
        expiry=expiry,
        days_left=book.calendar.days_left(day, expiry),
        calendar_days_left=(expiry - day).days,
        calendar_days_left_previous=(expiry - previous).days,
        rates=book.charges.on(day, "options"),
        limits=book.order_limits.on(day),
        universe=tuple(symbols),
        free_cash=0,
        price_source="quotes",
        synthetic=True,
    )


def shown(spreads: list[float]) -> str:
    """Count and quartiles in one cell."""
    if not spreads:
        return f"{'-':>27}"
    low, middle, high = np.percentile(spreads, (25, 50, 75))
    return f"{len(spreads):6} {low:6.2f} {middle:6.2f} {high:6.2f}"


def main(folder: Path, seeds: int) -> int:
    """Print the table; 2 when the folder has no recorded quotes."""
    real = recorded(folder)
    if not real:
        print(f"{folder} has no options_15min_2018_2019: nothing to compare with", file=sys.stderr)
        return 2
    symbols = sorted({symbol for symbol, _ in real})
    ours = simulated(symbols, seeds)
    print("full spread at the money, % of the middle: count, lower quartile, median, upper quartile")
    print(f"{'stock':12} {'group':7} {'from':6} {'recorded 2019':>27}   {'simulated':>27}")
    for symbol in symbols:
        for part in PARTS:
            cells = shown(real.get((symbol, part), [])), shown(ours.get((symbol, part), []))
            print(f"{symbol:12} {members()[symbol].liquidity:7} {part:6} {cells[0]}   {cells[1]}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:  # noqa: PLR2004 - the script and the folder
        sys.exit("usage: python tools/check_spreads.py DATA [SEEDS]")
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else SEEDS))  # noqa: PLR2004
