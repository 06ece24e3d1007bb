"""The lives of a day's orders and the instants of its trades, as the journal tells them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ninefifteen.domain.effects import Effect, Modify, Note, Submit
from ninefifteen.domain.events import (
    ChangeAnswered,
    Event,
    OrderAccepted,
    OrderRefused,
    OrdersRead,
    OrderUpdate,
    OutcomeUnknown,
    Quote,
)
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.order import FINAL, OrderReport, OrderRequest, Role


class OrderLife(msgspec.Struct):
    """The instants of one order of ours; None for what has not happened."""

    request: OrderRequest
    sent_at: Instant
    answered_at: Instant | None = None
    first_fill_at: Instant | None = None
    filled_at: Instant | None = None
    ended_at: Instant | None = None
    changes: int = 0


class Moments(msgspec.Struct):
    """The instants of one contract's round trip that no order carries."""

    decided: Instant | None = None
    first_quote: Instant | None = None
    exit_decided: Instant | None = None


class OrderLives:
    """Every order the engine has sent today, by its tag; and the moments of each contract."""

    def __init__(self) -> None:
        self.by_tag: dict[str, OrderLife] = {}
        self.moments: dict[str, Moments] = {}
        self._open_at: Instant = 0

    def open_at(self, at: Instant) -> None:
        """From when on a quote counts as one of today's market."""
        self._open_at = at

    def take(self, event: Event, effects: Iterable[Effect]) -> None:
        """One step: what happened, then what the engine asked for because of it."""
        at = event.at
        if isinstance(event, Quote):
            if at >= self._open_at and (event.bid or event.ask):
                moments = self._moments(event.name)
                moments.first_quote = moments.first_quote or at
        elif isinstance(event, OrderAccepted | OrderRefused | OutcomeUnknown):
            self._answered(event, at)
        elif isinstance(event, OrderUpdate):
            self._reported(event.report, at)
        elif isinstance(event, OrdersRead):
            for report in event.reports:
                self._reported(report, at)
        elif isinstance(event, ChangeAnswered):
            life = self.by_tag.get(event.tag)
            if life is not None and event.taken:
                life.answered_at = life.answered_at or at
        for effect in effects:
            self._asked(effect, at)

    def entry_of(self, strategy: str, contract: str) -> OrderLife | None:
        """The order that bought this contract for this strategy."""
        return next((one for one in self._of(strategy, contract, "BUY") if one.first_fill_at), None)

    def exit_of(self, strategy: str, contract: str) -> OrderLife | None:
        """The order that sold it last."""
        sold = [one for one in self._of(strategy, contract, "SELL") if one.first_fill_at]
        return sold[-1] if sold else None

    def _of(self, strategy: str, contract: str, side: str) -> list[OrderLife]:
        return [
            life
            for life in self.by_tag.values()
            if (life.request.strategy, life.request.instrument.name, life.request.side)
            == (strategy, contract, side)
        ]

    def _moments(self, contract: str) -> Moments:
        return self.moments.setdefault(contract, Moments())

    def _answered(self, event: OrderAccepted | OrderRefused | OutcomeUnknown, at: Instant) -> None:
        life = self.by_tag.get(event.tag)
        if life is None or isinstance(event, OutcomeUnknown):
            return  # nobody has answered
        life.answered_at = life.answered_at or at
        if isinstance(event, OrderRefused):
            life.ended_at = life.ended_at or at

    def _reported(self, report: OrderReport, at: Instant) -> None:
        life = self.by_tag.get(report.tag)
        if life is None:
            return
        life.answered_at = life.answered_at or at
        if report.filled:
            life.first_fill_at = life.first_fill_at or at
        if report.filled and report.filled >= report.quantity:
            life.filled_at = life.filled_at or at
        if report.status in FINAL:
            life.ended_at = life.ended_at or at

    def _asked(self, effect: Effect, at: Instant) -> None:
        if isinstance(effect, Submit):
            request = effect.order.request
            self.by_tag[request.tag] = OrderLife(request, at)
            if request.role is Role.ENTRY:
                moments = self._moments(request.instrument.name)
                moments.decided = moments.decided or at
        elif isinstance(effect, Modify):
            if effect.tag in self.by_tag:
                self.by_tag[effect.tag].changes += 1
        elif isinstance(effect, Note) and effect.kind == "plan":
            name = effect.data.get("name")
            if isinstance(name, str):
                self._moments(name).decided = at

    def left(self, contract: str, at: Instant) -> None:
        """The engine has decided to leave this contract."""
        moments = self._moments(contract)
        moments.exit_decided = moments.exit_decided or at
