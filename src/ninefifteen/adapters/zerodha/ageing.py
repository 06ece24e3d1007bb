"""Prices that stand still although the line is alive: noticed, no longer traded on, and asked for by REST.

A broker's feed can go on beating while its prices are those of an hour ago (`reference/reliability.md`,
row 55). One contract may be quiet for minutes; fifty shares and an index never are. So it is the newest
stamp of the exchange among everything streamed that tells whether the feed is of now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from ninefifteen.domain.events import Event, book_quote
from ninefifteen.domain.instants import MINUTE, SECOND, Instant, clock_of
from ninefifteen.domain.market import DayFacts

from .client import KiteClient
from .errors import BrokerProblem
from .interest import Tell
from .quotes import quotes

_LOOK = 3 * SECOND
_STILL = 5 * SECOND
_MOST_STILL = 60 * SECOND
"""On a clock that runs faster a second of this machine's work is more of the exchange's: up to so much."""


class PriceAge:
    """Watches the newest stamp while contracts are subscribed and their prices are needed.

    `names` gives the subscribed contracts by token now; `lost` is called once when prices stand still.
    """

    def __init__(
        self,
        *,
        client: KiteClient,
        facts: DayFacts,
        names: Callable[[], Mapping[int, str]],
        lost: Callable[[], None],
        deliver: Callable[[Event], None],
        tell: Tell,
    ) -> None:
        self._client, self._facts = client, facts
        self._names, self._lost, self._deliver, self._tell = names, lost, deliver, tell
        self._newest: Instant = 0
        self.still = False
        """Whether the prices stand still."""

    def seen(self, newest: Instant, at: Instant) -> None:
        """The newest stamp among the packets of a frame that came at `at`; one of the future is none."""
        if self._newest < newest <= at + SECOND:
            self._newest = newest

    def believes(self, stamp: Instant, at: Instant) -> bool:
        """Whether a packet with this stamp that came at `at` may be traded on.

        A quiet contract's book may be old and still stand, but not while everything stands still.
        """
        return not self.still or stamp >= at - _STILL

    async def run(self) -> None:
        """Look every three seconds of the exchange, until cancelled."""
        clock, seconds = self._client.clock, asyncio.get_running_loop().time
        at, machine = clock.now(), seconds()
        while True:
            await clock.sleep_until(max(at + _LOOK, self._facts.open_at + _STILL))
            now, later = clock.now(), seconds()
            rate = (now - at) / max(later - machine, 1e-9)
            at, machine = now, later
            if self._names() and now < self._facts.exit_at + 5 * MINUTE:
                await self._look(now, min(max(_STILL, int(rate)), _MOST_STILL))

    async def _look(self, now: Instant, allowed: Instant) -> None:
        if now - self._newest <= allowed:
            if self.still:
                self.still = False
                self._tell("feed", "prices move again")
            return
        if not self.still:
            self.still = True
            since = f" since {clock_of(self._newest):%H:%M:%S}" if self._newest else ""
            self._tell("alarm", f"prices stand still{since}: none of them is traded on; asking by REST")
            self._lost()
        await self._ask(now, allowed)

    async def _ask(self, now: Instant, allowed: Instant) -> None:
        """Quotes of what is subscribed by REST, as far as their stamps are of now."""
        keys = {f"NFO:{name}": name for name in self._names().values()}
        try:
            found = await quotes(self._client, list(keys))
        except BrokerProblem:
            return  # the feed's own state and the session's probe tell what is wrong
        at = self._client.clock.now()
        for key, row in found.items():
            if key in keys and row.stamped_at >= max(now - allowed, self._facts.open_at):
                self._deliver(book_quote(at, keys[key], row.stamped_at, row.bids, row.asks))
