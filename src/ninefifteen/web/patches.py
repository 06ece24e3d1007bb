"""The state as the page gets it, and what changed between two of them."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]
_APART = {"candidates": "candidates", "plan": "plans"}


def reshaped(state: Document) -> Document:
    """The engine's state with its strategies keyed by name, their candidates and plans beside them.

    What changes seldom is apart from what changes often, so that patches stay small.
    """
    runs = state.get("strategies")
    if not isinstance(runs, list):
        return state
    found: Document = {**state, "strategies": {}, "candidates": {}, "plans": {}}
    for run in runs:
        name = str(run["strategy"])
        found["strategies"][name] = {key: value for key, value in run.items() if key not in _APART}
        for key, place in _APART.items():
            if run.get(key) is not None:
                found[place][name] = run[key]
    return found


def patch(old: Document, new: Document) -> Document:
    """The merge patch (RFC 7386) that makes `new` of `old`, where a field that is null may be missing."""
    changes: Document = {key: None for key, value in old.items() if key not in new and value is not None}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            inner = patch(before, value)
            if inner:
                changes[key] = inner
        elif value != before:
            changes[key] = value
    return changes
