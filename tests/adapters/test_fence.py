"""The fence of a home: every start takes a higher number, durably, and whoever is overtaken sees it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ninefifteen.adapters import fence as fence_module
from ninefifteen.adapters.fence import Fence
from ninefifteen.errors import BadInput
from tests.patience import PATIENCE_S


def test_numbers_grow_by_one_from_one_on(tmp_path: Path) -> None:
    path = tmp_path / "epoch"
    assert Fence(path).read() == 0
    assert [Fence(path).take() for _ in range(3)] == [1, 2, 3]
    assert re.fullmatch(r"0000000003 [0-9a-f]{16}\n", path.read_text())


def test_who_took_the_last_number_holds_and_nobody_else(tmp_path: Path) -> None:
    first, second = Fence(tmp_path / "epoch"), Fence(tmp_path / "epoch")
    assert not first.holds()
    first.take()
    assert first.holds()
    second.take()
    assert not first.holds()
    assert second.holds()
    first.take()
    assert first.holds()
    assert not second.holds()


def test_a_lost_file_begins_above_what_the_journal_knows(tmp_path: Path) -> None:
    fence = Fence(tmp_path / "epoch")
    assert fence.take(above=41) == 42
    assert fence.take(above=7) == 43


def test_a_file_that_was_taken_away_is_held_by_nobody(tmp_path: Path) -> None:
    fence = Fence(tmp_path / "epoch")
    fence.take()
    fence.path.unlink()
    assert not fence.holds()


def test_a_file_that_was_lost_and_made_anew_is_never_taken_for_one_s_own(tmp_path: Path) -> None:
    """Two starts with the same number: only the one whose mark stands in the file may write."""
    old, new = Fence(tmp_path / "epoch"), Fence(tmp_path / "epoch")
    assert old.take() == 1
    old.path.unlink()
    assert new.take() == 1
    assert (old.holds(), new.holds()) == (False, True)


def test_a_file_with_only_a_number_is_gone_on_from_and_held_by_nobody(tmp_path: Path) -> None:
    fence = Fence(tmp_path / "epoch")
    fence.path.write_bytes(b"0000000041\n")
    assert (fence.read(), fence.take(), fence.holds()) == (41, 42, True)
    fence.path.write_bytes(b"0000000042\n")
    assert not fence.holds()
    assert fence.take() == 43


def test_the_file_keeps_its_length_so_that_a_full_disk_takes_it(tmp_path: Path) -> None:
    fence = Fence(tmp_path / "epoch")
    lengths = {len(fence.path.read_bytes()) for _ in range(12) if fence.take()}
    assert lengths == {28}


@pytest.mark.parametrize("content", [b"twelve\n", b"-3\n", b"1" * 11, b"\xff\xfe", b"1 2", b"1 " + b"0" * 17])
def test_a_file_without_a_number_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    fence = Fence(tmp_path / "epoch")
    fence.take()
    fence.path.write_bytes(content)
    assert not fence.holds()
    for ask in (fence.read, fence.take):
        with pytest.raises(BadInput, match="holds no number: write one that is higher"):
            ask()
    assert fence.path.read_bytes() == content


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "epoch").mkdir()
    fence = Fence(tmp_path / "epoch")
    with pytest.raises(BadInput, match="cannot be read"):
        fence.read()
    with pytest.raises(OSError, match="directory"):
        fence.take()
    assert fence.number == 0


def test_a_file_that_somebody_keeps_locked_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fence_module, "_TRIES", 2)
    fence = Fence(tmp_path / "epoch")
    fence.take()
    with fence_module._alone(fence.path), pytest.raises(OSError, match="somebody else keeps it locked"):
        Fence(fence.path).take()
    assert fence.holds()


def test_processes_that_start_at_once_take_different_numbers(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ninefifteen.adapters.fence import Fence;"
        "print([Fence(Path(sys.argv[1])).take() for _ in range(20)])"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "epoch")], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    taken: list[int] = []
    for child in children:
        out, _ = child.communicate(timeout=PATIENCE_S)
        taken += [int(number) for number in out.decode().strip("[]\n ").split(",")]
    assert sorted(taken) == list(range(1, 61))
