"""A verb that asks the engine of a home: its state, or to obey a command. For the local command line."""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from ninefifteen.adapters.control import ControlLine, NoEngine, machine_now
from ninefifteen.adapters.daylog import DayLog
from ninefifteen.cli.common import console, print_json, say
from ninefifteen.errors import BadInput, HomeLocked
from ninefifteen.home import Home
from ninefifteen.runtime.control import Arguments, Command

Document = dict[str, Any]
REFUSED = 1
HALTED = 4
_SNAPSHOT_S = 5.0
_TAKEN_S = 10.0
_NO_NAME = re.compile(r"[^A-Za-z0-9_.@+-]")


class Told(NamedTuple):
    """How a command ended: "done", "refused", "repeated", "stale", or "taken" and not proved in time."""

    state: str
    text: str


def state_of(home: Home) -> Document | None:
    """The state of the engine that runs in this home; None where none does.

    Raises HomeLocked when an instance works here that has no control line, or does not answer.
    """
    try:
        with ControlLine(home.path) as line:
            return line.snapshot(_SNAPSHOT_S)
    except NoEngine as silent:
        with _unlocked(home, silent):
            return None


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Hold the home while something is changed in it without an engine; raises HomeLocked."""
    with home.lock():
        yield


def new_command(
    verb: str, *, reason: str = "", until: date | None = None, confirmed: bool = False
) -> Command:
    """A command of the person at this terminal, stamped now. It stands for admin: who sits here may all."""
    now = machine_now()
    return Command(
        id=f"cli-{now:x}-{os.getpid():x}",
        verb=verb,  # type: ignore[arg-type]
        sent_at=now,
        source=terminal_source(),
        role="admin",
        args=Arguments(reason=reason, until=until, confirmed=confirmed),
    )


def terminal_source() -> str:
    """Who sits at this terminal, as the logs name a source: "cli:asha"."""
    return f"cli:{_NO_NAME.sub('_', _user())[:40]}"


def obeyed(home: Home, command: Command, patience_s: float | None = None) -> Told | None:
    """Have the engine obey, and wait for its last answer; None where no engine runs.

    A halt or flatten is done only when the engine has proved it; after `patience_s` seconds what it has
    said so far is returned. Raises HomeLocked as `state_of`.
    """
    try:
        with ControlLine(home.path) as line:
            line.send(_as_document(command))
            with _waiting(command.verb):
                return _last_answer(line, command, patience_s or _TAKEN_S)
    except NoEngine as silent:
        with _unlocked(home, silent):
            return None


def audit(home: Home, command: Command, told: Told) -> None:
    """Write a command that no engine took into the audit log; a disk that fails stops nothing."""
    log = DayLog(home.logs_dir, synthetic=home.rehearsal)
    try:
        log.tell(
            machine_now(),
            "command",
            f"{command.verb} by {command.source}, by no engine: {told.state}: {told.text}",
            verb=command.verb,
            id=command.id,
            source=command.source,
            role=command.role,
            reason=command.args.reason,
            answer=told.state,
        )
        log.close()
    except OSError as error:
        say(f"the audit log cannot be written ({error.strerror}): going on")


def report(command: Command, told: Told, *, engine: bool, as_json: bool, **more: Any) -> None:
    """Tell how it ended, to people and scripts."""
    if as_json:
        print_json(
            {"command": command.verb, "id": command.id, "state": told.state, "text": told.text}
            | {"engine": "running" if engine else "none", **more}
        )
    say(told.text)


def confirmed_by_hand(word: str, why: str, *, given: bool, flag: str) -> bool:
    """Whether somebody typed the word at a terminal, or gave the flag; raises BadInput where nobody can."""
    if given:
        return True
    if not sys.stdin.isatty():
        raise BadInput(f"{why}: type {word} at a terminal, or give {flag}")
    say(f"{why}. To go on, type {word} and press Enter:")
    return sys.stdin.readline().strip() == word


def _last_answer(line: ControlLine, command: Command, patience_s: float) -> Told:
    """Raises NoEngine only while nothing has been answered."""
    until = machine_now() + int(patience_s * 1e9)
    told: Told | None = None
    while (left := (until - machine_now()) / 1e9) > 0:
        try:
            found = line.next(left)
        except NoEngine as gone:
            if told is None:
                raise
            return Told("taken", f"{told.text}; then {gone}: look at `ninefifteen status`")
        if found is not None and found.get("ack") == command.id:
            told = Told(found["state"], found["text"])
            if told.state != "taken":
                return told
    if told is None:
        raise NoEngine(f"an engine listens here and has not answered for {patience_s:.0f} s")
    return Told("taken", f"{told.text}; not proved flat within {patience_s:.0f} s: look in the broker's app")


@contextmanager
def _unlocked(home: Home, silent: NoEngine) -> Iterator[None]:
    """Nobody answers: is nobody there? Raises HomeLocked when somebody is."""
    try:
        with home.lock():
            pass
    except HomeLocked as held:
        raise HomeLocked(f"{held}; {silent}") from None
    yield


@contextmanager
def _waiting(verb: str) -> Iterator[None]:
    """Show on a terminal that something is waited for."""
    screen = console()
    if not screen.is_terminal:
        yield
        return
    with screen.status(f"{verb}: waiting for the engine"):
        yield


def _as_document(command: Command) -> Document:
    args: Document = {"reason": command.args.reason, "confirmed": command.args.confirmed}
    if command.args.until is not None:
        args["until"] = command.args.until.isoformat()
    return {
        "id": command.id,
        "verb": command.verb,
        "args": args,
        "sent_at": command.sent_at,
        "source": command.source,
        "role": command.role,
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
