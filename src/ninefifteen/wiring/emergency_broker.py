"""The broker as the emergency core sees it: one client, today's token, the book, the positions, quotes.

Built from a home's settings and `session.json` alone: no journal, no ledger, no feed, no list of
instruments. Only NFO is looked at. Every request is sent once; what its answer means is said by the
transport (`adapters/zerodha/errors.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import msgspec

from ninefifteen.adapters.zerodha.client import REAL, KiteClient, Timeouts, simulated
from ninefifteen.adapters.zerodha.errors import BrokerProblem, Down, LoggedOut, Refused
from ninefifteen.adapters.zerodha.order_rows import OrderRow, is_ours, order_row, own_tag
from ninefifteen.adapters.zerodha.portfolio import PositionRow, order_history, positions
from ninefifteen.adapters.zerodha.quotes import QuoteRow, quotes
from ninefifteen.adapters.zerodha.session import load_session
from ninefifteen.adapters.zerodha.session_file import SESSION_FILE
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.instants import Instant, day_of
from ninefifteen.domain.money import rupees
from ninefifteen.domain.order import FINAL, OrderState
from ninefifteen.domain.secret import SecretText
from ninefifteen.engine.emergency_acts import Act, Answer, Line, Move, Pull, Reading, Send, Stake
from ninefifteen.engine.emergency_prices import Shown
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.ports.wall import WallClock

EXCHANGE = "NFO"
_PATH = "/orders/regular"
_HASTY = Timeouts(connect_read=2.0, connect_write=1.0, write=4.0, read=4.0)
_BESIDE_S = 1.5
"""Seconds of this machine for what is good to know and not needed: quotes, earlier modifications."""
_CHANGED = ("MODIFY VALIDATION PENDING", "MODIFY PENDING", "MODIFIED")


class EmergencyBroker:
    """One connection of its own with the day's session of the home; close it in the same event loop.

    Raises BadInput where the home names no broker that we can talk to.
    """

    def __init__(self, home: Home, loaded: LoadedConfig, clock: WallClock) -> None:
        endpoint, key = loaded.settings.broker_endpoint, loaded.secrets.broker_api_key
        if loaded.settings.trading.broker != "zerodha":
            raise BadInput(f"trading.broker {loaded.settings.trading.broker}: zerodha is the only one yet")
        if key is None:
            raise BadInput(f"{home.env_file}: BROKER_API_KEY is missing: write the key of your app there")
        if endpoint is None and home.rehearsal:
            raise BadInput(f"{home.config_file}: a rehearsal home needs broker_endpoint: rest and ws")
        place = REAL if endpoint is None else simulated(endpoint.rest, endpoint.ws)
        self.client = KiteClient(place, key, clock, timeouts=_HASTY)
        self.requests = 0
        """Orders, changes and cancels that were asked for."""
        self._file = home.path / SESSION_FILE
        self._secrets = loaded.secrets
        self._clock = clock
        self._tags: dict[str, str] = {}
        self._changes: dict[str, int] = {}
        self._dead: set[str] = set()
        self._token = ""

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()

    async def reading(self, *, priced: bool = True) -> Reading:
        """The book and the positions, read at the same time, then what is quoted of what is held.

        `priced` False leaves the quotes out. Raises BrokerProblem; LoggedOut where no token of today lives.
        """
        self._log_in()
        at = self._clock.now()
        try:
            raw, held = await asyncio.gather(
                self.client.read("/orders", list[msgspec.Raw]), positions(self.client)
            )
        except LoggedOut:
            self._dead.add(self._token)  # perhaps the home has another by now
            raise
        rows = [row for row in self._rows(raw) if row.exchange == EXCHANGE]
        stakes = tuple(_stake(row) for row in held.net if row.exchange == EXCHANGE)
        traded = {row.symbol for row in rows if self._tag(row)} | {one.name for one in stakes if one.net}
        shown, _ = await asyncio.gather(self._shown(traded if priced else (), at), self._count_changes(rows))
        return Reading(at=at, lines=tuple(self._line(row) for row in rows), stakes=stakes, shown=shown)

    async def perform(self, act: Act) -> tuple[Answer, str]:
        """Ask for it once; what became of it, and the broker's words where it did not take it."""
        self.requests += 1
        method, path, form = _request(act)
        try:
            data = await self.client.write(method, path, form)
        except Refused as no:
            return "refused", str(no)
        except Down as nothing:
            return "not_sent", str(nothing)
        except BrokerProblem as doubt:
            return "unknown", str(doubt)
        if isinstance(act, Send):
            self._tags[str(data["order_id"])] = act.tag
        return "taken", ""

    # ---------------------------------------------------------------------------------------- the session

    def _log_in(self) -> None:
        """Speak with today's token of the home; never a login of our own, which would end the engine's."""
        for token in self._tokens():
            if token.reveal() not in self._dead:
                self.client.use(token)
                self._token = token.reveal()
                return
        raise LoggedOut("Zerodha: no token of today is alive in this home: run `ninefifteen login`")

    def _tokens(self) -> Iterable[SecretText]:
        user = self._secrets.broker_user_id
        try:
            kept = load_session(self._file, self._clock.now(), user.reveal() if user else None)
        except LoggedOut:
            pass
        else:
            yield kept.access_token
        if self._secrets.broker_access_token is not None:
            yield self._secrets.broker_access_token

    # ------------------------------------------------------------------------------------------- the book

    def _rows(self, raw: Iterable[msgspec.Raw]) -> Iterable[OrderRow]:
        """Rows of the book; one of others that cannot be read is passed over, one of ours spoils all."""
        for one in raw:
            try:
                ours = is_ours(one, self._tags)
                row = order_row(one)
            except ValueError as malformed:
                if _foreign(one, self._tags):
                    continue
                raise Down(f"malformed order book: {malformed}") from None
            if ours:
                self._tags.setdefault(row.order_id, own_tag(row.tags))
            yield row

    def _tag(self, row: OrderRow) -> str:
        return own_tag(row.tags) or self._tags.get(row.order_id, "")

    def _line(self, row: OrderRow) -> Line:
        return Line(
            order_id=row.order_id,
            name=row.symbol,
            product=row.product,
            side=row.side,
            state=row.state,
            quantity=row.quantity,
            filled=row.filled,
            limit=row.limit,
            stop=row.state is OrderState.TRIGGER_PENDING,
            tag=self._tag(row),
            modifications=self._changes.get(row.order_id, 0),
        )

    async def _count_changes(self, rows: Iterable[OrderRow]) -> None:
        """How often each living sell of ours was changed before we came, once; unknown counts as never."""
        for row in rows:
            new = row.order_id not in self._changes
            if new and self._tag(row) and row.side == "SELL" and row.state not in FINAL:
                self._changes[row.order_id] = 0
                try:
                    async with asyncio.timeout(_BESIDE_S):
                        states = await order_history(self.client, row.order_id)
                except (BrokerProblem, TimeoutError):
                    continue
                words = [state.status.strip().upper() for state in states]
                self._changes[row.order_id] = max(words.count(word) for word in _CHANGED)

    async def _shown(self, names: Iterable[str], at: Instant) -> Mapping[str, Shown]:
        """What the exchange shows of these contracts; nothing where that cannot be read."""
        keys = [f"{EXCHANGE}:{name}" for name in sorted(names)]
        if not keys:
            return {}
        try:
            async with asyncio.timeout(_BESIDE_S):
                found = await quotes(self.client, keys)
        except (BrokerProblem, TimeoutError):
            return {}
        return {
            key.partition(":")[2]: _as_shown(row)
            for key, row in found.items()
            if day_of(row.stamped_at) == day_of(at)
        }


def _foreign(raw: msgspec.Raw, known: Mapping[str, str]) -> bool:
    """Whether a row that cannot be read is at least surely not ours."""
    try:
        return not is_ours(raw, known)
    except ValueError:
        return False


def _stake(row: PositionRow) -> Stake:
    return Stake(name=row.symbol, product=row.product, net=row.quantity, last=row.last)


def _as_shown(row: QuoteRow) -> Shown:
    levels = (*row.bids, *row.asks)
    circuits = (row.lower_circuit, row.upper_circuit)
    return Shown(
        bid=row.bids[0][0] if row.bids else 0,
        ask=row.asks[0][0] if row.asks else 0,
        last=row.last,
        low=row.lower_circuit,
        high=row.upper_circuit,
        prices=tuple(price for price in (*(price for price, _ in levels), *circuits) if price),
    )


def _request(act: Act) -> tuple[str, str, dict[str, str]]:
    """Method, path and form of what is asked for."""
    if isinstance(act, Pull):
        return "DELETE", f"{_PATH}/{act.order_id}", {}
    form = {
        "order_type": "LIMIT",
        "quantity": str(act.quantity),
        "price": rupees(act.limit),
        "validity": "DAY",
    }
    if isinstance(act, Move):
        return "PUT", f"{_PATH}/{act.order_id}", form
    wish = {
        "exchange": EXCHANGE,
        "tradingsymbol": act.name,
        "transaction_type": act.side,
        "product": act.product,
        "tag": act.tag,
    }
    return "POST", _PATH, wish | form
