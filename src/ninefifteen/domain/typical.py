"""What stands in for a day's own figures before there are any."""

from __future__ import annotations

from decimal import Decimal

TYPICAL_LOT = (Decimal(15000), Decimal(25000))
"""Rupees one at-the-money call lot of a NIFTY 50 stock usually costs, low and high."""
