"""How long the session of a seed is; its broker is asked as often as on every day at a broker.

Nothing happens in the six hours of a whole session that does not happen in one: the same questions are
only asked more often. So most days are short sessions, like those of a Muhurat evening, some are hours
long and some are whole ones.
"""

from __future__ import annotations

from random import Random

import msgspec

from ninefifteen.domain.instants import MINUTE, Instant
from ninefifteen.domain.market import DayFacts

_LENGTHS = (15 * MINUTE, 60 * MINUTE, 0)
_SHARES = (70, 24, 6)
_AFTER_EXIT = 12 * MINUTE
WHOLE = 355 * MINUTE
"""From the open to the square-off of a whole session."""


def exit_after(seed: int) -> Instant:
    """How long after the open the square-off of this seed's day is."""
    return _length(seed) or WHOLE


def in_session(facts: DayFacts, seed: int) -> DayFacts:
    """The facts of the day with this seed's session."""
    length = _length(seed)
    if not length:
        return facts
    exit_at = facts.open_at + length
    close_at = exit_at + _AFTER_EXIT
    return msgspec.structs.replace(facts, exit_at=exit_at, close_at=close_at, last_observation_at=close_at)


def _length(seed: int) -> Instant:
    rng = Random(f"{seed}:session")  # noqa: S311 - which day is simulated
    return rng.choices(_LENGTHS, _SHARES)[0]
