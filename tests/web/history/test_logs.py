"""Pages of the log files: from the end, filtered, bounded, and over a rotation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ninefifteen.web.history import logs
from ninefifteen.web.history.logs import log_page
from ninefifteen.web.models.log import LogPage


def line(number: int, **more: object) -> str:
    return json.dumps({"at": f"t{number}", "kind": "order", "text": f"line {number}"} | more) + "\n"


def written(folder: Path, first: int, last: int, name: str = "trades.log") -> Path:
    path = folder / name
    with path.open("a", encoding="utf-8") as file:
        file.writelines(line(number) for number in range(first, last))
    return path


def page(folder: Path, limit: int = 10, before: str | None = None, contains: str | None = None) -> LogPage:
    return log_page(folder, "trades", limit=limit, before=before, contains=contains)


def numbers(found: LogPage) -> list[int]:
    return [int(one.text.rpartition(" ")[2]) for one in found.lines]


def everything(folder: Path, limit: int, contains: str | None = None) -> list[int]:
    """All lines by pages from the end."""
    found: list[int] = []
    cursor: str | None = None
    for _ in range(1000):
        got = page(folder, limit, cursor, contains)
        found = numbers(got) + found
        cursor = got.before
        if cursor is None:
            return found
    raise AssertionError("the pages never end")


def test_the_newest_lines_come_first_and_the_newest_of_them_last(tmp_path: Path):
    written(tmp_path, 0, 100)
    assert numbers(page(tmp_path, 3)) == [97, 98, 99]


@pytest.mark.parametrize("piece", [1, 7, 40, 64 * 1024])
@pytest.mark.parametrize("limit", [1, 7, 100, 500])
def test_pages_together_are_the_whole_file_each_line_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, limit: int
):
    monkeypatch.setattr(logs, "_PIECE", piece)
    written(tmp_path, 0, 60)
    assert everything(tmp_path, limit) == list(range(60))


def test_a_filter_finds_its_lines_however_far_back_and_reads_a_bounded_part_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(logs, "MOST_BYTES", 500)
    monkeypatch.setattr(logs, "_PIECE", 100)
    written(tmp_path, 0, 200)
    first = page(tmp_path, 10, contains="line 3")
    assert first.looked_at <= 500
    assert first.before is not None
    assert everything(tmp_path, 10, "LINE 3") == [3, *range(30, 40)]


def test_lines_written_meanwhile_do_not_disturb_the_pages_before(tmp_path: Path):
    written(tmp_path, 0, 20)
    first = page(tmp_path, 5)
    written(tmp_path, 20, 25)
    assert numbers(page(tmp_path, 5, first.before)) == [10, 11, 12, 13, 14]


def test_a_rotated_file_is_found_again_by_its_cursor_and_read_on(tmp_path: Path):
    path = written(tmp_path, 0, 20)
    first = page(tmp_path, 5)
    path.rename(tmp_path / "trades.log.1")
    written(tmp_path, 20, 30)
    second = page(tmp_path, 5, first.before)
    assert (numbers(second), second.rotated) == ([10, 11, 12, 13, 14], False)
    assert everything(tmp_path, 7) == list(range(30))


def test_a_cursor_whose_file_is_gone_begins_anew_and_says_so(tmp_path: Path):
    path = written(tmp_path, 0, 20)
    first = page(tmp_path, 5)
    path.unlink()
    written(tmp_path, 50, 53, "other.tmp")
    (tmp_path / "trades.log").write_text(line(7))
    again = page(tmp_path, 5, "1:1")
    assert (again.rotated, numbers(again)) == (True, [7])
    assert page(tmp_path, 5, first.before).lines


def test_a_line_half_written_waits_until_it_is_whole(tmp_path: Path):
    path = written(tmp_path, 0, 3)
    with path.open("a") as file:
        file.write('{"at":"t3","kind"')
    assert numbers(page(tmp_path)) == [0, 1, 2]


def test_what_is_no_json_is_shown_as_it_is(tmp_path: Path):
    (tmp_path / "trades.log").write_bytes(b"plain words\n[1,2]\n\n\xff\xfe\n" + b"[" * 5000 + b"\n")
    found = page(tmp_path).lines
    assert [one.kind for one in found] == ["?"] * 4
    assert found[0].text == "plain words"


def test_everything_of_a_line_is_kept_and_long_texts_are_cut(tmp_path: Path):
    told = line(1, severity="P1", synthetic=True, tag="abc", filled=75, words="x" * 5000, at=5)
    (tmp_path / "trades.log").write_text(told)
    (one,) = page(tmp_path).lines
    assert (one.severity, one.synthetic, one.at) == ("P1", True, None)
    assert (one.data["tag"], one.data["filled"]) == ("abc", 75)
    assert len(str(one.data["words"])) == 2000


def test_one_line_longer_than_the_bound_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs, "MOST_BYTES", 300)
    monkeypatch.setattr(logs, "_PIECE", 100)
    (tmp_path / "trades.log").write_text(line(1) + "y" * 2000 + "\n" + line(2))
    assert everything(tmp_path, 10) in ([1, 2], [1, 2])


@pytest.mark.parametrize("make", [False, True])
def test_no_file_and_an_empty_one_have_no_line_yet(tmp_path: Path, make: bool):
    if make:
        (tmp_path / "trades.log").touch()
    found = page(tmp_path)
    assert (found.lines, found.before, found.reason) == ([], None, "trades.log has no line yet")
    assert page(tmp_path / "nowhere").reason == "trades.log has no line yet"


def test_a_link_in_place_of_a_log_is_not_followed(tmp_path: Path):
    (tmp_path / "secret").write_text("the password is geheim\n")
    (tmp_path / "trades.log").symlink_to(tmp_path / "secret")
    assert page(tmp_path).lines == []


def test_a_filter_without_a_hit_says_so(tmp_path: Path):
    written(tmp_path, 0, 3)
    assert page(tmp_path, contains="nothing").reason == "no line holds these characters here"
