"""Dangerous changes of the settings that wait for the next trading day, and the history of all changes.

A pending change is kept in `settings-pending.json` and put into `config.yaml` by the first start of `run` on
its day or later. Every change that was saved is a line of `settings-history.jsonl`: who, when, from what to
what. Both belong to the home and hold no secret.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from ninefifteen.config.editing import as_yaml, edited, value_from_yaml
from ninefifteen.config.loading import load_config
from ninefifteen.config.values import WrongValue
from ninefifteen.domain.settings_check import keys, value_of
from ninefifteen.errors import BadInput
from ninefifteen.home import Home, write_whole

MOST_HISTORY = 500
_MOST_BYTES = 1 << 20


class Pending(Struct, frozen=True, kw_only=True):
    """One change that waits: the new value as config.yaml has it, its day, and who saved it when (ISO)."""

    key: str
    value: str
    effective: date
    who: str
    at: str


class Changed(Struct, frozen=True, kw_only=True):
    """One key of a saved change, both values as config.yaml has them."""

    key: str
    before: str
    after: str


class HistoryEntry(Struct, frozen=True, kw_only=True):
    """A saved change. `effective` is a date, or "next start"."""

    at: str
    who: str
    changes: tuple[Changed, ...]
    effective: str


def pending_file(home: Home) -> Path:
    """`settings-pending.json`: changes that wait for their day."""
    return home.path / "settings-pending.json"


def history_file(home: Home) -> Path:
    """`settings-history.jsonl`: every change that was saved through the program."""
    return home.path / "settings-history.jsonl"


def config_text(home: Home) -> str:
    """What config.yaml holds, "" where there is none. Raises BadInput when it cannot be read."""
    try:
        return home.config_file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{home.config_file}: cannot be read ({type(error).__name__})") from None


def version_of(text: str) -> str:
    """A name for this text: a save says which one it was made of."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_pending(home: Home) -> list[Pending]:
    """The changes that wait. Raises BadInput when the file is damaged."""
    file = pending_file(home)
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Pending])
    except FileNotFoundError:
        return []
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: cannot be read ({error}): remove it, and save the changes again") from None


def keep_pending(home: Home, waiting: Sequence[Pending]) -> None:
    """Write the changes that wait, whole. Raises OSError."""
    file = pending_file(home)
    if not waiting:
        file.unlink(missing_ok=True)
        return
    write_whole(file, msgspec.json.format(msgspec.json.encode(waiting), indent=1).decode() + "\n")


def read_history(home: Home) -> list[HistoryEntry]:
    """The newest changes first; lines that cannot be read are left out."""
    try:
        with history_file(home).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(size - _MOST_BYTES, 0))
            lines = file.read().splitlines()
    except OSError:
        return []
    found = []
    for line in reversed(lines):
        try:
            found.append(msgspec.json.decode(line, type=HistoryEntry))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
        if len(found) == MOST_HISTORY:
            break
    return found


def add_history(home: Home, entry: HistoryEntry) -> None:
    """Append a line and have it on the disk. Raises OSError."""
    with history_file(home).open("ab") as file:
        file.write(msgspec.json.encode(entry) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def due_text(home: Home, waiting: Sequence[Pending], today: date) -> tuple[str, list[Pending]]:
    """config.yaml with every change whose day has come, and those changes. Raises BadInput."""
    due = [one for one in waiting if one.effective <= today]
    text = config_text(home)
    return (edited(text, {one.key: value_of_pending(one) for one in due}) if due else text), due


def value_of_pending(one: Pending) -> object:
    """The value that waits, as its type. Raises BadInput when this program cannot read it."""
    key = keys().get(one.key)
    if key is None:
        raise BadInput(f"settings-pending.json: {one.key} is not a setting of this program: remove it there")
    try:
        return value_from_yaml(key, one.value)
    except WrongValue as wrong:
        raise BadInput(f"settings-pending.json: {one.key} {wrong}: remove it there") from None


def write_config(home: Home, text: str) -> None:
    """Write config.yaml whole, behind a link where it is one, as private as it was. Raises OSError."""
    file = home.config_file.resolve()
    private = file.exists() and not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    write_whole(file, text, private=private)


def promote_due(home: Home, today: date, now: str, environment: Mapping[str, str] | None = None) -> list[str]:
    """Put the changes whose day has come into config.yaml; returns a line for people about each.

    `now` is the instant (ISO 8601) for the history. What cannot be used stays where it is, and a line says
    why: the day then runs with what config.yaml has. Raises OSError when a file cannot be written.
    """
    try:
        waiting = read_pending(home)
        text, due = due_text(home, waiting, today)
        if not due:
            return []
        before = load_config(home, environment=environment)
        load_config(home, environment=environment, text=text)
    except BadInput as problem:
        return [f"changes of the settings that waited for today were not made: {problem}"]
    changes = tuple(
        Changed(key=one.key, before=as_yaml(value_of(before.settings, keys()[one.key])), after=one.value)
        for one in due
    )
    write_config(home, text)
    keep_pending(home, [one for one in waiting if one not in due])
    people = ", ".join(sorted({one.who for one in due}))
    add_history(home, HistoryEntry(at=now, who=people, changes=changes, effective="counts from now on"))
    return [f"setting {one.key} is {one.after} from today on (it was {one.before})" for one in changes]
