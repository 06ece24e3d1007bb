"""Yesterday's open interest of every chain of the day, gathered before the open within the rate limits.

Fifty stocks have some six thousand contracts of one expiry, two dozen quote requests at one a second.
They are read in the quiet of the morning; what is still missing when the selection asks is read then.
Listed contracts that a reply leaves out, and chains whose stamps are too old, are asked for again a few
times: what a reply does not say is not zero (`chains.doubt`). From the open on a quote shows today's
open interest, so nothing is gathered any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.ports.wall import WallClock

from .catalogue import Catalogue, Listed
from .chains import doubt
from .client import KiteClient
from .errors import BrokerProblem
from .quotes import BATCH, QuoteRow, quotes

_PAUSE = 2 * SECOND
"""Between two tries of a batch that could not be read."""
_AGAIN = 2
"""So many times what the first reading leaves in doubt is asked for again; once by any later reading."""
_PATIENCE_AGAIN = 5 * SECOND
"""With a batch that is asked for again: the other stocks do not wait for it until the open."""

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
        self._doubts = ""

    def contracts(self, symbol: str) -> tuple[Listed, ...]:
        """Calls and puts of the traded expiry of one stock."""
        calls, puts = self._sides(symbol)
        return (*calls, *puts)

    def missing(self, symbols: Iterable[str]) -> list[Listed]:
        """Contracts of these stocks that have not been asked for with success."""
        return [
            each for symbol in symbols for each in self.contracts(symbol) if each.token not in self._asked
        ]

    async def gather(self, symbols: Iterable[str], until: Instant) -> bool:
        """Read what is missing of these stocks; True when all of it has been asked for with success.

        Stops at `until` and in any case at the open; a batch that cannot be read is tried again. What stays
        in doubt is told, with the stocks it is of.
        """
        names = tuple(symbols)
        last = min(until, self._facts.open_at)
        wanted = self.missing(names)
        batches = _batches(wanted)
        for number, batch in enumerate(batches, 1):
            if not await self._batch(batch, last):
                self._tell(
                    "interest", f"yesterday's open interest: {number - 1} of {len(batches)} readings so far"
                )
                return False
        for _ in range(_AGAIN if wanted else 1):
            await self._again(names, last, _PAUSE if wanted else 0)
        if wanted:
            known = sum(each.token in self.read for each in wanted)
            self._tell("interest", f"yesterday's open interest of {known} contracts is read")
        self._tell_doubts(names)
        return True

    async def _again(self, names: Sequence[str], last: Instant, pause: Instant) -> None:
        """Ask once more for what is in doubt, if there is time."""
        wanted = [each for symbol in names for each in self._in_doubt(symbol)]
        if not wanted:
            return
        await self._clock.sleep_until(min(self._clock.now() + pause, last))
        for batch in _batches(wanted):
            if not await self._batch(batch, min(last, self._clock.now() + _PATIENCE_AGAIN)):
                return

    def _in_doubt(self, symbol: str) -> list[Listed]:
        """Contracts without a quote; all of a side whose quotes are too old."""
        found: list[Listed] = []
        for side in self._sides(symbol):
            absent = [each for each in side if each.token not in self.read]
            found += absent or (side if doubt(self._facts, side, self.read) else ())
        return found

    def _sides(self, symbol: str) -> tuple[Sequence[Listed], Sequence[Listed]]:
        expiry = self._facts.expiry
        return self._catalogue.calls(symbol, expiry), self._catalogue.puts(symbol, expiry)

    def _tell_doubts(self, names: Sequence[str]) -> None:
        """Tell once how many contracts of which stocks are absent, and of which sides nothing is known."""
        absent = {
            symbol: count
            for symbol in names
            if (count := sum(each.token not in self.read for each in self.contracts(symbol)))
        }
        unknown = [
            f"{symbol} ({what}: {why})"
            for symbol in names
            for what, side in zip(("calls", "puts"), self._sides(symbol), strict=True)
            if (why := doubt(self._facts, side, self.read))
        ]
        text = ""
        if absent:
            stocks = ", ".join(f"{symbol} {count}" for symbol, count in absent.items())
            text = f"listed contracts that the broker does not quote: {stocks}"
        if unknown:
            text += "; " if text else ""
            text += f"yesterday's open interest counts as unknown of {', '.join(unknown)}"
        if text and text != self._doubts:
            self._tell("interest", text)
        self._doubts = text

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


def _batches(wanted: list[Listed]) -> list[list[Listed]]:
    return [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]


def _since(open_at: Instant, row: QuoteRow) -> bool:
    return max(row.stamped_at, row.traded_at) >= open_at
