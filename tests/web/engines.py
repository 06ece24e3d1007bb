"""An engine's end of the control line for a test: the real server, and a loop that the test steers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from ninefifteen.adapters.control import Asked, ControlServer

PATIENCE_S = 60.0

Document = dict[str, Any]
Answers = Callable[[Document], list[Document]]


def until(met: Callable[[], Any], patience_s: float = PATIENCE_S) -> None:
    """Wait until this holds."""
    deadline = time.monotonic() + patience_s
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def state(**changes: Any) -> Document:
    """A small state of a day that trades."""
    run = {
        "strategy": "nine_fifteen",
        "phase": "holding",
        "candidates": [{"rank": 1, "symbol": "MARUTI"}],
        "plan": {"contract": "MARUTI CE"},
    }
    return {
        "clock": "2026-12-04T09:15:00.000+05:30",
        "at": "2026-12-04T09:15:00.000+05:30",
        "halted": None,
        "paused": None,
        "losing_streak": None,
        "positions": [],
        "orders": [],
        "strategies": [run],
    } | changes


def done(command: Document) -> list[Document]:
    """Obeyed at once."""
    return [{"ack": command["id"], "state": "done", "text": f"{command['verb']} done"}]


class Engine:
    """Publishes the newest of `state` and answers commands by `answers`; `frozen`: it does nothing."""

    def __init__(self, home: Path) -> None:
        self.state = state()
        self.answers: Answers = done
        self.commands: list[Document] = []
        self.frozen = False
        self.later: list[tuple[Asked, Document]] = []
        self._server = ControlServer.open(home)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._server.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._server.__exit__()

    def say_later(self) -> None:
        """Give the answers that were kept back."""
        for asked, answer in self.later:
            asked.answer(json.dumps(answer).encode())
        self.later.clear()

    def _run(self) -> None:
        while not self._over.wait(0.002):
            if self.frozen:
                continue
            for asked in self._server.asked():
                command = json.loads(asked.line)
                self.commands.append(command)
                answers = self.answers(command)
                self.later += [(asked, answer) for answer in answers[1:]]
                for answer in answers[:1]:
                    asked.answer(json.dumps(answer).encode(), last=len(answers) == 1)
            if self._server.wants_frame:
                self._server.publish(json.dumps(self.state).encode())


@contextmanager
def engine(home: Path) -> Iterator[Engine]:
    """An engine that listens for this home."""
    with Engine(home) as made:
        yield made


def taken_then_done(command: Document) -> list[Document]:
    """What a halt is answered: taken at once, done when the test says so."""
    return [{"ack": command["id"], "state": "taken", "text": "the engine has it"}, *done(command)]


def silence(_: Document) -> list[Document]:
    """No answer."""
    return []
