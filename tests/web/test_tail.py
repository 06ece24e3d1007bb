"""The end of the audit log as events: followed, also over its rotation and torn lines."""

from __future__ import annotations

import json
from pathlib import Path

from ninefifteen.web.tail import FIRST, Tail


def line(text: str, kind: str = "trade", **more: str) -> str:
    return json.dumps({"at": "t", "kind": kind, "text": text} | more) + "\n"


def texts(tail: Tail) -> list[str]:
    return [str(found["text"]) for found in tail.look()]


def test_a_log_that_is_not_there_yet_is_read_from_its_start_when_it_comes(tmp_path: Path):
    tail = Tail(tmp_path / "audit.log")
    assert texts(tail) == []
    (tmp_path / "audit.log").write_text(line("first"))
    assert texts(tail) == ["first"]


def test_only_trades_and_errors_are_shown_and_the_last_of_them_at_first(tmp_path: Path):
    file = tmp_path / "audit.log"
    file.write_text("".join(line(str(number)) for number in range(80)) + line("secret", "dashboard"))
    assert texts(Tail(file)) == [str(number) for number in range(80 - FIRST, 80)]


def test_a_torn_line_is_shown_once_it_is_whole(tmp_path: Path):
    file = tmp_path / "audit.log"
    file.write_text("")
    tail, whole = Tail(file), line("whole")
    assert texts(tail) == []
    file.write_text(whole[:10])
    assert texts(tail) == []
    file.write_text(whole)
    assert texts(tail) == ["whole"]


def test_a_log_that_begins_anew_is_read_from_its_start(tmp_path: Path):
    file = tmp_path / "audit.log"
    file.write_text(line("before"))
    tail = Tail(file)
    assert texts(tail) == ["before"]
    file.rename(tmp_path / "audit.log.1")
    file.write_text(line("a") + line("b"))
    assert texts(tail) == ["a", "b"]
    file.write_text(line("cut"))
    assert texts(tail) == ["cut"]


def test_a_long_log_is_read_from_near_its_end(tmp_path: Path):
    file = tmp_path / "audit.log"
    file.write_text("".join(line("x" * 1000) for _ in range(600)))
    assert len(Tail(file).look()) == FIRST


def test_lines_that_are_none_are_passed_over(tmp_path: Path):
    file = tmp_path / "audit.log"
    file.write_bytes(b"\xff\n[]\n{\n" + line("fine", "refused").encode())
    assert Tail(file).look() == [{"at": "t", "kind": "refused", "severity": "warning", "text": "fine"}]


def test_how_grave_an_alarm_is_comes_from_its_own_word(tmp_path: Path):
    file = tmp_path / "audit.log"
    file.write_text("".join(line("x", "alarm", severity=grave) for grave in ("P1", "P2", "P3", "new")))
    assert [found["severity"] for found in Tail(file).look()] == ["critical", "warning", "info", "warning"]
