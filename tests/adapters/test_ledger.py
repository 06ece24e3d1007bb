"""The ledger is a projection: the same journals give the same rows, however often and in whatever pieces."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from ninefifteen.adapters.journal import FileJournal, journal_name, read_journal, set_aside
from ninefifteen.adapters.ledger import schema
from ninefifteen.adapters.ledger.writer import Ledger
from ninefifteen.domain.effects import Effect, Modify, Submit
from ninefifteen.domain.events import (
    ChangeAnswered,
    Event,
    Flattened,
    OrderAccepted,
    OrdersRead,
    OutcomeUnknown,
    Paused,
)
from ninefifteen.domain.order import OrderState, Role
from tests.adapters.journal_days import (
    DAY,
    OPEN,
    Steps,
    a_day,
    evening,
    header,
    morning,
    order,
    quote,
    report,
    write,
)
from tests.adapters.ledgers import Databases, dump, rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def projected(database: Databases, folder: Path, steps: Steps, seed: int | None = 7) -> Engine:
    write(folder / journal_name(DAY, seed), steps, header(seed))
    engine = database()
    assert Ledger(engine, folder).catch_up(thorough=True) == []
    return engine


def test_a_traded_day_is_told_in_full(database: Databases, folder: Path) -> None:
    engine = projected(database, folder, a_day(quotes=5))
    (day,) = rows(engine, schema.days)
    assert (day["date"], day["seed"], day["status"], day["finished"]) == (DAY, 7, "traded", True)
    assert (day["pick_rank"], day["shadow"], day["flat"], day["not_known"]) == (
        1,
        "WIPRO",
        True,
        '["ban list"]',
    )
    assert '"paper_capital":"100000"' in day["settings"]
    found = [(c["rank"], c["symbol"], c["code"], c["picked"]) for c in rows(engine, schema.candidates)]
    assert found == [(1, "WIPRO", "ok", True), (2, "TCS", "pcr", False)]
    (plan,) = rows(engine, schema.plans)
    assert (plan["stop_paise"], plan["tightened"], plan["loss_of_premium_paise"]) == (4100, True, 13_700_000)
    assert [(c["command"], c["source"], c["reason"]) for c in rows(engine, schema.commands)] == [
        ("halt", "cli", "looks odd"),
        ("resume", "cli", "checked by hand"),
    ]
    assert [alarm["severity"] for alarm in rows(engine, schema.alarms)] == ["P2", "P1"]
    assert [(n["kind"], n["data"]) for n in rows(engine, schema.notes)] == [
        ("scan", "{}"),
        ("day", '{"net":10.5}'),
    ]


def test_every_order_is_told_with_its_answers_and_each_fill(database: Databases, folder: Path) -> None:
    engine = projected(database, folder, a_day())
    refused, entry, exit_ = rows(engine, schema.orders)
    assert (refused["state"], refused["message"], refused["order_id"]) == (
        "rejected",
        "insufficient funds",
        None,
    )
    assert (entry["state"], entry["filled"], entry["average_paise"]) == ("complete", 3000, 4560)
    assert (entry["limit_paise"], entry["modifications"]) == (4610, 1)
    assert (entry["submitted_at"], entry["answered_at"], entry["updated_at"]) == (
        OPEN + 2,
        OPEN + 3,
        OPEN + 6,
    )
    assert (exit_["role"], exit_["side"], exit_["order_type"], exit_["cancel_requests"]) == (
        "protect",
        "SELL",
        "SL",
        1,
    )
    told = [(f["tag"], f["quantity"], f["filled"], f["average_paise"]) for f in rows(engine, schema.fills)]
    assert told == [("NF2", 1500, 1500, 4555), ("NF2", 1500, 3000, 4560), ("NF3", 3000, 3000, 4925)]


def test_a_trade_has_each_charge_in_its_own_column_exact_and_in_paise(
    database: Databases, folder: Path
) -> None:
    engine = projected(database, folder, a_day(), seed=None)
    (trade,), (charges,) = rows(engine, schema.trades), rows(engine, schema.charges)
    assert (trade["gross_paise"], trade["absolute_difference_paise"]) == (1_095_000, 1_095_000)
    assert (trade["net_exact"], trade["net_paise"]) == ("10559.605", 1_055_961)
    assert (trade["tax_year"], trade["synthetic"], trade["rehearsal"]) == ("2026-27", False, False)
    assert (charges["stt_exact"], charges["stt_paise"]) == ("221.4025", 22_140)
    assert (charges["total_exact"], charges["total_paise"]) == ("390.395", 39_040)


def with_odd_answers() -> Steps:
    """A lost answer found by a read, a foreign order, late words about a finished order, a change refused."""
    reports = (
        report("NF1", "9", OrderState.COMPLETE, 3000, 4560),
        report("", "foreign", OrderState.COMPLETE, 3000, 99),
    )
    late = (report("NF1", "9", OrderState.OPEN, 1500, 4500),)
    effects: dict[int, tuple[Effect, ...]] = {0: (order("NF1", Role.ENTRY, 4600),)}
    effects[5] = (Modify("nobody", "1", "LIMIT", 1, 1),)
    events: tuple[Event, ...] = (
        quote(1),
        OutcomeUnknown(OPEN + 2, "NF1", "timeout"),
        OrderAccepted(OPEN + 3, "nobody", "1"),
        OrdersRead(OPEN + 4, ok=True, reports=reports),
        OrdersRead(OPEN + 5, ok=True, reports=late),
        ChangeAnswered(OPEN + 6, "NF1", "modify", taken=False, message="order is complete"),
        ChangeAnswered(OPEN + 7, "NF1", "cancel", taken=True),
        Paused(OPEN + 8, "web", "lunch"),
        Flattened(OPEN + 9, "telegram", "enough"),
    )
    return tuple((event, effects.get(number, ())) for number, event in enumerate(events))


def test_only_our_orders_count_and_a_final_state_stays(database: Databases, folder: Path) -> None:
    engine = projected(database, folder, with_odd_answers())
    (found,) = rows(engine, schema.orders)
    assert (found["state"], found["filled"], found["order_id"]) == ("complete", 3000, "9")
    assert found["message"] == "order is complete"
    assert len(rows(engine, schema.fills)) == 1
    assert [c["command"] for c in rows(engine, schema.commands)] == ["pause", "flatten"]
    (day,) = rows(engine, schema.days)
    assert (day["finished"], day["status"]) == (False, None)


@pytest.mark.parametrize("piece", [1, 2, 5])
def test_followed_in_pieces_or_rebuilt_at_the_end_the_rows_are_the_same(
    database: Databases, folder: Path, piece: int
) -> None:
    steps = a_day(quotes=6)
    ledger = Ledger(database("followed"), folder)
    with FileJournal.create(folder / journal_name(DAY, 7), header()) as journal:
        for number, (event, effects) in enumerate(steps):
            journal.record(event, effects)
            if number % piece == 0:
                assert ledger.catch_up() == []
    ledger.catch_up(thorough=True)
    Ledger(database("anew"), folder).catch_up()
    assert dump(database("followed")) == dump(database("anew"))
    followed = dump(database("followed"))
    ledger.rebuild()
    assert dump(database("followed")) == followed


def test_a_ledger_restarted_at_every_step_comes_to_the_same_rows(database: Databases, folder: Path) -> None:
    with FileJournal.create(folder / journal_name(DAY, 7), header()) as journal:
        for event, effects in a_day(quotes=2):
            journal.record(event, effects)
            journal.flush()
            Ledger(database("restarted"), folder).catch_up()
    Ledger(database("restarted"), folder).catch_up()
    Ledger(database("anew"), folder).catch_up()
    assert dump(database("restarted")) == dump(database("anew"))


def test_catching_up_twice_changes_nothing(database: Databases, folder: Path) -> None:
    engine = projected(database, folder, a_day())
    before = dump(engine)
    for _ in range(2):
        assert Ledger(engine, folder).catch_up(thorough=True) == []
    assert dump(engine) == before


def test_a_day_that_ended_twice_keeps_its_last_record(database: Databases, folder: Path) -> None:
    engine = projected(database, folder, (*a_day(), *evening()))
    assert [len(rows(engine, table)) for table in (schema.days, schema.trades, schema.candidates)] == [
        1,
        1,
        2,
    ]


def test_a_day_that_is_run_again_keeps_both_runs_apart_by_their_file(
    database: Databases, folder: Path
) -> None:
    engine, path = database("followed"), folder / journal_name(DAY, 7)
    ledger = Ledger(engine, folder)
    write(path, a_day())
    ledger.catch_up()
    set_aside(path)
    ledger.catch_up()
    assert [row["source_file"] for row in rows(engine, schema.days)] == [
        path.with_suffix(".run-1.journal").name
    ]
    write(path, with_odd_answers(), header(settings_hash="cd34"))
    ledger.catch_up()
    runs = [(row["source_file"], row["settings_hash"], row["status"]) for row in rows(engine, schema.days)]
    assert runs == [(path.name, "cd34", None), (path.with_suffix(".run-1.journal").name, "ab12", "traded")]
    Ledger(database("anew"), folder).catch_up()
    assert dump(engine) == dump(database("anew"))


@pytest.mark.parametrize("restart", [False, True])
def test_a_file_replaced_by_another_run_of_the_same_name_is_projected_anew(
    database: Databases, folder: Path, restart: bool
) -> None:
    engine, path = database("followed"), folder / journal_name(DAY, 7)
    ledger = Ledger(engine, folder)
    write(path, a_day(quotes=10))
    ledger.catch_up()
    path.unlink()
    write(path, morning(), header(settings_hash="cd34"))
    (Ledger(engine, folder) if restart else ledger).catch_up()
    Ledger(database("anew"), folder).catch_up()
    assert dump(engine) == dump(database("anew"))
    assert rows(engine, schema.trades) == []


def test_a_synthetic_day_goes_with_its_file_and_a_real_day_stays(database: Databases, folder: Path) -> None:
    ledger = Ledger(database(), folder)
    for seed in (7, None):
        write(folder / journal_name(DAY, seed), a_day(seed=seed), header(seed))
    ledger.catch_up()
    for seed in (7, None):
        (folder / journal_name(DAY, seed)).unlink()
    ledger.catch_up()
    assert [row["source_file"] for row in rows(database(), schema.days)] == [journal_name(DAY)]


def test_an_unreadable_journal_is_told_and_the_others_are_taken_in(database: Databases, folder: Path) -> None:
    write(folder / journal_name(DAY, 7), a_day())
    (folder / "2026-11-20.journal").write_bytes(b"not ours")
    (line,) = Ledger(database(), folder).catch_up()
    assert "2026-11-20.journal: not a journal" in line
    assert len(rows(database(), schema.days)) == 1


def test_damage_behind_what_was_taken_in_is_told(database: Databases, folder: Path) -> None:
    path = write(folder / journal_name(DAY, 7), a_day())
    data = bytearray(path.read_bytes())
    data[-500] ^= 1
    path.write_bytes(data)
    for _ in range(2):
        (line,) = Ledger(database(), folder).catch_up(thorough=True)
        assert "damaged at byte" in line
    (day,) = rows(database(), schema.days)
    assert day["finished"] is False
    assert Ledger(database(), folder).catch_up() == []


def test_a_database_that_fails_for_a_while_misses_nothing(
    database: Databases, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(database("followed"), folder)
    with FileJournal.create(folder / journal_name(DAY, 7), header()) as journal:
        for number, (event, effects) in enumerate(a_day()):
            journal.record(event, effects)
            with monkeypatch.context() as patch:
                if number % 3:
                    patch.setattr(Engine, "begin", _locked)
                    with pytest.raises(OperationalError):
                        ledger.catch_up(thorough=True)
                else:
                    ledger.catch_up()
    ledger.catch_up()
    Ledger(database("anew"), folder).catch_up()
    assert dump(database("followed")) == dump(database("anew"))


def _locked(_: Engine) -> None:
    raise OperationalError("INSERT", {}, Exception("database is locked"))


def test_the_ledger_says_how_far_each_journal_is_in_it(database: Databases, folder: Path) -> None:
    engine = projected(database, folder, a_day(quotes=3))
    path = folder / journal_name(DAY, 7)
    (state,) = rows(engine, schema.projection)
    assert (state["source_file"], state["steps"], state["bytes"]) == (
        path.name,
        len(read_journal(path).steps),
        path.stat().st_size,
    )


def test_no_rows_hold_anything_that_differs_from_run_to_run(tmp_path: Path, database: Databases) -> None:
    for name in ("one", "two"):
        write(tmp_path / name / journal_name(DAY, 7), a_day())
        Ledger(database(name), tmp_path / name).catch_up()
    assert dump(database("one")) == dump(database("two"))


def test_every_amount_in_the_tables_is_whole(database: Databases, folder: Path) -> None:
    """Paise, quantities and instants are integers everywhere; floats only where a model made them."""
    engine = projected(database, folder, a_day())
    for table in schema.OF_A_DAY:
        for row in rows(engine, table):
            floats = {
                name for name, value in row.items() if isinstance(value, float) and not math.isnan(value)
            }
            assert floats <= {"volatility", "break_even"}


def test_submit_is_the_only_way_an_order_enters(database: Databases, folder: Path) -> None:
    engine = projected(database, folder, a_day())
    asked = {e.order.request.tag for _, effects in a_day() for e in effects if isinstance(e, Submit)}
    assert {row["tag"] for row in rows(engine, schema.orders)} == asked
