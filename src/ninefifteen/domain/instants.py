"""Instants of time as whole nanoseconds, and the exchange's wall clock (IST) at the edges.

Inside the core an instant is an `int`: nanoseconds since the Unix epoch, UTC. It is unambiguous on
any host zone, exact, and cheap to compare. India has used one offset, +05:30, without daylight
saving for the whole period the program knows, so the conversion is arithmetic.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

Instant = int
"""Nanoseconds since the Unix epoch, UTC."""

SECOND: Instant = 1_000_000_000
MILLISECOND: Instant = 1_000_000
MINUTE: Instant = 60 * SECOND

IST = timezone(timedelta(hours=5, minutes=30), "IST")
_IST_NS = 19_800 * SECOND
_DAY_NS = 86_400 * SECOND
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def at(day: date, clock: time) -> Instant:
    """The instant at which the exchange's wall clock (IST) shows `clock` on `day`."""
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return midnight(day) + seconds * SECOND + clock.microsecond * 1000


def midnight(day: date) -> Instant:
    """The instant at which `day` begins in India."""
    return (day.toordinal() - _EPOCH_ORDINAL) * _DAY_NS - _IST_NS


def day_of(instant: Instant) -> date:
    """The date in India at `instant`."""
    return date.fromordinal((instant + _IST_NS) // _DAY_NS + _EPOCH_ORDINAL)


def clock_of(instant: Instant) -> time:
    """The exchange's wall clock (IST) at `instant`, to the microsecond."""
    seconds, nanos = divmod((instant + _IST_NS) % _DAY_NS, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return time(hour, minute, second, nanos // 1000)


def to_datetime(instant: Instant) -> datetime:
    """The instant as an aware datetime in IST, to the microsecond."""
    seconds, nanos = divmod(instant, SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanos // 1000).astimezone(IST)


def from_datetime(moment: datetime) -> Instant:
    """An aware datetime as an instant; raises ValueError when it carries no zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds * 1000


def iso_ms(instant: Instant) -> str:
    """ISO 8601 in IST with milliseconds: "2026-11-23T09:15:00.000+05:30"."""
    return to_datetime(instant).isoformat(timespec="milliseconds")
