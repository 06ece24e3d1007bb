"""The ban list and the event calendar of a day: known exactly, or not known and said so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.adapters.day_files import FILE_NAMES, BanList, DayLists, day_lists, parse_ban_list
from ninefifteen.errors import BadInput

MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 20)
TITLE = "Securities in Ban For Trade Date 23-NOV-2026:"
HEADER = "symbol,date,kind,note,source"
COVERS = f"{HEADER}\n,2026-11-01,covers_from,,NSE\n,2026-11-30,covers_to,,NSE\n"


def lists(rules: Path, **files: str) -> DayLists:
    """What these files say about Monday; `ban` stands for `fo_secban.csv`, `events` for `events.csv`."""
    for name, text in files.items():
        (rules / {"ban": "fo_secban.csv", "events": "events.csv"}[name]).write_text(text)
    return day_lists(rules, MONDAY, FRIDAY)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        (f"{TITLE}\n1,RBLBANK\n2,M&M\n3,BAJAJ-AUTO\n", ("RBLBANK", "M&M", "BAJAJ-AUTO")),
        (f"{TITLE}\r\n1,RBLBANK\r\n", ("RBLBANK",)),
        (f"{TITLE}\n", ()),
        (TITLE, ()),
        (f"{TITLE} NIL\n", ()),
        (f"{TITLE}\nNIL\n\n", ()),
        (f'"{TITLE}",\n1,"RBLBANK"\n2,RBLBANK\n', ("RBLBANK",)),
        ("securities in ban for trade date  3-nov-2026 \n 1 , SAIL \n", ("SAIL",)),
    ],
)
def test_the_published_list_is_read(text: str, symbols: tuple[str, ...]) -> None:
    found = parse_ban_list(text, "x")
    assert found.symbols == symbols
    assert found.day in (MONDAY, date(2026, 11, 3))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "rules/x.csv line 1: is no ban list"),
        ("<!DOCTYPE html>\n<html>", "rules/x.csv line 1: is no ban list"),
        ("1,RBLBANK", "rules/x.csv line 1: is no ban list"),
        (TITLE.replace("23-NOV", "31-NOV"), "rules/x.csv line 1: 31-NOV-2026 is no date"),
        (TITLE.replace("NOV", "XXX"), "rules/x.csv line 1: 23-XXX-2026 is no date"),
        (f"{TITLE}\n1,RBLBANK\n2;VEDL", "rules/x.csv line 3: '2;VEDL' is not 'number,SYMBOL'"),
        (f"{TITLE}\n1,", "rules/x.csv line 2: '1,' is not 'number,SYMBOL'"),
        (f"{TITLE} NIL\n1,RBLBANK", "rules/x.csv: says NIL and lists 1 symbols"),
    ],
)
def test_what_is_no_list_names_the_line(text: str, told: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_ban_list(text, "rules/x.csv")
    assert str(refusal.value).startswith(told)


@given(st.text(max_size=200))
def test_any_text_is_a_list_or_one_line(text: str) -> None:
    told: BanList | str
    try:
        told = parse_ban_list(f"{TITLE}\n{text}", "x")
    except BadInput as refusal:
        told = str(refusal)
    assert isinstance(told, BanList) or len(told.splitlines()) == 1


# -------------------------------------------------------------------------------------------- the ban list


@pytest.mark.parametrize(
    "name", ["fo_secban.csv", "fo_secban_23112026.csv", "fo_secban (1).csv", "ban-x.csv"]
)
def test_a_list_of_today_counts_under_any_of_its_names(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(f"{TITLE}\n1,RBLBANK\n")
    assert day_lists(tmp_path, MONDAY, FRIDAY).banned == ("RBLBANK",)


def test_an_empty_list_of_today_is_known(tmp_path: Path) -> None:
    assert lists(tmp_path, ban=TITLE).banned == ()


def test_without_a_file_the_list_is_unknown(tmp_path: Path) -> None:
    found = day_lists(tmp_path / "missing", MONDAY, FRIDAY)
    assert (found.banned, found.events) == (None, None)
    assert found.notes == (
        "the ban list of 2026-11-23 is not known: put the exchange's fo_secban.csv into rules/",
        "the events of 2026-11-23 are not known: there is no rules/events*.csv",
    )


def test_the_date_in_the_file_decides_not_its_name(tmp_path: Path) -> None:
    (tmp_path / "ban-2026-11-23.csv").write_text(TITLE.replace("23", "20") + "\n1,SAIL\n")
    found = day_lists(tmp_path, MONDAY, FRIDAY)
    assert found.banned is None
    assert found.notes[0] == (
        "the ban list of 2026-11-23 is not known: the newest, rules/ban-2026-11-23.csv, is of 2026-11-20"
    )


def test_older_lists_beside_that_of_today_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "fo_secban_20112026.csv").write_text(TITLE.replace("23", "20") + "\n1,SAIL\n")
    found = lists(tmp_path, ban=f"{TITLE}\n1,RBLBANK\n", events=COVERS)
    assert found == DayLists(("RBLBANK",), {}, ())


def test_two_lists_of_today_that_agree_are_one(tmp_path: Path) -> None:
    (tmp_path / "ban-today.csv").write_text(f"{TITLE}\n1,VEDL\n2,SAIL\n")
    assert set(lists(tmp_path, ban=f"{TITLE}\n1,SAIL\n2,VEDL\n").banned or ()) == {"SAIL", "VEDL"}


def test_two_lists_of_today_that_differ_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ban-today.csv").write_text(f"{TITLE}\n1,VEDL\n")
    found = lists(tmp_path, ban=f"{TITLE}\n1,SAIL\n")
    assert found.banned is None
    assert found.notes[0] == (
        "the ban list of 2026-11-23 is refused: rules/ban-today.csv and rules/fo_secban.csv differ; "
        "delete the wrong one"
    )


def test_a_broken_file_is_told_and_a_good_one_counts(tmp_path: Path) -> None:
    (tmp_path / "ban-broken.csv").write_text("<html>")
    (tmp_path / "ban-bytes.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "ban-long.csv").write_bytes(b"x" * (1 << 20) + b"xx")
    (tmp_path / "ban-folder.csv").mkdir()
    found = lists(tmp_path, ban=f"{TITLE}\n1,SAIL\n")
    assert found.banned == ("SAIL",)
    assert [note.split()[0] for note in found.notes[:4]] == [
        "rules/ban-broken.csv",
        "rules/ban-bytes.csv",
        "rules/ban-folder.csv",
        "rules/ban-long.csv",
    ]


# ----------------------------------------------------------------------------------------- company events


def test_events_between_the_two_closes_are_told(tmp_path: Path) -> None:
    text = COVERS + (
        "TCS,2026-11-19,results,,NSE\n"  # before the last close
        "INFY,2026-11-20,results,Q2,NSE\n"  # on the day before, hour unknown: may be after its close
        "SBIN,2026-11-20,ex-date,,NSE\n"  # took effect at Friday's open
        "ITC,2026-11-22,board-meeting,,NSE\n"  # on a Sunday
        "ONGC,2026-11-23,ex-date,dividend Rs 5,NSE\n"
        "ongc,2026-11-23,results,,own\n"
        "ONGC,2026-11-23,results,,again\n"
        "LT,2026-11-24,results,,NSE\n"
    )
    found = lists(tmp_path, ban=TITLE, events=text)
    assert found.notes == ()
    assert found.events == {
        "INFY": "results on 2026-11-20 (Q2)",
        "ITC": "board-meeting on 2026-11-22",
        "ONGC": "ex-date on 2026-11-23 (dividend Rs 5); results on 2026-11-23",
    }


def test_a_covered_day_without_events_is_known_to_have_none(tmp_path: Path) -> None:
    assert lists(tmp_path, events=COVERS).events == {}


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("2026-11-21", "2026-11-30", "begins 2026-11-21 and must begin 2026-11-20 or earlier (covers_from)"),
        ("2026-11-01", "2026-11-22", "ends 2026-11-22 and must end 2026-11-23 or later (covers_to)"),
        ("2026-11-01", "2026-11-19", "ends 2026-11-19 and must end 2026-11-23 or later (covers_to)"),
        ("2026-11-24", "2026-11-30", "begins 2026-11-24 and must begin 2026-11-20 or earlier (covers_from)"),
    ],
)
def test_of_a_day_that_is_covered_in_part_the_stocks_that_are_named_count(
    tmp_path: Path, first: str, last: str, why: str
) -> None:
    text = f"{HEADER}\n,{first},covers_from,,NSE\n,{last},covers_to,,NSE\n"
    why = f"the events of 2026-11-23 are not known: rules/events.csv {why}"
    nothing = lists(tmp_path, ban=TITLE, events=text + "ITC,2026-11-19,results,,NSE\n")
    assert (nothing.events, nothing.notes) == (None, (why,))
    named = lists(tmp_path, ban=TITLE, events=text + "ITC,2026-11-22,results,,NSE\n")
    assert named.events == {"ITC": "results on 2026-11-22"}
    assert named.notes == (f"{why}; ITC count, of all others nothing is known",)


def test_a_gap_between_two_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "events-2.csv").write_text(
        f"{HEADER}\n,2026-11-23,covers_from,,B\n,2026-12-31,covers_to,,B\n"
    )
    text = f"{HEADER}\n,2026-11-01,covers_from,,A\n,2026-11-19,covers_to,,A\n"
    (note,) = lists(tmp_path, ban=TITLE, events=text).notes
    assert note.endswith(
        "rules/events-2.csv begins 2026-11-23 and must begin 2026-11-20 or earlier (covers_from)"
    )


def test_several_files_add_up(tmp_path: Path) -> None:
    (tmp_path / "events-2.csv").write_text(
        f"{HEADER}\n,2026-11-22,covers_from,,B\n,2026-12-31,covers_to,,B\nLT,2026-11-23,results,,B\n"
    )
    text = f"{HEADER}\n,2026-11-01,covers_from,,A\n,2026-11-21,covers_to,,A\nITC,2026-11-20,results,,A\n"
    assert set(lists(tmp_path, events=text).events or {}) == {"ITC", "LT"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("symbol,when\n", f"rules/events.csv line 1: the header must be {HEADER}"),
        ("", f"rules/events.csv line 1: the header must be {HEADER}"),
        (f"{HEADER}\nITC,2026-11-23,results,,NSE\n", "rules/events.csv: needs the rows ',DATE,covers_from"),
        (COVERS + ",2026-11-02,covers_from,,NSE\n", "rules/events.csv line 4: a second covers_from"),
        (COVERS + "\nITC,23-11-2026,results,,NSE\n", "rules/events.csv line 5: date is '23-11-2026'"),
        (COVERS + "ITC,2026-11-23,party,,NSE\n", "rules/events.csv line 4: kind is 'party'"),
        (COVERS + ",2026-11-23,results,,NSE\n", "rules/events.csv line 4: symbol is empty"),
        (COVERS + "ITC,2026-11-23,results\n", "rules/events.csv line 4: 3 fields instead of 5"),
        (COVERS.replace("11-01", "12-01"), "rules/events.csv: covers_from 2026-12-01 is after"),
    ],
)
def test_a_calendar_that_cannot_be_used_names_the_line(tmp_path: Path, text: str, told: str) -> None:
    found = lists(tmp_path, ban=TITLE, events=text)
    assert found.events is None
    assert found.notes[0].startswith(told)
    assert found.notes[1:] == ("the events of 2026-11-23 are not known: rules/events.csv was refused",)


def test_rows_of_a_refused_file_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "events-bad.csv").write_text(f"{HEADER}\nITC,2026-11-23,results,,NSE\n")
    found = lists(tmp_path, ban=TITLE, events="")
    assert found.events is None
    assert found.notes[-1].endswith("rules/events-bad.csv and rules/events.csv were refused")


def test_the_names_are_known_to_whoever_reads_the_folder() -> None:
    assert FILE_NAMES == ("fo_secban*.csv", "ban-*.csv", "events*.csv")
