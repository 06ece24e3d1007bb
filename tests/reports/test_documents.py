"""Day records as the JSON that scripts rely on: decimal strings, plain numbers, and null where nothing is."""

from __future__ import annotations

from datetime import date

import msgspec

from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.record import DayRecord
from ninefifteen.reports.documents import (
    backtest_day_document,
    pick_document,
    run_document,
    trade_document,
)
from ninefifteen.reports.plan_document import plan_document
from tests.adapters.journal_days import plan, record, trade
from tests.cli.contract import check_day, check_run

change = msgspec.structs.replace


def no_trade() -> DayRecord:
    """A day on which nothing passed."""
    failed = change(record().candidates[1], rank=1, code="pcr_thin")
    return change(
        record(), status="no_trade", reason="no_candidate", candidates=(failed,),
        pick=None, shadow=None, plan=None, trades=(),
    )  # fmt: skip


def test_a_traded_day_keeps_the_promises_of_run_and_of_backtest() -> None:
    check_run(run_document(record(), wiring="demo", events=12, journal_ok=True, flat=True))
    check_day(backtest_day_document(record()))


def test_a_day_without_a_trade_keeps_them_too() -> None:
    document = run_document(no_trade(), wiring="demo", events=12, journal_ok=True, flat=True)
    check_run(document)
    assert (document["pick"], document["no_trade_reason"], document["trades"]) == (None, "no_candidate", [])
    day = backtest_day_document(no_trade())
    check_day(day)
    assert (day["status"], day["trade"], day["pick"]) == ("no_trade", None, None)


def test_prices_and_rupees_are_decimal_strings_charges_with_four_places() -> None:
    document = trade_document(trade())
    assert (document["entry"], document["exit"], document["gross"]) == ("45.60", "49.25", "10950.00")
    assert document["charges"] == "390.3950"
    assert document["net"] == "10559.6050"
    assert document["entry_at"] == "2026-11-23T09:15:02.000+05:30"
    assert document["exit_at"] == "2026-11-23T09:25:00.000+05:30"


def test_an_exit_whose_time_nobody_knows_is_null() -> None:
    assert trade_document(change(trade(), exit_at=None))["exit_at"] is None


def test_the_run_is_flat_only_if_record_and_exchange_agree() -> None:
    for kept, exchange in ((True, False), (False, True), (False, False)):
        held = change(record(), flat=kept)
        assert not run_document(held, wiring="demo", events=1, journal_ok=True, flat=exchange)["flat"]


def test_candidates_end_with_the_pick_and_are_all_shown_without_one() -> None:
    assert [one["symbol"] for one in backtest_day_document(record())["candidates"]] == ["WIPRO"]
    unpicked = change(record(), pick=None)
    assert [one["symbol"] for one in backtest_day_document(unpicked)["candidates"]] == ["WIPRO", "TCS"]


def test_gain_and_ratio_are_numbers_of_six_places_and_a_whole_strike_is_an_integer() -> None:
    document = pick_document(record())
    assert document is not None
    assert (document["gain"], document["pcr"], document["strike"]) == (0.01583, 0.9, 262.5)
    assert (document["expiry"], document["lot_size"]) == ("2026-11-23", 3000)
    candidate = record().candidates[0]
    assert candidate.instrument is not None
    even = change(candidate, instrument=change(candidate.instrument, strike=26000), pcr_calls=0)
    whole = pick_document(change(record(), candidates=(even,)))
    assert whole is not None
    assert (whole["strike"], type(whole["strike"]), whole["pcr"]) == (260, int, None)


def test_recorded_trades_say_how_late_and_how_blind_they_were() -> None:
    late = change(trade(), entry_delay=53 * SECOND, longest_gap=90 * SECOND, ambiguous=True, note="one gap")
    document = backtest_day_document(change(record(), trades=(late,)))["trade"]
    assert (document["entry_delay_s"], document["longest_gap_minutes"]) == (53.0, 1.5)
    assert (document["ambiguous"], document["note"]) == (True, "one gap")
    assert (document["target"], document["stop"]) == ("49.25", "41.00")


def test_the_plan_shows_its_three_losses_and_whether_the_stop_was_raised() -> None:
    document = plan_document(plan())
    assert [document[f"loss_{of}"] for of in ("at_stop", "at_stop_limit", "of_premium")] == [
        "14000.00", "26300.00", "137000.00",
    ]  # fmt: skip
    assert (document["tightened"], document["stop"], document["stop_without_tightening"]) == (
        True, "41.00", "31.90",
    )  # fmt: skip
    assert document["break_even_win_rate"] == 0.571


def test_a_day_of_no_data_has_its_reason_and_may_have_candidates() -> None:
    blind = change(record(), date=date(2026, 1, 9), status="no_data", reason="no_opening_snapshot", trades=())
    day = backtest_day_document(blind)
    check_day(day)
    assert day["candidates"]
