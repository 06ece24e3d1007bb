"""Contracts as an exchange lists them, from the chains a feed has brought."""

from __future__ import annotations

from collections.abc import Iterator

from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.market import ChainFacts, call_of


def calls_of(chain: ChainFacts) -> Iterator[Instrument]:
    """The listed calls of one chain."""
    return (call_of(chain, row) for row in chain.calls)
