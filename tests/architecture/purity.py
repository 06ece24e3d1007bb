"""Finds what the pure core must not hold: foreign imports, input and output, waiting."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

TOUCHES_THE_WORLD = frozenset(
    {"breakpoint", "compile", "eval", "exec", "input", "open", "print", "__import__"}
)


def imported(source: str) -> Iterator[tuple[int, str]]:
    """(line, top-level package) of every absolute import in `source`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, (node.module or "").partition(".")[0]


def foreign_imports(source: str, allowed: frozenset[str]) -> list[tuple[int, str]]:
    """(line, package) of every import that is neither the standard library's nor in `allowed`."""
    return [found for found in imported(source) if found[1] not in sys.stdlib_module_names | allowed]


def impurities(source: str) -> list[tuple[int, str]]:
    """(line, what) of every coroutine, `await` and call that reaches outside the process."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            found.append((node.lineno, "asynchronous code"))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in TOUCHES_THE_WORLD:
                found.append((node.lineno, node.func.id))
        elif isinstance(node, ast.Global):
            found.append((node.lineno, "global state"))
    return sorted(found)
