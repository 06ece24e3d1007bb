"""The home folder: made whole, one kind for ever, one instance at a time."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ninefifteen import home as home_module
from ninefifteen.config.template import default_config, default_env
from ninefifteen.errors import BadInput, HomeLocked
from ninefifteen.home import LAYOUT, Home, write_whole

FOLDERS = {"journal", "rules", "logs", "ticks", "days", "reports", "backups"}


@pytest.mark.parametrize("there", [False, True])
def test_a_missing_or_empty_folder_becomes_a_home_with_defaults(tmp_path: Path, there: bool):
    path = tmp_path / "a" / "home"
    if there:
        path.mkdir(parents=True)
    home = Home.open(path)
    files = {"config.yaml", ".env", ".gitignore", "home.json"}
    assert {entry.name for entry in path.iterdir()} == FOLDERS | files
    assert home.config_file.read_text() == default_config()
    assert home.env_file.read_text() == default_env()
    assert not home.rehearsal


def test_the_folder_and_its_secrets_are_the_owners_only(tmp_path: Path):
    home = Home.open(tmp_path / "home")
    assert home.env_file.stat().st_mode & 0o777 == 0o600
    assert home.path.stat().st_mode & 0o777 == 0o700


def test_git_takes_nothing_of_a_home_and_a_rule_of_the_user_stays(tmp_path: Path):
    home = Home.open(tmp_path / "home")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    seen = subprocess.run(
        ["git", "-C", str(tmp_path), "status", "--porcelain"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert seen.stdout == ""
    home.ignore_file.write_text("*\n!config.yaml\n")
    assert Home.open(home.path).ignore_file.read_text() == "*\n!config.yaml\n"


def test_opening_again_changes_nothing_the_user_wrote(tmp_path: Path):
    home = Home.open(tmp_path / "home")
    home.config_file.write_text("strategy: {lots: 2}\n")
    home.journal_dir.rmdir()
    assert Home.open(home.path) == home
    assert home.config_file.read_text() == "strategy: {lots: 2}\n"
    assert home.journal_dir.is_dir()


def test_a_folder_with_only_the_users_settings_becomes_a_home_around_them(tmp_path: Path):
    (tmp_path / "config.yaml").write_text("strategy: {lots: 2}\n")
    (tmp_path / "notes.txt").touch()
    home = Home.open(tmp_path)
    assert home.config_file.read_text() == "strategy: {lots: 2}\n"
    assert home.marker_file.exists()


def test_a_home_left_unfinished_by_a_crash_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    written = []

    def power_cut(path: Path, text: str, *, private: bool = False) -> None:
        if path.name == "home.json":
            raise KeyboardInterrupt
        written.append(path.name)
        write_whole(path, text, private=private)

    with monkeypatch.context() as patch:
        patch.setattr(home_module, "write_whole", power_cut)
        with pytest.raises(KeyboardInterrupt):
            Home.open(tmp_path / "home", rehearsal=True)
    assert written == [".gitignore", "config.yaml", ".env"]
    assert Home.open(tmp_path / "home", rehearsal=True).marker_file.exists()


def test_looking_writes_nothing(tmp_path: Path):
    Home.look(tmp_path / "home")
    assert list(tmp_path.iterdir()) == []


def test_a_rehearsal_home_stays_one_and_a_real_home_too(tmp_path: Path):
    assert Home.open(tmp_path / "r", rehearsal=True).rehearsal
    assert Home.open(tmp_path / "r").rehearsal
    assert not Home.open(tmp_path / "h").rehearsal
    with pytest.raises(BadInput, match="is a rehearsal home for ever: choose another folder for a real home"):
        Home.open(tmp_path / "r", rehearsal=False)
    with pytest.raises(BadInput, match="is a real home for ever: choose another folder for a rehearsal home"):
        Home.open(tmp_path / "h", rehearsal=True)


def test_a_file_is_no_home(tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(BadInput, match="file: is a file, a home is a folder"):
        Home.open(file)
    with pytest.raises(BadInput, match="cannot be used as a home folder: Not a directory"):
        Home.open(file / "home")
    assert file.read_text() == "mine"


def test_a_folder_with_other_peoples_files_never_becomes_a_home(tmp_path: Path):
    (tmp_path / "Documents").mkdir()
    (tmp_path / ".bashrc").touch()
    with pytest.raises(BadInput, match=r"holds other files \(Documents\) and is no home"):
        Home.open(tmp_path)
    assert {entry.name for entry in tmp_path.iterdir()} == {"Documents", ".bashrc"}


def test_the_home_of_a_newer_program_and_a_damaged_marker_are_refused(tmp_path: Path):
    home = Home.open(tmp_path / "home")
    home.marker_file.write_text(f'{{"layout":{LAYOUT + 1},"rehearsal":false}}')
    with pytest.raises(
        BadInput, match=f"has layout {LAYOUT + 1} of a newer program, this one knows {LAYOUT}"
    ):
        Home.open(home.path)
    home.marker_file.write_text("{")
    with pytest.raises(BadInput, match=r"home\.json: is damaged .* restore it from a backup"):
        Home.open(home.path)


def test_every_place_of_the_layout_lies_in_the_home(tmp_path: Path):
    home = Home(tmp_path)
    places = {home.journal_dir, home.rules_dir, home.logs_dir, home.ticks_dir, home.days_dir}
    places |= {home.reports_dir, home.backups_dir, home.ledger_file, home.halt_file, home.lock_file}
    assert {place.name for place in places} == FOLDERS | {"ninefifteen.db", "HALT", "home.lock"}
    assert {place.parent for place in places} == {tmp_path}


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "file"
    write_whole(file, "old\n")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_whole(file, "new\n")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("file", "old\n")]


def test_a_second_instance_is_told_who_holds_the_home_and_since_when(tmp_path: Path):
    home = Home.open(tmp_path / "home")
    with home.lock(), pytest.raises(HomeLocked) as caught, home.lock():
        pass
    text = str(caught.value)
    assert re.search(rf"in use by process {os.getpid()} since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d IST", text)
    with home.lock():
        pass
    assert home.lock_file.read_text() == ""


def test_a_home_that_cannot_be_written_cannot_be_locked(tmp_path: Path):
    with pytest.raises(BadInput, match="cannot be used as a home folder"), Home(tmp_path / "gone").lock():
        pass


def test_a_killed_instance_leaves_no_lock_behind(tmp_path: Path):
    home = Home.open(tmp_path / "home")
    code = (
        "import sys, time, pathlib, ninefifteen.home as h\n"
        "with h.Home(pathlib.Path(sys.argv[1])).lock():\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(home.path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child, child.stdout:
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(HomeLocked, match=f"process {child.pid} since"), home.lock():
            pass
        child.send_signal(signal.SIGKILL)
        child.wait()
    with home.lock():
        assert f"process {os.getpid()}" in home.lock_file.read_text()
