"""Reads the documents: their links, and the commands they name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def documents(repository: Path) -> list[Path]:
    """The README and its neighbours, and everything under docs/."""
    return sorted([*repository.glob("*.md"), *(repository / "docs").rglob("*.md")])


def broken_links(document: Path) -> list[str]:
    """Targets of relative links in `document` that lead nowhere; links to the web are not followed."""
    text = _CODE.sub("", document.read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in _LINK.findall(text)]
    local = [target for target in targets if target and not re.match(r"[a-z]+:", target)]
    return [target for target in local if not (document.parent / target).exists()]


def verbs(commands: Path) -> list[str]:
    """The verbs of the command line: one file each under src/ninefifteen/cli, with a function `register`."""
    found = []
    for path in sorted(commands.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "register" for node in tree.body):
            found.append(path.stem.strip("_").replace("_", "-"))
    return found


def unmentioned(names: list[str], text: str) -> list[str]:
    """The verbs that `text` never shows as `ninefifteen VERB`."""
    return [name for name in names if not re.search(rf"\bninefifteen {re.escape(name)}\b", text)]


def invented(existing: list[str], text: str) -> list[str]:
    """Verbs that `text` shows in code as `ninefifteen VERB` and that do not exist."""
    shown = [
        verb for code in _CODE.findall(text) for verb in re.findall(r"\bninefifteen ([a-z][a-z-]*)\b", code)
    ]
    return sorted(set(shown) - set(existing))
