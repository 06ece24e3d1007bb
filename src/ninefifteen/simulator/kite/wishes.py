"""Orders as clients ask for them: the form bodies of placing and modifying, read and checked.

Rules and words: Kite Connect v3, "Orders"; Zerodha's forum 52970 and 52991 for market protection and
tags. What this exchange does not have (varieties, validities, shares) is refused in plain words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from ninefifteen.domain.money import Paise, down_to_tick, parse_rupees, up_to_tick
from ninefifteen.domain.order import OrderType, Side
from ninefifteen.simulator.market import Listed

from .envelope import KiteError

TAG_LENGTH = 20
UNPROTECTED = (
    "Market orders without market protection are not allowed via API. "
    "Please set market protection or use a Limit order."
)
_BANDS = ((1_000, 5), (10_000, 3), (50_000, 2))
"""Automatic protection of options: premium below so many paise, percent (Zerodha support)."""
_WIDEST_BAND = 1
_MOST_PROTECTION = 100
_UNSUPPORTED = ("iceberg_legs", "iceberg_quantity", "auction_number", "validity_ttl")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")
"""A number as orders write it. Powers of ten and NaN are none, however well `Decimal` reads them."""
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""What stands in a form where its bytes were no UTF-8."""
Form = Mapping[str, str]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the exchange will get it; prices paise, quantity units. `tags` as the book shows them."""

    listed: Listed
    side: Side
    quantity: int
    type: OrderType
    limit: Paise
    trigger: Paise
    product: str
    tag: str | None
    tags: tuple[str, ...]


class Change(msgspec.Struct, frozen=True):
    """The whole new shape of a living order; fields the client left out are what they were."""

    quantity: int
    type: OrderType
    limit: Paise
    trigger: Paise


def placing(form: Form, variety: str, listed: Listed | None, last: Paise) -> Wish:
    """The order a client wants to place; raises KiteError in the broker's words when it cannot be.

    `listed` is what its exchange and trading symbol name, `last` that contract's last price.
    """
    _supported(form, variety)
    if listed is None:
        raise KiteError(
            "The instrument you are placing an order for has either expired or does not exist:"
            f" {form.get('exchange', '')}:{form.get('tradingsymbol', '')}."
        )
    if listed.kind not in ("CE", "PE"):
        raise KiteError(f"{listed.exchange}:{listed.symbol}: only options can be ordered on this exchange.")
    tag = _tag(form)
    side: Side = "BUY" if _one_of(form, "transaction_type", ("BUY", "SELL")) == "BUY" else "SELL"
    kind = _one_of(form, "order_type", ("LIMIT", "SL", "MARKET", "SL-M"))
    product = _one_of(form, "product", ("NRML", "MIS"))
    quantity = _whole(form, "quantity")
    trigger = _price(form, "trigger_price") if kind in ("SL", "SL-M") else 0
    tags = (tag,) if tag else ()
    if kind in ("MARKET", "SL-M"):
        percent = _protection(form, trigger or last)
        limit = _protected(side, trigger or last, percent, listed.tick)
        tags = (*tags, "mktp", f"mktp:{percent:.2f}")
    else:
        limit = _price(form, "price")
    return Wish(
        listed=listed,
        side=side,
        quantity=quantity,
        type="SL" if kind in ("SL", "SL-M") else "LIMIT",
        limit=limit,
        trigger=trigger,
        product=product,
        tag=tag,
        tags=tags,
    )


def changing(form: Form, before: Change, side: Side, listed: Listed, last: Paise) -> Change:
    """The shape a client wants an order to take; raises KiteError when it cannot be told."""
    _validity(form)
    given = form.get("order_type") or before.type
    if given not in ("LIMIT", "SL", "MARKET", "SL-M"):
        raise KiteError(f"Invalid `order_type`: {given}.")
    quantity = _whole(form, "quantity") if form.get("quantity") else before.quantity
    trigger = 0
    if given in ("SL", "SL-M"):
        trigger = _price(form, "trigger_price") if form.get("trigger_price") else before.trigger
    if given in ("MARKET", "SL-M"):
        base = trigger or last
        limit = _protected(side, base, _protection(form, base), listed.tick)
    else:
        limit = _price(form, "price") if form.get("price") else before.limit
    return Change(quantity, "SL" if given in ("SL", "SL-M") else "LIMIT", limit, trigger)


def _supported(form: Form, variety: str) -> None:
    if variety != "regular":
        raise KiteError(f"Invalid `variety`: {variety} orders do not exist on this exchange.")
    if form.get("autoslice", "").lower() == "true":
        raise KiteError("`autoslice` does not exist on this exchange: place smaller orders.")
    for name in _UNSUPPORTED:
        if form.get(name) not in (None, "", "0"):
            raise KiteError(f"Invalid `{name}`: it does not exist on this exchange.")
    if form.get("disclosed_quantity") not in (None, "", "0"):
        raise KiteError("Invalid `disclosed_quantity`: it is not allowed for options.")
    _validity(form)


def _validity(form: Form) -> None:
    if form.get("validity") not in (None, "", "DAY"):
        raise KiteError(f"Invalid `validity`: {form['validity']}. Only DAY is accepted on this exchange.")


def _one_of(form: Form, name: str, allowed: tuple[str, ...]) -> str:
    given = form.get(name, "")
    if given not in allowed:
        raise KiteError(f"Invalid `{name}`: {given}." if given else f"Missing or empty field `{name}`")
    return given


def _tag(form: Form) -> str | None:
    tag = form.get("tag") or None
    if tag is None:
        return None
    if len(tag) > TAG_LENGTH:
        raise KiteError(f"Invalid `tag`: at most {TAG_LENGTH} characters are accepted.")
    if not tag.isprintable() or _UNREADABLE in tag:
        raise KiteError("Invalid `tag`: only printable characters are accepted.")
    return tag


def _whole(form: Form, name: str) -> int:
    text = form.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > len("1000000000"):
        raise KiteError(f"Invalid `{name}`: it must be a positive whole number.")
    return int(text)


def _price(form: Form, name: str) -> Paise:
    text = form.get(name, "")
    try:
        price = parse_rupees(text) if _DECIMAL.fullmatch(text) else 0
    except ValueError:
        price = 0
    if not 0 < price < 2**31:
        raise KiteError(f"Invalid `{name}`: it must be a positive price in rupees.")
    return price


def _protection(form: Form, base: Paise) -> Decimal:
    """Percent of protection; -1 asks for the automatic one. None or zero is refused."""
    text = form.get("market_protection") or "0"
    if not _DECIMAL.fullmatch(text):
        raise KiteError("Invalid `market_protection`: failed to decode, expected decimal.")
    percent = Decimal(text)
    if percent == -1:
        return Decimal(next((band for below, band in _BANDS if base < below), _WIDEST_BAND))
    if percent == 0:
        raise KiteError(UNPROTECTED)
    if not 0 < percent <= _MOST_PROTECTION:
        raise KiteError("Invalid `market_protection`: it must be -1 or above 0 and up to 100.")
    return percent


def _protected(side: Side, base: Paise, percent: Decimal, tick: Paise) -> Paise:
    """The limit that a protected market order goes to the book with."""
    if not base:
        raise KiteError("The contract has no last price to protect the order with: use a Limit order.")
    away = base * percent / 100
    if side == "BUY":
        return down_to_tick(int(base + away), tick)
    return max(tick, up_to_tick(-int(-(base - away)), tick))
