"""The settings of one oracle run, with the defaults of design/strategy.md and design/interfaces.md."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any


class Wrong(Exception):
    """The command line or the folder cannot be used; the text says what and where."""


@dataclass(frozen=True)
class Settings:
    """Percentages are in percent (8 is 8 %), money in rupees, open interest and volume minima in lots."""

    target_pct: Decimal = Decimal(8)
    stop_pct: Decimal = Decimal(30)
    pcr_min: Decimal = Decimal("0.7")
    pcr_max: Decimal = Decimal("1.5")
    lots: int = 1
    min_gain_pct: Decimal = Decimal("0.5")
    max_candidates: int = 10
    roll_days: int = 4
    min_chain_oi_lots: int = 500
    min_open_interest_lots: int = 100
    min_volume_lots: int = 200
    min_premium: Decimal = Decimal(5)
    min_target_ticks: int = 8
    max_charge_share: Decimal = Decimal(10)
    min_working_stop_pct: Decimal = Decimal(10)
    collar_pct: Decimal = Decimal(1)
    max_daily_loss: Decimal = Decimal(2000)
    max_position_value: Decimal = Decimal(50000)
    when_stop_exceeds_limit: str = "tighten"
    paper_capital: Decimal = Decimal(100000)
    last_entry: time = time(9, 30)
    slippage_pct: Decimal = Decimal(1)
    daily_limit: bool = True


# Section of the configuration file -> the settings of it that --set may change.
SECTIONS = {
    "strategy": (
        "target_pct stop_pct pcr_min pcr_max lots min_gain_pct max_candidates roll_days min_chain_oi_lots "
        "min_open_interest_lots min_volume_lots min_premium min_target_ticks max_charge_share "
        "min_working_stop_pct collar_pct"
    ),
    "risk": "max_daily_loss max_position_value when_stop_exceeds_limit",
    "trading": "paper_capital",
    "recorded": "last_entry",
}
NAMES = {f"{section}.{name}": name for section, names in SECTIONS.items() for name in names.split()}


def with_changes(base: Settings, pairs: Iterable[str]) -> Settings:
    """`base` with every `key=value` of the command line applied; raises Wrong for one that cannot be."""
    changes: dict[str, Any] = {}  # `replace` cannot tell the types of named changes
    for pair in pairs:
        key, _, text = pair.partition("=")
        if key not in NAMES:
            raise Wrong(f"--set {pair}: no such setting here; there are: {', '.join(sorted(NAMES))}")
        name = NAMES[key]
        changes[name] = _converted(pair, text, getattr(base, name))
    return replace(base, **changes)


def _converted(pair: str, text: str, like: object) -> Decimal | int | time | str:
    try:
        if isinstance(like, Decimal):
            return Decimal(text)
        if isinstance(like, int):
            return int(text)
        if isinstance(like, time):
            return time.fromisoformat(text)
    except (ValueError, InvalidOperation):
        raise Wrong(f"--set {pair}: {text!r} is not a {type(like).__name__}") from None
    if text not in {"tighten", "refuse"}:
        raise Wrong(f"--set {pair}: tighten or refuse")
    return text
