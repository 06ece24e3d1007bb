"""Contracts as an exchange lists them, from the chains a feed has brought."""

from __future__ import annotations

from collections.abc import Iterator

from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.market import ChainFacts


def calls_of(chain: ChainFacts) -> Iterator[Instrument]:
    """The listed calls of one chain, each with the chain's lot, tick, freeze quantity and band."""
    for row in chain.calls:
        if row.listed:
            yield Instrument(
                name=row.name,
                symbol=chain.symbol,
                kind="CE",
                lot_size=chain.lot_size,
                tick=chain.tick,
                expiry=chain.expiry,
                strike=row.strike,
                freeze_quantity=chain.freeze_quantity,
                band_low=chain.band_low,
                band_high=chain.band_high,
            )
