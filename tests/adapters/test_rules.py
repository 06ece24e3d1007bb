"""The rule files: ours are sound, a home adds to them, and a broken line names itself."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ninefifteen.adapters.rules import COLUMNS, RuleBook, load_member_lists, load_rules, read_rule_texts
from ninefifteen.adapters.rules.additions import of_day, of_file
from ninefifteen.domain.tick_table import NoContractRule
from ninefifteen.errors import BadInput


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    return load_rules()


def test_no_day_is_listed_twice_in_the_packaged_calendar(rules: RuleBook) -> None:
    days = Counter((row.day, row.kind == "year") for row in rules.calendar_rows)
    assert [day for day, count in days.items() if count > 1] == []
    assert all(row.day.weekday() < 5 for row in rules.calendar_rows if row.kind == "holiday")


def test_every_packaged_row_has_a_source(rules: RuleBook) -> None:
    assert all(row.source and row.origin == "packaged calendar.csv" for row in rules.calendar_rows)


def test_the_tick_of_a_stock_option_is_5_paise_until_2_november_2025_and_by_price_from_then_on(
    rules: RuleBook,
) -> None:
    old, new = date(2025, 11, 2), date(2025, 11, 3)
    assert rules.ticks.tick(old, "stock_option", 10_000) == 5
    assert rules.ticks.tick(new, "stock_option", 24_999) == 1
    assert rules.ticks.tick(new, "stock_option", 25_000) == 5
    assert rules.ticks.tick(new, "index_option", 10_000) == 5
    with pytest.raises(NoContractRule, match=r"rules/tick_sizes\.csv"):
        rules.ticks.tick(date(2009, 1, 1), "stock_option", 10_000)


def test_freeze_quantities_are_known_for_indices_and_left_to_the_instrument_file_for_stocks(
    rules: RuleBook,
) -> None:
    assert rules.freeze.quantity(date(2026, 11, 23), "NIFTY") == 1800
    assert rules.freeze.quantity(date(2026, 8, 2), "NIFTY") is None
    assert rules.freeze.quantity(date(2026, 11, 23), "RELIANCE") is None


def test_a_split_corrects_a_lot_in_both_directions(rules: RuleBook) -> None:
    before, after = date(2025, 11, 28), date(2026, 1, 14)
    assert rules.splits.lot_on(after, "KOTAKBANK", 400, before) == 2000
    assert rules.splits.lot_on(date(2026, 1, 13), "KOTAKBANK", 400, before) == 400
    assert rules.splits.lot_on(before, "KOTAKBANK", 2000, after) == 400
    assert rules.splits.lot_on(after, "KOTAKBANK", 2000, after) == 2000
    assert rules.splits.lot_on(after, "RELIANCE", 500, before) == 500
    with pytest.raises(NoContractRule, match="no whole number"):
        rules.splits.lot_on(before, "KOTAKBANK", 2001, after)


def test_a_home_row_overrides_ours_and_both_stay_visible(tmp_path: Path) -> None:
    _write(
        tmp_path,
        "calendar.csv",
        "2026-12-24,holiday,Election,,circular\n2026-12-24,open,Recalled,,circular\n",
    )
    book = load_rules(tmp_path)
    assert book.calendar.is_trading_day(date(2026, 12, 24))
    seen = [(row.kind, row.origin) for row in book.calendar_rows if row.day == date(2026, 12, 24)]
    assert seen == [("holiday", "rules/calendar.csv"), ("open", "rules/calendar.csv")]
    assert book.fingerprint != load_rules().fingerprint


def test_a_home_can_change_a_charge_from_a_date_on(tmp_path: Path) -> None:
    _write(tmp_path, "charges.csv", "2026-12-01,,options,stt_sell,0.002,Budget\n")
    table = load_rules(tmp_path).charges
    assert table.on(date(2026, 11, 30), "options").stt_sell == 1_500_000
    assert table.on(date(2026, 12, 1), "options").stt_sell == 2_000_000


def test_a_home_can_open_a_new_year(tmp_path: Path) -> None:
    _write(
        tmp_path,
        "calendar.csv",
        "2027-01-01,year,2027,,circular\n2027-01-26,holiday,Republic Day,,circular\n",
    )
    calendar = load_rules(tmp_path).calendar
    assert calendar.traded_expiry(date(2026, 12, 24), 4) == date(2027, 1, 25)


def test_a_missing_rules_folder_is_no_error(tmp_path: Path) -> None:
    assert load_rules(tmp_path / "none").fingerprint == load_rules().fingerprint


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("calendar.csv", "2026-13-01,holiday,X,,s", "line 2: date is '2026-13-01'; write a date"),
        ("calendar.csv", "2026-12-01,holliday,X,,s", "line 2: kind is 'holliday'; write one of holiday"),
        ("calendar.csv", "2026-12-01,holiday,X,,", "line 2: source is empty"),
        ("calendar.csv", "2026-12-01,holiday,X,s", "line 2: 4 fields instead of 5"),
        ("calendar.csv", "2026-12-01,holiday,X,18:00-19:00,s", "windows are for special sessions only"),
        (
            "calendar.csv",
            "2026-12-01,muhurat,X,19:00-18:00,s",
            "windows is '19:00-18:00'; write hours in order",
        ),
        ("calendar.csv", "2026-12-01,muhurat,X,19:00,s", "windows is '19:00'"),
        ("calendar.csv", "2026-12-05,open,X,,s", "2026-12-05 is on a weekend"),
        ("calendar.csv", "2027-02-01,year,X,,s", "1 January of that year"),
        ("charges.csv", "2026-12-01,,options,stt,0.002,s", "component is 'stt'"),
        ("charges.csv", "2026-12-01,,options,stt_sell,15,s", "value is '15'; write a share from 0 to 1"),
        ("charges.csv", "2026-12-01,,options,gst,0.18005,s", "finer than a tenth of a percent"),
        ("charges.csv", "2026-12-01,2026-11-01,options,gst,0.18,s", "effective_to 2026-11-01 is before"),
        ("tick_sizes.csv", "2026-12-01,,stock_option,0,,0,s", "a tick of 0 is no tick"),
        ("tick_sizes.csv", "2026-12-01,,stock_option,0,,0.005,s", "tick is '0.005'; write rupees"),
        ("freeze_quantities.csv", "2026-12-01,,NIFTY,-1,s", "quantity is '-1'; write a whole number"),
        ("expiry_rules.csv", "2026-13,,tuesday,s", "first_series is '2026-13'; write a month"),
        ("expiry_rules.csv", "2026-12,,sunday,s", "weekday is 'sunday'"),
        ("session_phases.csv", "2026-12-01,,x,10:00,09:00,s", "end 09:00:00 is not after start"),
        (
            "session_times.csv",
            "2026-12-01,,09:00,09:16,09:15,15:15,15:40,15:10,15:40,s",
            "the times are out of order",
        ),
        ("session_phases.csv", "2026-12-01,,x,10:00+05:30,11:00,s", "start is '10:00+05:30'; write a time"),
        ("charges.csv", "2026-12-01,,options,brokerage_per_order,-1,s", "value is '-1'; write rupees"),
        ("charges.csv", "2026-12-01,,options,stt_sell,NaN,s", "value is 'NaN'; write a share"),
        ("nifty50_changes.csv", "2026-12-01,join,X,s", "change is 'join'"),
        ("nifty50_members.csv", "2026-12-01,RELIANCE,s", "has 1 symbols instead of 50"),
        ("splits.csv", "2026-12-01,RELIANCE,two,1,s", "new_shares is 'two'"),
        ("symbol_renames.csv", "2026-12-01,,NEW,s", "old_symbol is empty"),
    ],
)
def test_a_line_that_cannot_be_used_names_its_file_its_line_and_what_to_write(
    tmp_path: Path, name: str, row: str, message: str
) -> None:
    _write(tmp_path, name, row + "\n")
    with pytest.raises(BadInput) as caught:
        load_rules(tmp_path)
    assert str(caught.value).startswith(f"rules/{name}")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_with_a_mistyped_name_a_wrong_header_or_wrong_bytes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "calender.csv"
    file.write_text("date\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"rules/calender\.csv is no rule file"):
        load_rules(tmp_path)
    file.rename(tmp_path / "calendar.csv")
    with pytest.raises(BadInput, match=r"rules/calendar\.csv line 1: the header must be date,kind"):
        load_rules(tmp_path)
    (tmp_path / "calendar.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="not text in UTF-8"):
        load_rules(tmp_path)


def test_a_constituent_list_of_a_data_folder_must_have_fifty_different_symbols(tmp_path: Path) -> None:
    file = tmp_path / "lists.csv"
    lines = [f"2026-01-01,S{n},x" for n in range(50)]
    file.write_text("\n".join(["as_of,symbol,isin", *lines]), encoding="utf-8")
    assert len(load_member_lists(file)[0].symbols) == 50
    file.write_text("\n".join(["as_of,symbol,isin", *lines[:49]]), encoding="utf-8")
    with pytest.raises(BadInput, match="49 symbols instead of 50"):
        load_member_lists(file)
    file.write_text("\n".join(["as_of,symbol,isin", *lines, lines[0]]), encoding="utf-8")
    with pytest.raises(BadInput, match="S0 is already in the list"):
        load_member_lists(file)
    with pytest.raises(BadInput, match="cannot be read"):
        load_member_lists(tmp_path / "none.csv")


def test_an_added_row_goes_to_the_end_of_the_home_s_file_and_only_once(tmp_path: Path) -> None:
    row = {"date": "2026-12-24", "kind": "holiday", "name": "Poll, city", "windows": "", "source": "NSE"}
    first = of_day(read_rule_texts(tmp_path), row)
    assert first.text == ",".join(COLUMNS["calendar.csv"]) + '\n2026-12-24,holiday,"Poll, city",,NSE\n'
    assert not first.after.calendar.is_trading_day(date(2026, 12, 24))
    (tmp_path / "calendar.csv").write_text(first.text.rstrip("\n"), encoding="utf-8")
    again = of_day(read_rule_texts(tmp_path), row)
    assert (again.rows, again.already) == ((), 1)
    other = of_day(read_rule_texts(tmp_path), {**row, "date": "2026-12-23"})
    assert other.text.splitlines()[1:] == [
        '2026-12-24,holiday,"Poll, city",,NSE',
        '2026-12-23,holiday,"Poll, city",,NSE',
    ]


def test_an_import_finds_its_rule_file_by_the_header(tmp_path: Path) -> None:
    texts = read_rule_texts(tmp_path)
    text = "effective_from,change,symbol,source\n2027-03-30,in,NEWCO,NSE\n2027-03-30,out,TRENT,NSE\n"
    addition = of_file(texts, text, "march.csv")
    assert addition.name == "nifty50_changes.csv"
    assert "NEWCO" in addition.after.membership.on(date(2027, 3, 30))
    assert "NEWCO" not in addition.after.membership.on(date(2027, 3, 29))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "list.csv line 1: no rule file has this header"),
        ("day,name\n", "list.csv line 1: no rule file has this header"),
        ("date,kind,name,windows,source\n", "list.csv: holds no rows"),
        (
            "date,kind,name,windows,source\n2027-01-26,holiday,R,,s\n2027-02-30,holiday,R,,s\n",
            "list.csv line 3: date",
        ),
    ],
)
def test_an_import_that_cannot_be_used_names_the_file_and_the_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        of_file(read_rule_texts(tmp_path), text, "list.csv")


def _write(folder: Path, name: str, rows: str) -> None:
    (folder / name).write_text(",".join(COLUMNS[name]) + "\n" + rows, encoding="utf-8")
