"""One journal folded into rows: the same steps give the same rows, in however many looks they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Table

from ninefifteen.adapters.journal import Header, Step
from ninefifteen.domain.effects import Alert, Cancel, EndDay, Modify, Note, Submit
from ninefifteen.domain.events import (
    ChangeAnswered,
    DayOpened,
    Flattened,
    Halted,
    OrderAccepted,
    OrderRefused,
    OrdersRead,
    OrderUpdate,
    OutcomeUnknown,
    Paused,
    Resumed,
    Unlocked,
)
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.order import FINAL, OrderReport, OrderState

from . import schema
from .rows import (
    Row,
    candidate_rows,
    charges_row,
    day_row,
    ended_day,
    note_data,
    order_row,
    plan_row,
    trade_row,
)

Key = tuple[str | int, ...]
"""What tells a row apart within its file."""

_COMMON = {"date", "synthetic", "rehearsal", "settings_hash"}
_FINAL = {state.value for state in FINAL}
_COMMANDS = {
    Halted: "halt",
    Unlocked: "unlock",
    Paused: "pause",
    Resumed: "resume",
    Flattened: "flatten",
}


class DayRows:
    """The rows of one journal. `changed` names those that the database does not have as they are now."""

    def __init__(self, source_file: str, header: Header) -> None:
        self._header = header
        self._common = {
            "source_file": source_file,
            "date": header.date,
            "synthetic": header.synthetic,
            "rehearsal": header.rehearsal,
            "settings_hash": header.settings_hash,
        }
        self._rows: dict[Table, dict[Key, Row]] = {table: {} for table in schema.OF_A_DAY}
        self.changed: set[tuple[Table, Key]] = set()
        self._put(schema.days, (), day_row(header))
        self._events: dict[type, Callable[[Any], None]] = {
            DayOpened: self._opened,
            OrderAccepted: self._accepted,
            OrderRefused: self._refused,
            OutcomeUnknown: self._unknown,
            ChangeAnswered: self._change_answered,
            OrderUpdate: lambda event: self._reported(event.at, event.report),
            OrdersRead: self._read,
            **dict.fromkeys(_COMMANDS, self._command),
        }
        self._effects: dict[type, Callable[[Instant, Any], None]] = {
            Submit: lambda at, effect: self._put(
                schema.orders, (effect.order.request.tag,), order_row(effect, at)
            ),
            Modify: self._modify,
            Cancel: self._cancel,
            Alert: self._alert,
            Note: self._note,
            EndDay: self._end,
        }

    def apply(self, step: Step) -> None:
        """Take in one step: first what happened, then what the engine asked for because of it."""
        take = self._events.get(type(step.event))
        if take is not None:
            take(step.event)
        for effect in step.effects:
            ask = self._effects.get(type(effect))
            if ask is not None:
                ask(step.event.at, effect)

    def row(self, table: Table, key: Key) -> Row | None:
        """A whole row, ready for the database; None when there is none under this key."""
        row = self._rows[table].get(key)
        return None if row is None else self._common | dict(zip(key_columns(table), key, strict=True)) | row

    def all_rows(self, table: Table) -> list[Row]:
        """Every row of a table, ready for the database."""
        return [row for key in self._rows[table] if (row := self.row(table, key)) is not None]

    def _put(self, table: Table, key: Key, row: Row) -> None:
        self._rows[table][key] = dict.fromkeys(_own_columns(table)) | _storable(row)
        self.changed.add((table, key))

    def _update(self, table: Table, key: Key, row: Row) -> None:
        self._rows[table][key] |= _storable(row)
        self.changed.add((table, key))

    def _replace(self, table: Table, rows: Iterable[Row]) -> None:
        """Put these rows in place of all of the table, numbered from 1 (candidates: from 0)."""
        self.changed |= {(table, key) for key in self._rows[table]}
        self._rows[table].clear()
        for number, row in enumerate(rows, start=0 if table is schema.candidates else 1):
            self._put(table, (number,), row)

    def _append(self, table: Table, row: Row) -> None:
        self._put(table, (len(self._rows[table]) + 1,), row)

    def _order(self, tag: str) -> Row | None:
        return self._rows[schema.orders].get((tag,))

    def _set_order(self, tag: str, **values: object) -> None:
        """Change an order of ours; an order nobody here asked for is not in the ledger."""
        order = self._order(tag)
        if order is None:
            return
        if order["state"] in _FINAL:
            values.pop("state", None)
        self._update(schema.orders, (tag,), values)

    def _opened(self, event: DayOpened) -> None:
        # Only a broker at the end of a line can lose an answer: only there is the order book read again.
        self._update(schema.days, (), {"at_broker": event.facts.reconcile_every > 0})

    def _accepted(self, event: OrderAccepted) -> None:
        self._set_order(
            event.tag, order_id=event.order_id, answered_at=event.at, state=OrderState.ACKED.value
        )

    def _refused(self, event: OrderRefused) -> None:
        self._set_order(
            event.tag, answered_at=event.at, state=OrderState.REJECTED.value, message=event.message
        )

    def _unknown(self, event: OutcomeUnknown) -> None:
        self._set_order(event.tag, state=OrderState.UNKNOWN.value, message=event.detail)

    def _change_answered(self, event: ChangeAnswered) -> None:
        if event.message:
            self._set_order(event.tag, message=event.message)

    def _read(self, event: OrdersRead) -> None:
        for report in event.reports:
            self._reported(event.at, report)

    def _reported(self, at: Instant, report: OrderReport) -> None:
        order = self._order(report.tag)
        if order is None:
            return
        if report.filled > order["filled"]:
            self._append(
                schema.fills,
                {
                    "tag": report.tag,
                    "order_id": report.order_id,
                    "contract": order["contract"],
                    "side": order["side"],
                    "at": at,
                    "quantity": report.filled - order["filled"],
                    "filled": report.filled,
                    "average_paise": report.average,
                },
            )
            self._set_order(report.tag, filled=report.filled, average_paise=report.average)
        new = {"order_id": report.order_id, "state": report.status.value}
        if any(order[name] != value for name, value in new.items()):
            self._set_order(report.tag, **new, updated_at=at, message=report.message)

    def _modify(self, _: Instant, effect: Modify) -> None:
        order = self._order(effect.tag)
        if order is not None:
            self._set_order(
                effect.tag,
                order_type=effect.order_type,
                quantity=effect.quantity,
                limit_paise=effect.limit,
                trigger_paise=effect.trigger,
                modifications=order["modifications"] + 1,
            )

    def _cancel(self, _: Instant, effect: Cancel) -> None:
        order = self._order(effect.tag)
        if order is not None:
            self._set_order(effect.tag, cancel_requests=order["cancel_requests"] + 1)

    def _alert(self, at: Instant, effect: Alert) -> None:
        self._append(schema.alarms, {"at": at, "severity": effect.severity, "text": effect.text})

    def _note(self, at: Instant, effect: Note) -> None:
        row = {"at": at, "kind": effect.kind, "text": effect.text, "data": note_data(effect.data)}
        self._append(schema.notes, row)

    def _command(self, event: Halted | Unlocked | Paused | Resumed | Flattened) -> None:
        row = {
            "at": event.at,
            "command": _COMMANDS[type(event)],
            "source": event.source,
            "reason": event.reason,
            "command_id": event.command,
        }
        self._append(schema.commands, row)

    def _end(self, _: Instant, effect: EndDay) -> None:
        record = effect.record
        self._update(schema.days, (), ended_day(record))
        self._replace(schema.candidates, candidate_rows(record))
        self._replace(schema.trades, (trade_row(record.date, trade) for trade in record.trades))
        self._replace(schema.charges, (charges_row(trade.charges) for trade in record.trades))
        if record.plan is not None:
            self._put(schema.plans, (), plan_row(record.plan))


def key_columns(table: Table) -> list[str]:
    """The columns that tell rows apart within their file, in the order of a `Key`."""
    return [column.name for column in table.primary_key][1:]


def _storable(row: Row) -> Row:
    """The row without the one character that PostgreSQL has no place for; brokers' words may hold any."""
    return {
        name: value.replace("\x00", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
        for name, value in row.items()
    }


def _own_columns(table: Table) -> list[str]:
    """The columns that are neither common to all of a day's rows nor in the key."""
    keys = {column.name for column in table.primary_key}
    return [column.name for column in table.columns if column.name not in _COMMON | keys]
