"""P9's peer: `KiteTicker` with the same instruments in full mode: `python -m benchmarks.peers.kite_ticker`.

The first line of its input is JSON: ws, api_key, access_token, tokens. It keeps the last tick of each
instrument, and prints how many have come: when the first are there, and for every further line.
"""

from __future__ import annotations

import json
import sys
import threading
import warnings
from importlib import import_module
from typing import Any


def main() -> None:
    """Stream until the input ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kiteconnect = import_module("kiteconnect")
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    latest: dict[int, dict[str, Any]] = {}
    count = 0
    came = threading.Event()

    def connected(ticker: Any, _response: object) -> None:
        ticker.subscribe(told["tokens"])
        ticker.set_mode("full", told["tokens"])

    def ticked(_ticker: object, ticks: list[dict[str, Any]]) -> None:
        nonlocal count
        count += len(ticks)
        latest.update({tick["instrument_token"]: tick for tick in ticks})
        came.set()

    ticker = kiteconnect.KiteTicker(told["api_key"], told["access_token"], root=told["ws"])
    ticker.on_connect, ticker.on_ticks = connected, ticked
    ticker.connect(threaded=True)
    came.wait(30)
    print(json.dumps(count), flush=True)
    for _ in sys.stdin:
        print(json.dumps(count), flush=True)


if __name__ == "__main__":
    main()
