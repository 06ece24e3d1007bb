"""A demo day at a control desk, stepped by the test: a client asks, the day takes, the client hears."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ninefifteen.adapters.control import ControlLine, machine_now
from ninefifteen.adapters.rules import load_rules
from ninefifteen.cli.control_desk import ControlDesk, control_desk
from ninefifteen.config import load_config
from ninefifteen.domain.instants import Instant
from ninefifteen.home import Home
from ninefifteen.simulator.synthetic import demo_date
from ninefifteen.wiring import fresh_account
from ninefifteen.wiring.demo import DEMO_SEED, open_demo_day
from ninefifteen.wiring.home_day import HomeDay
from tests.patience import PATIENCE_S

Document = dict[str, Any]


class Controlled:
    """A demo day in `home` with its desk and one client."""

    def __init__(self, home: Home, desk: ControlDesk, day: HomeDay, line: ControlLine) -> None:
        self.home, self.desk, self.day, self.line = home, desk, day, line
        self.told: list[tuple[str, str]] = []
        self.answers: list[Document] = []
        self.count = 0

    @property
    def state(self) -> Any:
        """The engine's state."""
        return self.day.runner.engine.state

    @property
    def now(self) -> Instant:
        """The instant of the last event."""
        return self.day.runner.inbox.now

    def run_until(self, met: Any, *, events: int = 60_000) -> None:
        """Take event after event until this holds."""
        for _ in range(events):
            if met():
                return
            self.day.runner.take_next()
        raise AssertionError("the day did not come to that")

    def hold(self) -> None:
        """Run until the position of the day is held and its stop rests."""
        self.run_until(lambda: any(order.state == "trigger_pending" for order in self.orders))

    @property
    def orders(self) -> list[Any]:
        """The engine's orders."""
        return list(self.state.orders.by_tag.values())

    def send(self, verb: str, **changes: Any) -> str:
        """Send one command; returns its id."""
        self.count += 1
        fields = {"id": f"t{self.count}", "verb": verb, "sent_at": machine_now(), "source": "test:asha"}
        self.line.send(fields | {"role": "admin", "args": {"confirmed": True}} | changes)
        return str((fields | changes)["id"])

    def last_answer(self, identity: str | None = None, *, steps: int = 3) -> Document:
        """Look until the last answer to this command (None: to anything) has come.

        The day takes the command, and only while a proof is waited for more events between two looks.
        """
        deadline = time.monotonic() + PATIENCE_S
        while True:
            put = self.look()
            found = self.line.next(0.02)
            if found is not None and "ack" in found:
                self.answers.append(found)
                if found["state"] != "taken" and identity in (None, found["ack"]):
                    return found
            assert time.monotonic() < deadline, f"no last answer; so far {self.answers}"
            proving = bool(self.answers) and self.answers[-1]["state"] == "taken"
            for _ in range(1 if put else steps * proving):
                self.day.runner.take_next()

    def heard(self) -> Document:
        """The last answer to what was sent, without the day taking another step."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = self.line.next(0.02)
            if found is not None and found.get("ack") and found["state"] != "taken":
                return found
            assert time.monotonic() < deadline

    def look(self) -> bool:
        """What the loop does between two events."""
        self.day.halt_if_asked(self.now)
        return self.desk.look(self.now)

    def ask(self, verb: str, *, steps: int = 3, **changes: Any) -> Document:
        """Send one command and hear its last answer; so many events are taken between two looks."""
        return self.last_answer(self.send(verb, **changes), steps=steps)

    def audit(self) -> list[Document]:
        """The lines of commands in the audit log that tell an answer."""
        lines = (self.home.logs_dir / "audit.log").read_text().splitlines()
        return [found for found in map(json.loads, lines) if "answer" in found]


@contextmanager
def controlled(path: Path, *, speed: str = "x60") -> Iterator[Controlled]:
    """The demo day, opened and about to take its first event, with a client at its control line."""
    home = Home.open(path)
    rules, config = load_rules(), load_config(home, ())
    day = demo_date(DEMO_SEED, rules.calendar)
    account = fresh_account(config.settings)
    with (
        control_desk(home, synthetic=True, wiring="demo") as desk,
        open_demo_day(home, config, rules, day=day, seed=DEMO_SEED, account=account) as opened,
        ControlLine(path) as line,
    ):
        made = Controlled(home, desk, opened, line)
        desk.begin(opened, lambda kind, text: made.told.append((kind, text)), lambda: speed)
        opened.go_on()
        yield made
        desk.end()
