"""Trades and orders of a day as rows: charges line by line, and the instants of each."""

from __future__ import annotations

from ninefifteen.domain.charges import Charges, rupees4
from ninefifteen.domain.instants import SECOND, Instant, iso_ms
from ninefifteen.domain.money import rupees
from ninefifteen.domain.record import Trade
from ninefifteen.reports.documents import trade_document
from ninefifteen.reports.words import words
from ninefifteen.web.models.days import ChargeLine, OrderRow, TradeRow, TradeTimes

from .day_book import DayBook
from .orders import Moments

_CHARGES = {
    "brokerage": "Brokerage",
    "stt": "Securities transaction tax (STT)",
    "exchange": "Exchange transaction charge",
    "sebi": "SEBI turnover fee",
    "stamp": "Stamp duty",
    "gst": "GST on brokerage and fees",
}


def when(at: Instant | None) -> str | None:
    """An instant as the interface writes it."""
    return None if at is None else iso_ms(at)


def charge_lines(charges: Charges) -> list[ChargeLine]:
    """Each charge on a line of its own, in rupees with four places."""
    return [
        ChargeLine(name=name, text=text, amount=rupees4(getattr(charges, name)))
        for name, text in _CHARGES.items()
    ]


def trade_rows(book: DayBook) -> list[TradeRow]:
    """The day's round trips, in the order of the strategies."""
    if book.record is not None:
        trades = book.record.trades
    else:
        trades = tuple(run.trade for run in book.state.runs if run.trade is not None)
    return [_trade_row(book, trade) for trade in trades]


def order_rows(book: DayBook) -> list[OrderRow]:
    """Our orders in the order they were sent."""
    return [_order_row(book, tag) for tag in book.orders.by_tag]


def _trade_row(book: DayBook, trade: Trade) -> TradeRow:
    plain = {name: value for name, value in trade_document(trade).items() if name in TradeRow.model_fields}
    return TradeRow(
        **plain,
        exit_text=words("exit", trade.exit_reason),
        target=rupees(trade.target),
        stop=rupees(trade.stop),
        charge_lines=charge_lines(trade.charges),
        ambiguous=trade.ambiguous,
        note=trade.note or None,
        times=_times(book, trade),
    )


def _times(book: DayBook, trade: Trade) -> TradeTimes:
    name = trade.instrument.name
    entry = book.orders.entry_of(trade.strategy, name)
    sold = book.orders.exit_of(trade.strategy, name)
    moments = book.orders.moments.get(name) or Moments()
    sent = None if entry is None else entry.sent_at
    filled = None if entry is None else entry.filled_at or entry.first_fill_at
    opening = None if book.state.facts is None else book.state.facts.open_at
    return TradeTimes(
        decided=when(moments.decided),
        first_quote=when(moments.first_quote),
        sent=when(sent),
        accepted=when(None if entry is None else entry.answered_at),
        filled=when(filled),
        exit_decided=when(moments.exit_decided),
        exit_sent=when(None if sold is None else sold.sent_at),
        exit_filled=when(None if sold is None else sold.filled_at or sold.first_fill_at),
        open_to_fill_s=_seconds(opening, filled),
        quote_to_sent_s=_seconds(moments.first_quote, sent),
        sent_to_filled_s=_seconds(sent, filled),
    )


def _seconds(first: Instant | None, last: Instant | None) -> float | None:
    return None if first is None or last is None else round((last - first) / SECOND, 3)


def _order_row(book: DayBook, tag: str) -> OrderRow:
    life = book.orders.by_tag[tag]
    request = life.request
    order = book.state.orders.by_tag.get(tag)
    state = "unknown" if order is None else str(order.state)
    filled = 0 if order is None else order.filled
    trigger = request.trigger if order is None else order.trigger
    return OrderRow(
        tag=tag,
        order_id=None if order is None else order.order_id or None,
        strategy=request.strategy,
        role=str(request.role),
        role_text=words("role", str(request.role)),
        side=request.side,
        contract=request.instrument.name,
        type=request.type if order is None else order.type,
        quantity=request.quantity if order is None else order.quantity,
        filled=filled,
        limit=rupees(request.limit if order is None else order.limit),
        trigger=rupees(trigger) if trigger else None,
        average=rupees(order.average) if order is not None and filled else None,
        state=state,
        state_text=words("state", state),
        message=None if order is None else order.message or None,
        changes=life.changes,
        sent_at=iso_ms(life.sent_at),
        answered_at=when(life.answered_at),
        first_fill_at=when(life.first_fill_at),
        filled_at=when(life.filled_at),
        ended_at=when(life.ended_at),
    )
