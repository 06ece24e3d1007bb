"""The real recorded days of 2025 and 2026 read as their README says they are, in little memory."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, time
from pathlib import Path

import msgspec
import pytest

from ninefifteen.adapters.recorded.report import FolderCheck, FolderReport
from tests.adapters.recorded_folders import RULES, moment, opened, read

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def report(real_data: Path) -> FolderReport:
    return FolderCheck(opened(real_data), RULES.calendar, 4, time(9, 30)).report(
        lambda what, done, total: None
    )


def test_every_recorded_day_has_the_source_and_the_reason_that_its_data_give(report: FolderReport) -> None:
    january = {
        day.day: (day.price_source, day.reason) for day in report.days if day.day >= date(2025, 12, 24)
    }
    assert len(january) == 23
    assert {source for source, _ in january.values()} == {"last"}
    reasons = [reason for _, reason in january.values()]
    assert reasons[:5] == [*["no_chain_for_expiry"] * 4, "no_previous_oi"]
    assert reasons[5:11] == [None] * 6
    assert reasons[11:13] == ["no_opening_snapshot"] * 2
    assert reasons[13:17] == [None] * 4
    assert reasons[17:] == [*["no_chain_for_expiry"] * 4, None, None]
    february = [day for day in report.days if day.day < date(2025, 3, 1)]
    assert [day.reason for day in february] == ["no_previous_oi", *[None] * 14]
    assert {day.price_source for day in february} == {"bhavcopy"}
    assert february[-1].expiry == date(2025, 3, 27)


def test_the_data_hold_no_repeated_keys_and_no_closed_days(report: FolderReport) -> None:
    assert report.problems == ()
    assert "stale snapshots, ignored for every purpose: 2026-01-22 (3), 2026-01-27 (1)" in report.notes
    assert {symbol for day in report.days for symbol in day.absent} == {"TMPV"}
    assert not any(day.no_lot_size for day in report.days)


def test_a_contract_of_january_has_the_prices_of_its_snapshots(real_data: Path) -> None:
    """WIPRO 262.5 on 16 January 2026: lot 3000, tick of a paisa, first seen 53 s after the open."""
    day, expiry = date(2026, 1, 16), date(2026, 1, 27)
    folder = opened(real_data)
    reading = read(folder, day, folder.universe(day))
    chain = reading.chain("WIPRO")
    assert (chain.lot_size, chain.tick) == (3000, 1)
    assert 26250 in [row.strike for row in chain.calls]
    observed = reading.observations("WIPRO", expiry, 26250)
    assert observed[0][0] == moment(day, "09:15:53")
    assert observed[-1][0] <= moment(day, "15:30:00")


def test_the_op_report_has_the_lot_of_the_day(real_data: Path) -> None:
    """ADANIENT went from 300 to 309 on 17 November 2025; the instrument file knows the new lot only."""
    folder = opened(real_data)
    before, after = date(2025, 11, 14), date(2025, 11, 17)
    lots = [read(folder, day, folder.universe(day)).chain("ADANIENT").lot_size for day in (before, after)]
    assert lots == [300, 309]


MEASURE = r"""
import re, sys
from datetime import date, time as clock
from pathlib import Path
from ninefifteen.adapters.recorded import RecordedFolder
from ninefifteen.adapters.recorded.report import FolderCheck
from ninefifteen.adapters.rules import load_rules
rules = load_rules()
folder = RecordedFolder(Path(sys.argv[1]), rules.membership, rules.splits)
FolderCheck(folder, rules.calendar, 4, clock(9, 30)).days(lambda *step: None)
# Not ru_maxrss: across fork and exec that one begins with the size of the parent.
print(int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
def test_reading_every_recorded_day_stays_within_400_megabytes(real_data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(real_data)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) <= 400


def test_the_report_is_one_json_document(report: FolderReport) -> None:
    document = msgspec.json.decode(msgspec.json.encode(report))
    assert document["days"][0]["date"] == "2025-02-03"
