"""A rehearsal home whose bot holds something at our exchange, which serves in a process of its own."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ninefifteen.adapters.clocks.wall import SystemWall
from ninefifteen.adapters.zerodha.client import KiteClient, simulated
from ninefifteen.adapters.zerodha.errors import Refused
from ninefifteen.adapters.zerodha.portfolio import positions
from ninefifteen.config import LoadedConfig, load_config
from ninefifteen.domain.money import rupees
from ninefifteen.domain.secret import SecretText
from ninefifteen.home import Home
from tests.patience import PATIENCE_S
from tests.processes.paper_homes import LOOPBACK_ONLY, Exchange, end, exchange, rehearsal_home

T = TypeVar("T")
SEED = 142
SPEED = "30"
"""Thirty seconds of the exchange in one of this machine: what waits for seconds is quick."""


class Account:
    """The account at the exchange, as the bot of an earlier start used it, and as its owner does."""

    def __init__(self, market: Exchange, home: Home) -> None:
        self.market, self.home = market, home
        self._counter = itertools.count(1)
        self.call, self.other = self._calls()

    @property
    def loaded(self) -> LoadedConfig:
        """The settings of the home."""
        return load_config(self.home, ())

    def tag(self, role: str) -> str:
        """A tag of the bot, never used before."""
        return f"x03aaaa{'abcdefghij'[next(self._counter)]}aa{role}"

    def order(self, side: str, *, tag: str = "", name: str = "", lots: int = 1, **form: Any) -> str:
        """An order of the bot (with a tag) or of a person (without); its id."""
        contract = name or self.call["tradingsymbol"]
        lot = int(self._row(contract)["lot_size"])
        fields = {"exchange": "NFO", "tradingsymbol": contract, "transaction_type": side}
        fields |= {"quantity": str(lots * lot), "product": "MIS", "order_type": "LIMIT", "validity": "DAY"}
        if tag:
            fields["tag"] = tag
        fields |= {key: str(value) for key, value in form.items()}

        async def place(client: KiteClient) -> str:
            return str((await client.write("POST", "/orders/regular", fields))["order_id"])

        return self._with_client(place)

    def buy(self, *, tag: str = "", name: str = "", lots: int = 1) -> str:
        """A buy that fills at once."""
        ask = self.quote(name or self.call["tradingsymbol"])["depth"]["sell"][0]["price"]
        return self.order("BUY", tag=tag, name=name, lots=lots, price=rupees(round(ask * 102) // 5 * 5))

    def sell(self, *, tag: str = "", lots: int = 1) -> str:
        """A sell that fills at once."""
        bid = self.quote(self.call["tradingsymbol"])["depth"]["buy"][0]["price"]
        return self.order("SELL", tag=tag, lots=lots, price=rupees(round(bid * 97) // 5 * 5))

    def stop(self, *, tag: str, lots: int = 1) -> str:
        """A stop that rests far below."""
        last = round(self.quote(self.call["tradingsymbol"])["last_price"] * 100)
        trigger = last * 70 // 100 // 5 * 5
        limit = trigger * 80 // 100 // 5 * 5
        return self.order(
            "SELL", tag=tag, lots=lots, order_type="SL", price=rupees(limit), trigger_price=rupees(trigger)
        )

    def quote(self, name: str) -> dict[str, Any]:
        """What the exchange shows of a contract; one request a second is let through."""
        key = f"NFO:{name}"

        async def ask(client: KiteClient) -> dict[str, Any]:
            while True:
                try:
                    found = await client.read("/quote", dict[str, dict[str, Any]], params=[("i", key)])
                except Refused:
                    await asyncio.sleep(0.05)
                else:
                    return found[key]

        return self._with_client(ask)

    def net(self, name: str = "") -> int:
        """Units the account holds of a contract."""

        async def ask(client: KiteClient) -> int:
            return (await positions(client)).held("NFO", name or self.call["tradingsymbol"])

        return self._with_client(ask)

    def orders(self) -> list[dict[str, Any]]:
        """The day's book."""

        async def ask(client: KiteClient) -> list[dict[str, Any]]:
            return await client.read("/orders", list[dict[str, Any]])

        return self._with_client(ask)

    def by_hand(self, side: str, quantity: int, name: str = "") -> None:
        """The owner trades in the broker's app."""
        wish = {"symbol": name or self.call["tradingsymbol"], "side": side, "quantity": quantity}
        address = f"{self.market.rest}/ninefifteen/by_hand"
        with LOOPBACK_ONLY.open(address, data=json.dumps(wish).encode(), timeout=PATIENCE_S) as reply:
            reply.read()

    def forget_the_token(self) -> None:
        """The home has a token that nobody knows."""
        text = self.home.env_file.read_text()
        self.home.env_file.write_text(text.replace("BROKER_ACCESS_TOKEN=", "BROKER_ACCESS_TOKEN=x"))

    def wait_until(self, moment: str) -> None:
        """Until the exchange's clock shows this time of day."""
        while self.market.clock() < moment:
            time.sleep(0.02)

    def truth(self) -> dict[str, Any]:
        """What really happened today: writes with their tags, fills, the least that was held."""
        today: dict[str, Any] = self.market.asked("truth")["days"][0]
        return today

    def _row(self, name: str) -> dict[str, str]:
        return next(row for row in (self.call, self.other) if row["tradingsymbol"] == name)

    def _calls(self) -> tuple[dict[str, str], dict[str, str]]:
        """Two calls near the money, of two stocks, that can be paid."""

        async def read(client: KiteClient) -> bytes:
            return await client.read_csv("/instruments/NFO")

        rows = list(csv.DictReader(io.StringIO(self._with_client(read).decode())))
        found = []
        for root in ("INFY", "ITC"):
            calls = [row for row in rows if row["name"] == root and row["instrument_type"] == "CE"]
            first = min(row["expiry"] for row in calls)
            calls = sorted(
                (row for row in calls if row["expiry"] == first), key=lambda row: float(row["strike"])
            )
            found.append(calls[len(calls) // 2])
        return found[0], found[1]

    def _with_client(self, work: Callable[[KiteClient], Awaitable[T]]) -> T:
        async def run() -> T:
            ready = self.market.ready
            place = simulated(ready["rest"], ready["ws"])
            client = KiteClient(place, SecretText(ready["api_key"]), SystemWall())
            client.use(SecretText(ready["access_token"]))
            try:
                return await work(client)
            finally:
                await client.close()

        return asyncio.run(run())


@contextmanager
def account(
    folder: Path, *, faults: list[dict[str, Any]] | None = None, speed: str = SPEED
) -> Iterator[Account]:
    """An account at an exchange that is open, and a home of it."""
    words: tuple[str, ...] = ("--cash", "10000000")
    if faults:
        file = folder / "faults.yaml"
        file.write_text(json.dumps(faults))
        words += ("--faults", str(file))
    with exchange(seed=SEED, start="09:30:00", speed=speed, words=words) as market:
        home = Home.open(rehearsal_home(folder / "home", market))
        yield Account(market, home)


def audit(home: Home) -> list[dict[str, Any]]:
    """The lines of the audit log."""
    lines = (home.logs_dir / "audit.log").read_text().splitlines()
    return [msgspec.json.decode(line) for line in lines]


class Beating:
    """Writes the heartbeat of an engine that holds something, from a thread of the test's own."""

    def __init__(self, home: Home, seconds: float) -> None:
        self._home, self._until = home, time.monotonic() + seconds
        self._act: Callable[[], object] | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def on_halt(self, act: Callable[[], object]) -> None:
        """What this engine does when it sees the HALT file."""
        self._act = act

    def start(self) -> None:
        """Begin to beat, ten times a second."""
        self._thread.start()

    def close(self) -> None:
        """Stop beating."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(0.1) and time.monotonic() < self._until:
            beat = {"at": time.time_ns(), "pid": 1, "epoch": 3, "holding": True}
            (self._home.path / "heartbeat.json").write_bytes(msgspec.json.encode(beat))
            if self._act is not None and self._home.halt_file.exists():
                self._act()
                self._act = None


@contextmanager
def beating(home: Home, seconds: float = 3600.0) -> Iterator[Beating]:
    """An engine whose heart beats so long."""
    engine = Beating(home, seconds)
    engine.start()
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Another process keeps the lock of the home."""
    program = (
        "import sys, time; from pathlib import Path; from ninefifteen.home import Home;"
        "lock = Home.look(Path(sys.argv[1])).lock(); lock.__enter__();"
        "print('kept', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(home.path)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "kept\n"
        yield
    finally:
        end(child)
