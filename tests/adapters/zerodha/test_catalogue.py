"""The instruments list: kept in part, checked in whole, refused with one line that says why."""

from __future__ import annotations

import asyncio
import gzip
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ninefifteen.adapters.zerodha.catalogue import COLUMNS, Catalogue, catalogue_of, instruments
from ninefifteen.adapters.zerodha.errors import Down
from tests.adapters.zerodha.fake_kite import FakeClient, mock_bytes

DAY = date(2026, 11, 23)
NEAR, NEXT = date(2026, 11, 24), date(2026, 12, 29)
HEADER = ",".join(COLUMNS)


def line(number: int, root: str, kind: str, strike: str = "0", **changes: object) -> str:
    """One row of the NFO dump."""
    row: dict[str, Any] = {
        "instrument_token": number << 8 | 2,
        "exchange_token": number,
        "tradingsymbol": f"{root}26NOV{strike}{kind}",
        "name": root,
        "last_price": "0.0",
        "expiry": NEAR,
        "strike": strike,
        "tick_size": "0.05",
        "lot_size": 400,
        "instrument_type": kind,
        "segment": "NFO-FUT" if kind == "FUT" else "NFO-OPT",
        "exchange": "NFO",
    }
    return ",".join(str(value) for value in (row | changes).values())


def share(number: int, symbol: str, **changes: object) -> str:
    """One row of the NSE dump."""
    given: dict[str, object] = {
        "instrument_token": number << 8 | 1,
        "tradingsymbol": symbol,
        "name": f'"{symbol}, LIMITED"',
        "expiry": "",
        "segment": "NSE",
        "exchange": "NSE",
    }
    return line(number, symbol, "EQ", "0.0", **(given | changes))


LINES = [
    line(1, "ACME", "CE", "262.5"),
    line(2, "ACME", "PE", "262.5"),
    line(3, "ACME", "CE", "260.0"),
    line(4, "ACME", "FUT"),
    line(5, "ACME", "CE", "270.0", expiry=NEXT, tradingsymbol="ACME26DEC270CE"),
    line(6, "OTHER", "CE", "100"),
    line(7, "M&M", "PE", "3000", tick_size="0.1", lot_size=200),
]


def dump(lines: Iterable[str], header: str = HEADER) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def read(lines: Iterable[str] = LINES, wanted: Iterable[str] | None = ("ACME",), **how: Any) -> Catalogue:
    exchange = how.pop("exchange", "NFO")
    given: dict[str, Any] = {"day": DAY, "least": 1} | how
    return catalogue_of(dump(lines), exchange, wanted=None if wanted is None else set(wanted), **given)


def test_a_contract_is_read_in_paise_and_units() -> None:
    found = read().by_token[1 << 8 | 2]
    assert (found.symbol, found.root, found.kind) == ("ACME26NOV262.5CE", "ACME", "CE")
    assert (found.strike, found.tick, found.lot_size, found.expiry) == (26250, 5, 400, NEAR)
    assert (found.exchange, found.segment) == ("NFO", "NFO-OPT")


def test_only_what_is_wanted_is_kept_with_its_calls_and_puts_by_strike() -> None:
    found = read()
    assert {row.root for row in found.rows} == {"ACME"}
    assert [row.strike for row in found.calls("ACME", NEAR)] == [26000, 26250]
    assert [row.strike for row in found.puts("ACME", NEAR)] == [26250]
    assert found.expiries("ACME") == (NEAR, NEXT)
    assert found.calls("OTHER", NEAR) == found.puts("ACME", NEXT) == ()
    assert found.by_symbol["ACME26NOV0FUT"].kind == "FUT"
    assert (found.exchange, found.day) == ("NFO", DAY)


def test_everything_is_kept_when_nothing_is_named() -> None:
    assert {row.root for row in read(wanted=None).rows} == {"ACME", "OTHER", "M&M"}


def test_columns_may_change_their_order_and_grow() -> None:
    turned = [",".join(reversed([*row.split(","), "new"])) for row in LINES]
    header = ",".join(reversed([*COLUMNS, "isin"]))
    found = catalogue_of(dump(turned, header), "NFO", day=DAY, wanted={"ACME"}, least=1)
    assert found.rows == read().rows


def test_shares_and_indices_are_told_apart() -> None:
    index = share(9, "NIFTY 50", instrument_token=9 << 8 | 9, segment="INDICES", tick_size="0", lot_size=0)
    found = read([share(8, "ACME"), share(10, "ACME-BE"), index], exchange="NSE")
    assert list(found.shares) == ["ACME"]
    assert list(found.indices) == ["NIFTY 50"]
    assert found.shares["ACME"].expiry is None
    assert found.shares["ACME"].root == "ACME"


REFUSALS: list[tuple[list[str], dict[str, Any], str]] = [
    ([], {"least": 2000}, "0 options in it, 2000 are the least of any day: it is cut"),
    (LINES, {"least": 7}, "6 options in it"),
    (LINES, {"wanted": ["ACME", "GONE"]}, "no option of GONE"),
    (LINES, {"wanted": ["A", "B", "C", "D", "E", "F", "G"]}, "no option of A, B, C, D, E and 2 more"),
    (LINES, {"expiry": NEXT}, f"no calls and puts of {NEXT} of ACME"),
    (LINES, {"day": date(2026, 11, 25)}, "line 2: ACME26NOV262.5CE expired on 2026-11-24: .* an earlier day"),
    (LINES, {"day": date(2026, 10, 1)}, "nothing expires before 2026-11-24: .* not the list of 2026-10-01"),
    ([LINES[0], LINES[0]], {}, "line 3: token 258 stands there twice"),
    ([line(1, "ACME", "CE", "1"), line(2, "ACME", "CE", "1")], {}, "a trading symbol stands there twice"),
    (
        [line(1, "ACME", "CE", "1"), line(2, "ACME", "CE", "1", tradingsymbol="X")],
        {},
        "the contract of X stands there twice",
    ),
    ([line(1, "ACME", "CE", "1", exchange_token=2)], {}, "token 258 does not belong to number 2"),
    (
        [line(1, "ACME", "CE", "1", instrument_token=257)],
        {},
        "token 257 does not belong to number 1 of segment",
    ),
    ([line(1, "ACME", "CE", "1", exchange="BFO")], {}, "line 2: ACME26NOV1CE is of BFO"),
    ([line(1, "ACME", "CE", "1", tick_size="0")], {}, "ACME26NOV1CE has tick 0 paise and lot 400"),
    ([line(1, "ACME", "CE", "1", lot_size=-1)], {}, "has tick 5 paise and lot -1"),
    ([line(1, "ACME", "CE", "0")], {}, "ACME26NOV0CE is an option without a strike"),
    ([line(1, "ACME", "CE", "1", tradingsymbol="")], {}, "token 258 has no name"),
    ([line(1, "ACME", "CE", "one")], {}, "line 2: not a number: 'one'"),
    ([line(1, "ACME", "CE", "NaN")], {}, "line 2: not an amount of rupees"),
    ([line(1, "ACME", "CE", "1", expiry="")], {}, "line 2: .*isoformat"),
    ([line(1, "ACME", "CE", "1", instrument_token="?")], {}, "line 2: invalid literal"),
    ([*LINES[:2], LINES[2][:30]], {}, "line 4: cut off, 12 columns are needed"),
    ([share(8, "ACME")], {"exchange": "NSE", "wanted": ["ACME", "GONE"]}, "no row of GONE"),
    ([share(8, "ACME")], {"exchange": "NSE", "least": 50}, "1 shares in it"),
]


@pytest.mark.parametrize(("lines", "how", "why"), REFUSALS)
def test_a_list_that_cannot_be_today_s_is_refused_with_the_reason(
    lines: list[str], how: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        read(lines, **how)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(ValueError, match=f"line 1: no column {column}"):
        catalogue_of(dump(LINES, HEADER.replace(column, "else")), "NFO", day=DAY, wanted=None, least=1)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "line 1: no column"),
        (b"<html>busy</html>", "line 1: no column"),
        (dump(LINES) + b"\xff\xfe", "not UTF-8"),
        (dump([*LINES, '"' + "x" * 200_000 + '"']), "line 8: field larger"),
    ],
)
def test_what_is_no_table_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue_of(raw, "NFO", day=DAY, wanted=None, least=1)


@given(some.binary(max_size=300), some.integers(0, 600))
def test_a_list_cut_or_spoiled_anywhere_is_a_list_or_a_plain_error(junk: bytes, place: int) -> None:
    whole = dump(LINES)
    for raw in (whole[:place], whole[:place] + junk + whole[place:], junk):
        with suppress(ValueError):
            assert catalogue_of(raw, "NFO", day=DAY, wanted=None, least=1).rows


def test_a_list_is_fetched_and_read_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    readers: list[int] = []
    module = sys.modules[instruments.__module__]

    def watched(*given: Any, **how: Any) -> Catalogue:
        readers.append(threading.get_ident())
        return catalogue_of(*given, **how)

    monkeypatch.setattr(module, "catalogue_of", watched)
    client = FakeClient({"GET /instruments/NFO": dump(LINES)})
    found = asyncio.run(instruments(client.as_client(), "NFO", day=DAY, wanted={"ACME"}, least=1))
    assert found.rows == read().rows
    assert readers != [threading.get_ident()]


def test_a_list_that_is_refused_is_said_in_one_line_with_the_exchange() -> None:
    client = FakeClient({"GET /instruments/NFO": dump(LINES)})
    with pytest.raises(Down, match=r"^Kite's instruments list of NFO is not used: 6 options in it, 2000 "):
        asyncio.run(instruments(client.as_client(), "NFO", day=DAY, wanted={"ACME"}))


def test_a_list_that_does_not_come_is_the_transport_s_word() -> None:
    client = FakeClient({"GET /instruments/NFO": Down("a gzip that is cut off")})
    with pytest.raises(Down, match="cut off"):
        asyncio.run(instruments(client.as_client(), "NFO", day=DAY, wanted={"ACME"}))


@pytest.fixture(scope="module")
def august(real_data: Path) -> bytes:
    path = real_data / "fixtures" / "kite" / "nfo_instruments_2026-08.csv.gz"
    if not path.is_file():
        pytest.skip("no real instruments list beside this checkout")
    return gzip.decompress(path.read_bytes())


@pytest.mark.real_data
class TestTheRealListOfAugust2026:
    """A whole NFO dump, as it was before the expiry of 18 August."""

    day, expiry = date(2026, 8, 18), date(2026, 8, 25)
    wanted = ("RELIANCE", "INFY", "M&M", "BAJAJ-AUTO")

    def test_chains_of_the_wanted_shares_are_in_it(self, august: bytes) -> None:
        found = catalogue_of(august, "NFO", day=self.day, wanted=self.wanted, expiry=self.expiry)
        assert {row.root for row in found.rows} == set(self.wanted)
        assert all(found.calls(root, self.expiry) and found.puts(root, self.expiry) for root in self.wanted)
        assert found.expiries("M&M")[0] == self.expiry
        first = found.calls("INFY", self.expiry)[0]
        assert (first.symbol, first.token, first.strike, first.lot_size) == (
            "INFY26AUG840CE",
            13504770,
            84000,
            400,
        )

    def test_every_row_of_it_passes_the_checks(self, august: bytes) -> None:
        assert len(catalogue_of(august, "NFO", day=self.day, wanted=None).rows) == 34_764

    def test_it_is_not_the_list_of_the_day_after_its_first_expiry(self, august: bytes) -> None:
        with pytest.raises(ValueError, match="expired on 2026-08-18: this is the list of an earlier day"):
            catalogue_of(august, "NFO", day=date(2026, 8, 19), wanted=self.wanted)

    def test_half_of_it_is_known_to_be_cut(self, august: bytes) -> None:
        half = august[: len(august) // 2]
        whole_lines = half[: half.rindex(b"\n") + 1]
        for raw in (half, whole_lines):
            with pytest.raises(ValueError, match=r"cut off|no option of"):
                catalogue_of(raw, "NFO", day=self.day, wanted=[*self.wanted, "ZYDUSLIFE"])


@pytest.mark.real_data
def test_zerodha_s_own_sample_of_shares_is_read(real_data: Path) -> None:
    raw = mock_bytes(real_data, "instruments_nse.csv")
    found = catalogue_of(raw, "NSE", day=DAY, wanted=None)
    assert len(found.shares) == raw.count(b"\n") - (1 if raw.endswith(b"\n") else 0)
