"""Everything that is listed on one synthetic day, and how each instrument's figures are made."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

from ninefifteen.domain.instants import MILLISECOND, SECOND, midnight
from ninefifteen.simulator.synthetic.books import delay_of
from ninefifteen.simulator.synthetic.chains import Contract, contract, strikes
from ninefifteen.simulator.synthetic.world import World

from .lines import Line, Match
from .listed import FIRST_OPTION, Listed, index_listed, option_listed, share_listed
from .options import Left, left_behind, option_columns, put_of
from .shares import INDICES, Index, KnownPaths, share_columns, share_volumes
from .snapshot import Yesterday

_LAST_TRADE_S = 10  # yesterday's last trade of whatever traded fell into its last ten seconds


class Roster:
    """The day's instruments: indices, shares in the universe's order, options in the order of their names.

    Shares and indices move until second `shares_end` of the session. A line is made when first asked for.
    """

    def __init__(self, world: World, shares_end: int) -> None:
        self._world, self._shares_end = world, shares_end
        self._paths = KnownPaths(world)
        self._contracts: dict[int, Contract] = {}
        self._indices: dict[int, Index] = {}
        self._left: dict[str, Left] = {}
        self._lines: dict[int, Line] = {}
        self.listed = (*self._list_indices(), *self._list_shares(), *self._list_options())
        self._by_token = {one.token: one for one in self.listed}

    def line(self, token: int) -> Line:
        """The instrument with this token; KeyError when there is none."""
        line = self._lines.get(token)
        if line is None:
            listed = self._by_token[token]
            make = {"EQ": self._share, "INDEX": self._index}.get(listed.kind, self._option)
            line = self._lines[token] = make(listed)
        return line

    def _list_indices(self) -> Iterator[Listed]:
        world = self._world
        for name, number, sector, usual in INDICES:
            stocks = tuple(s for s in world.stocks.values() if sector in {"", s.member.sector})
            if stocks:
                listed = index_listed(name, number)
                self._indices[listed.token] = Index(world, name, stocks, usual)
                yield listed

    def _list_shares(self) -> Iterator[Listed]:
        for stock in self._world.stocks.values():
            yield share_listed(stock.member, stock.prev_close)

    def _list_options(self) -> Iterator[Listed]:
        world = self._world
        calls = [
            contract(world, stock, expiry, strike)
            for stock in world.stocks.values()
            for expiry in world.expiries
            for strike in strikes(world, stock)
        ]
        # In the order of the names, in which the synthetic day brings quotes of the same instant.
        options: list[tuple[str, Contract, Literal["CE", "PE"]]] = []
        for call in calls:
            put = put_of(world, call)
            options += (call.name, call, "CE"), (put.name, put, "PE")
        options.sort(key=lambda row: row[0])
        for number, (_, option, kind) in enumerate(options, FIRST_OPTION):
            listed = option_listed(option, kind, number)
            self._contracts[listed.token] = option
            yield listed

    def _option(self, listed: Listed) -> Line:
        world, option = self._world, self._contracts[listed.token]
        if option.name not in self._left:
            self._left.update(left_behind(world, option.stock, option.expiry))
        left = self._left[option.name]
        return Line(
            listed=listed,
            delay=delay_of(world, option.name),
            open_at=world.facts.open_at,
            end=world.seconds,
            yesterday=self._yesterday(listed, left),
            make=partial(option_columns, world, self._paths, option, left, put=listed.kind == "PE"),
        )

    def _share(self, listed: Listed) -> Line:
        world, stock = self._world, self._world.stocks[listed.symbol]
        volume, auction = share_volumes(world, stock)
        return Line(
            listed=listed,
            delay=world.options.delivery.stocks_ms * MILLISECOND,
            open_at=world.facts.open_at,
            end=self._shares_end,
            yesterday=self._yesterday(listed, Left(stock.prev_close, volume, 0)),
            make=partial(share_columns, world, self._paths, stock, self._shares_end),
            match=Match(world.facts.preopen_final_at, stock.open, auction),
        )

    def _index(self, listed: Listed) -> Line:
        world, index = self._world, self._indices[listed.token]
        return Line(
            listed=listed,
            delay=world.options.delivery.stocks_ms * MILLISECOND,
            open_at=world.facts.open_at,
            end=self._shares_end,
            yesterday=self._yesterday(listed, Left(index.close, 0, 0)),
            make=partial(index.columns, self._paths, self._shares_end),
            match=Match(world.facts.preopen_final_at, index.open, 0),
        )

    def _yesterday(self, listed: Listed, left: Left) -> Yesterday:
        """What is left of yesterday; an option is stamped at its close even when it did not trade."""
        facts = self._world.facts
        stamp = midnight(facts.previous_day) + facts.close_at - midnight(facts.date)
        draws = self._world.draws("last trade", listed.label)
        before = int(draws.integers(1, _LAST_TRADE_S + 1)) * SECOND
        return Yesterday(left.close, left.volume, left.oi, stamp, stamp - before if left.close else 0)
