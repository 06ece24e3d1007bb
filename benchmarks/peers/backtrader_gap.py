"""The gap strategy in backtrader: `python -m benchmarks.peers.backtrader_gap FOLDER DAYS`, one JSON line.

Cheat-on-open buys at the open that was ranked, cheat-on-close sells at the close of 15:14; stop and
target are siblings, one cancels the other. Cost is applied to the trades afterwards, as everywhere.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Any

import backtrader as bt  # type: ignore[import-not-found, unused-ignore]

from benchmarks.market import MINUTES, SHARES, BarStore, weekdays

LAST_BAR = 359


class ShareFeed(bt.feed.DataBase):  # type: ignore[misc, unused-ignore]
    """One share's bars, rupees."""

    params = (("rows", None), ("days", None))

    def start(self) -> None:
        """Begin at the first bar."""
        super().start()
        self._place = 0

    def _load(self) -> bool:
        rows, place = self.p.rows, self._place
        if place >= len(rows):
            return False
        day, minute = divmod(place, MINUTES)
        opening = dt.datetime.combine(self.p.days[day], dt.time(9, 15))
        self.lines.datetime[0] = bt.date2num(opening + dt.timedelta(minutes=minute))
        line = rows[place]
        self.lines.open[0], self.lines.high[0], self.lines.low[0], self.lines.close[0] = line
        self.lines.volume[0] = self.lines.openinterest[0] = 0
        self._place += 1
        return True


class Gap(bt.Strategy):  # type: ignore[misc, unused-ignore]
    """Rank at 09:15, buy, leave at +2 %, -1 % or 15:14."""

    def __init__(self) -> None:
        self.count = -1
        self.held: Any = None
        self.exits: list[Any] = []
        self.fills: list[tuple[bool, float, float]] = []

    def next_open(self) -> None:
        """Before the bar: only its open is known."""
        self.count = len(self.data0) - 1
        day, minute = divmod(self.count, MINUTES)
        if minute or not day:
            return
        best = max(self.datas, key=lambda d: d.open[0] / d.close[-1])
        entry = best.open[0]
        size = int(50_000 // entry)
        self.held = best
        self.buy(best, size=size, coc=False)  # at this open, not at the close before
        stop = self.sell(best, size=size, exectype=bt.Order.Stop, price=round(entry * 0.99, 4))
        target = self.sell(best, size=size, exectype=bt.Order.Limit, price=round(entry * 1.02, 4), oco=stop)
        self.exits = [stop, target]

    def next(self) -> None:
        """After the bar."""
        if self.count % MINUTES == LAST_BAR and self.held is not None and self.getposition(self.held).size:
            for order in self.exits:
                self.cancel(order)
            self.close(self.held)

    def notify_order(self, order: Any) -> None:
        """Keep the fills."""
        if order.status == order.Completed:
            self.fills.append((order.isbuy(), order.executed.price, abs(order.executed.size)))


def main() -> None:
    """Run and print."""
    folder, days = Path(sys.argv[1]), int(sys.argv[2])
    cerebro = bt.Cerebro(cheat_on_open=True, stdstats=False)
    cerebro.broker.setcash(1e9)
    cerebro.broker.set_coc(True)
    with BarStore(folder) as store:
        whole = [store.whole(day) / 100 for day in range(days)]
    dates = weekdays(days)
    for share in range(SHARES):
        rows = [row for day in whole for row in day[share].T.tolist()]
        cerebro.adddata(ShareFeed(rows=rows, days=dates, name=f"S{share:02d}"))
    cerebro.addstrategy(Gap)
    began = time.process_time()
    (strategy,) = cerebro.run()
    run = time.process_time() - began
    cash = sum((-1 if buy else 1) * price * size for buy, price, size in strategy.fills)
    cost = sum(20 + 0.0005 * price * size for _, price, size in strategy.fills)
    print(json.dumps({"run_cpu_s": run, "trades": len(strategy.fills) // 2, "result": cash - cost}))


if __name__ == "__main__":
    main()
