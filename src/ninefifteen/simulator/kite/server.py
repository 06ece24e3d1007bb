"""The server: REST and WebSocket on one port of this machine, over the exchange as time goes by."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from hashlib import sha256
from typing import Any

from aiohttp import web

from ninefifteen.domain.instants import SECOND, Instant, day_of, iso_ms
from ninefifteen.domain.money import Paise
from ninefifteen.errors import BadInput

from .clock import ExchangeClock
from .desk import Desk, Order
from .envelope import BROKEN, GENERAL, NETWORK, NOT_FOUND, TOO_MANY, WRONG_METHOD, KiteError, refused, stamp
from .faults import Faults
from .limits import RateLimits
from .packets import frame, packet
from .private import PrivateRoutes
from .quotes import instruments_file
from .routes import Routes
from .rows import update_row
from .sessions import Credentials, Sessions
from .tickers import MOST_CONNECTIONS, Ticker, Tickers
from .truth import Truth
from .venue import MakeDay, Venue

HOST = "127.0.0.1"
PRIVATE = "/ninefifteen/"
CLOCK_MESSAGE = "ninefifteen_clock"
UNREADABLE = "Invalid request body: it is not encoded as its headers say."
_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 0.003, 0.5
_WORTH_PREPARING_S = 0.02
_PATIENCE_S = 10.0
_LEAST_BEHIND_S = 2.0  # of the exchange; changes older than that are passed over, as they are on a busy feed
_FINE_SPEED = 4.0  # up to here every change goes out by itself, above it a second's changes together
_HEARTBEAT_S = 1.0
_LOG = logging.getLogger(__name__)


class KiteServer:
    """One account at one broker. `first` is the date it begins on; `make_day` makes each trading day.

    `cash` is paise. With `static_ip` False every order is refused as from an unregistered address.
    """

    def __init__(  # noqa: PLR0913 - a server is made of these, each by name
        self,
        *,
        clock: ExchangeClock,
        seed: int,
        first: date,
        make_day: MakeDay,
        cash: Paise,
        redirect_url: str,
        static_ip: bool = True,
        faults: Faults | None = None,
    ) -> None:
        self.clock = clock
        self.seed = seed
        self.redirect_url = redirect_url
        self.static_ip = static_ip
        self.faults = faults or Faults()
        self.sessions = Sessions(Credentials.of_seed(seed), seed)
        self.limits = RateLimits(clock.tolerance)
        self.counts: Counter[str] = Counter()
        self.truth = Truth()
        behind = None if clock.speed is None else int(max(_LEAST_BEHIND_S, clock.speed / 2) * SECOND)
        self.venue = Venue(first, make_day, cash, self, most_behind=behind)
        self.tickers = Tickers(lambda token: token in self.venue.market.by_token, self._want)
        self.access_token = self.sessions.issue(clock.now())
        self._changed_in = 0
        self._poked = asyncio.Event()
        self._moving = asyncio.Lock()
        self._files: dict[str | None, bytes] = {}
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._failed: asyncio.Future[None] | None = None
        self.faults.attach(self)

    # ---------------------------------------------------------------------------------------- its own life

    async def start(self, port: int = 0) -> None:
        """Serve on this port of the loopback, 0 for any free one; OSError when it is taken."""
        app = web.Application(middlewares=[self._door])
        Routes(self).add_to(app)
        PrivateRoutes(self).add_to(app)
        app.router.add_get("/", self._socket)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        self.clock.begin()
        self._tasks = [asyncio.create_task(self._beat())]
        if not self.clock.lockstep:
            self._tasks.append(asyncio.create_task(self._pump()))

    async def run(self) -> None:
        """Never returns; raises what broke the server's own work, BadInput where the rules end."""
        self._failed = asyncio.get_running_loop().create_future()
        await asyncio.gather(*self._tasks, self._failed)

    async def stop(self) -> None:
        """Close every connection and the port."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for ticker in tuple(self.tickers.open):
            ticker.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def port(self) -> int:
        """The port it listens on; only while it serves."""
        if self._runner is None:
            raise RuntimeError("the server has not been started")
        return int(self._runner.addresses[0][1])

    @property
    def speed(self) -> float | str:
        """The clock's speed as documents tell it."""
        speed = self.clock.speed
        return "max" if speed is None else int(speed) if speed == int(speed) else speed

    def ready(self) -> dict[str, Any]:
        """Everything a client needs to know, once the server listens."""
        keys, now = self.sessions.credentials, self.clock.now()
        return {
            "protocol": "kite",
            "rest": f"http://{HOST}:{self.port}",
            "ws": f"ws://{HOST}:{self.port}",
            "api_key": keys.api_key,
            "api_secret": keys.api_secret,
            "access_token": self.access_token,
            "user_id": keys.user_id,
            "date": day_of(now).isoformat(),
            "clock": {"at": iso_ms(now), "speed": self.speed},
            "redirect_url": self.redirect_url,
            "seed": self.seed,
            "synthetic": True,
            "rehearsal": True,
        }

    def instruments_file(self, exchange: str | None) -> bytes:
        """The day's instruments, made once a day."""
        if exchange not in self._files:
            self._files[exchange] = instruments_file(self.venue.market, exchange)
        return self._files[exchange]

    # ------------------------------------------------------------------------------------------------ time

    def catch_up(self) -> Instant:
        """Let everything happen that is due by now; returns the time, which may be the next morning's."""
        self._happen(self.clock.now())
        return self.clock.now()

    def next_at(self) -> Instant:
        """When something happens next by itself."""
        due, spoiled = self.venue.next_at(), self.faults.next_at()
        return due if spoiled is None else min(due, spoiled)

    def _next_step(self, until: Instant) -> Instant:
        """How far the clock may be turned at once; without tickers only faults are in the way."""
        spoiled = self.faults.next_at()
        due = self.next_at() if self.tickers.open else until if spoiled is None else spoiled
        return max(self.clock.now(), min(until, due))

    def poke(self) -> None:
        """Something has changed that the waiting part does not know of."""
        self._poked.set()

    async def advance(self, until: Instant) -> Instant:
        """Lockstep: go to `until`, or to where something is first pushed to a ticker; returns the time.

        Everything pushed has gone out before this returns, and the new time behind it.
        """
        if not self.clock.lockstep:
            raise KiteError("The clock of this exchange runs by itself: start it with --speed max.", GENERAL)
        async with self._moving:
            while self.clock.now() < until:
                day = self.venue.desk
                step = self._next_step(until)
                self._happen(step)
                if self.venue.desk is not day:
                    break
                self.clock.move_to(step)
                await self.faults.settled()
                if any(ticker.loaded for ticker in self.tickers.open):
                    break
            await self._all_sent()
            self.tickers.tell(CLOCK_MESSAGE, {"at": self.clock.now()})
            await self._all_sent()
            await self.close_dead()
            return self.clock.now()

    async def close_dead(self) -> None:
        """Close every ticker whose access token has died, after it has been told what there is to tell."""
        now = self.clock.now()
        for ticker in tuple(self.tickers.open):
            if not self.sessions.lives(ticker.access_token, now):
                with suppress(TimeoutError):
                    async with asyncio.timeout(_HEARTBEAT_S):
                        await ticker.sent()
                        await ticker.socket.close()
                ticker.drop()

    def _happen(self, until: Instant) -> None:
        while True:
            spoiled = self.faults.next_at()
            stop = until if spoiled is None else min(until, spoiled)
            morning = self.venue.happen(stop)
            if morning is not None:
                self.clock.move_to(max(morning, self.clock.now()))
                return
            if spoiled is None or spoiled > until:
                return
            self.faults.act(spoiled)

    async def _all_sent(self) -> None:
        """Wait until every ticker has been sent everything; one that does not read is dropped."""
        self.tickers.flush()
        for ticker in tuple(self.tickers.open):
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await ticker.sent()
            except TimeoutError:
                ticker.drop()

    async def _pump(self) -> None:
        """Let time pass, and send out what it brings."""
        while True:
            self._poked.clear()
            self.catch_up()
            if self._fine or self.next_at() // SECOND > self._changed_in:
                self.tickers.flush()
            await self.close_dead()
            # Seconds of this machine: what comes together goes out together.
            await asyncio.sleep(_SHORTEST_WAIT_S)
            wait = min(self.clock.seconds_until(self.next_at()) or 0.0, _LONGEST_WAIT_S)
            if wait > _WORTH_PREPARING_S and self.venue.market.prepare(self.clock.now()):
                continue
            with suppress(TimeoutError):
                # Not `wait_for`: in Python 3.11 that one forgets to be cancelled when it is poked just then.
                async with asyncio.timeout(wait):
                    await self._poked.wait()

    @property
    def _fine(self) -> bool:
        return self.clock.speed is None or self.clock.speed <= _FINE_SPEED

    async def _beat(self) -> None:
        """A heartbeat every second of this machine, as sockets live in its time."""
        while True:
            await asyncio.sleep(_HEARTBEAT_S)
            await self.tickers.beat()
            await self.close_dead()

    # ------------------------------------------------------------------------------- what the venue tells

    def changed(self, token: int, at: Instant) -> None:
        """Something new can be shown of an instrument."""
        self._changed_in = at // SECOND
        self.tickers.show(token, at)

    def ordered(self, order: Order, status: str) -> None:
        """Tell every ticker of an order's new state."""
        keys = self.sessions.credentials
        text = f"{order.order_id}{stamp(order.state.at)}{keys.api_secret}"
        checksum = sha256(text.encode()).hexdigest()
        self.tickers.tell("order", update_row(order, keys.user_id, status, checksum))

    def ended(self, desk: Desk, at: Instant) -> None:
        """A day is over: its truth is kept."""
        self.truth.end_day(desk, at)

    def turned(self, at: Instant) -> None:
        """A new day: yesterday's instrument tokens mean nothing, and the clock has leapt."""
        self._files.clear()
        self.tickers.clear()
        self.tickers.tell(CLOCK_MESSAGE, {"at": at})

    # ------------------------------------------------------------------------------------------- requests

    @web.middleware
    async def _door(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Every request: counted, handled, and a failure turned into a reply."""

        async def handle(asked: web.Request) -> web.StreamResponse:
            try:
                return await handler(asked)
            except KiteError as error:
                return refused(error)
            except web.HTTPException as error:
                lost = "Route not found: " if error.status in (NOT_FOUND, WRONG_METHOD) else ""
                return refused(KiteError(f"{lost}{error.reason}.", GENERAL, error.status))
            except (ConnectionError, asyncio.CancelledError, web.RequestPayloadError):
                raise
            except BadInput as error:
                self._fail(error)
                return refused(KiteError("The exchange has come to its end.", GENERAL, BROKEN))
            except Exception:  # noqa: BLE001 - one bad request must not end the exchange
                _LOG.exception("a request to the exchange server failed")
                return refused(KiteError("Something went wrong inside the exchange.", GENERAL, BROKEN))

        try:
            if request.path.startswith(PRIVATE):
                return await handle(request)
            self.counts[_counted(request)] += 1
            return await self.faults.reply(request, handle)
        except web.RequestPayloadError:
            return refused(KiteError(UNREADABLE))

    def _fail(self, error: BadInput) -> None:
        """The server's own work cannot go on; `run` raises it."""
        if self._failed is not None and not self._failed.done():
            self._failed.set_exception(error)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        now = self.catch_up()
        api_key, token = request.query.get("api_key", ""), request.query.get("access_token", "")
        self.sessions.check(api_key, token, now)
        if len(self.tickers.open) >= MOST_CONNECTIONS:
            raise KiteError("Too many connections", NETWORK, TOO_MANY)
        socket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        if not socket.can_prepare(request).ok:
            raise KiteError("A WebSocket is expected here.", GENERAL)
        ticker = Ticker(token, socket, self._render, self.faults)
        await socket.prepare(request)
        await self._serve(ticker)
        return socket

    async def _serve(self, ticker: Ticker) -> None:
        """A ticker until it ends. What fails cuts it: a reply of HTTP has no place in an open WebSocket."""
        try:
            await self.tickers.serve(ticker, self.catch_up)
        except ConnectionError:
            raise
        except BadInput as error:
            self._fail(error)
            ticker.drop()
        except Exception:  # noqa: BLE001 - one bad socket must not end the exchange
            _LOG.exception("a ticker of the exchange server failed")
            ticker.drop()

    def _render(self, changed: dict[int, Instant], modes: dict[int, str]) -> bytes:
        market = self.venue.market
        packets = [
            packet(market.snapshot(token, at), modes[token], index=market.by_token[token].kind == "INDEX")
            for token, at in changed.items()
        ]
        return frame(packets)

    def _want(self) -> None:
        self.venue.want(self.tickers.tokens(), self.clock.now())
        self.poke()


def _counted(request: web.Request) -> str:
    """Method and first two segments of the path; a number of an order or instrument shows as `*`."""
    parts = ["*" if part.isdigit() else part for part in request.path.split("/")[1:3]]
    return f"{request.method} /{'/'.join(parts)}"
