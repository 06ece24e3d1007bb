"""Faults for tests, written as anybody would write them."""

from __future__ import annotations

from ninefifteen.simulator.kite import PlannedFaults, read_faults
from tests.simulator.kite.rehearsal import SEED


def planned(*lines: str) -> PlannedFaults:
    """The faults of a file with these entries: `on: POST /orders, what: lost`."""
    return PlannedFaults(read_faults("".join(f"- {{{line}}}\n" for line in lines), "faults.yaml"), SEED)
