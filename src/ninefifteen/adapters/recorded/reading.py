"""What the recording says about one trading day, by the rules of `design/strategy.md` "On recorded data".

Nothing is filled in: what the data do not tell is None, and a day to which the rules cannot be applied
has a reason (D4).
"""

from __future__ import annotations

from datetime import date, time
from functools import cached_property
from typing import Final, Literal

import msgspec
import numpy as np

from ninefifteen.domain.instants import Instant, at
from ninefifteen.domain.instrument import recorded_name
from ninefifteen.domain.market import CallRow, ChainFacts, PreOpenRow
from ninefifteen.domain.money import Paise

from .contracts import InstrumentFiles
from .files import DatedFiles
from .parquet import Whole
from .table import Columns, day_number

PriceSource = Literal["last", "bhavcopy"]

LAST_OF_YESTERDAY: Final = time(15, 40, 59)
"""No later snapshot of the previous day is read as its closing open interest (O1)."""


class DayFiles(msgspec.Struct, frozen=True):
    """The dated files of a folder."""

    cash: DatedFiles
    captures: DatedFiles
    fo: DatedFiles
    chains: DatedFiles
    instruments: InstrumentFiles


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """The day that is read: what the calendar and the settings say about it.

    `previous_day` is the calendar's previous trading day, `expiry` the traded one, `universe` the
    members as named on the day. `last_entry_at` is the last instant of an entry on snapshots (E2).
    """

    day: date
    previous_day: date
    expiry: date
    universe: tuple[str, ...]
    open_at: Instant
    last_entry_at: Instant
    last_observation_at: Instant


class Yesterday(msgspec.Struct, frozen=True):
    """The previous day's figures of one stock and expiry: a row per strike and their sums (units)."""

    strikes: tuple[Paise, ...]
    oi: tuple[int, ...]
    volume: tuple[int, ...]
    price: tuple[Paise, ...]
    call_oi: int | None
    put_oi: int | None


class OpeningBar(msgspec.Struct, frozen=True):
    """A contract's day in the bhavcopy, paise; `open` is 0 where nothing traded (E3)."""

    open: Paise
    high: Paise
    low: Paise
    close: Paise


class DayReading:
    """The answers about one day. Files are decoded when the first answer needs them."""

    def __init__(self, files: DayFiles, question: Question) -> None:
        self._files, self.question = files, question
        self._day, self._before = day_number(question.day), day_number(question.previous_day)
        self._expiry = day_number(question.expiry)

    @cached_property
    def price_source(self) -> PriceSource | None:
        """Snapshots of the day if any, else its F&O bhavcopy, else none (D3)."""
        return price_source(self._files, self.question.day)

    def _prepared(self, files: DatedFiles) -> DatedFiles:
        files.prepare((self._before, self._day), self.question.universe)
        return files

    def pre_open(self) -> tuple[PreOpenRow, ...]:
        """The members that have a pre-open price and a previous close (K1, K2)."""
        for files in (self._files.cash, self._files.captures):
            if self._day in files.days:
                rows = self._shares(self._prepared(files))
                if rows:
                    return rows
        return ()

    def _shares(self, files: DatedFiles) -> tuple[PreOpenRow, ...]:
        found = []
        for symbol in self.question.universe:
            rows = files.rows(self._day, symbol)
            if rows is not None and rows["open"][0] > 0 and rows["prev_close"][0] > 0:
                found.append(PreOpenRow(symbol, int(rows["open"][0]), int(rows["prev_close"][0])))
        return tuple(found)

    @cached_property
    def unusable(self) -> str | None:
        """The first reason of D4 for which nothing can be decided on this day; None when there is none."""
        if not self.pre_open():
            return "no_pre_open"
        if self.price_source is None:
            return "no_option_prices"
        if not self._prices.has(self._day, self.question.universe, self._expiry):
            return "no_chain_for_expiry"
        return None if self._open_interest is not None else "no_previous_oi"

    @cached_property
    def no_opening_snapshot(self) -> bool:
        """Whether the first snapshot of any member comes after the last instant of an entry (E2)."""
        if self.price_source != "last":
            return False
        first: int | None = None
        for symbol in self.question.universe:
            rows = self._prices.all_expiries(self._day, symbol)
            opened = rows["ts"][rows["ts"] >= self.question.open_at] if rows is not None else ()
            if len(opened):
                first = int(min(opened)) if first is None else min(first, int(np.min(opened)))
        return first is None or first > self.question.last_entry_at

    @cached_property
    def _prices(self) -> DatedFiles:
        return self._prepared(self._files.chains if self.price_source == "last" else self._files.fo)

    @cached_property
    def _open_interest(self) -> Literal["last", "bhavcopy", "before_open"] | None:
        """Where yesterday's open interest of the traded expiry comes from (O1, O2)."""
        members = self.question.universe
        if self._before in self._files.chains.days:
            chains = self._prepared(self._files.chains)
            if any(self._closing_snapshot(chains, symbol) is not None for symbol in members):
                return "last"
        fo = self._files.fo
        if self._before in fo.days and self._prepared(fo).has(self._before, members, self._expiry):
            return "bhavcopy"
        if self._day in self._files.chains.days:
            chains = self._prepared(self._files.chains)
            if any(self._snapshot_before_open(chains, symbol) is not None for symbol in members):
                return "before_open"
        return None

    def _closing_snapshot(self, chains: DatedFiles, symbol: str) -> Columns | None:
        rows = chains.rows(self._before, symbol, self._expiry)
        return _last_snapshot(rows, at(self.question.previous_day, LAST_OF_YESTERDAY) + 1)

    def _snapshot_before_open(self, chains: DatedFiles, symbol: str) -> Columns | None:
        return _last_snapshot(chains.rows(self._day, symbol, self._expiry), self.question.open_at)

    def _yesterday(self, symbol: str) -> Yesterday | None:
        if self._open_interest == "bhavcopy":
            rows = self._files.fo.rows(self._before, symbol, self._expiry)
            return None if rows is None else _from_bhavcopy(rows)
        if self._open_interest == "last":
            rows = self._closing_snapshot(self._files.chains, symbol)
            return None if rows is None else _from_snapshot(rows, volume_known=True)
        if self._open_interest == "before_open":
            rows = self._snapshot_before_open(self._files.chains, symbol)
            return None if rows is None else _from_snapshot(rows, volume_known=False)
        return None

    def chain(self, symbol: str) -> ChainFacts:
        """The chain of one stock at the traded expiry (C2, C3, O1, O2).

        A stock whose lot size nothing tells has no contract that could be traded: its calls are empty.
        """
        question = self.question
        listed, lot = self._listed(symbol)
        terms = self._files.instruments.terms(question.day, symbol, question.expiry)
        before = self._yesterday(symbol)
        if not listed and before is not None:
            # Not collected today, but open yesterday: listed all the same, so not `no_contract` (C2).
            listed = list(before.strikes)
        lot = lot or terms.lot_size
        calls = tuple(self._call(symbol, strike, before) for strike in listed) if lot else ()
        return ChainFacts(
            symbol=symbol,
            expiry=question.expiry,
            lot_size=lot,
            tick=terms.tick,
            calls=calls,
            call_oi=None if before is None else before.call_oi,
            put_oi=None if before is None else before.put_oi,
        )

    def absent(self) -> tuple[str, ...]:
        """The members without a row of the traded expiry on this day."""
        prices, members = self._prices, self.question.universe
        return tuple(s for s in members if not prices.has(self._day, (s,), self._expiry))

    def without_lot_size(self) -> tuple[str, ...]:
        """The members that are listed but whose lot size nothing tells."""
        absent = frozenset(self.absent())
        return tuple(s for s in self.question.universe if s not in absent and not self.chain(s).lot_size)

    def _listed(self, symbol: str) -> tuple[list[Paise], int]:
        """The strikes of the day's own contract list, ascending, and the lot size where it names one."""
        rows = self._prices.rows(self._day, symbol, self._expiry)
        if rows is None:
            return [], 0
        if self.price_source == "bhavcopy":
            calls = rows["call"] == 1
            return _strikes(rows["strike"][calls]), int(rows["lot_size"].max())
        opened = rows["ts"] >= self.question.open_at
        if not opened.any():
            return [], 0
        first = rows["ts"][opened].min()
        return _strikes(rows["strike"][rows["ts"] == first]), 0

    def _call(self, symbol: str, strike: Paise, before: Yesterday | None) -> CallRow:
        name = recorded_name(symbol, self.question.expiry, strike, "CE")
        if before is None or strike not in before.strikes:
            return CallRow(name, strike, None, None, 0)
        place = before.strikes.index(strike)
        return CallRow(
            name, strike, _known(before.oi[place]), _known(before.volume[place]), before.price[place]
        )

    def observations(self, symbol: str, expiry: date, strike: Paise) -> list[tuple[Instant, Paise]]:
        """The last prices of a call that count (E1), in time order."""
        rows = self._prices.rows(self._day, symbol, day_number(expiry))
        if rows is None:
            return []
        use = (rows["strike"] == strike) & (rows["ce_ltp"] > 0) & (rows["ce_volume"] != 0)
        use &= (rows["ts"] >= self.question.open_at) & (rows["ts"] <= self.question.last_observation_at)
        instants, prices = rows["ts"][use], rows["ce_ltp"][use]
        order = np.argsort(instants, kind="stable")
        return list(zip(instants[order].tolist(), prices[order].tolist(), strict=True))

    def opening_bar(self, symbol: str, expiry: date, strike: Paise) -> OpeningBar | None:
        """The day of a call in the bhavcopy; None when it did not trade (E3)."""
        rows = self._prices.rows(self._day, symbol, day_number(expiry))
        if rows is None:
            return None
        found = np.flatnonzero((rows["strike"] == strike) & (rows["call"] == 1))
        if not len(found) or rows["open"][found[0]] <= 0 or rows["volume"][found[0]] <= 0:
            return None
        return OpeningBar(*(int(rows[name][found[0]]) for name in ("open", "high", "low", "close")))


def price_source(files: DayFiles, day: date) -> PriceSource | None:
    """The source of option prices of a day (D3)."""
    number = day_number(day)
    if number in files.chains.days:
        return "last"
    return "bhavcopy" if number in files.fo.days else None


def _last_snapshot(rows: Columns | None, before: Instant) -> Columns | None:
    """The rows of the latest instant before `before`."""
    if rows is None:
        return None
    early = rows["ts"][rows["ts"] < before]
    if not len(early):
        return None
    last = rows["ts"] == early.max()
    return {name: values[last] for name, values in rows.items()}


def _from_snapshot(rows: Columns, *, volume_known: bool) -> Yesterday:
    volume = rows["ce_volume"] if volume_known else np.full(len(rows["ts"]), -1)
    return Yesterday(
        tuple(rows["strike"].tolist()),
        tuple(rows["ce_oi"].tolist()),
        tuple(volume.tolist()),
        tuple(rows["ce_ltp"].tolist()),
        _sum(rows["ce_oi"]),
        _sum(rows["pe_oi"]),
    )


def _from_bhavcopy(rows: Columns) -> Yesterday:
    calls = rows["call"] == 1
    return Yesterday(
        tuple(rows["strike"][calls].tolist()),
        tuple(rows["oi"][calls].tolist()),
        tuple(rows["volume"][calls].tolist()),
        tuple(rows["close"][calls].tolist()),
        _sum(rows["oi"][calls]),
        _sum(rows["oi"][~calls]),
    )


def _sum(quantities: Whole) -> int:
    return int(quantities[quantities > 0].sum())


def _strikes(strikes: Whole) -> list[Paise]:
    return [int(strike) for strike in np.unique(strikes)]


def _known(quantity: int) -> int | None:
    return quantity if quantity >= 0 else None
