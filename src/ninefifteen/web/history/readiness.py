"""Whether this home is ready for the next trading day: each check with its evidence and a fix.

A check that cannot know says "unknown". None asks the broker or a time server: this process sits beside a
trading engine and stays quiet; the engine asks for itself, each morning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from ninefifteen.adapters.control import machine_now
from ninefifteen.config import LoadedConfig, load_config
from ninefifteen.domain.calendar import NoCalendarData
from ninefifteen.domain.instants import Instant, day_of, iso_ms
from ninefifteen.errors import BadInput
from ninefifteen.web.models.readiness import Check, Readiness

from . import checks
from .records import Records

DEADLINE = "09:12"
"""By when everything should be green: the pre-open prices are final then, and the scan comes at 09:14."""


def readiness_page(
    records: Records, engine: Mapping[str, Any] | None, *, clock: Callable[[], Instant] = machine_now
) -> Readiness:
    """Every check in the order of the morning."""
    now = clock()
    scene = _scene(records, engine, now)
    found = [check for make in checks.ALL for check in make(scene)]
    states = [check.state for check in found]
    following = records.next_trading_day(now)
    return Readiness(
        at=iso_ms(now),
        ready="red" not in states,
        red=states.count("red"),
        amber=states.count("amber"),
        unknown=states.count("unknown"),
        deadline=DEADLINE,
        trading_day_today=_trades(records, day_of(now)),
        next_trading_day=None if following is None else following.isoformat(),
        checks=[Check.model_validate(msgspec.structs.asdict(check)) for check in found],
    )


def _scene(records: Records, engine: Mapping[str, Any] | None, now: Instant) -> checks.Scene:
    loaded: LoadedConfig | None = None
    problem = ""
    try:
        loaded = load_config(records.home, environment=records.environment)
    except BadInput as found:
        problem = str(found)
    return checks.Scene(records=records, engine=engine, now=now, loaded=loaded, problem=problem)


def _trades(records: Records, today: date) -> bool | None:
    try:
        return records.rules().calendar.is_trading_day(today)
    except (NoCalendarData, BadInput):
        return None
