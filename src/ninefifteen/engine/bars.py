"""Finished bars: the same rules whether one comes alone or a whole minute's come together as columns.

A bar is three things. Of a share of the universe it is that share's price and its minute, as if made
from ticks. Of the contract a strategy waits for, its close is an observation that may enter. Of the
contract it holds, it is what the exits are decided on (`monitor.on_bar`).
"""

from __future__ import annotations

from ninefifteen.domain.events import Bar, MinuteBars
from ninefifteen.domain.instants import MINUTE, Instant

from . import entry, monitor
from .state import EngineState, Phase, Run
from .strategy import StockBar


def on_bar(state: EngineState, bar: Bar) -> None:
    """One finished bar."""
    index = state.stock_index.get(bar.name)
    if index is not None:
        state.stock_prices[index], state.stocks_at = bar.close, bar.at
        bars = state.stock_bars.get(bar.name)
        if bars is not None:
            start = bar.at - MINUTE
            if bars and bars[-1].start == start:
                bars.pop()  # the minute so far, made from ticks
            bars.append(StockBar(start, bar.open, bar.high, bar.low, bar.close))
    for run in state.runs:
        _tell(state, run, bar)


def on_minute(state: EngineState, event: MinuteBars) -> None:
    """A minute of many instruments: exactly what one `Bar` of each, in their order, would do."""
    index, prices, stock_bars = state.stock_index, state.stock_prices, state.stock_bars
    at, start = event.at, event.at - MINUTE
    awaited = _awaited(state)
    state.stocks_at = at
    columns = zip(event.names, event.opens, event.highs, event.lows, event.closes, strict=True)
    for name, opened, high, low, close in columns:
        if name in index:
            prices[index[name]] = close
            bars = stock_bars.get(name)
            if bars is not None:
                if bars and bars[-1].start == start:
                    bars.pop()  # the minute so far, made from ticks
                bars.append(StockBar(start, opened, high, low, close))
        if name in awaited:
            bar = Bar(at, name, opened, high, low, close, event.opening)
            for run in state.runs:
                _tell(state, run, bar)


def _awaited(state: EngineState) -> set[str]:
    """The contracts whose bar can make a strategy act. No bar changes it: answers and timers do."""
    names: set[str] = set()
    for run in state.runs:
        if run.position is not None:
            names.add(run.position.instrument.name)
        elif run.candidate is not None and run.candidate.instrument is not None:
            names.add(run.candidate.instrument.name)
    return names


def _tell(state: EngineState, run: Run, bar: Bar) -> None:
    if run.phase is not Phase.WATCHING:
        monitor.on_bar(state, run, bar)
    elif not bar.opening:  # the opening bar's price was an observation of its own (E4)
        entry.on_price(state, run, bar.name, bar.close)


def add_tick(bars: list[StockBar], at: Instant, price: int) -> None:
    """A share's tick goes into the bar of its minute."""
    start = at - at % MINUTE
    if not bars or bars[-1].start != start:
        bars.append(StockBar(start, price, price, price, price))
        return
    bar = bars[-1]
    bar.high, bar.low, bar.close = max(bar.high, price), min(bar.low, price), price
