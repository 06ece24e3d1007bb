"""A day with real orders whose network, machine, disk or owner does the unexpected."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.fence import Fence
from tests.processes.live_homes import (
    Live,
    asked,
    assert_nothing_went_wrong,
    exit_reason,
    frozen,
    truth,
)
from tests.processes.live_wire import Line, line
from tests.processes.paper_homes import OPENED, Exchange, exchange, rehearsal_home

SEED = 4
"""8 September 2026: bought with the first quote, and nothing more for four minutes."""
SPEED = "10"
STARTS = "09:14:20"
"""Forty seconds of real time for the program to start; then it goes fast."""


class Market:
    """The exchange, the line to it and the home that goes through that line."""

    def __init__(self, there: Exchange, wire: Line, home: Path) -> None:
        self.there, self.wire, self.home = there, wire, home

    @contextmanager
    def live(self) -> Iterator[Live]:
        """A program that has made its pick; from here on time goes fast."""
        with Live(self.home) as process:
            self.there.speed_up(process)
            yield process

    def orders(self) -> list[dict[str, Any]]:
        """The orders at the exchange, as they stand."""
        found: list[dict[str, Any]] = truth(self.there)["orders"]
        return found

    def net(self) -> int:
        """What is held there."""
        return sum(int(contract["net"]) for contract in truth(self.there)["contracts"])

    def protected(self) -> bool:
        """Whether something is held and a stop rests for it."""
        resting = [one["quantity"] for one in self.orders() if one["status"] == "TRIGGER PENDING"]
        return self.net() > 0 and sum(resting) == self.net()


@contextmanager
def market(tmp_path: Path, *, start: str = STARTS, speed: str = SPEED) -> Iterator[Market]:
    """An exchange at a speed, and a rehearsal home whose program reaches it over a line of ours."""
    with (
        exchange(seed=SEED, start=start, speed=speed, geared=True) as there,
        line(int(there.rest.split(":")[-1])) as wire,
    ):
        near = there._replace(
            ready={
                **there.ready,
                "rest": f"http://127.0.0.1:{wire.port}",
                "ws": f"ws://127.0.0.1:{wire.port}",
            }
        )
        yield Market(there, wire, rehearsal_home(tmp_path / "home", near))


def halted(one: Market, process: Live) -> None:
    """Halt, and wait until the exchange itself holds nothing and no order of ours works."""
    (one.home / "HALT").touch()
    process.until("being flat", lambda: truth(one.there)["flat"])
    process.kill()


def test_cut_off_while_holding_the_stop_rests_at_the_broker_and_afterwards_all_agrees(tmp_path: Path) -> None:
    with market(tmp_path) as one, one.live() as process:
        process.until("a stop", one.protected)
        one.wire.cut()
        time.sleep(2.5)
        assert one.protected()
        one.wire.heal()
        time.sleep(1.5)
        assert process.child.poll() is None, process.ended()
        halted(one, process)
        assert_nothing_went_wrong(one.home, one.there)


@pytest.mark.parametrize("request_", [b"POST /orders", b"PUT /orders"], ids=["placing", "change"])
def test_a_connection_reset_behind_an_order_request_sends_no_second_one(
    tmp_path: Path, request_: bytes
) -> None:
    """The request reaches the exchange; its answer never comes back."""
    with market(tmp_path) as one, one.live() as process:
        one.wire.reset_behind(request_)
        process.until("a stop", one.protected)
        halted(one, process)
        assert one.wire.resets == 1
        seen = assert_nothing_went_wrong(one.home, one.there)
    assert [order["side"] for order in seen["orders"]] == ["BUY", "SELL"]


def test_an_entry_that_the_network_delivers_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    """Nothing gets through from the entry on; it arrives a minute late and is found, not sent again."""
    with market(tmp_path) as one, one.live() as process:
        one.wire.hold_at(b"POST /orders")
        process.until("the entry on its way", lambda: one.wire.held)
        time.sleep(6)
        assert one.orders() == []
        one.wire.heal()
        process.until("the late entry", one.orders)
        time.sleep(2)
        halted(one, process)
        seen = assert_nothing_went_wrong(one.home, one.there)
    assert [order["side"] for order in seen["orders"]].count("BUY") == 1


def test_an_exchange_that_is_away_for_seconds_is_found_again(tmp_path: Path) -> None:
    """The broker's own process stands still, its sockets open."""
    with market(tmp_path) as one, one.live() as process:
        process.until("a stop", one.protected)
        os.kill(one.there.child.pid, 19)
        time.sleep(5)
        os.kill(one.there.child.pid, 18)
        time.sleep(1)
        assert process.child.poll() is None, process.ended()
        halted(one, process)
        assert_nothing_went_wrong(one.home, one.there)


def frozen_and_overtaken(tmp_path: Path, seconds: float) -> None:
    """The program sleeps while holding, is taken over meanwhile, and is asked to sell when it wakes."""
    with market(tmp_path) as one, one.live() as process:
        process.until("a stop", one.protected)
        with frozen(process):
            time.sleep(seconds)
            Fence(one.home / "epoch").take()
            (one.home / "HALT").touch()
            before = truth(one.there)["writes"]
        code, _, err = process.ended()
        assert code == 5, err
        assert "taken over" in err
        assert truth(one.there)["writes"] == before
        with Live(one.home) as second:
            second.until("being flat", lambda: truth(one.there)["flat"])
            second.kill()
        seen = assert_nothing_went_wrong(one.home, one.there)
    assert [order["side"] for order in seen["orders"]] == ["BUY", "SELL"]


def test_frozen_and_overtaken_meanwhile_it_wakes_and_writes_nothing(tmp_path: Path) -> None:
    frozen_and_overtaken(tmp_path, 2.0)


@pytest.mark.nightly
def test_frozen_for_a_minute_and_overtaken_meanwhile_it_wakes_and_writes_nothing(tmp_path: Path) -> None:
    frozen_and_overtaken(tmp_path, 60.0)


def test_the_owner_sells_in_the_app_and_our_stop_is_gone_at_once(tmp_path: Path) -> None:
    with market(tmp_path) as one, one.live() as process:
        process.until("a stop", one.protected)
        (bought,) = [order for order in one.orders() if order["side"] == "BUY"]
        sale = {"symbol": bought["symbol"], "side": "SELL", "quantity": bought["filled"]}
        assert asked(one.there, "by_hand", sale)["filled"] == bought["filled"]
        began = time.monotonic()
        process.until("an account without orders", lambda: truth(one.there)["flat"])
        took = time.monotonic() - began
        process.until("the trade's end", lambda: exit_reason(one.home))
        halted(one, process)
        seen = truth(one.there)
    assert took < 10.0  # else it would rest for twenty
    assert exit_reason(one.home) == "manual"
    assert [(order["side"], order["status"]) for order in seen["orders"]] == [
        ("BUY", "COMPLETE"),
        ("SELL", "CANCELLED"),
        ("SELL", "COMPLETE"),
    ]
    assert seen["contracts"][0]["least_net"] == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 16 MB at this folder; skips, loudly, where none can be made."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk needs root: what a full one does was NOT tried")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, *, leave: int = 0) -> Path:
    """Leave so many bytes on this disk, and not one more; the file that takes the rest."""
    filler = disk / f"filler-{leave}"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - size >= leave:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler


ALMOST = 900_000
"""Bytes that are left when the day begins: no whole chunk of the journal can be preallocated."""


def test_a_disk_full_before_the_bell_lets_no_entry_leave(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, market(disk) as one:
        fill(disk, leave=ALMOST)
        with Live(one.home) as process:
            process.wait_for(OPENED)
            fill(disk)
            one.there.shift()
            time.sleep(0.2)
            one.there.shift()
            while process.child.poll() is None and one.there.clock() < "09:15:40":
                time.sleep(0.1)
            process.kill()
        seen = truth(one.there)
    assert [write for write in seen["writes"] if write["what"] == "place"] == []
    assert seen["flat"]


def test_a_disk_full_while_holding_lets_the_exit_go(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, market(disk) as one:
        filler = fill(disk, leave=ALMOST)
        with one.live() as process:
            filler.unlink()
            process.until("a stop", one.protected)
            fill(disk)
            (one.home / "HALT").touch()
            process.until("being flat", lambda: truth(one.there)["flat"])
            process.kill()
        seen = truth(one.there)
    assert [(order["side"], order["status"]) for order in seen["orders"]] == [
        ("BUY", "COMPLETE"),
        ("SELL", "COMPLETE"),
    ]
    assert seen["contracts"][0]["least_net"] == 0
