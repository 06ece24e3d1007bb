"""A day whole, from its journal: finished, running, restarted, and one that cannot be read."""

from __future__ import annotations

import json
import threading
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.web.history import day_book
from ninefifteen.web.history.day_whole import whole_day
from ninefifteen.web.history.records import Busy, NoSuchDay, Records, Unreadable
from tests.web.history.homes import (
    QUIET,
    QUIET_RUN,
    TRADED,
    TRADED_RUN,
    TRADED_SEED,
    copied,
    cut_off,
    journal,
    running,
)


def document(records: Records, run: str = TRADED_RUN) -> dict[str, Any]:
    """What the run itself wrote down of that day."""
    found: dict[str, Any] = json.loads((records.home.days_dir / f"{run}.json").read_text())
    return found


def test_a_finished_day_says_what_its_run_said(records: Records):
    day, ran = whole_day(records, TRADED, None), document(records)
    assert (day.date, day.status, day.seed) == (ran["date"], ran["status"], TRADED_SEED)
    assert (day.kind, day.watermark, day.finished, day.flat) == ("synthetic", "SYNTHETIC", True, True)
    assert (day.shadow_pick, day.unknown) == (ran["shadow_pick"], ran["unknown"])
    (strategy,) = day.strategies
    assert strategy.pick == ran["pick"]["symbol"]
    shown = [{"rank": one.rank, "symbol": one.symbol, "code": one.code} for one in strategy.candidates]
    assert shown[: len(ran["candidates"])] == [
        {key: one[key] for key in ("rank", "symbol", "code")} for one in ran["candidates"]
    ]


def test_its_trade_has_the_runs_figures_and_charges_that_add_up(records: Records):
    day, ran = whole_day(records, TRADED, None), document(records)
    (trade,), (told,) = day.trades, ran["trades"]
    for name in (
        "contract",
        "entry_at",
        "entry",
        "exit_at",
        "exit",
        "exit_reason",
        "gross",
        "charges",
        "net",
    ):
        assert getattr(trade, name) == told[name], name
    lines = sum(Decimal(line.amount) for line in trade.charge_lines)
    assert abs(lines - Decimal(trade.charges)) <= Decimal("0.0003")
    assert (day.result.net, day.result.trades) == (trade.net, 1)


def test_the_instants_of_a_trade_stand_in_the_order_in_which_things_happen(records: Records):
    times = whole_day(records, TRADED, None).trades[0].times
    chain = [times.decided, times.first_quote, times.sent, times.filled, times.exit_sent, times.exit_filled]
    assert None not in chain
    assert chain == sorted(chain, key=str)
    assert times.first_quote is not None
    assert times.first_quote.startswith("2026-12-04T09:15:00")
    assert times.exit_decided is None, "the stop rested at the broker: nobody had to decide"
    assert times.sent_to_filled_s is not None
    assert times.sent_to_filled_s > 0


def test_every_candidate_has_its_reason_in_words_and_the_decision_is_a_sentence(records: Records):
    (strategy,) = whole_day(records, TRADED, None).strategies
    for one in strategy.candidates:
        assert one.code_text
        assert one.code_text != one.code
    picked = [one.symbol for one in strategy.candidates if one.picked]
    assert picked == [strategy.pick]
    assert strategy.why.startswith(f"{strategy.pick} is the pick: rank")
    assert "the stop was reached" in strategy.why
    assert "Rs 1,905.83" in strategy.why


def test_a_day_without_a_trade_says_why_there_is_none(records: Records):
    day = whole_day(records, QUIET, None)
    (strategy,) = day.strategies
    assert (day.status, day.reason, day.reason_text) == (
        "no_trade",
        "no_candidate",
        "no stock passes every test today",
    )
    assert "none may be bought" in strategy.why
    assert "No trade: no stock passes every test today." in strategy.why
    assert (strategy.pick, strategy.plan, day.trades, day.orders) == (None, None, [], [])
    assert (day.result.net, day.result.charges, day.result.gross) == (None, None, None)


def test_orders_carry_their_life_and_the_brokers_words(records: Records):
    entry, stop = whole_day(records, TRADED, None).orders
    assert (entry.role, entry.side, entry.state) == ("entry", "BUY", "complete")
    assert (stop.role, stop.side, stop.type) == ("protect", "SELL", "SL")
    assert entry.answered_at is not None
    assert entry.sent_at < entry.answered_at
    assert entry.filled_at == entry.first_fill_at == entry.ended_at
    assert stop.trigger is not None


def test_a_running_day_tells_what_is_held_and_goes_on_when_more_is_written(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    rest = cut_off(journal(records), time(10, 0))
    day = whole_day(records, TRADED, None)
    (strategy,) = day.strategies
    assert (day.finished, day.status, day.flat) == (False, "unfinished", False)
    assert strategy.position is not None
    assert strategy.position.stop_resting
    assert "are held, bought at" in strategy.why
    assert day.as_of is not None
    assert day.as_of <= "2026-12-04T10:00"
    assert [phase.state for phase in day.phases] == ["past", "past", "past", "now", "next", "next"]
    with journal(records).open("ab") as file:
        file.write(rest)
    later = whole_day(records, TRADED, None)
    assert (later.finished, later.status) == (True, "traded")
    assert later.model_dump() == whole_day(Records(records.home, {}), TRADED, None).model_dump()


@pytest.mark.parametrize(
    ("clock", "told"),
    [(time(9, 13, 45), "Nothing has been ranked yet."), (time(9, 14, 30), "is the pick")],
)
def test_a_day_that_has_hardly_begun_tells_what_there_is(lived: Path, tmp_path: Path, clock: time, told: str):
    day = whole_day(running(lived, tmp_path / "home", clock), TRADED, None)
    assert told in day.strategies[0].why
    assert day.trades == []


def test_a_journal_with_nothing_but_its_header_is_a_day_of_which_nothing_is_known(
    lived: Path, tmp_path: Path
):
    records = running(lived, tmp_path / "home", time(0, 1))
    day = whole_day(records, TRADED, None)
    assert (day.steps, day.as_of, day.flat, day.strategies, day.phases) == (0, None, None, [], [])


def test_a_torn_end_is_left_out_and_the_day_still_told(lived: Path, tmp_path: Path):
    records = running(lived, tmp_path / "home", time(10, 0))
    with journal(records).open("ab") as file:
        file.write(b"half a record")
    assert whole_day(records, TRADED, None).strategies[0].position is not None


def test_a_long_journal_is_read_in_pieces_and_says_that_it_goes_on(
    fresh: Records, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(day_book.DayBook.look, "__defaults__", (4000,))
    first = whole_day(fresh, TRADED, None)
    assert (first.catching_up, first.steps, first.finished) == (True, 4000, False)
    assert whole_day(fresh, TRADED, None).catching_up
    last = whole_day(fresh, TRADED, None)
    assert (last.catching_up, last.finished) == (False, True)
    assert last.steps == len(read_journal(journal(fresh)).steps)


def test_only_the_newest_lines_are_told_and_how_many_are_left_out(
    fresh: Records, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(day_book, "KEPT_EVENTS", 5)
    day = whole_day(fresh, TRADED, None)
    assert len(day.events) == 5
    assert day.events_left_out > 10
    assert day.events[-1].kind == "flat_proved"


def test_alarms_stand_among_the_lines_with_their_severity(lived: Path, tmp_path: Path):
    day = whole_day(copied(lived, tmp_path / "home"), TRADED, None)
    assert {line.severity for line in day.events} == {None}
    assert day.result.alarms == 0


def test_a_day_nobody_has_run_is_not_found(records: Records):
    with pytest.raises(NoSuchDay) as caught:
        whole_day(records, date(2026, 12, 1), None)
    assert caught.value.status == 404
    with pytest.raises(NoSuchDay):
        whole_day(records, TRADED, "2026-12-04.synthetic-99")


def test_a_date_with_several_runs_names_the_others(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    other = journal(records).with_name(f"{TRADED}.synthetic-9.journal")
    other.write_bytes(journal(records).read_bytes())
    day = whole_day(records, TRADED, TRADED_RUN)
    (run,) = day.runs
    assert (run.run, run.kind, run.seed) == (other.stem, "synthetic", 9)
    real = journal(records).with_name(f"{TRADED}.journal")
    real.write_bytes(other.read_bytes())
    assert whole_day(records, TRADED, None).run == str(TRADED), "the real day goes first"


def test_a_damaged_journal_is_refused_with_its_place(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    path = journal(records)
    path.write_bytes(b"this is no journal at all")
    with pytest.raises(Unreadable) as caught:
        whole_day(records, TRADED, None)
    assert caught.value.status == 409
    assert path.name in caught.value.text


def test_a_journal_that_was_replaced_is_read_anew(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    assert whole_day(records, TRADED, None).finished
    cut_off(journal(records), time(9, 14, 30))
    assert not whole_day(records, TRADED, None).finished


def test_who_waits_too_long_for_a_day_is_told_to_come_back(records: Records, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ninefifteen.web.history.records._WAIT_S", 0.05)
    held, done = threading.Event(), threading.Event()

    def reader() -> None:
        with records.book(journal(records)):
            held.set()
            done.wait(5)

    thread = threading.Thread(target=reader)
    thread.start()
    try:
        assert held.wait(5)
        with pytest.raises(Busy) as caught:
            whole_day(records, TRADED, None)
        assert caught.value.status == 503
    finally:
        done.set()
        thread.join()


def test_only_two_days_are_lived_through_at_the_same_time(fresh: Records, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ninefifteen.web.history.records._WAIT_S", 0.05)
    for _ in range(2):
        fresh._readers.acquire()
    with pytest.raises(Busy):
        whole_day(fresh, TRADED, None)
    fresh._readers.release()
    assert whole_day(fresh, TRADED, None).finished


def test_only_a_few_days_are_kept_in_memory(lived: Path, tmp_path: Path):
    records = copied(lived, tmp_path / "home")
    cut_off(journal(records), time(9, 14, 30))
    small = journal(records).read_bytes()
    for seed in range(20, 27):
        journal(records).with_name(f"{TRADED}.synthetic-{seed}.journal").write_bytes(small)
        whole_day(records, TRADED, f"{TRADED}.synthetic-{seed}")
    assert len(records._books) == 4


def test_the_quiet_day_is_found_by_its_run(records: Records):
    assert whole_day(records, QUIET, QUIET_RUN).run == QUIET_RUN
