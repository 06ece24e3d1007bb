"""The JSON shapes scripts rely on (`design/interfaces.md`), made from day records.

Prices and rupees are decimal strings; charges and net have four places (G1); `gain`, `pcr` and
`strike` are JSON numbers, gain and ratio rounded to six places.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.charges import UNITS_PER_PAISA, rupees4, to_printed
from ninefifteen.domain.instants import SECOND, iso_ms
from ninefifteen.domain.money import rupees
from ninefifteen.domain.record import DayRecord, Trade

Document = dict[str, Any]


def run_document(record: DayRecord, *, wiring: str, events: int, journal_ok: bool, flat: bool) -> Document:
    """`run --once --json`. `flat` is the exchange's own word; the record's must agree with it."""
    return {
        "mode": wiring,
        "date": record.date.isoformat(),
        "synthetic": record.synthetic,
        "seed": record.seed,
        "status": record.status,
        "pick": pick_document(record),
        "no_trade_reason": record.reason,
        "candidates": candidate_documents(record),
        "shadow_pick": record.shadow,
        "trades": [trade_document(trade) for trade in record.trades],
        "flat": flat and record.flat,
        "alarms": record.alarms,
        "unknown": list(record.unknown),
        "events": events,
        "journal_ok": journal_ok,
    }


def backtest_day_document(record: DayRecord) -> Document:
    """One entry of `days` of `backtest --json`."""
    trade = record.trades[0] if record.trades else None
    return {
        "date": record.date.isoformat(),
        "status": record.status,
        "reason": record.reason,
        "pick": pick_document(record),
        "candidates": candidate_documents(record),
        "trade": None if trade is None else backtest_trade_document(trade),
        "price_source": record.price_source,
        "shadow_pick": record.shadow,
        "unknown": list(record.unknown),
        "notes": list(record.notes),
    }


def pick_document(record: DayRecord) -> Document | None:
    """The pick with its contract; None when nothing was picked."""
    if record.pick is None:
        return None
    candidate = record.candidates[record.pick]
    instrument = candidate.instrument
    if instrument is None:
        return None
    return {
        "symbol": candidate.symbol,
        "contract": instrument.name,
        "expiry": None if instrument.expiry is None else instrument.expiry.isoformat(),
        "strike": _number(Fraction(instrument.strike, 100)),
        "lot_size": instrument.lot_size,
        "gain": _six(candidate.gain),
        "pcr": None if candidate.pcr is None else _six(candidate.pcr),
        "estimate": rupees(candidate.estimate),
    }


def candidate_documents(record: DayRecord) -> list[Document]:
    """The examined stocks: rank 1 to the pick, or all that were examined when nothing passes (K5)."""
    shown = record.candidates if record.pick is None else record.candidates[: record.pick + 1]
    return [candidate_document(candidate) for candidate in shown]


def trade_document(trade: Trade) -> Document:
    """One round trip."""
    net = trade.gross * UNITS_PER_PAISA - to_printed(trade.charges.total)
    return {
        "contract": trade.instrument.name,
        "quantity": trade.quantity,
        "entry_at": iso_ms(trade.entry_at),
        "entry": rupees(trade.entry),
        "exit_at": None if trade.exit_at is None else iso_ms(trade.exit_at),
        "exit": rupees(trade.exit),
        "exit_reason": trade.exit_reason,
        "gross": rupees(trade.gross),
        "charges": rupees4(trade.charges.total),
        "net": rupees4(net),
        "strategy": trade.strategy,
    }


def backtest_trade_document(trade: Trade) -> Document:
    """The same with what only recorded data need said."""
    return trade_document(trade) | {
        "ambiguous": trade.ambiguous,
        "entry_delay_s": trade.entry_delay / SECOND,
        "longest_gap_minutes": round(trade.longest_gap / SECOND / 60, 3),
        "target": rupees(trade.target),
        "stop": rupees(trade.stop),
        "note": trade.note or None,
    }


def candidate_document(candidate: Candidate) -> Document:
    """One examined stock with the code of the first test it failed."""
    return {
        "rank": candidate.rank,
        "symbol": candidate.symbol,
        "gain": _six(candidate.gain),
        "pcr": None if candidate.pcr is None else _six(candidate.pcr),
        "code": candidate.code,
        "detail": candidate.detail or None,
    }


def _six(value: Fraction) -> float:
    return round(float(value), 6)


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)
