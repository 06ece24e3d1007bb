"""A development tool: something that looks like an engine to the dashboard, and does what it is told.


    python frontend/dev/fake_engine.py HOME [STATE.json]

It listens at HOME/control.sock and sends STATE (one state of `docs/control.md`, recorded from a demo) twice
a second, its clock running. `HOME/scene.json` changes it while it runs: `{"patch": {...}}` is merged into the
state, `{"answers": "prove" | "mute" | "refuse" | "slow"}` says how commands are answered, `{"frames": false}`
makes it fall silent. It trades nothing and is no part of the product.
"""

# ruff: noqa - a tool for a developer's own terminal: it prints, sleeps and reads the clock

import json
import socket
import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

IST = timezone(timedelta(hours=5, minutes=30))
FRAME_S = 0.5


class FakeEngine:
    """One state, a few clients, and the scene that says how to behave."""

    def __init__(self, home: Path, state: dict) -> None:
        self.home, self.state = home, state
        self.clients: list[socket.socket] = []
        self.number = 0
        self.closed: dict = {}
        self.began = time.monotonic()

    def scene(self) -> dict:
        """What `scene.json` says now; nothing where it is missing or half written."""
        try:
            return json.loads((self.home / "scene.json").read_text())
        except (OSError, ValueError):
            return {}

    def now(self) -> dict:
        """The state with its clock carried on, the scene's patch and what commands have done."""
        moved = datetime.fromisoformat(self.state["clock"]) + timedelta(seconds=time.monotonic() - self.began)
        state = merged(self.state, {"clock": moved.isoformat(timespec="milliseconds"), "speed": "x1"})
        return merged(merged(state, self.scene().get("patch", {})), self.closed)

    def run(self) -> None:
        """Serve until killed."""
        path = self.home / "control.sock"
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()
        while True:
            time.sleep(FRAME_S)
            if self.scene().get("frames", True):
                self.tell("frame")

    def accept(self, listener: socket.socket) -> None:
        """Take clients; each begins with a snapshot."""
        while True:
            client, _ = listener.accept()
            self.clients.append(client)
            self.tell("snapshot", client)
            threading.Thread(target=self.listen, args=(client,), daemon=True).start()

    def listen(self, client: socket.socket) -> None:
        """Read one client's commands."""
        for line in client.makefile():
            command = json.loads(line)
            print(datetime.now(UTC).time(), command, flush=True)
            self.obey(client, command)

    def obey(self, client: socket.socket, command: dict) -> None:
        """Answer as the scene says; with "prove" a stop sells within two seconds."""
        how, verb, mark = self.scene().get("answers", "prove"), command["verb"], command["id"]
        if how == "mute":
            return
        if how == "refuse":
            send(client, {"ack": mark, "state": "refused", "text": "the scene refuses everything"})
            return
        if how == "slow":
            time.sleep(6)
        reason = f"{command['source']}: {command['args'].get('reason') or 'no reason given'}"
        if verb in ("pause", "resume", "unlock"):
            self.closed |= {
                "pause": {"paused": reason},
                "resume": {"paused": None},
                "unlock": {"halted": None},
            }[verb]
            send(client, {"ack": mark, "state": "done", "text": f"{verb}: done"})
            return
        self.closed |= {"halted": reason} if verb == "halt" else {}
        send(client, {"ack": mark, "state": "taken", "text": "it is on the disk; the position is being sold"})
        time.sleep(2.5)
        self.closed |= {"positions": [], "flat": True, "orders": []}
        time.sleep(1.5)
        send(
            client,
            {
                "ack": mark,
                "state": "done",
                "text": "proved flat: 50 MARUTI 2026-12-29 13600 CE sold at Rs 253.05",
            },
        )

    def tell(self, kind: str, only: socket.socket | None = None) -> None:
        """Send the state to everybody, or to one who has just come."""
        self.number += 1
        document = {"kind": kind, "version": 1, "number": self.number, "state": self.now()}
        for client in [only] if only else list(self.clients):
            if not send(client, document) and client in self.clients:
                self.clients.remove(client)


def send(client: socket.socket, document: dict) -> bool:
    """One line; False where the client has gone."""
    try:
        client.sendall(json.dumps(document).encode() + b"\n")
    except OSError:
        return False
    return True


def merged(base: dict, patch: dict) -> dict:
    """A merge patch; null sets null, for a frame carries the whole state."""
    found = dict(base)
    for key, value in patch.items():
        inner = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = merged(found[key], value) if inner else value
    return found


if __name__ == "__main__":
    home = Path(sys.argv[1])
    recorded = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / "holding.json"
    FakeEngine(home, json.loads(recorded.read_text())).run()
