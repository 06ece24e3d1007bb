"""What a page does with a patch: RFC 7386, written anew from its text."""

from __future__ import annotations

from typing import Any


def merged(target: Any, patch: Any) -> Any:
    """The target with the patch applied."""
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), value)
    return found


def bare(document: Any) -> Any:
    """The document without fields that are null: missing means the same."""
    if not isinstance(document, dict):
        return document
    return {name: bare(value) for name, value in document.items() if value is not None}
