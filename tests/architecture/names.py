"""Finds identifiers in Python source: what a rule about names looks at."""

from __future__ import annotations

import ast
from collections.abc import Iterator

MODE_WORDS = frozenset({"mode", "is_live", "is_paper", "dry_run", "backtest", "live", "paper", "demo"})
"""A name like this in the core is a way of running leaking into a decision."""


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    """(line, identifier) of every name, attribute, parameter, keyword, definition and import in `source`."""
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield line, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield line, name
            case ast.alias(name=name, asname=asname):
                yield from ((line, part) for part in name.split("."))
                if asname:
                    yield line, asname
            case ast.keyword(arg=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield line, name
            case ast.MatchClass(kwd_attrs=names):
                yield from ((line, name) for name in names)
            case _:
                pass


def mode_words(source: str) -> list[tuple[int, str]]:
    """(line, name) of every identifier that is a mode word, whatever its case."""
    return sorted((line, name) for line, name in identifiers(source) if name.lower() in MODE_WORDS)
