"""The three log files: one JSON object a line, at once, everything in the audit log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.daylog import DayLog
from ninefifteen.domain.effects import Alert, Modify, Note
from ninefifteen.domain.events import Flattened, Halted, Paused, Resumed
from ninefifteen.domain.order import Role
from tests.adapters.journal_days import OPEN, a_day, order, quote


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    """What a log file holds."""
    path = folder / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def log(tmp_path: Path) -> Iterator[DayLog]:
    with closing(DayLog(tmp_path, synthetic=True)) as opened:
        yield opened


def test_a_whole_day_is_in_the_audit_log_in_order_and_marked_as_invented(tmp_path: Path, log: DayLog) -> None:
    for event, effects in a_day():
        log.witness(event, effects)
    log.close()
    audit = lines(tmp_path, "audit.log")
    assert [line["at"] for line in audit] == sorted(line["at"] for line in audit)
    assert all(line["synthetic"] is True for line in audit)
    assert [line["kind"] for line in audit].count("intent") == 3
    assert {line["kind"] for line in audit} >= {"scan", "alarm", "intent", "order", "command"}


def test_a_real_day_carries_no_mark(tmp_path: Path) -> None:
    with closing(DayLog(tmp_path, synthetic=False)) as log:
        log.tell(OPEN, "phase", "scanning")
    (line,) = lines(tmp_path, "audit.log")
    assert line == {"at": "2026-11-23T09:15:00.000+05:30", "kind": "phase", "text": "scanning"}


def test_lines_are_there_before_the_file_is_closed(tmp_path: Path, log: DayLog) -> None:
    log.witness(quote(1), (Note("phase", "first"),))
    assert len(lines(tmp_path, "audit.log")) == 1
    log.witness(quote(2), (Note("phase", "second"),))
    assert len(lines(tmp_path, "audit.log")) == 2


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("trade", {"audit.log", "trades.log"}),
        ("exit", {"audit.log", "trades.log"}),
        ("order", {"audit.log", "trades.log"}),
        ("refused", {"audit.log", "errors.log"}),
        ("no_data", {"audit.log", "errors.log"}),
        ("phase", {"audit.log"}),
    ],
)
def test_a_note_goes_where_people_look_for_it(
    tmp_path: Path, log: DayLog, kind: str, files: set[str]
) -> None:
    log.witness(quote(1), (Note(kind, "what happened", {"net": "1.00"}),))
    assert {path.name for path in tmp_path.iterdir()} == files
    for name in files:
        (line,) = lines(tmp_path, name)
        assert (line["kind"], line["text"], line["net"]) == (kind, "what happened", "1.00")


def test_an_alarm_is_an_error_with_its_severity(tmp_path: Path, log: DayLog) -> None:
    log.witness(quote(1), (Alert("P1", "no stop at the broker"),))
    (line,) = lines(tmp_path, "errors.log")
    assert (line["kind"], line["severity"], line["text"]) == ("alarm", "P1", "no stop at the broker")
    assert not (tmp_path / "trades.log").exists()


def test_an_alarm_of_somebody_else_than_the_engine_has_a_severity_too(tmp_path: Path, log: DayLog) -> None:
    log.tell(1, "alarm", "this machine slept")
    log.tell(2, "alarm", "look in the broker's app", severity="P1")
    assert [line["severity"] for line in lines(tmp_path, "errors.log")] == ["P2", "P1"]


def test_an_intent_names_side_quantity_contract_and_prices(tmp_path: Path, log: DayLog) -> None:
    log.witness(quote(1), (order("NF3", Role.PROTECT, 3690, 4100),))
    (line,) = lines(tmp_path, "trades.log")
    assert line["text"] == "SELL 3000 WIPRO 2026-11-23 262.5 CE SL limit Rs 36.90, trigger Rs 41.00"
    assert (line["kind"], line["tag"], line["role"]) == ("intent", "NF3", "protect")


def test_a_changed_order_is_told_with_its_new_limit(tmp_path: Path, log: DayLog) -> None:
    log.witness(quote(1), (Modify("NF2", "261123000000001", "LIMIT", 3000, 4610),))
    (line,) = lines(tmp_path, "trades.log")
    assert line["text"] == "modify to LIMIT limit Rs 46.10"
    assert line["order_id"] == "261123000000001"


@pytest.mark.parametrize("command", [Halted, Paused, Resumed, Flattened])
def test_a_command_is_kept_with_who_gave_it_and_why(tmp_path: Path, log: DayLog, command: type[Any]) -> None:
    log.witness(command(OPEN, "phone", "looks odd"), ())
    (line,) = lines(tmp_path, "audit.log")
    assert (line["kind"], line["command"]) == ("command", command.__name__.lower())
    assert line["text"] == f"{command.__name__.lower()} by phone: looks odd"


def test_a_second_day_is_appended(tmp_path: Path) -> None:
    for text in ("one", "two"):
        log = DayLog(tmp_path / "logs", synthetic=True)
        log.tell(OPEN, "start", text)
        log.close()
        log.close()
    assert [line["text"] for line in lines(tmp_path / "logs", "audit.log")] == ["one", "two"]


class _Full:
    """A file on a full disk: it keeps what it was given and fails again on closing."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def close(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_ends_the_day(tmp_path: Path) -> None:
    log = DayLog(tmp_path, synthetic=True)
    log._files["audit.log"] = _Full()  # type: ignore[assignment]
    with pytest.raises(OSError, match="No space left"):
        log.tell(OPEN, "start", "one")
    with pytest.raises(OSError, match="No space left"):
        log.close()


def test_a_forgiving_one_loses_the_line_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    log = DayLog(tmp_path, synthetic=True)
    log.forgiving = True
    log._files["audit.log"] = _Full()  # type: ignore[assignment]
    log.tell(OPEN, "start", "lost")
    log.tell(OPEN, "start", "kept")
    log._files["errors.log"] = _Full()  # type: ignore[assignment]
    log.close()
    assert [line["text"] for line in lines(tmp_path, "audit.log")] == ["kept"]
