"""Yesterday's open interest of every chain of the day, gathered before the open within the rate limits.

Fifty stocks have some six thousand contracts of one expiry, two dozen quote requests at one a second.
They are read in the quiet of the morning; what is still missing when the selection asks is read then.
From the open on a quote shows today's open interest, so nothing is gathered any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.ports.wall import WallClock

from .catalogue import Catalogue, Listed
from .client import KiteClient
from .errors import BrokerProblem
from .quotes import BATCH, QuoteRow, quotes

_PAUSE = 2 * SECOND
"""Between two tries of a batch that could not be read."""

Tell = Callable[[str, str], None]
"""A kind and one plain sentence, for the log and the screen."""


class OpenInterest:
    """Quotes read before the open, by token. `read` is what is known so far."""

    def __init__(
        self, client: KiteClient, catalogue: Catalogue, facts: DayFacts, clock: WallClock, tell: Tell
    ) -> None:
        self._client = client
        self._catalogue = catalogue
        self._facts = facts
        self._clock = clock
        self._tell = tell
        self.read: dict[int, QuoteRow] = {}
        self._asked: set[int] = set()

    def contracts(self, symbol: str) -> tuple[Listed, ...]:
        """Calls and puts of the traded expiry of one stock."""
        expiry = self._facts.expiry
        return (*self._catalogue.calls(symbol, expiry), *self._catalogue.puts(symbol, expiry))

    def missing(self, symbols: Iterable[str]) -> list[Listed]:
        """Contracts of these stocks that have not been asked for with success."""
        return [
            each for symbol in symbols for each in self.contracts(symbol) if each.token not in self._asked
        ]

    async def gather(self, symbols: Iterable[str], until: Instant) -> bool:
        """Read what is missing of these stocks; True when nothing is missing any more.

        Stops at `until` and in any case at the open; a batch that cannot be read is tried again.
        """
        wanted = self.missing(symbols)
        if not wanted:
            return True
        last = min(until, self._facts.open_at)
        batches = [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]
        for number, batch in enumerate(batches, 1):
            if not await self._batch(batch, last):
                self._tell(
                    "interest", f"yesterday's open interest: {number - 1} of {len(batches)} readings so far"
                )
                return False
        self._tell("interest", f"yesterday's open interest of {len(wanted)} contracts is read")
        return True

    async def _batch(self, batch: list[Listed], last: Instant) -> bool:
        keys = {f"{each.exchange}:{each.symbol}": each.token for each in batch}
        told = ""
        while self._clock.now() < last:
            try:
                found = await quotes(self._client, list(keys))
            except BrokerProblem as problem:
                if (text := str(problem)) != told:
                    told = text
                    self._tell("interest", f"open interest cannot be read: {text}")
                await self._clock.sleep_until(min(self._clock.now() + _PAUSE, last))
                continue
            opened = self._facts.open_at
            if self._clock.now() >= opened or any(_since(opened, row) for row in found.values()):
                return False  # answered after the open, by our clock or the exchange's: it may be today's
            self.read.update((keys[key], row) for key, row in found.items() if key in keys)
            self._asked.update(keys.values())
            return True
        return False


def _since(open_at: Instant, row: QuoteRow) -> bool:
    return max(row.stamped_at, row.traded_at) >= open_at
