"""The 9:15 strategy: each test of the selection table at its boundary, and the entry's verdicts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.market import ChainFacts, DayFacts, PreOpenRow
from ninefifteen.engine.strategy import Enter, EntryView, ScanView, Wait
from ninefifteen.strategies.nine_fifteen import NineFifteen, nearest_strike
from tests.engine.builders import LOT, call_row, chain, clock, facts, pre_open, settings


def strategy(**changes: Any) -> NineFifteen:
    return NineFifteen(settings(strategy=changes))


def examined(
    the_chain: ChainFacts | None = None,
    rules: NineFifteen | None = None,
    day: DayFacts | None = None,
    **prices: int,
) -> Candidate:
    """The first candidate of a scan over AAA (a rise of 3 % unless `prices` say otherwise)."""
    rules, day = rules or strategy(), day or facts()
    ranked = rules.rank(day, pre_open(**(prices or {"AAA": 103_000})))
    chains = {} if the_chain is None else {the_chain.symbol: the_chain}
    return rules.scan(ScanView(day, ranked, chains))[0]


def test_the_highest_gain_is_first_and_equal_gains_are_in_byte_order():
    rows = (
        PreOpenRow("M&M", 102, 100),
        PreOpenRow("BBB", 101, 100),
        PreOpenRow("aaa", 102, 100),
        PreOpenRow("AAA", 204, 200),
    )
    ranked = strategy().rank(facts(), rows)
    assert [(c.rank, c.symbol) for c in ranked] == [(1, "AAA"), (2, "M&M"), (3, "aaa"), (4, "BBB")]


def test_only_the_top_candidates_are_asked_for_and_examined():
    rules = strategy(max_candidates=2)
    ranked = rules.rank(facts(), pre_open())
    assert rules.wanted(ranked) == ("AAA", "BBB")
    assert len(rules.scan(ScanView(facts(), ranked, {}))) == 2


def test_a_stock_that_passes_everything_carries_its_contract_and_figures():
    candidate = examined(chain("AAA"))
    assert candidate.code == "ok"
    assert candidate.instrument is not None
    assert (candidate.instrument.strike, candidate.instrument.lot_size) == (103_000, LOT)
    assert candidate.pcr == 1
    assert candidate.estimate > candidate.model > 0
    assert candidate.volatility is not None


@pytest.mark.parametrize(("price", "code"), [(100_500, "not_a_gainer"), (100_501, "ok")])
def test_the_gain_must_be_above_its_least(price: int, code: str):
    assert examined(chain("AAA"), AAA=price).code == code


def test_without_a_least_gain_any_gain_above_zero_will_do():
    rules = strategy(min_gain_pct=0)
    assert examined(chain("AAA"), rules, AAA=100_000).code == "not_a_gainer"
    assert examined(chain("AAA"), rules, AAA=100_001).code == "ok"


@pytest.mark.parametrize(("price", "code"), [(120_000, "ok"), (120_001, "gap_beyond_band")])
def test_a_gain_above_the_band_is_a_corporate_action(price: int, code: str):
    assert examined(chain("AAA"), AAA=price).code == code


def test_an_unadjusted_fall_is_no_gain():
    assert examined(chain("AAA"), AAA=50_000).code == "not_a_gainer"


def test_the_band_can_be_switched_off():
    assert examined(chain("AAA"), strategy(max_gain_pct=0), AAA=150_000).code == "ok"


def test_a_stock_on_the_ban_list_keeps_its_rank_and_fails():
    assert examined(chain("AAA"), day=facts(banned=("AAA",))).code == "banned"
    assert examined(chain("AAA"), day=facts(banned=("BBB",))).code == "ok"


def test_an_event_of_the_day_fails_with_its_words():
    failed = examined(chain("AAA"), day=facts(events={"AAA": "results today"}))
    assert (failed.code, failed.detail) == ("event", "results today")
    assert examined(chain("AAA"), day=facts(events={})).code == "ok"


@pytest.mark.parametrize(("ratio", "code"), [(None, "ok"), (1.3, "ok"), (1.31, "event")])
def test_a_priced_in_event_shows_in_the_ratio_of_the_volatilities(ratio: float | None, code: str):
    assert examined(chain("AAA", iv_ratio=ratio)).code == code


def test_the_ratio_of_the_volatilities_can_be_switched_off():
    assert examined(chain("AAA", iv_ratio=9.0), strategy(max_iv_ratio=0)).code == "ok"


def test_without_a_listed_call_there_is_no_contract_but_the_ratio_is_told():
    candidate = examined(chain("AAA", calls=()))
    assert candidate.code == "no_contract"
    assert candidate.pcr == 1


def test_a_stock_of_unknown_lot_size_says_so_instead_of_blaming_the_exchange():
    unknown = msgspec.structs.replace(chain("AAA"), lot_size=0, calls=())
    assert "no lot size is known" in examined(unknown).detail


def test_a_stock_without_any_chain_has_no_contract():
    assert examined(None).code == "no_contract"


@pytest.mark.parametrize(
    ("calls", "puts", "code"),
    [(250, 250, "ok"), (250, 249, "pcr_thin"), (0, 9_999, "pcr_out_of_range"), (None, 9, "pcr_out_of_range"),
     (999, None, "pcr_out_of_range")],
)  # fmt: skip
def test_a_thin_chain_tells_no_ratio(calls: int | None, puts: int | None, code: str):
    interest: dict[str, Any] = {"call_oi": calls and calls * LOT, "put_oi": puts and puts * LOT}
    assert examined(chain("AAA", **interest)).code == code


def test_the_least_open_interest_of_the_chain_can_be_switched_off():
    assert examined(chain("AAA", call_oi=10, put_oi=10), strategy(min_chain_oi_lots=0)).code == "ok"


@pytest.mark.parametrize(
    ("puts", "code"),
    [(6_999, "pcr_out_of_range"), (7_000, "ok"), (15_000, "ok"), (15_001, "pcr_out_of_range")],
)
def test_the_put_call_ratio_is_inclusive_at_both_ends(puts: int, code: str):
    assert examined(chain("AAA", call_oi=10_000 * LOT, put_oi=puts * LOT)).code == code


@pytest.mark.parametrize(("low", "high"), [("0", "1.5"), ("0.7", "0"), ("0", "0")])
def test_a_bound_of_the_ratio_of_zero_is_off(low: str, high: str):
    rules = strategy(pcr_min=low, pcr_max=high)
    assert examined(chain("AAA", put_oi=1 * LOT), rules).code == ("ok" if low == "0" else "pcr_out_of_range")
    assert examined(chain("AAA", put_oi=20_000 * LOT), rules).code == (
        "ok" if high == "0" else "pcr_out_of_range"
    )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"oi": 100 * LOT}, "ok"),
        ({"oi": 100 * LOT - 1}, "illiquid"),
        ({"oi": None}, "illiquid"),
        ({"volume": 200 * LOT}, "ok"),
        ({"volume": 200 * LOT - 1}, "illiquid"),
        ({"volume": None}, "ok"),
    ],
)
def test_the_contract_must_have_been_traded_and_held_yesterday(row: dict[str, Any], code: str):
    assert examined(chain("AAA", row)).code == code


@pytest.mark.parametrize("row", [{"oi": 0}, {"oi": None}, {"volume": 0}])
def test_with_the_least_figures_off_a_dead_contract_still_fails(row: dict[str, Any]):
    rules = strategy(min_open_interest_lots=0, min_volume_lots=0)
    assert examined(chain("AAA", row), rules).code == "illiquid"
    assert examined(chain("AAA", {"oi": 1, "volume": 1}), rules).code == "ok"


def test_tests_named_to_be_ignored_are_skipped():
    rules = strategy()
    view = ScanView(facts(), rules.rank(facts(), pre_open()), {"AAA": chain("AAA", put_oi=0)})
    assert rules.scan(view)[0].code == "pcr_out_of_range"
    assert rules.scan(view, frozenset({"pcr_out_of_range"}))[0].code == "ok"


def test_a_premium_below_its_least_is_too_cheap():
    candidate = examined(chain("AAA"))
    assert examined(chain("AAA"), strategy(min_premium=candidate.estimate / 100)).code == "ok"
    above = strategy(min_premium=(candidate.estimate + 1) / 100)
    assert examined(chain("AAA"), above).code == "too_cheap"


def test_a_target_only_a_few_ticks_away_is_too_cheap():
    assert examined(chain("AAA", tick=60)).code == "too_cheap"
    assert examined(chain("AAA", tick=60), strategy(min_target_ticks=0)).code == "ok"


def test_charges_that_eat_the_targets_profit_are_too_cheap():
    small = chain("AAA", lot_size=20)
    assert examined(small).code == "too_cheap"
    assert "charges" in examined(small).detail
    assert examined(small, strategy(max_charge_share=0)).code == "ok"


def test_a_cheap_test_without_a_quantity_asks_nothing_of_the_charges():
    class Nothing(NineFifteen):
        def quantity(self, candidate: Candidate, price: int) -> int:
            return 0

    assert examined(chain("AAA", lot_size=20), Nothing(settings())).code == "ok"


def test_ignoring_the_contract_test_leaves_nothing_to_test_on():
    rules = strategy()
    view = ScanView(facts(), rules.rank(facts(), pre_open(AAA=103_000)), {"AAA": chain("AAA", calls=())})
    (candidate,) = rules.scan(view, frozenset({"no_contract"}))
    assert candidate.code == "ok"
    assert candidate.instrument is None
    assert rules.quantity(candidate, 100) == 0
    assert rules.enter(view_of(candidate)) == Wait("no_contract")


def view_of(candidate: Candidate, **changes: Any) -> EntryView:
    given: dict[str, Any] = {
        "at": clock("09:15:00"),
        "facts": facts(),
        "candidate": candidate,
        "price": 0,
        "quote": None,
        "stock_price": 0,
        "stock_bars": (),
    } | changes
    return EntryView(**given)


def test_a_recorded_price_is_its_own_limit():
    assert strategy().enter(view_of(examined(chain("AAA")), price=5_123)) == Enter(5_123)


def test_without_a_price_only_the_bell_enters_and_only_with_an_estimate():
    candidate = examined(chain("AAA"))
    bell = NineFifteen(settings(entry={"when": "bell"}))
    assert strategy().enter(view_of(candidate)) == Wait("no_quote")
    assert isinstance(bell.enter(view_of(candidate)), Enter)
    assert bell.enter(view_of(msgspec.structs.replace(candidate, estimate=0))) == Wait("no_quote")


def test_a_bell_that_is_heard_late_has_no_price_of_its_own():
    candidate, bell = examined(chain("AAA")), NineFifteen(settings(entry={"when": "bell"}))
    opening = view_of(candidate).at
    assert isinstance(bell.enter(view_of(candidate, at=opening + SECOND)), Enter)
    assert bell.enter(view_of(candidate, at=opening + SECOND + 1)) == Wait("no_quote")


@pytest.mark.parametrize(
    ("price", "strike"), [(10_250, 10_000), (10_251, 10_500), (10_249, 10_000), (1, 10_000), (99_999, 11_000)]
)
def test_the_nearest_strike_is_taken_and_the_lower_one_on_a_tie(price: int, strike: int):
    rows = tuple(msgspec.structs.replace(call_row("AAA"), strike=s) for s in (10_000, 10_500, 11_000))
    assert nearest_strike(rows, price).strike == strike


def test_lots_are_units_of_the_contract():
    assert strategy(lots=3).quantity(examined(chain("AAA")), 5_000) == 3 * LOT
