"""Money and prices as whole paise: exact sums, exact comparisons, no floats.

A price or an amount of rupees is an `int` number of paise (1 rupee = 100 paise). Ticks are paise
too: 5 is the tick of 0.05 rupees. Quantities are units (shares), never lots, unless a name says so.
"""

from __future__ import annotations

from decimal import Decimal, DecimalException

Paise = int
"""An amount of money or a price, in paise (1/100 rupee)."""


def rupees(paise: Paise) -> str:
    """The amount as a decimal string of rupees with two places: 4550 -> "45.50"."""
    sign = "-" if paise < 0 else ""
    whole, rest = divmod(abs(paise), 100)
    return f"{sign}{whole}.{rest:02d}"


def parse_rupees(text: str | int | float | Decimal) -> Paise:
    """Rupees as printed (two places at most) to paise; a float is read by its shortest text.

    Raises ValueError when the value is no number or has a fraction of a paisa.
    """
    try:
        value = Decimal(str(text)) * 100
    except DecimalException:  # no number, or one too long for any decimal
        raise ValueError(f"not an amount of rupees: {text!r}") from None
    if not value.is_finite() or value != value.to_integral_value():
        raise ValueError(f"not a whole number of paise: {text!r}")
    return int(value)


def up_to_tick(price: Paise, tick: Paise) -> Paise:
    """The lowest multiple of `tick` that is not below `price`."""
    return -(-price // tick) * tick


def down_to_tick(price: Paise, tick: Paise) -> Paise:
    """The highest multiple of `tick` that is not above `price`."""
    return price // tick * tick
