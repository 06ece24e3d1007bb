"""The log of the web process does not grow without end while it runs."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest

from ninefifteen.web import own_log
from ninefifteen.web.own_log import OwnLog


def said(text: str) -> logging.LogRecord:
    return logging.LogRecord("web", logging.WARNING, "", 0, text, None, None)


def test_a_log_that_has_grown_too_long_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(own_log, "LONGEST", 1000)
    file = tmp_path / "dashboard.log"
    with file.open("a") as stream:
        log = OwnLog(stream)
        for number in range(500):
            log.emit(said(f"line {number}"))
            assert file.stat().st_size < 1100
    lines = file.read_text().splitlines()
    assert lines[-1] == "line 499"
    assert len(lines) > 1


def test_what_is_no_file_is_written_to_as_it_is():
    stream = io.StringIO()
    OwnLog(stream).emit(said("hello"))
    assert stream.getvalue() == "hello\n"
