"""The make targets set up what they need, or say in one line what is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

TARGETS = ("demo", "types", "test", "check", "bench", "nightly", "docs")


@pytest.fixture
def checkout(repository: Path, tmp_path: Path) -> Path:
    """A folder with the Makefile and what it depends on, and no .venv yet."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(repository / name, tmp_path)
    return tmp_path


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def python_that(folder: Path, body: str) -> str:
    """A stand-in for a Python: a script that answers the questions the Makefile asks."""
    path = folder / "python-stand-in"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_sets_up_the_environment_first(checkout: Path, target: str) -> None:
    done = make(checkout, "--dry-run", target)
    assert done.returncode == 0, done.stderr
    assert "--require-hashes -r requirements.lock" in done.stdout
    assert "--no-deps" in done.stdout


def test_the_page_is_built_before_the_package_is_installed(checkout: Path) -> None:
    lines = make(checkout, "--dry-run", "demo").stdout
    page, package = lines.index("hatch_build.py"), lines.index("--no-build-isolation -e .")
    assert lines.index("requirements.lock") < page < package < lines.index("run --demo")


def test_an_old_python_is_refused_in_one_line(checkout: Path) -> None:
    old = python_that(checkout, 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac')
    done = make(checkout, "test", f"PYTHON={old}")
    assert "needs Python 3.11 or newer; this is Python 3.9.2" in done.stderr.splitlines()[0]
    assert not (checkout / ".venv").exists()


def test_a_python_without_venv_is_refused_with_the_command_to_run(checkout: Path) -> None:
    bare = python_that(checkout, 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac')
    done = make(checkout, "test", f"PYTHON={bare}")
    assert "sudo apt-get install python3-venv" in done.stderr.splitlines()[0]
    assert not (checkout / ".venv").exists()


def test_no_python_at_all_is_refused_in_one_line(checkout: Path) -> None:
    done = make(checkout, "test", "PYTHON=")
    assert "needs Python 3.11 or newer: install it" in done.stderr.splitlines()[0]
