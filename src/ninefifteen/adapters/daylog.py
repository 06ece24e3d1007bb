"""The log files of the home: `trades.log`, `errors.log` and `audit.log`, one JSON object a line.

The audit log holds everything the engine tells: starts and stops with version and settings hash,
phases, plan, every intent, order state, fill, exit, refusal, alarm and command. Every line of an
invented day says `"synthetic":true`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from ninefifteen.domain.effects import Alert, Cancel, Effect, Modify, Note, Submit
from ninefifteen.domain.events import Event, Flattened, Halted, Paused, Resumed
from ninefifteen.domain.instants import Instant, iso_ms
from ninefifteen.domain.money import rupees

TRADES = frozenset({"intent", "accepted", "order", "exit", "trade", "excess", "follow", "cancel"})
"""Kinds of lines that stand in `trades.log` too."""
ERRORS = frozenset({"refused", "change_refused", "no_data", "alarm"})
"""Kinds of lines that stand in `errors.log` too."""
_COMMANDS = (Halted, Paused, Resumed, Flattened)


class DayLog:
    """A witness of the runner that appends to the three files; lines are flushed as they come.

    Raises OSError where a file cannot be written, unless it is `forgiving`: then the line is lost.
    """

    def __init__(self, folder: Path, *, synthetic: bool) -> None:
        self._files: dict[str, IO[str]] = {}
        self._folder = folder
        self._synthetic = synthetic
        self.forgiving = False
        """A day that holds something at a broker must not end over a line of its log (I18)."""

    def witness(self, event: Event, effects: Sequence[Effect]) -> None:
        """Write what this step tells."""
        if isinstance(event, _COMMANDS):
            kind = type(event).__name__.lower()
            self.tell(event.at, "command", f"{kind} by {event.source}: {event.reason}", command=kind)
        for effect in effects:
            if isinstance(effect, Note):
                if effect.kind == "intent":
                    continue  # for people; the order itself is logged below, with its tag and role
                self.tell(event.at, effect.kind, effect.text, **effect.data)
            elif isinstance(effect, Alert):
                self.tell(event.at, "alarm", effect.text, severity=effect.severity)
            elif isinstance(effect, Submit):
                self._submit(event.at, effect)
            elif isinstance(effect, Cancel):
                text = f"cancel of order {effect.order_id} asked for"
                self.tell(event.at, "cancel", text, tag=effect.tag, order_id=effect.order_id)
            elif isinstance(effect, Modify):
                text = f"modify to {effect.order_type} limit Rs {rupees(effect.limit)}"
                self.tell(event.at, "order", text, tag=effect.tag, order_id=effect.order_id)

    def tell(self, at: Instant, kind: str, text: str, **data: Any) -> None:
        """Append one line to the audit log, and to the others it belongs to; an alarm is P2 unless told."""
        if kind == "alarm":
            data.setdefault("severity", "P2")
        line = {"at": iso_ms(at), "kind": kind, "text": text, **data}
        if self._synthetic:
            line["synthetic"] = True
        encoded = msgspec.json.encode(line).decode()
        names = ["audit.log"]
        if kind in TRADES:
            names.append("trades.log")
        if kind in ERRORS:
            names.append("errors.log")
        for name in names:
            self._append(name, encoded + "\n")

    def close(self) -> None:
        """Let go of the files."""
        for name in list(self._files):
            with self._forgiven():
                self._files.pop(name).close()

    def _append(self, name: str, line: str) -> None:
        try:
            self._file(name).write(line)
        except OSError:
            if not self.forgiving:
                raise
            broken = self._files.pop(name, None)  # it keeps the line and would stumble over it again
            if broken is not None:
                with suppress(OSError):
                    broken.close()

    def _forgiven(self) -> AbstractContextManager[None]:
        return suppress(OSError) if self.forgiving else nullcontext()

    def _submit(self, at: Instant, effect: Submit) -> None:
        request = effect.order.request
        trigger = f", trigger Rs {rupees(request.trigger)}" if request.trigger else ""
        self.tell(
            at,
            "intent",
            f"{request.side} {request.quantity} {request.instrument.name} {request.type}"
            f" limit Rs {rupees(request.limit)}{trigger}",
            tag=request.tag,
            role=str(request.role),
        )

    def _file(self, name: str) -> IO[str]:
        file = self._files.get(name)
        if file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Line buffered: a line is in the hands of the system as soon as it is written.
            file = self._files[name] = (self._folder / name).open("a", buffering=1, encoding="utf-8")
        return file
