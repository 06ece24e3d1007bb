"""The JSON that scripts may rely on (`design/interfaces.md`), as checks that name the field at fault."""

from __future__ import annotations

import re
from typing import Any

from tests.cli.command_line import Document

RUPEES = re.compile(r"-?\d+\.\d{2}")
RUPEES_4 = re.compile(r"-?\d+\.\d{4}")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+05:30")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NUMBER = (int, float)

CODES = {
    "ok", "not_a_gainer", "gap_beyond_band", "banned", "event", "no_contract", "pcr_thin", "pcr_out_of_range",
    "illiquid", "too_cheap", "unaffordable", "risk_too_large", "product_refused",
}  # fmt: skip
EXITS = {"target", "stop", "time", "risk", "halt", "manual"}
NO_DATA = {
    "no_pre_open", "no_option_prices", "no_chain_for_expiry", "no_previous_oi", "no_opening_snapshot",
    "no_exit_observation",
}  # fmt: skip
NO_TRADE = {"special_session", "no_candidate", "not_filled", "risk_too_large"}


def check_run(document: Document) -> None:
    """`run --once --json`."""
    _is(document, "mode", str)
    _like(document, "date", DAY)
    _is(document, "synthetic", bool)
    _is(document, "seed", int)
    _is(document, "flat", bool)
    _is(document, "events", int)
    _is(document, "journal_ok", bool)
    check_pick(document["pick"])
    check_candidates(document)
    for trade in document["trades"]:
        check_trade(trade)
    reason = document["no_trade_reason"]
    assert isinstance(reason, str) is not bool(document["trades"]), reason


def check_backtest(document: Document) -> None:
    """`backtest --json`."""
    for day in document["days"]:
        check_day(day)
    check_summary(document["summary"])
    assert isinstance(document["elapsed_s"], NUMBER)
    _is(document, "rows_read", int)


def check_day(day: Document) -> None:
    """One entry of `days`."""
    _like(day, "date", DAY)
    status, reason = day["status"], day["reason"]
    assert (status, reason) == ("traded", None) or reason in {"no_trade": NO_TRADE, "no_data": NO_DATA}[
        status
    ]
    assert day["price_source"] in {"quotes", "last", "bhavcopy", "model", None}
    check_pick(day["pick"])
    check_candidates(day)
    assert (day["trade"] is not None) is (status == "traded")
    if day["trade"] is not None:
        check_trade(day["trade"])
        _is(day["trade"], "ambiguous", bool)
        assert isinstance(day["trade"]["entry_delay_s"], NUMBER)


def check_summary(summary: Document) -> None:
    """The figures of a run of days."""
    for name in ("trades", "wins", "longest_loss_streak"):
        _is(summary, name, int)
    for name in ("net", "charges"):
        _like(summary, name, RUPEES_4)
    assert isinstance(summary["max_drawdown"], NUMBER)
    for name in ("win_rate", "win_rate_low", "win_rate_high", "sharpe", "profit_factor"):
        assert summary[name] is None or isinstance(summary[name], NUMBER), name
    assert summary["expectancy"] is None or RUPEES_4.fullmatch(summary["expectancy"])
    if summary["trades"]:
        assert 0 <= summary["win_rate_low"] <= summary["win_rate"] <= summary["win_rate_high"] <= 1


def check_pick(pick: Document | None) -> None:
    """The pick, or none."""
    if pick is None:
        return
    for name in ("symbol", "contract"):
        _is(pick, name, str)
    _like(pick, "expiry", DAY)
    _is(pick, "lot_size", int)
    for name in ("strike", "gain"):
        assert isinstance(pick[name], NUMBER), name
    assert pick["pcr"] is None or isinstance(pick["pcr"], NUMBER)


def check_candidates(document: Document) -> None:
    """The examined stocks in rank order; the last one is the pick where there is one."""
    candidates = document["candidates"]
    assert [one["rank"] for one in candidates] == list(range(1, len(candidates) + 1))
    for one in candidates:
        _is(one, "symbol", str)
        assert isinstance(one["gain"], NUMBER)
        assert one["pcr"] is None or isinstance(one["pcr"], NUMBER)
        assert one["code"] in CODES, one["code"]
    if document["pick"] is not None:
        assert (candidates[-1]["code"], candidates[-1]["symbol"]) == ("ok", document["pick"]["symbol"])
    gains = [one["gain"] for one in candidates]
    assert gains == sorted(gains, reverse=True)


def check_trade(trade: Document) -> None:
    """One round trip; its figures must add up."""
    _is(trade, "contract", str)
    _is(trade, "quantity", int)
    _like(trade, "entry_at", INSTANT)
    assert trade["exit_at"] is None or INSTANT.fullmatch(trade["exit_at"])
    for name in ("entry", "exit", "gross"):
        _like(trade, name, RUPEES)
    for name in ("charges", "net"):
        _like(trade, name, RUPEES_4)
    assert trade["exit_reason"] in EXITS
    gross = (cents(trade["exit"]) - cents(trade["entry"])) * trade["quantity"]
    assert cents(trade["gross"]) == gross, "gross = (exit - entry) x quantity"
    assert abs(float(trade["gross"]) - float(trade["charges"]) - float(trade["net"])) < 1e-6


def cents(amount: str) -> int:
    """Paise of an amount with two places."""
    return int(amount.replace(".", ""))


def _is(document: Document, name: str, kind: type[Any]) -> None:
    assert type(document[name]) is kind, f"{name}: {document[name]!r} is no {kind.__name__}"


def _like(document: Document, name: str, form: re.Pattern[str]) -> None:
    assert isinstance(document[name], str), name
    assert form.fullmatch(document[name]), f"{name}: {document[name]!r}"
