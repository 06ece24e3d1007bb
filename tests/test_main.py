"""`python main.py ...` is `ninefifteen ...`, or says what to install."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import main
from ninefifteen import cli


@pytest.mark.parametrize(
    ("given", "forwarded"),
    [
        (["--demo"], ["run", "--demo"]),
        (["--paper", "--json"], ["run", "--paper", "--json"]),
        (["--production"], ["run", "--production"]),
        (["doctor", "--json"], ["doctor", "--json"]),
        (["--help"], ["--help"]),
        ([], ["--help"]),
    ],
)
def test_options_alone_belong_to_run_and_a_verb_stands_for_itself(
    given: list[str], forwarded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(sys, "argv", ["main.py", *given])
    monkeypatch.setattr(cli, "main", lambda: seen.append(sys.argv[1:]), raising=False)
    assert main.main() == 0
    assert seen == [forwarded]


def test_a_missing_package_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    really = metadata.distribution

    def without_rich(name: str) -> metadata.Distribution:
        if name == "rich":
            raise metadata.PackageNotFoundError(name)
        return really(name)

    monkeypatch.setattr(metadata, "distribution", without_rich)
    assert main.main() == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("not installed for this Python: rich; ")
    assert said.err.count("\n") == 1


def test_a_python_that_has_nothing_is_told_so(repository: Path, tmp_path: Path) -> None:
    copy = tmp_path / "main.py"
    copy.write_bytes((repository / "main.py").read_bytes())
    bare = [sys.executable, "-S", "-I", str(copy), "--demo"]
    done = subprocess.run(bare, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "not installed for this Python: ninefifteen; run: make demo" in done.stderr


def test_an_old_python_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "OLDEST_PYTHON", (99, 0))
    assert main.main() == 2
    assert "needs Python 3.11 or newer" in capsys.readouterr().err
