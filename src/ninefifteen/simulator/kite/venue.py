"""The exchange as time goes by: one trading day after the other, every change in its order, the nights.

A day is over at 15:50; the clock then leaps to 08:30 of the next calendar day. On a day without trading
it waits there until 09:20 and leaps on. Cash is carried over the night, positions and orders are not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Protocol

import msgspec

from ninefifteen.domain.charges import ChargeRates, charges, to_paise
from ninefifteen.domain.instants import Instant, at, day_of
from ninefifteen.domain.money import Paise
from ninefifteen.errors import BadInput
from ninefifteen.simulator.exchange import Exchange
from ninefifteen.simulator.market import Listed, MarketDay

from .desk import Desk, Order, instrument_of

MORNING = time(8, 30)
DAY_OVER = time(15, 50)
HOLIDAY_OVER = time(9, 20)
_LONGEST_BREAK_DAYS = 10


class TradingDay(msgspec.Struct, frozen=True):
    """One trading day: its market, how an exchange for it is made (paise of cash), what trades cost.

    `references` gives the theoretical price at the open of a contract, paise, 0 where there is none.
    """

    date: date
    market: MarketDay
    exchange: Callable[[Paise], Exchange]
    rates: ChargeRates
    references: Callable[[Listed], Paise]


MakeDay = Callable[[date], TradingDay | None]
"""The trading day of a date; None when nothing trades on it. Raises BadInput where the rules end."""


class Listener(Protocol):
    """What hears of everything that happens by itself."""

    def changed(self, token: int, at: Instant) -> None:
        """Something new can be shown of an instrument."""

    def ordered(self, order: Order, status: str) -> None:
        """An order changed in a way that tickers are told."""

    def ended(self, desk: Desk, at: Instant) -> None:
        """A day is over: what is on its desk can be looked at for the last time."""

    def turned(self, at: Instant) -> None:
        """A new calendar day has begun at `at`: tokens and orders are new."""


class Venue:
    """The market and the account of today. `first` must trade, else ValueError.

    Where time has run ahead by more than `most_behind` (None: however far), changes of instruments
    without an order or a position are passed over up to the present, which is then shown.
    """

    def __init__(
        self,
        first: date,
        make_day: MakeDay,
        cash: Paise,
        listener: Listener,
        *,
        most_behind: Instant | None = None,
    ) -> None:
        day = make_day(first)
        if day is None:
            raise ValueError(f"nothing trades on {first}")
        self._make_day = make_day
        self._listener = listener
        self._most_behind = most_behind
        self._begin(first, day, cash, trades=True)

    @property
    def market(self) -> MarketDay:
        """What can be seen."""
        return self.day.market

    def day_before(self) -> TradingDay | None:
        """The trading day before this one, made anew; None where the rules do not reach back."""
        for days in range(1, _LONGEST_BREAK_DAYS + 1):
            try:
                day = self._make_day(self.day.date - timedelta(days=days))
            except BadInput:
                return None
            if day is not None:
                return day
        return None

    def want(self, tokens: set[int], now: Instant) -> None:
        """Everything the tickers want to see from now on."""
        self._watch([self.market.by_token[token] for token in tokens - self._watched], now)
        unwanted = self._watched - tokens - self.desk.tokens()
        self._watched -= unwanted
        self.market.unwatch(unwanted)

    def follow(self, listed: Listed, now: Instant) -> None:
        """Show every quote of this contract to the exchange, beginning with the one that stands now."""
        if listed.token not in self._watched:
            self._watch([listed], now)

    def _watch(self, fresh: list[Listed], now: Instant) -> None:
        self._watched |= {listed.token for listed in fresh}
        self.market.watch([listed.token for listed in fresh], now)
        for listed in fresh:
            if listed.kind in ("CE", "PE"):
                self._introduce(listed, now)

    def _introduce(self, listed: Listed, now: Instant) -> None:
        """Make a contract known to the exchange, with its theoretical price and what is shown of it."""
        reference = self.day.references(listed)
        theory = {listed.label: reference} if reference else None
        self.desk.exchange.list_instruments([instrument_of(listed)], theory)
        quote = self.market.quote(listed.token, now)
        if quote is not None:
            # Stamped now: it was shown a moment ago, and instants never go back.
            self.desk.observe(msgspec.structs.replace(quote, at=now))

    def next_at(self) -> Instant:
        """When something happens next: a change, or the night."""
        due = self.market.next_at()
        return self._over_at if due is None else min(due, self._over_at)

    def happen(self, until: Instant) -> Instant | None:
        """Let everything happen that is due by `until`, in the order of time, up to the next night.

        Returns the morning after when a night fell, else None.
        """
        market = self.market
        self._keep_up(min(until, self._over_at))
        while (due := market.next_at()) is not None and due <= min(until, self._over_at):
            change = market.pop()
            quote = market.quote(change.token, change.at)
            if quote is not None:
                self.desk.observe(quote)
            self._listener.changed(change.token, change.at)
        if until < self._over_at:
            return None
        return self._turn()

    def _keep_up(self, now: Instant) -> None:
        """Pass over old changes that nobody's money depends on, when there are too many to keep up with."""
        due = self.market.next_at()
        if self._most_behind is None or due is None or now - due <= self._most_behind:
            return
        passed = self._watched - self.desk.tokens()
        self.market.unwatch(passed)
        self._watched -= passed
        self._watch([self.market.by_token[token] for token in passed], now)
        for token in passed:
            self._listener.changed(token, now)

    def _turn(self) -> Instant:
        """Night and morning: the next calendar day begins."""
        self._listener.ended(self.desk, self._over_at)
        cash = self.desk.exchange.cash - self._charges()
        today = day_of(self._over_at) + timedelta(days=1)
        day = self._make_day(today)
        self._begin(today, day or self.day, cash, trades=day is not None)
        morning = at(today, MORNING)
        self._listener.turned(morning)
        return morning

    def _begin(self, today: date, day: TradingDay, cash: Paise, *, trades: bool) -> None:
        """Begin a calendar day; without trading the last trading day's market stands as it closed."""
        self.day = day
        self.trades = trades
        self._over_at = at(today, DAY_OVER if trades else HOLIDAY_OVER)
        self.market.unwatch(self.market.by_token)
        self._watched: set[int] = set()
        self.desk = Desk(self.market, day.exchange(cash), follow=self.follow, tell=self._listener.ordered)

    def _charges(self) -> Paise:
        """What today's trades cost, to the paisa."""
        bought = sum(f.quantity * f.price for f in self.desk.exchange.trades_of_day() if f.side == "BUY")
        sold = sum(f.quantity * f.price for f in self.desk.exchange.trades_of_day() if f.side == "SELL")
        orders = len({fill.order_id for fill in self.desk.exchange.trades_of_day()})
        return to_paise(charges(self.day.rates, bought, sold, orders).total) if orders else 0
