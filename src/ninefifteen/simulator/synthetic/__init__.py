"""Seeded synthetic trading days: a whole opening and session that never happened, the same for a seed."""

from .day import SyntheticDay
from .options import SyntheticOptions, default_options, fair
from .when import demo_date

__all__ = ["SyntheticDay", "SyntheticOptions", "default_options", "demo_date", "fair"]
