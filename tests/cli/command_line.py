"""Commands run inside the test, with what they said: exit code, stdout for scripts, stderr for people."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from ninefifteen.cli import execute

Document = dict[str, Any]


class Said(NamedTuple):
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Document:
        """The one JSON document on stdout; fails when there is anything else."""
        document: Document = json.loads(self.out)
        return document

    @property
    def refusal(self) -> str:
        """The one line of a refusal on stderr, without its mark."""
        (line,) = self.err.splitlines()
        assert line.startswith("error: ")
        return line.removeprefix("error: ")


def command(*words: str | Path) -> Said:
    """One command line."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = execute([str(word) for word in words])
    return Said(code, out.getvalue(), err.getvalue())


def demo(home: Path, *words: str, seed: int) -> Said:
    """`run --demo` of one seed as fast as it can, with JSON."""
    fixed = ("run", "--demo", "--speed", "max", "--no-dashboard", "--json")
    return command(*fixed, "--seed", str(seed), "--home", home, *words)


def demo_day(home: Path, *words: str, seed: int) -> Document:
    """The document of one demo day that must go through."""
    said = demo(home, "--once", *words, seed=seed)
    assert said.code == 0, said.err
    return said.document


def untimed(document: Document) -> Document:
    """The document without measured times, which alone may differ: keys that end in `_s`."""
    return {
        key: untimed(value) if isinstance(value, dict) else value
        for key, value in document.items()
        if not key.endswith("_s")
    }


def listing(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
