"""Only the risk gate makes an `ApprovedOrder`; whatever else the program does, nothing else can be sent."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

GATE = "engine/risk.py"
MAKERS = frozenset({"ApprovedOrder", "convert", "replace"})


def makes_approved_orders(source: str) -> list[int]:
    """Lines that call `ApprovedOrder`, by whatever name, or hand it to something that builds values."""
    tree = ast.parse(source)
    names = {"ApprovedOrder"} | {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "ApprovedOrder" and alias.asname
    }
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = {n.id for argument in node.args for n in ast.walk(argument) if isinstance(n, ast.Name)}
        if called in names or (called in MAKERS and given & names):
            lines.append(node.lineno)
    return lines


def test_only_the_risk_gate_makes_an_approved_order(repository: Path):
    package = repository / "src" / "ninefifteen"
    found = {
        str(path.relative_to(package)): lines
        for path in sorted(package.rglob("*.py"))
        if (lines := makes_approved_orders(path.read_text(encoding="utf-8")))
    }
    assert set(found) == {GATE}


@pytest.mark.parametrize(
    "fault",
    [
        "from x import ApprovedOrder\nApprovedOrder(request, now)",
        "import x.order as order\norder.ApprovedOrder(request, now)",
        "from x import ApprovedOrder as Order\nOrder(request, now)",
        "from x import ApprovedOrder\nmsgspec.convert(raw, ApprovedOrder)",
        "from x import ApprovedOrder\nmake = lambda r: [ApprovedOrder(r, 0)]",
    ],
)
def test_a_planted_fault_is_found(fault: str):
    assert makes_approved_orders(fault) == [2]


@pytest.mark.parametrize(
    "innocent",
    [
        "def submit(order: ApprovedOrder) -> None: ...",
        "msgspec.structs.replace(order, limit=3)",
        "isinstance(order, ApprovedOrder)",
    ],
)
def test_naming_the_type_is_no_fault(innocent: str):
    assert makes_approved_orders(innocent) == []
