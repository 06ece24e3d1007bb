"""`ninefifteen setup` at a real terminal: nothing typed in secret is shown, and Ctrl-C changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ninefifteen.home import Home
from tests.cli.command_line import listing
from tests.cli.typist import DONE_READING, KEY, SECRET, Typist


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


def answered_up_to_the_keys(home: Path) -> Typist:
    typist = Typist(home)
    for _ in DONE_READING:
        typist.read_until("Enter goes on: ")
        typist.answer("")
    typist.read_until("[Y/n] ")
    typist.answer("")
    typist.read_until("[zerodha]: ")
    typist.answer("")
    typist.read_until("leave it: ")
    typist.answer(KEY)
    typist.read_until("leave it: ")
    return typist


def test_at_a_terminal_a_key_is_not_shown_and_ctrl_c_leaves_everything_as_it_was(home: Home) -> None:
    before = listing(home.path)
    typist = answered_up_to_the_keys(home.path)
    os.write(typist.terminal, b"\x03")
    typist.read_until("nothing was changed")
    assert typist.end() == 130
    assert KEY not in typist.shown
    assert listing(home.path) == before


def test_at_a_terminal_what_was_answered_is_written_at_the_end(home: Home) -> None:
    typist = answered_up_to_the_keys(home.path)
    typist.answer(SECRET)
    for words in ("leave it: ", *["]: "] * 5, *["leave it: "] * 2, "]: "):
        typist.read_until(words)
        typist.answer("")
    typist.read_until("Write it? [y/N] ")
    typist.answer("y")
    typist.read_until("Next: ")
    assert typist.end() == 0
    assert SECRET not in typist.shown
    assert f"BROKER_API_SECRET={SECRET}" in home.env_file.read_text()
