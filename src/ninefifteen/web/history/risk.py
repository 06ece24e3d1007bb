"""What may be lost, what of it is used, and which setting makes each limit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

import msgspec

from ninefifteen.config import load_config
from ninefifteen.config.contradictions import notes
from ninefifteen.domain.money import rupees
from ninefifteen.domain.settings import Settings
from ninefifteen.domain.settings_check import keys
from ninefifteen.errors import BadInput
from ninefifteen.reports.state_document import state_document
from ninefifteen.web.errors import Refused
from ninefifteen.web.models.risk import Clash, Gauge, Risk

from .day_book import DayBook
from .lot_risk import lot_risk
from .records import Records

_AMBER, _RED = 0.75, 1.0
_KEY = re.compile(r"[a-z_]+\.[a-z_]+|[a-z_]{6,}")
_TOMORROW = "at the start of the next trading day"
Document = Mapping[str, Any]


def risk_page(records: Records, engine: Document | None) -> Risk:
    """The page, from the engine's own figures where it runs, else from the newest day's journal.

    Raises Refused (409) when neither a day nor the settings can be read.
    """
    newest = records.newest()
    if newest is None:
        return _page(records, settings_now(records), None, None)
    try:
        with records.book(newest) as book:
            same = engine is not None and engine.get("date") == book.header.date.isoformat()
            settings = book.settings if same else settings_now(records)
            return _page(records, settings, book, engine if same else None)
    except Refused:
        return _page(records, settings_now(records), None, None)


def settings_now(records: Records) -> Settings:
    """The settings of the home as they are in its files now. Raises Refused (409)."""
    try:
        return load_config(records.home, environment=records.environment).settings
    except BadInput as problem:
        raise Refused(409, "settings", str(problem).splitlines()[0], "`ninefifteen config check`") from None


def _page(records: Records, settings: Settings, book: DayBook | None, engine: Document | None) -> Risk:
    state = engine if engine is not None else _last(book)
    current = book if book is not None and (engine is not None or book.record is None) else None
    return Risk(
        as_of=state.get("clock") if state.get("date") else None,
        from_engine=engine is not None,
        date=state.get("date"),
        gauges=list(_gauges(settings, state, book)),
        lot=lot_risk(settings, current),
        warnings=[Clash(text=text, keys=_keys_in(text)) for text in notes(settings)],
        stops=list(_stops(records, state, engine is not None)),
    )


def _last(book: DayBook | None) -> Document:
    """The state in which the newest day's journal ends."""
    if book is None or book.until is None:
        return {}
    return state_document(book.state, book.until, wiring="", rehearsal=book.header.rehearsal, speed="")


class _Limit(msgspec.Struct, frozen=True):
    """What a gauge measures against, beside its figures."""

    name: str
    text: str
    rule: str
    resets: str


_LOSS = _Limit("daily_loss", "Loss of the day", "risk.max_daily_loss", _TOMORROW)
_TRADES = _Limit("trades", "Trades of the day", "risk.max_trades", _TOMORROW)
_PREMIUM = _Limit(
    "position_value", "Premium of one position", "risk.max_position_value", "when the position is sold"
)
_LOSSES = _Limit(
    "losses_in_a_row", "Losing trades in a row", "risk.max_consecutive_losses", "with a winning trade"
)
_COUNTS = frozenset({_TRADES.name, _LOSSES.name})


def _gauges(settings: Settings, state: Document, book: DayBook | None) -> Iterator[Gauge]:
    risk = settings.risk
    at_risk: Decimal | None = None
    if state.get("date") is None:
        for limit, money in (
            (_LOSS, risk.max_daily_loss),
            (_TRADES, Decimal(risk.max_trades)),
            (_PREMIUM, risk.max_position_value),
        ):
            yield _gauge(limit, None, money, "")
    else:
        lost = max(-Decimal(state["day_result"]), Decimal(0))
        result = f"the day's result is Rs {state['day_result']}, what is held counted at its bid"
        yield _gauge(_LOSS, lost, risk.max_daily_loss, result)
        entries = Decimal(state["entries_today"])
        yield _gauge(_TRADES, entries, Decimal(risk.max_trades), "entries over all strategies")
        largest, at_risk = _premiums(state)
        told = "the largest position held, as it was paid" if largest else "nothing is held"
        yield _gauge(_PREMIUM, largest, risk.max_position_value, told)
    yield _streak(settings, book)
    yield _exposure(settings, book, at_risk)


def _streak(settings: Settings, book: DayBook | None) -> Gauge:
    limit = Decimal(settings.risk.max_consecutive_losses)
    if book is None or book.state.facts is None:
        return _gauge(_LOSSES, None, limit, "")
    told = "over all days; at the limit nothing enters until somebody resumes"
    return _gauge(_LOSSES, Decimal(book.state.streak), limit, told)


def _exposure(settings: Settings, book: DayBook | None, at_risk: Decimal | None) -> Gauge:
    """Everything in the market beside the money that the day began with."""
    money, rule = settings.trading.paper_capital, "trading.paper_capital"
    if book is not None and book.state.facts is not None:
        money, rule = Decimal(rupees(book.state.facts.free_cash)), "free cash when the day began"
    limit = _Limit("exposure", "Money in the market", rule, "when everything is sold")
    return _gauge(limit, at_risk, money, "" if at_risk is None else "premium held and of open entries")


def _premiums(state: Document) -> tuple[Decimal, Decimal]:
    """The largest premium of one position, and all of them with what open entries may still buy."""
    paid = [one["quantity"] * Decimal(one["average"]) for one in state.get("positions") or ()]
    living = [one for one in state.get("orders") or () if one["side"] == "BUY" and not _over(one)]
    open_buys = [(one["quantity"] - one["filled"]) * Decimal(one["limit"]) for one in living]
    return max(paid, default=Decimal(0)), sum(paid, Decimal(0)) + sum(open_buys, Decimal(0))


def _over(order: Document) -> bool:
    return order["state"] in ("complete", "cancelled", "rejected", "expired")


def _gauge(limit: _Limit, used: Decimal | None, most: Decimal, detail: str) -> Gauge:
    count = limit.name in _COUNTS
    share = None if used is None else round(float(used / most), 4) if most > 0 else 1.0
    state: Literal["green", "amber", "red", "unknown"] = "unknown"
    if share is not None:
        state = "red" if share >= _RED else "amber" if share >= _AMBER else "green"
    places = Decimal(1) if count else Decimal("0.01")
    return Gauge(
        name=limit.name,
        text=limit.text,
        unit="count" if count else "rupees",
        used=None if used is None else f"{used.quantize(places):f}",
        limit=f"{most.quantize(places):f}",
        share=share,
        state=state,
        detail=detail or "no day has been run yet",
        rule=limit.rule,
        resets=limit.resets,
    )


def _keys_in(text: str) -> list[str]:
    """The settings a sentence names, by their full or their last name."""
    known = keys()
    leaves = {path.partition(".")[2]: path for path in reversed(list(known))}
    found = (word if word in known else leaves.get(word) for word in _KEY.findall(text))
    return list(dict.fromkeys(one for one in found if one is not None))


def _stops(records: Records, state: Document, running: bool) -> Iterator[str]:  # noqa: FBT001 - one of two
    """What keeps new entries from being made now, in words."""
    latch, note = records.home.latched(), records.home.pause_note()
    halted = state.get("halted") if running else (None if latch is None else latch.words)
    paused = state.get("paused") if running else (None if note is None else f"{note.source}: {note.reason}")
    if halted:
        yield f"halted by {halted}: `ninefifteen unlock` lifts it"
    if paused:
        yield f"paused by {paused}"
    if not running:
        return
    if state.get("losing_streak"):
        yield f"{state['losing_streak']} losing trades in a row: resume with a reason"
    broker = state.get("broker") or {}
    if broker.get("differs"):
        yield f"the broker's books and ours differ: {broker['differs']}"
    if broker.get("blind_since"):
        yield f"the broker's books cannot be read since {broker['blind_since']}"
    if state.get("date") and state["entries_today"] >= state["max_trades"]:
        yield "all entries of the day are used"
    if state.get("date") and Decimal(state["loss_left"]) <= 0:
        yield "the loss limit of the day is used up"
