"""Zerodha's official client in a process of its own: one line of JSON in, one line of JSON out.

Its import brings Twisted, hundreds of modules and warnings, and its ticker cannot be started twice in a
process: none of that belongs into a test. The first line names the server and the keys; every other
line is a call. What cannot be written in JSON is marked: {"datetime": ...} as REST replies have it,
{"epoch": seconds} for the times of ticks, which the client gives in the zone of this host.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

PATIENCE_S = 60.0
Plain = Callable[[Any], Any]


class Ears:
    """Everything the official ticker calls back with, by kind; filled by its thread, read by ours."""

    def __init__(self) -> None:
        self._heard: dict[str, list[Any]] = {}
        self._more = threading.Condition()

    def take_in(self, kind: str, *values: Any) -> None:
        with self._more:
            self._heard.setdefault(kind, []).extend(values)
            self._more.notify_all()

    def wait(self, kind: str, count: int) -> list[Any]:
        """All of a kind, once there are so many; fewer when they do not come."""
        with self._more:
            self._more.wait_for(lambda: len(self._heard.get(kind, ())) >= count, PATIENCE_S)
            return list(self._heard.get(kind, ()))


class Process:
    """The two official clients for one server."""

    def __init__(self, server: dict[str, Any]) -> None:
        self._server = server
        self._official = importlib.import_module("kiteconnect")
        self._rest = self._official.KiteConnect(
            server["api_key"], server["access_token"], root=server["rest"], timeout=server["timeout"]
        )
        self._ears = Ears()
        self._ticker: Any = None

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What came of one line."""
        args, named = asked.get("args", []), asked.get("named", {})
        try:
            if "rest" in asked:
                value = getattr(self._rest, asked["rest"])(*args, **named)
                return {"value": json.loads(json.dumps(value, default=as_rest))}
            value = getattr(self, f"_{asked['ticker']}")(*args)
            return {"value": json.loads(json.dumps(value, default=as_tick))}
        except Exception as problem:  # noqa: BLE001 - whatever it raises is what the test looks at
            return {
                "problem": type(problem).__name__,
                "code": getattr(problem, "code", None),
                "message": str(problem),
            }

    def _connect(self) -> None:
        ears, server = self._ears, self._server
        ticker = self._official.KiteTicker(server["api_key"], server["access_token"], root=server["ws"])
        ticker.on_ticks = lambda _, ticks: ears.take_in("ticks", *ticks)
        ticker.on_order_update = lambda _, data: ears.take_in("orders", data)
        ticker.on_connect = lambda _, response: ears.take_in("connects", None)
        ticker.on_close = lambda _, code, reason: ears.take_in("closes", [code, str(reason)])
        ticker.on_error = lambda _, code, reason: ears.take_in("errors", [code, str(reason)])
        ticker.on_reconnect = lambda _, attempt: ears.take_in("reconnects", attempt)
        ticker.on_message = lambda _, payload, binary: self._message(payload, binary)
        ticker.connect(threaded=True)
        self._ticker = ticker

    def _message(self, payload: bytes, binary: bool) -> None:
        self._ears.take_in("frames" if binary else "texts", len(payload))
        text = None if binary else json.loads(payload)
        if text and text["type"] == "ninefifteen_clock":
            self._ears.take_in("clocks", text["data"]["at"])

    def _heard(self, kind: str, count: int) -> list[Any]:
        return self._ears.wait(kind, count)

    def _tell(self, name: str, *args: Any) -> None:
        """Call a method of the ticker in its own thread, as a callback of it would."""
        reactor = importlib.import_module("twisted.internet.reactor")
        reactor.callFromThread(getattr(self._ticker, name), *args)


def as_rest(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    raise TypeError(type(value).__name__)


def as_tick(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"epoch": value.timestamp()}
    raise TypeError(type(value).__name__)


def main() -> None:
    """Answer until the other end closes."""
    process = Process(json.loads(sys.stdin.readline()))
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(process.answer(json.loads(line))), flush=True)
    os._exit(0)  # the reactor's thread and its connection end with the process


if __name__ == "__main__":
    main()
