"""Which strategies the settings switch on."""

from __future__ import annotations

from ninefifteen.domain.settings import Settings
from ninefifteen.engine.strategy import Strategy

from .nine_fifteen import NineFifteen
from .opening_range import OpeningRange


def strategies_of(settings: Settings) -> tuple[Strategy, ...]:
    """The strategies the settings switch on; the first one gives the day its reason."""
    chosen: list[Strategy] = [NineFifteen(settings)]
    if settings.opening_range.enabled:
        chosen.append(OpeningRange(settings))
    return tuple(chosen)
