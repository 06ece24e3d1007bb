"""The tables of the ledger. Everything in them comes from a journal, so they hold no keys of their own.

Columns ending in `_paise` are whole paise, `_exact` exact rupees as text, `_at` nanoseconds since the Unix
epoch (UTC); quantities and open interest are units. Every row says which file it comes from, whether the
day was synthetic or a rehearsal, and under which settings it ran.

What is changed here is changed in a new file of `migrations/versions` too: those make the tables. A test
holds the two together.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Integer, MetaData, Table, Text, false
from sqlalchemy.types import TypeEngine

metadata = MetaData()

CHARGE_PARTS = ("brokerage", "stt", "exchange", "sebi", "stamp", "gst", "total")
"""The components of `domain.charges.Charges`, each a column of its own."""


def _some(kind: type[TypeEngine[Any]], *names: str) -> list[Column[Any]]:
    """Columns that every row fills."""
    return [Column(name, kind, nullable=False) for name in names]


def _maybe(kind: type[TypeEngine[Any]], *names: str) -> list[Column[Any]]:
    """Columns that may be unknown."""
    return [Column(name, kind) for name in names]


def _of_a_day(name: str, keys: dict[str, type[TypeEngine[Any]]], *columns: list[Column[Any]]) -> Table:
    """A table of rows that belong to one journal, told apart within it by `keys`."""
    return Table(
        name,
        metadata,
        Column("source_file", Text, primary_key=True),
        *(Column(key, kind, primary_key=True, autoincrement=False) for key, kind in keys.items()),
        *_some(Date, "date"),
        *_some(Boolean, "synthetic", "rehearsal"),
        *_some(Text, "settings_hash"),
        *(column for group in columns for column in group),
    )


def _contract() -> list[Column[Any]]:
    return [
        *_some(Text, "contract", "symbol", "kind"),
        *_maybe(Date, "expiry"),
        *_some(BigInteger, "strike_paise"),
        *_some(Integer, "lot_size"),
    ]


identity = Table(
    "identity",
    metadata,
    Column("rehearsal", Boolean, primary_key=True),
    *_maybe(Text, "account"),
)
"""One row: the kind of home whose days these are, and a digest of its broker account once one is known."""

projection = Table(
    "projection",
    metadata,
    Column("source_file", Text, primary_key=True),
    *_some(BigInteger, "steps", "bytes"),
    *_some(Text, "identity"),
)
"""How far each journal is in the ledger, and what it looked like up to there."""

days = _of_a_day(
    "days",
    {},
    _maybe(BigInteger, "seed"),
    _some(Text, "program"),
    _some(BigInteger, "started_at"),
    _some(Text, "settings"),
    _some(Boolean, "finished"),
    [Column("at_broker", Boolean, nullable=False, server_default=false())],
    _maybe(Text, "status", "reason", "price_source", "shadow", "not_known", "notes"),
    _maybe(Integer, "pick_rank", "orders", "alarms"),
    _maybe(Boolean, "flat"),
)
"""`at_broker`: its orders went over a line to a broker, not to an exchange inside our own process."""

candidates = _of_a_day(
    "candidates",
    {"position": Integer},
    _some(Integer, "rank"),
    _some(Text, "symbol"),
    _some(BigInteger, "price_paise", "prev_close_paise"),
    _some(Text, "code", "detail"),
    _some(Boolean, "picked"),
    _maybe(BigInteger, "pcr_puts", "pcr_calls"),
    _maybe(Text, "contract"),
    _maybe(BigInteger, "oi", "volume"),
    _some(BigInteger, "estimate_paise", "model_paise"),
    _maybe(Float, "volatility"),
)

plans = _of_a_day(
    "plans",
    {},
    _some(Text, "strategy"),
    _contract(),
    _some(BigInteger, "quantity", "entry_paise", "target_paise", "stop_paise", "stop_limit_paise"),
    _some(BigInteger, "untightened_stop_paise"),
    _some(Boolean, "tightened"),
    _some(BigInteger, "loss_at_stop_paise", "loss_at_stop_limit_paise", "loss_of_premium_paise"),
    _some(BigInteger, "profit_at_target_paise"),
    _some(Float, "break_even"),
)

orders = _of_a_day(
    "orders",
    {"tag": Text},
    _maybe(Text, "order_id"),
    _some(Text, "strategy", "role", "side", "order_type"),
    _contract(),
    _some(BigInteger, "quantity", "limit_paise", "trigger_paise"),
    _some(BigInteger, "submitted_at"),
    _maybe(BigInteger, "answered_at", "updated_at"),
    _some(Text, "state"),
    _some(BigInteger, "filled", "average_paise"),
    _some(Integer, "modifications", "cancel_requests"),
    _some(Text, "message"),
)

fills = _of_a_day(
    "fills",
    {"number": Integer},
    _some(Text, "tag", "order_id", "contract", "side"),
    _some(BigInteger, "at", "quantity", "filled", "average_paise"),
)
"""`quantity` is what this report added; `filled` and `average_paise` are the order's figures after it."""

trades = _of_a_day(
    "trades",
    {"number": Integer},
    _some(Text, "strategy", "tax_year"),
    _contract(),
    _some(BigInteger, "quantity", "entry_at", "entry_paise"),
    _maybe(BigInteger, "exit_at"),
    _some(BigInteger, "exit_paise"),
    _some(Text, "exit_reason"),
    _some(BigInteger, "buy_value_paise", "sell_value_paise", "gross_paise", "absolute_difference_paise"),
    _some(Text, "net_exact"),
    _some(BigInteger, "net_paise", "target_paise", "stop_paise", "entry_delay_ns", "longest_gap_ns"),
    _some(Boolean, "ambiguous"),
    _some(Text, "note"),
)

charges = _of_a_day(
    "charges",
    {"number": Integer},
    _some(Text, *(f"{part}_exact" for part in CHARGE_PARTS)),
    _some(BigInteger, *(f"{part}_paise" for part in CHARGE_PARTS)),
)
"""One row a trade, with its number. The paise are each rounded by themselves; the exact texts add up."""

alarms = _of_a_day("alarms", {"number": Integer}, _some(BigInteger, "at"), _some(Text, "severity", "text"))

notes = _of_a_day("notes", {"number": Integer}, _some(BigInteger, "at"), _some(Text, "kind", "text", "data"))

commands = _of_a_day(
    "commands",
    {"number": Integer},
    _some(BigInteger, "at"),
    _some(Text, "command", "source", "reason"),
    [Column("command_id", Text, nullable=False, server_default="")],
)
"""`command_id` is the one it was sent under; empty where it came without, such as from the HALT file."""

OF_A_DAY = (days, candidates, plans, orders, fills, trades, charges, alarms, notes, commands)
"""Every table whose rows belong to one journal."""
