"""The tables of the first ledgers. Those that were made before Alembic have them: they lose nothing."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_CONTRACT = "contract:t symbol:t kind:t expiry:d? strike_paise:b lot_size:i"
_CHARGES = ("brokerage", "stt", "exchange", "sebi", "stamp", "gst", "total")
_TABLES = {
    "days": "seed:b? program:t started_at:b settings:t finished:o status:t? reason:t? price_source:t?"
    " shadow:t? not_known:t? notes:t? pick_rank:i? orders:i? alarms:i? flat:o?",
    "candidates": "position:i* rank:i symbol:t price_paise:b prev_close_paise:b code:t detail:t picked:o"
    " pcr_puts:b? pcr_calls:b? contract:t? oi:b? volume:b? estimate_paise:b model_paise:b volatility:f?",
    "plans": f"strategy:t {_CONTRACT} quantity:b entry_paise:b target_paise:b stop_paise:b stop_limit_paise:b"
    " untightened_stop_paise:b tightened:o loss_at_stop_paise:b loss_at_stop_limit_paise:b"
    " loss_of_premium_paise:b profit_at_target_paise:b break_even:f",
    "orders": f"tag:t* order_id:t? strategy:t role:t side:t order_type:t {_CONTRACT} quantity:b limit_paise:b"
    " trigger_paise:b submitted_at:b answered_at:b? updated_at:b? state:t filled:b average_paise:b"
    " modifications:i cancel_requests:i message:t",
    "fills": "number:i* tag:t order_id:t contract:t side:t at:b quantity:b filled:b average_paise:b",
    "trades": f"number:i* strategy:t tax_year:t {_CONTRACT} quantity:b entry_at:b entry_paise:b exit_at:b?"
    " exit_paise:b exit_reason:t buy_value_paise:b sell_value_paise:b gross_paise:b"
    " absolute_difference_paise:b net_exact:t net_paise:b target_paise:b stop_paise:b entry_delay_ns:b"
    " longest_gap_ns:b ambiguous:o note:t",
    "charges": " ".join(
        ["number:i*", *(f"{part}_exact:t" for part in _CHARGES), *(f"{part}_paise:b" for part in _CHARGES)]
    ),
    "alarms": "number:i* at:b severity:t text:t",
    "notes": "number:i* at:b kind:t text:t data:t",
    "commands": "number:i* at:b command:t source:t reason:t",
}
"""Columns as `name:type`; `?` may be unknown, `*` tells rows apart within their file."""

_OF_A_DAY = "source_file:t* date:d synthetic:o rehearsal:o settings_hash:t"
_TYPES: dict[str, Any] = {
    "b": sa.BigInteger,
    "d": sa.Date,
    "f": sa.Float,
    "i": sa.Integer,
    "o": sa.Boolean,
    "t": sa.Text,
}


def upgrade() -> None:
    """Make the tables that are missing."""
    op.create_table("schema_version", sa.Column("version", sa.Integer, primary_key=True), if_not_exists=True)
    op.create_table("projection", *_columns("source_file:t* steps:b bytes:b identity:t"), if_not_exists=True)
    for name, columns in _TABLES.items():
        op.create_table(name, *_columns(f"{_OF_A_DAY} {columns}"), if_not_exists=True)


def _columns(words: str) -> list[sa.Column[Any]]:
    keys_first = sorted(words.split(), key=lambda word: not word.endswith("*"))
    return [_column(*word.split(":")) for word in keys_first]


def _column(name: str, kind: str) -> sa.Column[Any]:
    return sa.Column(
        name,
        _TYPES[kind[0]],
        primary_key=kind.endswith("*"),
        autoincrement=False,
        nullable=kind.endswith("?"),
    )
