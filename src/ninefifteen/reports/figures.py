"""Figures as an Indian trader reads them: lakh grouping, signs, percentages, IST clocks, countdowns."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from ninefifteen.domain.instants import SECOND, Instant, clock_of
from ninefifteen.domain.money import Paise, rupees

_AMOUNT = re.compile(r"(?<=Rs )(-?)(\d{4,})")
_MINUTE, _HOUR = 60, 3600


def grouped(number: int) -> str:
    """A whole number in Indian grouping: 1234567 -> "12,34,567"."""
    sign, digits = ("-" if number < 0 else ""), str(abs(number))
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return sign + ",".join([*pairs, tail])


def price(paise: Paise) -> str:
    """A price in rupees, grouped, without the currency: 126050 -> "1,260.50"."""
    whole, _, rest = rupees(abs(paise)).partition(".")
    return f"{'-' if paise < 0 else ''}{grouped(int(whole))}.{rest}"


def amount(paise: Paise) -> str:
    """An amount of money: "Rs 1,00,000.00", "-Rs 415.23"."""
    return f"{'-' if paise < 0 else ''}Rs {price(abs(paise))}"


def gain_or_loss(paise: Paise) -> str:
    """A result with its sign always shown: "+Rs 825.00", "-Rs 415.23", "Rs 0.00"."""
    return f"{'+' if paise > 0 else ''}{amount(paise)}"


def regrouped(text: str) -> str:
    """A sentence of the engine with its rupee amounts in Indian grouping."""
    return _AMOUNT.sub(lambda found: found[1] + grouped(int(found[2])), text)


def percent(share: Fraction | float, places: int = 1) -> str:
    """A share as a signed percentage: 0.08 -> "+8.0 %"."""
    return f"{float(share) * 100:+.{places}f} %"


def change(value: Paise, base: Paise, places: int = 1) -> str:
    """How far `value` is from `base` (paise), as a signed percentage; "" without a base."""
    return percent(Fraction(value, base) - 1, places) if base else ""


def clock(instant: Instant) -> str:
    """The exchange's wall clock, IST: "09:15:20"."""
    return f"{clock_of(instant):%H:%M:%S}"


def clock_ms(instant: Instant) -> str:
    """The same with milliseconds: "09:15:20.190"."""
    return f"{clock_of(instant):%H:%M:%S.%f}"[:-3]


def countdown(left: Instant) -> str:
    """A duration (ns) as a countdown, never too small: "5 s", "1:05", "5:54:40"."""
    seconds = -(-max(left, 0) // SECOND)
    if seconds < _MINUTE:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, _MINUTE)
    if seconds < _HOUR:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // _MINUTE}:{minutes % _MINUTE:02d}:{rest:02d}"


def day(when: date) -> str:
    """A date for people: "Wed 9 Dec 2026"."""
    return f"{when:%a} {when.day} {when:%b %Y}"
