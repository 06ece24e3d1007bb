"""The market of one synthetic day as anyone may look at it, instrument by instrument."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ninefifteen.domain.events import Quote
from ninefifteen.domain.instants import SECOND, Instant, midnight
from ninefifteen.domain.market import DayFacts
from ninefifteen.errors import BadInput
from ninefifteen.simulator.synthetic import SyntheticOptions, default_options
from ninefifteen.simulator.synthetic.world import World

from .candles import INTERVALS, candles_of
from .roster import Roster
from .snapshot import Candle, Change, Snapshot
from .tapes import Tapes
from .watching import Watching

_MEMORY = 160_000_000


class MarketDay:
    """Shares, indices, calls and puts of one trading day that never happened.

    The arguments are those of `SyntheticDay`, and so are the prices: a share shows its stock ticks, a
    call its quotes, to the paisa and the millisecond. Everything is a function of (seed, facts,
    options) and the instant; what is watched, and when, changes no figure. Raises BadInput when the
    facts are not marked synthetic, when a member has no synthetic figures, or when two expiries fall
    into one month (their trading symbols would be the same).

    Instants given to `snapshot` and `quote` are those of delivery: an instrument's change arrives some
    milliseconds after the exchange's stamp. `memory` bounds the bytes kept, about.
    """

    def __init__(
        self,
        seed: int,
        facts: DayFacts,
        options: SyntheticOptions | None = None,
        *,
        expiries: tuple[date, ...] = (),
        stocks_close_at: Instant | None = None,
        memory: int = _MEMORY,
    ) -> None:
        if not facts.synthetic:
            raise BadInput(f"the day {facts.date} is not marked synthetic: an invented day must say so")
        self._world = world = World(seed, facts, options or default_options(), expiries)
        if len({(day.year, day.month) for day in world.expiries}) < len(world.expiries):
            raise BadInput(f"two expiries in one month: {', '.join(map(str, world.expiries))}")
        shares_end = min(world.seconds, world.second(stocks_close_at or facts.close_at))
        self._roster = Roster(world, shares_end)
        self.listed = self._roster.listed
        self.by_token = {one.token: one for one in self.listed}
        self.by_key = {one.key: one for one in self.listed}
        self._tapes = Tapes(world.seconds, memory)
        self._watching = Watching(self._tapes)

    # ------------------------------------------------------------------------------------ what anyone may ask

    def snapshot(self, token: int, at: Instant) -> Snapshot:
        """What the instrument shows at `at`, any instant of the day; KeyError for an unknown token.

        Yesterday's last state, with yesterday's stamps and no book, until the first change of the day:
        the auction's trade of a share, the first quote of an option.
        """
        line = self._roster.line(token)
        second = line.second(at)
        if second < 0:
            return line.before_open(at)
        tape = self._tapes.get(line, min(second, line.end - 1))
        shown = tape.shown_at(second)
        if shown < 0:
            return line.before_open(at)
        return line.snapshot(tape, shown, closed=second >= line.end)

    def quote(self, token: int, at: Instant) -> Quote | None:
        """The option's latest quote delivered up to `at`; None before the first, always for a share."""
        line = self._roster.line(token)
        second = line.second(at)
        if second < 0 or line.match is not None:
            return None
        tape = self._tapes.get(line, min(second, line.end - 1))
        shown = tape.shown_at(second)
        return line.quote(tape, shown) if shown >= 0 else None

    def candles(
        self, token: int, interval: str, first: Instant, last: Instant, *, now: Instant | None = None
    ) -> tuple[Candle, ...]:
        """The candles that begin from `first` to `last` and are finished at `now` (without it, at `last`).

        Today's come from what traded and leave out intervals without a trade; a daily candle also
        exists of the previous day, and nothing of any earlier day. Raises BadInput for an unknown interval.
        """
        if interval not in INTERVALS:
            raise BadInput(f"no candles of {interval!r}: choose one of {', '.join(INTERVALS)}")
        facts = self._world.facts
        over = last if now is None else now
        every = candles_of(self._roster.line(token), interval, facts.date, facts.previous_day)
        return tuple(
            candle
            for finished, candle in every
            if first <= candle.at <= last and (finished <= over or candle.at < midnight(facts.date))
        )

    # ------------------------------------------------------------------------------------------------ changes

    def watch(self, tokens: Iterable[int], at: Instant) -> None:
        """Changes of these delivered after `at`, merged into `next_at` and `pop`; KeyError if unknown."""
        self._watching.watch([self._roster.line(token) for token in tokens], at)

    def unwatch(self, tokens: Iterable[int]) -> None:
        """No further changes of these."""
        self._watching.unwatch(tokens)

    def next_at(self) -> Instant | None:
        """When the next change of anything watched is delivered; None when there is none today."""
        return self._watching.next_at()

    def pop(self) -> Change:
        """Take the next change; IndexError when there is none."""
        return self._watching.pop()

    def prepare(self, at: Instant) -> bool:
        """Do one piece of work ahead (some milliseconds); False when nothing watched needs any now.

        Without it the work is done when a change or a snapshot needs it, one instrument at a time.
        """
        second = (at - self._world.facts.open_at) // SECOND
        return self._tapes.prepare(self._watching.lines, second)

    @property
    def memory(self) -> int:
        """Bytes kept for quick snapshots, about."""
        return self._tapes.size
