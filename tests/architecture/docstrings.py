"""Finds public modules, classes and functions that do not say what they mean."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def undocumented(source: str) -> list[str]:
    """Dotted names of everything public in `source` without a docstring; "<module>" for the module itself.

    An empty module has nothing to explain. Names with a leading underscore, functions inside functions and
    methods marked `@override` or `@overload` need none.
    """
    tree = ast.parse(source)
    if not tree.body:
        return []
    return ([] if ast.get_docstring(tree) else ["<module>"]) + list(_within(tree, ""))


def _within(parent: Documented, prefix: str) -> Iterator[str]:
    for node in parent.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_") or _inherits_its_meaning(node):
            continue
        if not ast.get_docstring(node):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from _within(node, f"{prefix}{node.name}.")


def _inherits_its_meaning(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = [d.attr if isinstance(d, ast.Attribute) else getattr(d, "id", "") for d in node.decorator_list]
    return any(name in {"override", "overload", "setter"} for name in names)
