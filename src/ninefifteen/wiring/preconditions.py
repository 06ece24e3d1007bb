"""What the dated rules must know of a day before anything of it is begun."""

from __future__ import annotations

from ninefifteen.adapters.rules.reach import UNKNOWN, require_rules

__all__ = ["UNKNOWN", "require_rules"]
