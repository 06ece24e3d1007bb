"""The odds as a document: what `setup --json` prints and `/api/odds` answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ninefifteen.domain.money import rupees
from ninefifteen.domain.settings import Settings
from ninefifteen.domain.settings_check import Key, keys, value_of

from .odds import Odds, Position
from .odds_sections import sections


def odds_document(odds: Odds, shown: Callable[[Any], str]) -> dict[str, Any]:
    """Rupees as decimal strings, shares as fractions of 1; `shown` writes a value as config.yaml does.

    `sections` says it in words, each figure with how it was reckoned; `rules` says whose rules these are.
    """
    return {
        "as_of": odds.as_of.isoformat(),
        "sections": msgspec.to_builtins(sections(odds)),
        "positions": [_position(one) for one in odds.positions],
        "trades_a_month": round(float(odds.pace.trades_a_month), 2),
        "running_cost": {"low": f"{odds.monthly_low:f}", "high": f"{odds.monthly_high:f}"},
        "gates": [
            {
                "trades": gate.trades,
                "every_day": gate.every_day.isoformat(),
                "at_pace": gate.at_pace.isoformat(),
                "exact": gate.exact,
            }
            for gate in odds.gates
        ],
        "rules": rules_document(odds, shown),
    }


def rules_document(odds: Odds, shown: Callable[[Any], str]) -> list[dict[str, Any]]:
    """Every rule with its settings, their values, and whether they are the defaults."""
    return [
        {
            "whose": rule.whose,
            "text": rule.text,
            "settings": [_setting(odds.settings, keys()[path], shown) for path in rule.keys],
        }
        for rule in odds.data.rule
    ]


def _setting(settings: Settings, key: Key, shown: Callable[[Any], str]) -> dict[str, Any]:
    value = value_of(settings, key)
    return {"key": key.path, "value": shown(value), "changed": value != key.default}


def _position(one: Position) -> dict[str, Any]:
    return {
        "value": rupees(one.value),
        "dearest": one.dearest,
        "refused": one.refused,
        "wished_loss": rupees(one.wished_loss),
        "stop_loss": None if one.stop_loss is None else rupees(one.stop_loss),
        "stop_share": None if one.stop_share is None else round(float(one.stop_share), 6),
        "tightened": one.tightened,
        "profit": rupees(one.profit),
        "wished_break_even": round(one.wished_break_even, 6),
        "break_even": None if one.break_even is None else round(one.break_even, 6),
        "charges": rupees(one.charges),
        "spread": rupees(one.crossing),
        "cost_share": round(float(one.cost_share), 6),
        "fair_month": None if one.month is None else rupees(one.month),
        "fair_month_every_day": None if one.month_every_day is None else rupees(one.month_every_day),
    }
