"""The part of a simulated day that does not depend on its seed, made once: facts, settings, chains."""

from __future__ import annotations

import msgspec

from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.market import ChainFacts, DayFacts, PreOpenRow
from ninefifteen.domain.money import Paise
from ninefifteen.domain.settings import Settings


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A day with its account and rules.

    `contracts` are the calls somebody may trade, by name; `models` their theoretical prices at the open in
    paise.
    """

    name: str
    facts: DayFacts
    settings: Settings
    rows: tuple[PreOpenRow, ...]
    chains: dict[str, ChainFacts]
    contracts: dict[str, Instrument]
    models: dict[str, Paise]
