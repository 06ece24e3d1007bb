"""How far this machine's clock is off: asked of chrony where it runs, else of time servers (RFC 4330).

An offset is what has to be **added** to this machine's clock to get the true time: positive when the
clock is slow. Nothing here sets a clock.
"""

from __future__ import annotations

import asyncio
import math
import statistics
import struct
import time
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from ninefifteen.domain.instants import MILLISECOND, SECOND, Instant

Verdict = Literal["ok", "warn", "refuse"]

WARN_NS: Final = 100 * MILLISECOND
REFUSE_NS: Final = 500 * MILLISECOND

POOL_SERVERS: Final = ("0.in.pool.ntp.org", "1.in.pool.ntp.org", "2.in.pool.ntp.org")
"""The public pool's servers in India. Source: pool.ntp.org, zone `in`."""

_CHRONY = ("chronyc", "-c", "tracking")
_CHRONY_FIELDS = 14
_PACKET = struct.Struct("!BBbb11I")
_CLIENT = 0b00_100_011
# leap indicator 0, version 4, mode 3
_SERVER_MODE = 4
_VERSIONS = (3, 4)
_UNSYNCHRONISED = 3
_MOST_STRATUM = 15
_TO_1900_S = 2_208_988_800
_ERA_S = 1 << 32
_SAMPLES = 4
_MAJORITY = 3


class Offset(msgspec.Struct, frozen=True):
    """What must be added to this machine's clock (ns), who says so, and how far that may be wrong (ns)."""

    ns: int
    source: str
    uncertainty_ns: int


class Server(NamedTuple):
    """A time server."""

    host: str
    port: int = 123


def verdict(offset: Offset) -> Verdict:
    """Whether one may enter with this clock.

    More than 500 ms off: refuse. More than 100 ms off, or not known within 500 ms: warn.
    """
    if abs(offset.ns) > REFUSE_NS:
        return "refuse"
    return "warn" if abs(offset.ns) > WARN_NS or offset.uncertainty_ns > REFUSE_NS else "ok"


def machine_time() -> Instant:
    """What the clock of this machine shows."""
    return time.time_ns()  # noqa: TID251 - the clock that is measured


async def measure(
    servers: Sequence[Server | str] = POOL_SERVERS,
    *,
    now: Callable[[], Instant] = machine_time,
    chrony: Sequence[str] = _CHRONY,
    patience_s: float = 1.0,
    pause_s: float = 2.0,
) -> Offset | None:
    """The offset of this machine's clock by chrony, else by `servers`; None when nobody can tell.

    `now` is the clock the servers are compared with; `chrony` the command to ask, empty for none.
    `patience_s`, in seconds of this machine, is the wait for chrony and for each reply of a server,
    `pause_s` lies between two questions to one server: public servers refuse who asks faster. So the
    whole takes about ten seconds.
    """
    if chrony and (told := await _ask_chrony(chrony, patience_s)) is not None:
        return told
    asked = [Server(one) if isinstance(one, str) else one for one in servers]
    answers = await asyncio.gather(*(_ask_server(one, now, patience_s, pause_s) for one in asked))
    known = sorted((one for one in answers if one is not None), key=lambda one: one.uncertainty_ns)
    if len(known) < _MAJORITY:
        return known[0] if known else None
    middle = statistics.median_low(one.ns for one in known)  # one server that lies does not move it
    return next(one for one in known if one.ns == middle)


def read_tracking(text: str) -> Offset | None:
    """What `chronyc -c tracking` says; None when chrony is not synchronised or the text is another.

    Field 5 is the correction in seconds, positive when the system is slow; 11 and 12 are root delay and
    root dispersion, 14 the leap status. Source: chrony's manual and client, command `tracking`.
    """
    fields = text.strip().split(",")
    if len(fields) != _CHRONY_FIELDS or fields[-1] == "Not synchronised":
        return None
    try:
        stratum, correction = int(fields[2]), float(fields[4])
        delay, dispersion = float(fields[10]), float(fields[11])
    except ValueError:
        return None
    if not 0 < stratum <= _MOST_STRATUM or not all(map(math.isfinite, (correction, delay, dispersion))):
        return None
    uncertainty = abs(dispersion) + abs(delay) / 2
    return Offset(round(correction * SECOND), "chrony", round(uncertainty * SECOND))


def request(sent_at: Instant) -> bytes:
    """The 48 bytes of a question, stamped with when it leaves by this machine's clock."""
    return _PACKET.pack(_CLIENT, 0, 0, 0, *([0] * 9), *_to_ntp(sent_at))


def read_reply(packet: bytes, sent_at: Instant, received_at: Instant, source: str) -> Offset | None:
    """What a server's reply says; None unless it answers this very question and the server is fit.

    Source of the rules and of the formula: RFC 4330, section 5.
    """
    if len(packet) < _PACKET.size:
        return None
    first, stratum, _, _, _, dispersion, _, _, _, *stamps = _PACKET.unpack_from(packet)
    leap, version, mode = first >> 6, first >> 3 & 7, first & 7
    fit = leap != _UNSYNCHRONISED and version in _VERSIONS and mode == _SERVER_MODE
    origin, arrived, left = stamps[0:2], stamps[2:4], stamps[4:6]
    if not fit or not 0 < stratum <= _MOST_STRATUM or tuple(origin) != _to_ntp(sent_at):
        return None
    if not any(arrived) or not any(left):
        return None
    there, back = _from_ntp(*arrived, near=sent_at), _from_ntp(*left, near=sent_at)
    underway = (received_at - sent_at) - (back - there)
    if back < there or received_at < sent_at or underway < 0:
        return None
    offset = ((there - sent_at) + (back - received_at)) // 2
    return Offset(offset, source, underway // 2 + (dispersion * SECOND >> 16))


def _to_ntp(instant: Instant) -> tuple[int, int]:
    seconds, nanos = divmod(instant, SECOND)
    return (seconds + _TO_1900_S) % _ERA_S, (nanos << 32) // SECOND


def _from_ntp(seconds: int, fraction: int, *, near: Instant) -> Instant:
    """The instant closest to `near` with these 32 bits of seconds: they start again in 2036."""
    told = seconds - _TO_1900_S
    era = round((near // SECOND - told) / _ERA_S)
    return (told + era * _ERA_S) * SECOND + (fraction * SECOND >> 32)


async def _ask_chrony(command: Sequence[str], patience_s: float) -> Offset | None:
    try:
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except (OSError, NotImplementedError):
        return None
    try:
        async with asyncio.timeout(patience_s):
            out, _ = await child.communicate()
    except TimeoutError:
        return None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return read_tracking(out.decode("ascii", "replace")) if child.returncode == 0 else None


class _Question(asyncio.DatagramProtocol):
    """One question to one server; `answer` is done with the first reply that passes every check."""

    def __init__(self, now: Callable[[], Instant], source: str) -> None:
        self.answer: asyncio.Future[Offset] = asyncio.get_running_loop().create_future()
        self._now, self._source = now, source
        self._sent_at: Instant = 0

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._sent_at = self._now()
        transport.sendto(request(self._sent_at))

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr  # the socket is connected: nobody else's packets arrive
        told = read_reply(data, self._sent_at, self._now(), self._source)
        if told is not None and not self.answer.done():
            self.answer.set_result(told)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


async def _ask_server(
    server: Server, now: Callable[[], Instant], patience_s: float, pause_s: float
) -> Offset | None:
    """The sample with the shortest way of a few; a server that is silent once is not asked again."""
    best: Offset | None = None
    for number in range(_SAMPLES):
        if number:
            await asyncio.sleep(pause_s)
        try:
            async with asyncio.timeout(patience_s):
                told = await _ask_once(server, now)
        except (OSError, TimeoutError):
            break
        if best is None or told.uncertainty_ns < best.uncertainty_ns:
            best = told
    return best


async def _ask_once(server: Server, now: Callable[[], Instant]) -> Offset:
    loop = asyncio.get_running_loop()
    transport, question = await loop.create_datagram_endpoint(
        lambda: _Question(now, f"time server {server.host}"), remote_addr=server
    )
    try:
        return await question.answer
    finally:
        transport.close()
