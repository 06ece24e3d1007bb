"""Checks that every Python file has at most 400 lines and every function at most 50.

No exceptions: tables live in data files, wiring in small builders. A function is measured from its first
decorator to its last line, docstring included, so that explaining costs as much as doing.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 50
PLACES = ("src", "tests", "tools", "benchmarks", "main.py", "hatch_build.py")


def python_files(root: Path) -> Iterator[Path]:
    """Every Python file under the places that are held to the limits, in a stable order."""
    for place in PLACES:
        path = root / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def oversized(path: Path) -> Iterator[str]:
    """One line for the file and for each of its functions that is too long; nothing when all are fine."""
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n") + (not text.endswith("\n") and bool(text))
    if lines > FILE_LINES:
        yield f"{path}: {lines} lines, at most {FILE_LINES} are allowed"
    for node in ast.walk(ast.parse(text, filename=str(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            length = (node.end_lineno or first) - first + 1
            if length > FUNCTION_LINES:
                yield f"{path}:{first}: {node.name} has {length} lines, at most {FUNCTION_LINES} are allowed"


def main(root: Path) -> int:
    """Print what is too long under `root`; 1 when anything is, or when there was nothing to measure."""
    files = list(python_files(root))
    complaints = [line for path in files for line in oversized(path)]
    print(*complaints, f"sizes: {len(files)} files measured, {len(complaints)} complaints", sep="\n")
    return 1 if complaints or not files else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent))
