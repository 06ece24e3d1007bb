"""What an order must pass before it may stand, at its placing and at every modification.

Each check is one rule and answers with the refusal or None; the first refusal counts. The rules'
sources stand beside their words in `data/refusals.csv`. Where prices are recorded ones without a
book (`FillModel.has_book`), the rules about prices and about the close are not applied: a recorded
price may be off the tick grid, and a recorded day's last exit is known only when the data end.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ninefifteen.domain.instants import Instant, day_of
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.money import Paise, rupees
from ninefifteen.domain.order import OrderState
from ninefifteen.domain.order_limits import OrderLimits

from .book import Book
from .fills import FillModel
from .orders import HeldOrder, Shape
from .protection import far_refusal, protection_refusal
from .words import Refusal, refusal


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One order shape as it stands before the checks, with everything they look at.

    `available` is cash in paise that no other open order has claimed; `sellable` the units held
    that no other open sell has claimed; `filled` what of this order has traded already.
    """

    at: Instant
    shape: Shape
    instrument: Instrument
    book: Book
    limits: OrderLimits
    fills: FillModel
    open_at: Instant
    close_at: Instant
    available: Paise
    sellable: int
    filled: int = 0


Check = Callable[[Case], Refusal | None]


def tag_refusal(tag: str, used: set[str], limits: OrderLimits) -> Refusal | None:
    """A tag is short, of letters and digits, and new."""
    if len(tag) > limits.tag_length or not (tag.isascii() and tag.isalnum()):
        return refusal("bad_tag", tag=tag, length=limits.tag_length)
    return refusal("duplicate_tag", tag=tag) if tag in used else None


def change_refusal(order: HeldOrder) -> Refusal | None:
    """A final order takes no change."""
    return (
        refusal("final_order", order_id=order.order_id, status=order.status.upper()) if order.final else None
    )


def modification_refusal(order: HeldOrder, shape: Shape, limits: OrderLimits) -> Refusal | None:
    """What only a modification can do wrong: too many, back to a stop, below what is filled."""
    if order.modifications >= limits.modifications:
        return refusal("modifications", modifications=limits.modifications)
    if shape.type == "SL" and order.status is OrderState.OPEN:
        return refusal("limit_to_stop", order_id=order.order_id)
    if type(shape.quantity) is int and 0 < shape.quantity <= order.filled:
        return refusal(
            "quantity_filled", order_id=order.order_id, filled=order.filled, quantity=shape.quantity
        )
    return None


def first_refusal(case: Case) -> Refusal | None:
    """The first rule that says no, None when the order may stand."""
    checks = (*ALWAYS, *WITH_BOOK, _cover) if case.fills.has_book else (*ALWAYS, _cover)
    return next((answer for check in checks if (answer := check(case)) is not None), None)


def _order_type(case: Case) -> Refusal | None:
    known = case.shape.type in ("LIMIT", "SL")
    return None if known else refusal("order_type", type=case.shape.type)


def _contract(case: Case) -> Refusal | None:
    instrument = case.instrument
    if instrument.expiry is not None and instrument.expiry < day_of(case.at):
        return refusal("expired_contract", name=instrument.name, expiry=instrument.expiry)
    return None


def _opened(case: Case) -> Refusal | None:
    return refusal("market_not_open") if case.at < case.open_at else None


def _closed(case: Case) -> Refusal | None:
    return refusal("market_closed") if case.at > case.close_at else None


def _quantity(case: Case) -> Refusal | None:
    quantity, instrument = case.shape.quantity, case.instrument
    if type(quantity) is not int or quantity <= 0:
        return refusal("quantity", quantity=quantity)
    if quantity % instrument.lot_size:
        return refusal("lot", quantity=quantity, name=instrument.name, lot=instrument.lot_size)
    if instrument.freeze_quantity and quantity > instrument.freeze_quantity:
        return refusal("freeze", quantity=quantity, name=instrument.name, freeze=instrument.freeze_quantity)
    return None


def _prices(shape: Shape) -> tuple[tuple[str, Paise], ...]:
    limit = ("price", shape.limit)
    return (limit, ("trigger_price", shape.trigger)) if shape.type == "SL" else (limit,)


def _positive(case: Case) -> Refusal | None:
    for field, price in _prices(case.shape):
        if type(price) is not int or price <= 0:
            return refusal("price", field=field, price=price)
    return None


def _tick(case: Case) -> Refusal | None:
    instrument = case.instrument
    for field, price in _prices(case.shape):
        if price % instrument.tick:
            figures = {"price": rupees(price), "tick": rupees(instrument.tick)}
            return refusal("tick", field=field, name=instrument.name, **figures)
    return None


def _trigger_side(case: Case) -> Refusal | None:
    shape, last = case.shape, case.book.last
    if shape.type != "SL":
        return None
    buy = shape.side == "BUY"
    if last and (shape.trigger <= last if buy else shape.trigger >= last):
        figures = {"trigger": rupees(shape.trigger), "last": rupees(last)}
        return refusal("trigger_last", side=shape.side, relation="above" if buy else "below", **figures)
    if shape.limit < shape.trigger if buy else shape.limit > shape.trigger:
        figures = {"limit": rupees(shape.limit), "trigger": rupees(shape.trigger)}
        return refusal("trigger_limit", side=shape.side, relation="below" if buy else "above", **figures)
    return None


def _band(case: Case) -> Refusal | None:
    instrument = case.instrument
    low, high = instrument.band_low, instrument.band_high
    for field, price in _prices(case.shape):
        if price < low or (high and price > high):
            figures = {"price": rupees(price), "low": rupees(low), "high": rupees(high)}
            return refusal("band", field=field, name=instrument.name, **figures)
    return None


def _protection(case: Case) -> Refusal | None:
    shape, book = case.shape, case.book
    if shape.type == "SL":  # a stop-limit order is held to it when it triggers
        return None
    name, reference = case.instrument.name, book.reference.at(case.at)
    return protection_refusal("protection", name, shape.side, shape.limit, reference, case.limits)


def _far(case: Case) -> Refusal | None:
    shape = case.shape
    if shape.type == "SL":  # the published rule speaks of limit orders
        return None
    return far_refusal(case.instrument.name, shape.side, shape.limit, case.book.last, case.limits)


def _cover(case: Case) -> Refusal | None:
    """A buy has its premium in cash, a sell its units in the position."""
    shape, instrument = case.shape, case.instrument
    open_units = shape.quantity - case.filled
    if shape.side == "BUY":
        required = open_units * case.fills.worst_price("BUY", shape.limit, instrument.tick)
        if required <= case.available:
            return None
        return refusal("funds", required=rupees(required), available=rupees(case.available))
    if open_units <= case.sellable:
        return None
    figures = {"sellable": case.sellable, "short": open_units - case.sellable}
    name, available = instrument.name, rupees(case.available)
    return refusal("short", quantity=open_units, name=name, available=available, **figures)


ALWAYS: tuple[Check, ...] = (_order_type, _contract, _opened, _quantity, _positive)
WITH_BOOK: tuple[Check, ...] = (_closed, _tick, _trigger_side, _band, _protection, _far)
