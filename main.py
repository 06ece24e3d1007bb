"""`python main.py --demo`, `--paper` or `--production`: the same as `ninefifteen run ...`, from a checkout.

Any other verb works too (`python main.py doctor`). Where something is not installed it says what to do and
ends with exit code 2. Until that is checked, only syntax and modules of old Pythons are used.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

WRONG_USAGE = 2
OLDEST_PYTHON = (3, 11)


def missing() -> list[str]:
    """The distributions that have to be installed before ninefifteen can start here; empty when none."""
    try:
        wanted = metadata.requires("ninefifteen") or []
    except metadata.PackageNotFoundError:
        return ["ninefifteen"]
    always = [line for line in wanted if ";" not in line]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in always]
    return [name for name in names if not _installed(name)]


def _installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def advice(absent: list[str], checkout: Path) -> str:
    """One line: what is missing for this Python, and the command that puts it right."""
    ready = checkout / ".venv" / "bin" / "python"
    if ready.exists():
        return f"not installed for this Python: {', '.join(absent)}; use the one that has it: {ready} main.py"
    install = f"{sys.executable} -m pip install {checkout}"
    return f"not installed for this Python: {', '.join(absent)}; run: make demo (or: {install})"


def arguments(given: list[str]) -> list[str]:
    """The words for the `ninefifteen` command: options alone belong to `run`, a verb stands for itself."""
    if given and given[0].startswith("-") and given[0] not in {"--help", "--version"}:
        return ["run", *given]
    return given or ["--help"]


def main() -> int:
    """Forward to the command line; returns the exit code when it cannot even start."""
    if sys.version_info < OLDEST_PYTHON:
        print("ninefifteen needs Python 3.11 or newer, this is", sys.version.split()[0], file=sys.stderr)
        return WRONG_USAGE
    absent = missing()
    if absent:
        print(advice(absent, Path(__file__).resolve().parent), file=sys.stderr)
        return WRONG_USAGE
    from ninefifteen import cli

    sys.argv = ["ninefifteen", *arguments(sys.argv[1:])]
    cli.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
