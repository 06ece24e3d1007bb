"""The schema of the settings, and what is wrong with a set of values."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from ninefifteen.domain.settings import (
    BrokerEndpoint,
    Emergency,
    Entry,
    Gates,
    NineFifteen,
    OpeningRange,
    Recorded,
    Risk,
    Settings,
    Trading,
)
from ninefifteen.domain.settings_check import keys, problems, value_of


def test_the_defaults_are_those_of_the_strategy_page_and_fit_together():
    assert problems(Settings()) == []
    chosen = {
        "strategy.target_pct": 8,
        "strategy.stop_pct": 30,
        "strategy.lots": 1,
        "risk.max_daily_loss": 2000,
    }
    chosen |= {"strategy.roll_days": 4, "entry.max_modifications": 2, "gates.full_trades": 100}
    assert {path: keys()[path].default for path in chosen} == chosen
    assert keys()["strategy.pcr_min"].default == Decimal("0.7")
    assert keys()["entry.cutoff"].default == time(9, 15, 30)


def test_every_key_has_a_description_and_can_be_looked_up():
    for path, key in keys().items():
        assert key.description.endswith("."), path
        assert value_of(Settings(), key) == key.default
    assert value_of(Settings(broker_endpoint=BrokerEndpoint("r", "w")), keys()["broker_endpoint.ws"]) == "w"


def test_the_key_of_the_file_is_the_users_word():
    assert keys()["trading.mode"].place == ("trading", "wiring")
    assert msgspec.to_builtins(Trading())["mode"] == "paper"


def test_settings_survive_being_written_and_read():
    settings = Settings(strategy=NineFifteen(exit_at=time(15, 5)), broker_endpoint=BrokerEndpoint("r", "w"))
    assert msgspec.json.decode(msgspec.json.encode(settings), type=Settings) == settings


S, E, R, G, Breakout = NineFifteen, Entry, Risk, Gates, OpeningRange


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"strategy": S(target_pct=Decimal(0))}, "strategy.target_pct"),
        ({"strategy": S(target_pct=Decimal(-1))}, "strategy.target_pct"),
        ({"strategy": S(stop_pct=Decimal(100))}, "strategy.stop_pct"),
        ({"strategy": S(stop_pct=Decimal(0))}, "strategy.stop_pct"),
        ({"strategy": S(lots=0)}, "strategy.lots"),
        ({"strategy": S(scan_time=time(9, 15))}, "strategy.scan_time"),
        ({"strategy": S(exit_at=time(9, 15))}, "strategy.exit_at"),
        ({"strategy": S(exit_at=time(9, 15, 20))}, "strategy.exit_at"),
        ({"strategy": S(exit_at=time(9, 30))}, "strategy.exit_at"),
        ({"strategy": S(pcr_min=Decimal(2))}, "strategy.pcr_min"),
        ({"strategy": S(min_gain_pct=Decimal(20))}, "strategy.min_gain_pct"),
        ({"strategy": S(max_candidates=0)}, "strategy.max_candidates"),
        ({"strategy": S(max_candidates=51)}, "strategy.max_candidates"),
        ({"strategy": S(min_premium=Decimal("0.001"))}, "strategy.min_premium"),
        ({"entry": E(cutoff=time(9, 15))}, "entry.cutoff"),
        ({"entry": E(next_after=time(9, 14))}, "entry.next_after"),
        ({"entry": E(next_after=time(9, 16))}, "entry.next_after"),
        ({"recorded": Recorded(time(9, 14))}, "recorded.last_entry"),
        ({"risk": R(max_daily_loss=Decimal(0))}, "risk.max_daily_loss"),
        ({"risk": R(max_trades=0)}, "risk.max_trades"),
        ({"risk": R(max_position_value=Decimal(0))}, "risk.max_position_value"),
        ({"trading": Trading(paper_capital=Decimal(0))}, "trading.paper_capital"),
        ({"gates": G(full_trades=49)}, "gates.full_trades"),
        ({"gates": G(min_win_rate=Decimal(60))}, "gates.min_win_rate"),
        ({"emergency": Emergency(("98123",))}, "emergency.sms_numbers"),
        ({"opening_range": Breakout(lots=0)}, "opening_range.lots"),
        ({"opening_range": Breakout(last_entry=time(9, 15))}, "opening_range.last_entry"),
        ({"opening_range": Breakout(enabled=True), "strategy": S(exit_at=time(10))}, "strategy.exit_at"),
    ],
)
def test_an_impossible_value_is_one_problem_that_names_its_key(sections: dict[str, Any], path: str):
    (problem,) = problems(Settings(**sections))
    assert problem.path == path
    assert problem.text.startswith(path)


def test_values_at_their_bounds_are_possible():
    strategy = S(
        stop_pct=Decimal("99.9"),
        pcr_min=Decimal(0),
        pcr_max=Decimal(0),
        max_gain_pct=Decimal(0),
        exit_at=time(10),
    )
    assert problems(Settings(strategy=strategy, entry=E(next_after=time(9, 15)))) == []
