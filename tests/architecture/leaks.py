"""Finds what must never be committed: paths of one machine, package registry hosts, secrets.

The patterns are written in pieces, so that this file does not find itself.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_FOLDERS = "work|root|tmp"
_HOSTS = "|".join(
    re.escape(first + "." + last)
    for first, last in (
        ("pypi", "org"),
        ("files.python" + "hosted", "org"),
        ("registry.npm" + "js", "org"),
        ("deb.deb" + "ian", "org"),
        ("proxy.golang", "org"),
    )
)

PATTERNS = {
    "a path of one machine": re.compile(rf"(?<![\w.*~}}-])/(?:{_FOLDERS})/[\w.]"),
    "a home folder of one machine": re.compile(r"(?<![\w.])/home/" + r"\w+/"),
    "a package registry host": re.compile(rf"\b(?:{_HOSTS})\b"),
    "a link to a local file": re.compile("file:" + r"//+\w*/"),
    "a private key": re.compile("-----BEGIN [A-Z ]*" + "PRIVATE KEY"),
}


def leaks(text: str) -> list[tuple[int, str]]:
    """(line, what) of everything in `text` that belongs to one machine, a registry or a secret store."""
    return [
        (number, what)
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in PATTERNS.items()
        if pattern.search(line)
    ]


def committed_texts(repository: Path) -> dict[str, str]:
    """Every text file that is, or would be, committed: path and content. Empty outside a git checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    texts = {}
    for name in filter(None, listed.stdout.split("\0")):
        path = repository / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            texts[name] = content.decode("utf-8", errors="replace")
    return texts
