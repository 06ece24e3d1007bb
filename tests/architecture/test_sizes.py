"""Files have at most 400 lines and functions at most 50, without exception."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.check_size import FILE_LINES, FUNCTION_LINES, main, oversized, python_files


def function(lines: int, head: str = "def long():") -> str:
    return "\n".join([head, *["    pass"] * (lines - 1)]) + "\n"


def test_every_file_and_function_of_this_repository_is_within_the_limits(repository: Path) -> None:
    assert [line for path in python_files(repository) for line in oversized(path)] == []


def test_a_file_of_the_limit_passes_and_one_line_more_does_not(tmp_path: Path) -> None:
    path = tmp_path / "table.py"
    path.write_text("x = 1\n" * FILE_LINES)
    assert list(oversized(path)) == []
    path.write_text("x = 1\n" * (FILE_LINES + 1))
    assert list(oversized(path)) == [f"{path}: 401 lines, at most 400 are allowed"]


def test_a_last_line_without_an_end_of_line_counts(tmp_path: Path) -> None:
    path = tmp_path / "table.py"
    path.write_text("x = 1\n" * FILE_LINES + "x = 1")
    assert len(list(oversized(path))) == 1


@pytest.mark.parametrize("head", ["def long():", "async def long():"])
def test_a_function_of_the_limit_passes_and_one_line_more_does_not(tmp_path: Path, head: str) -> None:
    path = tmp_path / "code.py"
    path.write_text(function(FUNCTION_LINES, head))
    assert list(oversized(path)) == []
    path.write_text(function(FUNCTION_LINES + 1, head))
    assert list(oversized(path)) == [f"{path}:1: long has 51 lines, at most 50 are allowed"]


def test_decorators_and_inner_functions_count(tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_text("@cache\n" + function(FUNCTION_LINES))
    assert len(list(oversized(path))) == 1
    inner = "".join("    " + line + "\n" for line in function(FUNCTION_LINES).splitlines())
    path.write_text("class Outer:\n" + inner)
    assert list(oversized(path)) == []


def test_the_command_fails_on_a_planted_giant_and_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "fine.py").write_text("x = 1\n")
    assert main(tmp_path) == 0
    (source / "giant.py").write_text(function(60))
    assert main(tmp_path) == 1
    assert "giant.py:1: long has 60 lines" in capsys.readouterr().out


def test_the_command_fails_when_there_is_nothing_to_measure(tmp_path: Path) -> None:
    assert main(tmp_path) == 1
