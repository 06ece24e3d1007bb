"""Fifty members on any day from a dated list and dated changes, or a clear refusal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ninefifteen.adapters.rules import load_member_lists, load_rules
from ninefifteen.domain.membership import (
    IndexChange,
    MemberList,
    Membership,
    MembershipUnknown,
    Rename,
    members_on,
    newest_list,
)

FILLER = tuple(f"S{n:02d}" for n in range(48))


@pytest.fixture(scope="module")
def membership() -> Membership:
    return load_rules().membership


def test_today_s_fifty_hold_bse_and_no_longer_wipro(membership: Membership) -> None:
    members = membership.on(date(2026, 11, 23))
    assert len(members) == len(set(members)) == 50
    assert members == tuple(sorted(members))
    assert "BSE" in members
    assert "WIPRO" not in members


@pytest.mark.parametrize(
    ("before", "after", "enters", "leaves"),
    [
        ("2025-03-27", "2025-03-28", {"JIOFIN", "ZOMATO"}, {"BPCL", "BRITANNIA"}),
        ("2025-04-08", "2025-04-09", {"ETERNAL"}, {"ZOMATO"}),
        ("2025-09-29", "2025-09-30", {"INDIGO", "MAXHEALTH"}, {"HEROMOTOCO", "INDUSINDBK"}),
        ("2025-10-23", "2025-10-24", {"TMPV"}, {"TATAMOTORS"}),
        ("2026-03-27", "2026-03-30", set(), set()),
        ("2026-09-29", "2026-09-30", {"BSE"}, {"WIPRO"}),
        ("2024-09-27", "2024-09-30", {"BEL", "TRENT"}, {"DIVISLAB", "LTIM"}),
        ("2024-03-27", "2024-03-28", {"SHRIRAMFIN"}, {"UPL"}),
        ("2023-07-12", "2023-07-13", {"LTIM"}, {"HDFC"}),
        ("2022-09-29", "2022-09-30", {"ADANIENT"}, {"SHREECEM"}),
        ("2022-03-30", "2022-03-31", {"APOLLOHOSP"}, {"IOC"}),
        ("2021-03-30", "2021-03-31", {"TATACONSUM"}, {"GAIL"}),
    ],
)
def test_a_change_takes_effect_on_its_day(
    membership: Membership, before: str, after: str, enters: set[str], leaves: set[str]
) -> None:
    old, new = (set(membership.on(date.fromisoformat(day))) for day in (before, after))
    assert new - old == enters
    assert old - new == leaves


def test_days_before_the_table_of_changes_is_complete_are_refused(membership: Membership) -> None:
    assert len(membership.on(date(2020, 9, 25))) == 50
    with pytest.raises(MembershipUnknown, match="complete from 2020-09-25"):
        membership.on(date(2020, 9, 24))


def test_each_recorded_constituent_list_follows_from_ours(membership: Membership, real_data: Path) -> None:
    lists = load_member_lists(real_data / "universe/nifty50_snapshots.csv")
    assert [one.as_of.year for one in lists] == [2021, 2022, 2025, 2026]
    for one in lists:
        assert membership.on(one.as_of) == tuple(sorted(one.symbols))


def test_a_data_folder_s_newest_list_gives_the_same_members_on_every_change_day(
    membership: Membership, real_data: Path
) -> None:
    lists = load_member_lists(real_data / "universe/nifty50_snapshots.csv")
    theirs = membership.with_lists(lists)
    oldest = membership.with_lists(lists[:1])
    assert newest_list(lists).as_of == date(2026, 7, 28)
    for day in (date(2021, 5, 10), date(2025, 3, 28), date(2025, 12, 26), date(2026, 11, 23)):
        assert theirs.on(day) == membership.on(day)
        assert oldest.on(day) == membership.on(day)


def test_members_of_a_recorded_day_all_have_a_row_in_the_cash_bhavcopy(
    membership: Membership, real_data: Path
) -> None:
    import pyarrow.parquet as pq

    path = real_data / "cash_bhavcopy/cash_bhavcopy_fno_2019-08_2026-01.parquet"
    for day in (date(2021, 5, 10), date(2025, 4, 8), date(2025, 4, 9), date(2025, 10, 24), date(2026, 1, 29)):
        traded = pq.read_table(path, columns=["symbol"], filters=[("date", "=", day)])["symbol"].to_pylist()
        assert set(membership.on(day)) <= set(traded), day


def test_a_list_that_contradicts_a_change_is_refused() -> None:
    listed = MemberList(as_of=date(2026, 1, 1), symbols=(*FILLER, "A", "B"), source="test")
    table = [_change("2020-01-01", "complete", "-"), _change("2025-06-01", "in", "C")]
    with pytest.raises(MembershipUnknown, match=r"2025-06-01 \(C in\) does not fit"):
        members_on(date(2025, 5, 1), listed, table, [])


def test_a_change_without_its_counterpart_is_refused() -> None:
    listed = MemberList(as_of=date(2026, 1, 1), symbols=(*FILLER, "A", "B"), source="test")
    table = [_change("2020-01-01", "complete", "-"), _change("2025-06-01", "in", "A")]
    with pytest.raises(MembershipUnknown, match="comes to 49 members"):
        members_on(date(2025, 5, 1), listed, table, [])


def test_a_stock_that_came_and_went_under_two_names_is_followed() -> None:
    listed = MemberList(as_of=date(2025, 1, 1), symbols=(*FILLER, "A", "OLD"), source="test")
    table = [
        _change("2020-01-01", "complete", "-"),
        _change("2024-01-01", "in", "OLDEST"),
        _change("2024-01-01", "out", "B"),
        _change("2026-01-01", "in", "C"),
        _change("2026-01-01", "out", "NEW"),
    ]
    renames = [_rename("2024-06-01", "OLDEST", "OLD"), _rename("2025-06-01", "OLD", "NEW")]
    seen = {
        day: sorted(set(members_on(date.fromisoformat(day), listed, table, renames)) - set(FILLER))
        for day in ("2023-12-31", "2024-01-01", "2024-06-01", "2025-06-01", "2026-01-01")
    }
    assert seen == {
        "2023-12-31": ["A", "B"],
        "2024-01-01": ["A", "OLDEST"],
        "2024-06-01": ["A", "OLD"],
        "2025-06-01": ["A", "NEW"],
        "2026-01-01": ["A", "C"],
    }


def test_a_stock_is_found_under_the_name_of_another_day(membership: Membership) -> None:
    assert membership.symbol_on("ZOMATO", date(2026, 11, 23), named_on=date(2025, 2, 3)) == "ETERNAL"
    assert membership.symbol_on("TMPV", date(2025, 10, 23), named_on=date(2026, 11, 23)) == "TATAMOTORS"
    assert membership.symbol_on("RELIANCE", date(2025, 10, 23), named_on=date(2026, 11, 23)) == "RELIANCE"


def test_without_a_list_nothing_is_guessed() -> None:
    with pytest.raises(MembershipUnknown, match="no list"):
        newest_list([])


def test_a_list_older_than_the_table_of_changes_is_refused() -> None:
    listed = MemberList(as_of=date(2019, 1, 1), symbols=(*FILLER, "A", "B"), source="old")
    with pytest.raises(MembershipUnknown, match="older than the table"):
        members_on(date(2025, 1, 1), listed, [_change("2020-01-01", "complete", "-")], [])


def _change(day: str, change: str, symbol: str) -> IndexChange:
    return IndexChange(
        effective_from=date.fromisoformat(day),
        change=change,  # type: ignore[arg-type]
        symbol=symbol,
        source="test",
    )


def _rename(day: str, old: str, new: str) -> Rename:
    return Rename(effective_from=date.fromisoformat(day), old_symbol=old, new_symbol=new, source="test")


def test_the_newest_list_is_found_wherever_it_stands() -> None:
    old, new = (MemberList(as_of=date(year, 1, 1), symbols=FILLER, source="s") for year in (2025, 2026))
    assert newest_list([new, old]) is new
    assert newest_list([old, new]) is new
