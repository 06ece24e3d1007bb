"""The offset of this machine's clock: the right sign, and unknown rather than believed."""

from __future__ import annotations

import asyncio
import struct
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.adapters.clock_offset import (
    Offset,
    Server,
    machine_time,
    measure,
    read_reply,
    read_tracking,
    request,
    verdict,
)
from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant

NOW: Instant = 1_795_405_410_123_456_789
TO_1900_S = 2_208_988_800
Reply = Callable[[bytes], bytes | None]


def stamp(instant: Instant) -> bytes:
    seconds, nanos = divmod(instant, SECOND)
    return struct.pack("!II", (seconds + TO_1900_S) % (1 << 32), (nanos << 32) // SECOND)


def reply(
    question: bytes,
    there: Instant,
    back: Instant,
    *,
    first: int = 0x24,
    stratum: int = 2,
    origin: bytes = b"",
) -> bytes:
    """What a sound server of version 4 answers, unless told otherwise."""
    head = struct.pack("!BBbbIII", first, stratum, 6, -20, 0, 0, 0x7F000001)
    return head + stamp(there) + (origin or question[40:48]) + stamp(there) + stamp(back)


@asynccontextmanager
async def time_server(answer: Reply) -> AsyncIterator[Server]:
    """A UDP server on the loopback that answers every question with `answer(question)`; None: silence."""

    class Served(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            told = answer(data)
            if told is not None:
                self.transport.sendto(told, addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Served, local_addr=("127.0.0.1", 0))
    try:
        yield Server(*transport.get_extra_info("sockname")[:2])
    finally:
        transport.close()


def shifted(by: Instant) -> Reply:
    """A server whose clock is ahead of this machine's by that much."""
    return lambda question: reply(question, machine_time() + by, machine_time() + by)


def ask(*answers: Reply, patience_s: float = 2.0, now: Callable[[], Instant] = machine_time) -> Offset | None:
    """The offset by servers that answer so, without chrony."""
    return asyncio.run(_with_servers(answers, now, patience_s))


async def _with_servers(
    answers: Sequence[Reply], now: Callable[[], Instant], patience_s: float, *servers: Server
) -> Offset | None:
    if not answers:
        return await measure(servers, now=now, chrony=(), patience_s=patience_s, pause_s=0)
    async with time_server(answers[0]) as server:
        return await _with_servers(answers[1:], now, patience_s, *servers, server)


@pytest.mark.parametrize("milliseconds", [-2000, -501, -99, 0, 99, 501, 2000])
def test_a_server_tells_what_must_be_added_to_this_clock(milliseconds: int) -> None:
    by = milliseconds * MILLISECOND
    found = ask(shifted(by))
    assert found is not None
    assert abs(found.ns - by) <= found.uncertainty_ns + MILLISECOND
    assert found.uncertainty_ns < 250 * MILLISECOND
    assert found.source == "time server 127.0.0.1"


def test_the_given_clock_is_the_one_that_is_measured() -> None:
    found = ask(shifted(0), now=lambda: machine_time() - 3 * SECOND)
    assert found is not None
    assert round(found.ns / SECOND) == 3


def test_one_server_of_three_that_lies_moves_nothing() -> None:
    found = ask(shifted(0), shifted(2 * SECOND), shifted(0))
    assert found is not None
    assert abs(found.ns) < 250 * MILLISECOND


def test_the_sample_with_the_shortest_way_counts() -> None:
    """Four questions that take 1000, 10, 500 and 300 ms; each is seen by the server 5 ms after it left."""
    looks = iter([0, 1000, 2000, 2010, 3000, 3500, 4000, 4300])

    def answer(question: bytes) -> bytes:
        seconds, fraction = struct.unpack("!II", question[40:48])
        there = (seconds - TO_1900_S) * SECOND + (fraction * SECOND >> 32) + 5 * MILLISECOND
        return reply(question, there, there)

    found = ask(answer, now=lambda: NOW + next(looks) * MILLISECOND)
    assert found is not None
    assert abs(found.ns) < 10
    assert abs(found.uncertainty_ns - 5 * MILLISECOND) < 10


def test_silence_is_unknown() -> None:
    assert ask(lambda _: None, patience_s=0.05) is None


def test_no_servers_and_no_chrony_is_unknown() -> None:
    assert ask() is None


def test_a_name_that_does_not_resolve_is_unknown() -> None:
    assert asyncio.run(measure(["no-such-host.invalid"], chrony=(), patience_s=2.0)) is None


def test_a_closed_port_is_unknown() -> None:
    async def asking() -> Offset | None:
        async with time_server(lambda _: None) as server:
            pass
        return await measure([server], chrony=(), patience_s=0.5)

    assert asyncio.run(asking()) is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda _: b"", id="nothing in it"),
        pytest.param(lambda q: q, id="our own question echoed"),
        pytest.param(lambda q: reply(q, NOW, NOW, first=0xE4), id="not synchronised"),
        pytest.param(lambda q: reply(q, NOW, NOW, first=0x23), id="not a server"),
        pytest.param(lambda q: reply(q, NOW, NOW, first=0x3C), id="version 7"),
        pytest.param(lambda q: reply(q, NOW, NOW, stratum=0), id="kiss of death"),
        pytest.param(lambda q: reply(q, NOW, NOW, stratum=16), id="stratum 16"),
        pytest.param(lambda q: reply(q, NOW, NOW, origin=stamp(NOW - 1000)), id="answers another question"),
        pytest.param(lambda q: reply(q, NOW, NOW)[:40] + bytes(8), id="no time of sending"),
        pytest.param(lambda q: reply(q, NOW, NOW - SECOND), id="sent before it arrived"),
        pytest.param(lambda q: reply(q, NOW, NOW)[:47], id="cut short"),
    ],
)
def test_a_reply_that_cannot_be_trusted_is_no_reply(answer: Reply) -> None:
    told = answer(request(NOW))
    assert told is not None
    assert read_reply(told, NOW, NOW + MILLISECOND, "x") is None
    assert ask(answer, patience_s=0.05, now=lambda: NOW) is None


def test_a_reply_that_was_underway_for_less_than_no_time_is_refused() -> None:
    question = request(NOW)
    assert read_reply(reply(question, NOW, NOW + SECOND), NOW, NOW + MILLISECOND, "x") is None
    assert read_reply(reply(question, NOW, NOW), NOW, NOW - 1, "x") is None


def test_the_way_there_and_back_is_taken_as_equally_long() -> None:
    question = request(NOW)
    found = read_reply(reply(question, NOW + SECOND, NOW + SECOND), NOW, NOW + 10 * MILLISECOND, "x")
    assert found is not None
    assert abs(found.ns - 995 * MILLISECOND) < 10
    assert abs(found.uncertainty_ns - 5 * MILLISECOND) < 10


def test_the_seconds_of_the_wire_start_again_in_2036() -> None:
    late = 2_085_978_496 * SECOND + 5  # 2036-02-07 06:28:16 UTC
    found = read_reply(reply(request(late - 7 * SECOND), late, late), late - 7 * SECOND, late, "x")
    assert found is not None
    assert abs(found.ns - 3_500 * MILLISECOND) < 10


@given(st.binary(max_size=96))
def test_no_packet_is_an_error(packet: bytes) -> None:
    assert read_reply(packet, NOW, NOW + MILLISECOND, "x") is None


TRACKING = (
    "C0A80001,192.168.0.1,3,1795405400.1,{correction},0.000001,0.00002,1.2,0.0,0.1,0.020,0.004,64.2,{leap}"
)


@pytest.mark.parametrize(
    ("correction", "ns"), [("0.250000000", 250 * MILLISECOND), ("-1.5", -1500 * MILLISECOND)]
)
def test_chrony_is_believed_with_its_own_sign(correction: str, ns: int) -> None:
    """It prints the correction positive when the system is slow of NTP time."""
    found = read_tracking(TRACKING.format(correction=correction, leap="Normal") + "\n")
    assert found == Offset(ns, "chrony", 14 * MILLISECOND)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "506 Cannot talk to daemon",
        TRACKING.format(correction="0.0", leap="Not synchronised"),
        TRACKING.format(correction="nan", leap="Normal"),
        TRACKING.format(correction="soon", leap="Normal"),
        TRACKING.format(correction="0.0", leap="Normal").replace(",3,", ",0,", 1),
    ],
)
def test_chrony_without_a_source_is_unknown(text: str) -> None:
    assert read_tracking(text) is None


def chrony(tmp_path: Path, program: str) -> tuple[str, ...]:
    """A stand-in for chronyc."""
    path = tmp_path / "chronyc.py"
    path.write_text(program)
    return (sys.executable, str(path))


def test_chrony_is_asked_first(tmp_path: Path) -> None:
    command = chrony(tmp_path, f"print({TRACKING.format(correction='0.3', leap='Normal')!r})")
    assert asyncio.run(measure([], chrony=command, patience_s=20)) == Offset(
        300 * MILLISECOND, "chrony", 14 * MILLISECOND
    )


@pytest.mark.parametrize(
    ("program", "patience_s"), [("raise SystemExit(1)", 20.0), ("import time; time.sleep(60)", 0.2)]
)
def test_where_chrony_cannot_tell_the_servers_are_asked(
    tmp_path: Path, program: str, patience_s: float
) -> None:
    async def asking() -> Offset | None:
        async with time_server(shifted(SECOND)) as server:
            return await measure([server], chrony=chrony(tmp_path, program), patience_s=patience_s, pause_s=0)

    found = asyncio.run(asking())
    assert found is not None
    assert found.source == "time server 127.0.0.1"


def test_a_machine_without_chrony_asks_the_servers(tmp_path: Path) -> None:
    assert asyncio.run(measure([], chrony=(str(tmp_path / "chronyc"),))) is None


@pytest.mark.parametrize(
    ("milliseconds", "uncertain", "expected"),
    [
        (0, 10, "ok"),
        (100, 10, "ok"),
        (-101, 10, "warn"),
        (500, 10, "warn"),
        (501, 10, "refuse"),
        (-2000, 10, "refuse"),
        (0, 501, "warn"),
    ],
)
def test_the_verdict(milliseconds: int, uncertain: int, expected: str) -> None:
    offset = Offset(milliseconds * MILLISECOND, "x", uncertain * MILLISECOND)
    assert verdict(offset) == expected
