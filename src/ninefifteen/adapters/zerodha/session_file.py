"""The file of the day's login, without the broker's client: for whoever only asks whether there is one.

Kite kills every token at 06:00 the next morning (documentation, "user").
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import msgspec

from ninefifteen.domain.instants import Instant, at, day_of, from_datetime

SESSION_FILE = "session.json"
"""Its name in the home folder."""
TOKENS_DIE_AT = time(6, 0)


class Stored(msgspec.Struct, forbid_unknown_fields=True):
    """`session.json` as it is written; `logged_in_at` in ISO 8601 with its zone."""

    broker: str
    user_id: str
    date: date
    access_token: str
    logged_in_at: datetime

    def __repr__(self) -> str:
        return f"Stored({self.broker}, {self.date})"


def dies_at(logged_in_at: Instant) -> Instant:
    """06:00 (IST) of the morning at which the broker kills a token made then."""
    morning = at(day_of(logged_in_at), TOKENS_DIE_AT)
    if logged_in_at < morning:
        return morning
    return at(day_of(logged_in_at) + timedelta(days=1), TOKENS_DIE_AT)


def kept_login(home: Path) -> tuple[str, Instant, Instant] | None:
    """The broker of the kept login, when it was made and when it dies; None where nobody has logged in.

    It is not asked whether it still lives. Raises ValueError for a file that cannot be read.
    """
    try:
        stored = msgspec.json.decode((home / SESSION_FILE).read_bytes(), type=Stored)
        made = from_datetime(stored.logged_in_at)
        return stored.broker, made, dies_at(made)
    except FileNotFoundError:
        return None
    except (OSError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise ValueError(f"{SESSION_FILE} cannot be read ({type(error).__name__})") from None
