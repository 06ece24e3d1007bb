"""The account: what it may trade and what money may pay a premium."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.zerodha.account import Funds, Profile, funds, profile
from ninefifteen.adapters.zerodha.errors import Down
from tests.adapters.zerodha.scripted_server import reply, success, talk

TRADER = {
    "user_id": "AB1234",
    "exchanges": ["NSE", "NFO"],
    "products": ["CNC", "NRML", "MIS"],
    "order_types": ["MARKET", "LIMIT", "SL", "SL-M"],
    "avatar_url": None,
}


def money(**changes: Any) -> dict[str, Any]:
    available = {"cash": 5000.0, "live_balance": 4000.5, "opening_balance": 5000, "collateral": 0}
    return {"equity": {"enabled": True, "net": 4000.5, "available": available} | changes}


def test_an_account_with_everything_lacks_nothing() -> None:
    found = talk(profile, success(TRADER))
    assert found == Profile(
        "AB1234", ("NSE", "NFO"), ("CNC", "NRML", "MIS"), ("MARKET", "LIMIT", "SL", "SL-M")
    )
    assert found.missing == ()


@pytest.mark.parametrize(
    ("field", "words"),
    [("exchanges", ["NFO"]), ("products", ["MIS"]), ("order_types", ["limit orders", "SL"])],
)
def test_what_an_account_lacks_is_told_with_what_to_do(field: str, words: list[str]) -> None:
    missing = talk(profile, success(TRADER | {field: ["OTHER"]})).missing
    assert len(missing) == len(words)
    assert all(word in line and ": " in line for word, line in zip(words, missing, strict=True))


@pytest.mark.parametrize("data", [{}, TRADER | {"user_id": ""}, TRADER | {"products": None}, []])
def test_a_profile_of_another_shape_is_no_answer(data: Any) -> None:
    with pytest.raises(Down):
        talk(profile, success(data))


def test_free_is_cash_and_never_what_shares_are_pledged_for() -> None:
    assert talk(funds, success(money())) == Funds(True, 400050, 0, 500000)
    available = {"cash": 1.0, "live_balance": 100.25, "collateral": 90_000.0}
    assert talk(funds, success(money(net=90_100.25, available=available))).free_cash == 10025
    assert talk(funds, success(money(net=-3.0))).free_cash == 0
    assert talk(funds, success(money(net=99725.05000000002, available=available))).free_cash == 10025


@pytest.mark.parametrize(
    "body",
    [
        {"status": "success", "data": {"commodity": {}}},
        {"status": "success", "data": money(net="many")},
        {"status": "success", "data": money(net=1e300)},
        '{"status": "success", "data": {"equity": {"enabled": true, "net": NaN}}}',
    ],
)
def test_money_that_is_none_is_no_answer(body: Any) -> None:
    with pytest.raises(Down):
        talk(funds, reply(body))


@pytest.mark.real_data
def test_the_sample_replies_of_zerodha_are_read(real_data: Path) -> None:
    folder = real_data / "fixtures" / "kite_mocks"
    if not folder.is_dir():
        pytest.skip("no sample replies: fixtures/kite_mocks is not among the recorded data")
    found = talk(profile, reply((folder / "profile.json").read_bytes()))
    assert (found.user_id, found.missing) == ("AB1234", ())
    sample = (folder / "margins.json").read_bytes()
    assert talk(funds, reply(sample)) == Funds(True, 9972505, 0, 24543160)
    assert json.loads(sample)["data"]["equity"]["net"] == 99725.05000000002
