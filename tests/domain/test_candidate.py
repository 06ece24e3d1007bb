"""Candidates and trades: figures derived from what they carry."""

from __future__ import annotations

from fractions import Fraction

from ninefifteen.domain.candidate import Candidate
from tests.engine.builders import LOT, Desk


def candidate(**changes: int | None) -> Candidate:
    return Candidate(rank=1, symbol="AAA", price=103_000, prev_close=100_000, code="ok", **changes)  # type: ignore[arg-type]


def test_the_gain_is_the_exact_quotient():
    assert candidate().gain == Fraction(3, 100)


def test_the_ratio_is_puts_over_calls_where_both_are_known():
    assert candidate(pcr_puts=3, pcr_calls=4).pcr == Fraction(3, 4)
    assert candidate(pcr_puts=3, pcr_calls=0).pcr is None
    assert candidate(pcr_puts=3).pcr is None
    assert candidate(pcr_calls=4).pcr is None


def test_the_gross_of_a_trade_is_what_was_received_less_what_was_paid():
    trade = Desk().holding().report("complete", LOT, average=5_400).run.trade
    assert trade is not None
    assert trade.gross == 400 * LOT
