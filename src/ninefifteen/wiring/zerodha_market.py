"""One day's market at Zerodha: lists, ticker, feed, recording and the watch over the session, together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from ninefifteen.adapters.recorder import FrameSpool, SpoolHeader, spool_name
from ninefifteen.adapters.rules import RuleBook
from ninefifteen.adapters.zerodha.catalogue import Catalogue, Listed, instruments
from ninefifteen.adapters.zerodha.client import KiteClient
from ninefifteen.adapters.zerodha.errors import BrokerProblem, Down, LoggedOut
from ninefifteen.adapters.zerodha.feed import ZerodhaFeed
from ninefifteen.adapters.zerodha.interest import OpenInterest, Tell
from ninefifteen.adapters.zerodha.quotes import BATCH, quotes
from ninefifteen.adapters.zerodha.texts import OrderHint
from ninefifteen.adapters.zerodha.ticker import FeedState, Ticker
from ninefifteen.adapters.zerodha.wire import Ticks
from ninefifteen.domain.events import Event
from ninefifteen.domain.instants import MINUTE, SECOND, Instant
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.secret import SecretText

T = TypeVar("T")
_TRY_AGAIN = 5 * SECOND
INDEX = "NIFTY 50"


class Lists:
    """The two lists of a day: shares with indices, and options."""

    def __init__(self, shares: Catalogue, contracts: Catalogue) -> None:
        self.shares = shares
        self.contracts = contracts


async def load_lists(client: KiteClient, facts: DayFacts, until: Instant, tell: Tell) -> Lists | None:
    """Fetch and check both lists, again and again until `until`; None when they could not be had.

    Raises LoggedOut: only a login helps then.
    """
    told = ""
    while True:
        try:
            shares = await instruments(client, "NSE", day=facts.date, wanted=facts.universe)
            contracts = await instruments(
                client, "NFO", day=facts.date, wanted=facts.universe, expiry=facts.expiry
            )
            await _check_tokens(client, (*shares.rows, *contracts.rows))
        except LoggedOut:
            raise
        except BrokerProblem as problem:
            if str(problem) != told:
                told = str(problem)
                tell("data", told)
        else:
            tell("data", f"{len(shares.rows)} shares and indices, {len(contracts.rows)} contracts listed")
            return Lists(shares, contracts)
        if client.clock.now() + _TRY_AGAIN >= until:
            return None
        await client.clock.sleep_until(client.clock.now() + _TRY_AGAIN)


async def _check_tokens(client: KiteClient, rows: Sequence[Listed]) -> None:
    """Ask the exchange whose tokens these are, by one request for a sample; raises Down for another day's.

    Nothing in a list tells its date, and a token of yesterday may be another contract's today: its
    prices would be taken for those of the contract that is bought.
    """
    sample = rows[:: -(-len(rows) // BATCH) or 1]
    tokens = {f"{row.exchange}:{row.symbol}": row.token for row in sample}
    found = await quotes(client, list(tokens))
    wrong = [key for key, row in found.items() if row.token != tokens.get(key)]
    if wrong:
        raise Down(
            f"the instruments list is of another day: {wrong[0]} has another token at the exchange"
            f" ({len(wrong)} of {len(found)} looked at)"
        )


class _Doubting:
    """A client for readings: one that is refused for its token raises doubt about the session."""

    def __init__(self, client: KiteClient, doubt: asyncio.Event) -> None:
        self._client, self._doubt = client, doubt

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def read(self, path: str, shape: type[T], **how: Any) -> T:
        """As `KiteClient.read`."""
        try:
            return await self._client.read(path, shape, **how)
        except LoggedOut:
            self._doubt.set()
            raise


class ZerodhaMarket:
    """Everything of one day that talks to Zerodha about prices; no order endpoint is among it (I9).

    A ticker or a reading that is refused for its token sets `client.doubted`: whoever watches over
    the session asks at once, for a login is needed before the open, not a minute later.
    """

    def __init__(  # noqa: PLR0913 - a market is made of these, each by name
        self,
        *,
        client: KiteClient,
        token: SecretText,
        lists: Lists,
        facts: DayFacts,
        rules: RuleBook,
        deliver: Callable[[Event], None],
        tell: Tell,
        give_up_at: Instant,
        ticks_dir: Path,
        rehearsal: bool,
        show_clock: Callable[[Instant], None],
        on_live: Callable[[bool], None],
        on_order: Callable[[object], None] = lambda _: None,
    ) -> None:
        self._client, self._tell, self._facts = client, tell, facts
        self._show_clock, self._on_live, self._on_order = show_clock, on_live, on_order
        self._lists = lists
        clock, self._doubt = client.clock, client.doubted
        reader = cast("KiteClient", _Doubting(client, self._doubt))
        self.interest = OpenInterest(reader, lists.contracts, facts, clock, tell)
        self.ticker = Ticker(
            client.endpoint.ws, client.api_key, token, clock, self._frame, self._text, self._state
        )
        self.spool = FrameSpool.open(
            ticks_dir / spool_name(facts.date, rehearsal=rehearsal), _spool_header(facts, rehearsal=rehearsal)
        )
        self.feed = ZerodhaFeed(
            client=reader,
            ticker=self.ticker,
            shares=lists.shares,
            contracts=lists.contracts,
            facts=facts,
            interest=self.interest,
            deliver=deliver,
            tell=tell,
            give_up_at=give_up_at,
            freeze=_freeze(rules, facts),
        )
        self.feed.on_names = self.spool.add_names
        self.feed.watch_universe(INDEX)
        self._spool_told = False

    async def run(self) -> None:
        """Keep the ticker up and gather what has to be known before the open, until cancelled."""
        tasks = [
            asyncio.create_task(work)
            for work in (self.ticker.run(), self._gather(), self.feed.watch_prices())
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def use(self, token: SecretText) -> None:
        """Go on with this session."""
        self._client.use(token)
        self.ticker.use(token)

    def end_recording(self) -> None:
        """The window of the recording is over: only what the engine needs is streamed from now on."""
        self.spool.close()
        self.feed.narrow()

    def rest(self) -> None:
        """Nothing is held and nothing will be bought: nothing is streamed any more today."""
        self.feed.rest()

    async def close(self) -> None:
        """End what is under way and the recording."""
        await self.feed.close()
        self.spool.close()

    async def _gather(self) -> None:
        """Yesterday's open interest of all members, done by 09:10; started late, what there is time for."""
        facts = self._facts
        now, by = self._client.clock.now(), facts.open_at - 5 * MINUTE
        until = by if now < by - MINUTE else facts.open_at - 90 * SECOND
        if now < until:
            await self.interest.gather(facts.universe, until)

    def _frame(self, received_at: Instant, frame: bytes, ticks: Ticks) -> None:
        self.spool.take(received_at, frame)
        if self.spool.problem is not None and not self._spool_told:
            self._spool_told = True
            self._tell("recording", self.spool.problem)
        self.feed.on_frame(received_at, ticks)

    def _text(self, kind: str, data: object) -> None:
        if kind == "ninefifteen_clock" and isinstance(data, int):
            self._show_clock(data)
        elif kind in ("error", "message"):
            self._tell("feed", f"the broker says: {data}")
        elif isinstance(data, OrderHint):
            self._on_order(data.data)

    def _state(self, state: FeedState) -> None:
        if state.name == "refused":
            self._doubt.set()
        self._on_live(state.name == "live")
        if state.name != "live":
            self.feed.lost()
        why = f" ({state.why})" if state.why else ""
        self._tell("feed", f"live data: {state.name}{why}")


def _spool_header(facts: DayFacts, *, rehearsal: bool) -> SpoolHeader:
    day = facts.date
    return SpoolHeader(
        date=day,
        source="zerodha",
        synthetic=facts.synthetic,
        rehearsal=rehearsal,
        names={},
        begin=facts.open_at - 15 * MINUTE,
        end=facts.open_at + 5 * MINUTE,
    )


def _freeze(rules: RuleBook, facts: DayFacts) -> Mapping[str, int]:
    found = {symbol: rules.freeze.quantity(facts.date, symbol) for symbol in facts.universe}
    return {symbol: quantity for symbol, quantity in found.items() if quantity is not None}
