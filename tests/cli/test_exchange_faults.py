"""`ninefifteen exchange --faults FILE`: the file is obeyed, and a mistake in it ends the command at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ninefifteen.simulator.kite import read_faults
from ninefifteen.simulator.kite.faults_file import KINDS
from tests.cli.command_line import command
from tests.cli.test_exchange import profile, served


def test_a_file_of_faults_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "faults.yaml").write_text("- {on: /user/profile, what: dropped, count: 1}\n")
    words = ("--seed", "7", "--speed", "max", "--faults", "faults.yaml")
    with served(tmp_path, *words) as (_, ready):
        with pytest.raises(OSError, match=r"reset|closed|aborted"):
            profile(ready)
        assert profile(ready)["user_id"] == ready["user_id"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"\xff\xfe", "is not a text in UTF-8"),
        (b"- {on: feed, what: melted}", ":1: fault 1: what: melted: there is no such fault on feed"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_and_code_2(
    tmp_path: Path, content: bytes | None, line: str
) -> None:
    file = tmp_path / "faults.yaml"
    if content is not None:
        file.write_bytes(content)
    ran = command("exchange", "--faults", str(file), "--home", str(tmp_path / "home"))
    assert ran.code == 2
    assert f"--faults {file}" in ran.err
    assert line in ran.err
    assert len(ran.err.splitlines()) == 1


def test_the_page_of_the_exchange_shows_an_example_of_every_fault(repository: Path) -> None:
    page = (repository / "docs" / "exchange.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    shown = {(fault.place, fault.what) for fault in read_faults(example, "docs/exchange.md")}
    named = {(place, what) for place, kinds in KINDS.items() for what in kinds if what in page}
    assert named == {(place, what) for place, kinds in KINDS.items() for what in kinds}
    assert shown >= named - {("handshake", "dropped"), ("updates", "duplicated")}
