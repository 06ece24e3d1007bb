"""A broker that only takes orders: `python -m benchmarks.sink`, a process of its own.

One line of JSON tells its port. Every request is answered at once with an order id that is the instant
of this machine's steady clock at which its first byte was read here; a GET is answered as a profile.
Nothing is looked at, so that the time of the client is measured and not that of a server.
"""

from __future__ import annotations

import asyncio
import json

from ninefifteen.adapters.clocks.wall import steady

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_END_OF_HEADERS = b"\r\n\r\n"


class Sink(asyncio.Protocol):
    """One connection: requests in, answers out."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._read = bytearray()
        self._arrived = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for the answers."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer as soon as the request is whole."""
        now = steady()
        if not self._read:
            self._arrived = now
        self._read += data
        head, found, body = bytes(self._read).partition(_END_OF_HEADERS)
        if not found or len(body) < _length(head) or self._transport is None:
            return
        self._read.clear()
        answer = {"status": "success", "data": {"order_id": str(self._arrived), "user_id": "AB1234"}}
        packed = json.dumps(answer).encode()
        self._transport.write(_HEAD % (len(packed), packed))


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


async def serve() -> None:
    """Serve on any free port of the loopback until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
