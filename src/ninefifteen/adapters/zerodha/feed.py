"""Market data of one day from Zerodha, as the engine's feed: what is asked for comes back as events.

Pre-open prices, chains and candles are read over REST when the engine asks; prices of the universe and
of subscribed contracts come from the ticker. Nothing here decides: a reading that fails is told and
tried again until the entry window has closed, and only then the engine hears that there is no data.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from ninefifteen.domain.events import Chains, Event, Levels, NoData, PreOpen, Quote, StockTicks, book_quote
from ninefifteen.domain.instants import MINUTE, SECOND, Instant, day_of
from ninefifteen.domain.market import ChainFacts, DayFacts, PreOpenRow

from .ageing import PriceAge
from .catalogue import Catalogue, Listed
from .chains import Nearest, chain_of, nearest_call, volatility_ratio, yesterdays_candle
from .client import KiteClient
from .errors import BrokerProblem, Refused
from .history import Candle, candles
from .interest import OpenInterest, Tell
from .packets import Level, Mode, Tick
from .preopen import missing, pre_open
from .quotes import QuoteRow, quotes
from .ticker import Ticker
from .wire import Ticks

_TRY_AGAIN = SECOND
_NOT_FOR_US = ("permission", "input")
"""Refusals of candles that another try does not change: this app or this contract has none."""
_STOCKS_EVERY = SECOND
_STOCKS_LATER = MINUTE
_BUSY_MINUTES = 5
"""Prices of the universe come each second for so long after the open, then each minute."""


class ZerodhaFeed:
    """The `Feed` port over one ticker. `deliver` takes each event.

    `freeze` are freeze quantities by stock, where known. `shares` is the list of shares and indices,
    `contracts` the list of options. Work that was begun is kept in tasks of the running loop; `close`
    ends them.
    """

    def __init__(  # noqa: PLR0913 - a feed is made of these, each by name
        self,
        *,
        client: KiteClient,
        ticker: Ticker,
        shares: Catalogue,
        contracts: Catalogue,
        facts: DayFacts,
        interest: OpenInterest,
        deliver: Callable[[Event], None],
        tell: Tell,
        give_up_at: Instant,
        freeze: Mapping[str, int] | None = None,
    ) -> None:
        self._client = client
        self._ticker = ticker
        self._clock = client.clock
        self._shares = shares
        self._contracts = contracts
        self._facts = facts
        self._interest = interest
        self._deliver = deliver
        self._tell = tell
        self._give_up_at = give_up_at
        self._freeze = dict(freeze or {})
        self._pre_open: dict[str, PreOpenRow] = {}
        self._readings: dict[Hashable, asyncio.Task[None]] = {}
        self._names: dict[int, str] = {}
        self._members = {
            shares.shares[symbol].token: place
            for place, symbol in enumerate(facts.universe)
            if symbol in shares.shares
        }
        self._age = PriceAge(
            client=client,
            facts=facts,
            names=lambda: self._names,
            lost=self.lost,
            deliver=deliver,
            tell=tell,
        )
        self._wanted: dict[int, Mode] = {}
        self.on_names: Callable[[Mapping[int, str]], None] | None = None
        """Told the symbols of every token that is streamed from now on."""
        self._shown: dict[str, Instant] = {}
        self._narrow = False
        self._stocks_on = False
        self._stocks_next: Instant = 0
        self._stocks: list[int] = [0] * len(facts.universe)
        self._stocks_at: Instant = 0

    # ------------------------------------------------------------------------------------ what is asked for

    def ask_pre_open(self, at: Instant) -> None:  # noqa: ARG002 - the answer carries its own time
        """Answered by `PreOpen` as soon as one can be read, or by `NoData` when the window has closed."""
        self._begin("pre-open", self._read_pre_open, "no_pre_open")

    def ask_chains(self, at: Instant, symbols: tuple[str, ...], expiry: date) -> None:  # noqa: ARG002
        """Answered by `Chains` in the order asked, or by `NoData` when the window has closed."""
        self._begin((symbols, expiry), partial(self._read_chains, symbols, expiry), "no_previous_oi")

    def subscribe(self, at: Instant, names: tuple[str, ...]) -> None:  # noqa: ARG002 - prices carry their own
        """`Quote` events of these contracts from the next packet on; the first one's chain is streamed."""
        listed = self._contracts.by_symbol
        for name in names:
            if name not in listed:  # a day that goes on after its list was read anew
                self._tell("alarm", f"{name} is not in the list of contracts: there are no prices of it")
        chosen = [listed[name] for name in names if name in listed]
        self._names.update((contract.token, contract.symbol) for contract in chosen)
        self._stream(chosen)
        self._record(chosen[:1])

    def unsubscribe(self, at: Instant, names: tuple[str, ...]) -> None:  # noqa: ARG002
        """No further events of these contracts; they are streamed on as long as the recording lasts."""
        self._names = {token: name for token, name in self._names.items() if name not in names}
        if self._narrow:
            self.narrow()
        else:  # the engine gives up what it does not buy: what is left is chosen
            self._record([self._contracts.by_token[token] for token in self._names])

    def subscribe_stocks(self, at: Instant) -> None:  # noqa: ARG002
        """`StockTicks` of the universe: each second for five minutes after the open, then each minute."""
        self._stocks_on = True

    def narrow(self) -> None:
        """Stream only subscribed contracts and, where the engine asked for them, the members."""
        self._narrow = True
        kept = {*self._names, *(self._members if self._stocks_on else ())}
        self._wanted = {token: mode for token, mode in self._wanted.items() if token in kept}
        self._ticker.want(self._wanted)

    def rest(self) -> None:
        """Stream nothing; the ticker stays connected."""
        if self._wanted:
            self._wanted = {}
            self._ticker.want({})

    def watch_universe(self, *indices: str) -> None:
        """Stream the members and these indices in full from now on, for the engine and the recording."""
        known = self._shares.shares
        members = [known[symbol] for symbol in self._facts.universe if symbol in known]
        self._stream([*members, *(self._shares.indices[n] for n in indices if n in self._shares.indices)])

    async def watch_prices(self) -> None:
        """Notice prices that stand still, until cancelled."""
        await self._age.run()

    async def close(self) -> None:
        """End what is under way."""
        readings = list(self._readings.values())
        for reading in readings:
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)

    # --------------------------------------------------------------------------------------------- the ticker

    def on_frame(self, received_at: Instant, ticks: Ticks) -> None:
        """Turn the packets of one frame into events: quotes of subscribed contracts, prices of the universe.

        Packets without a time of the exchange of this session are passed over: the ticker repeats old
        ones after a subscription.
        """
        if not len(ticks):
            return
        self._age.seen(int(ticks.exchange_at.max()), received_at)
        names, members = self._names, self._members
        for place, token in enumerate(ticks.tokens.tolist()):
            name = names.get(token)
            if name is not None:
                tick = ticks.row(place)
                fresh = tick.fresh(self._facts.open_at, received_at + SECOND)
                if fresh and self._age.believes(tick.exchange_at, received_at):
                    self._shown[name] = tick.exchange_at
                    self._deliver(quote_of(name, tick, received_at))
            elif token in members and self._stocks_on:
                self._stock(members[token], ticks.row(place), received_at)
        if self._stocks_at and received_at >= self._stocks_next:
            self._flush_stocks(received_at)

    def _stream(self, instruments: Iterable[Listed]) -> None:
        fresh = {each.token: each.symbol for each in instruments if each.token not in self._wanted}
        if not fresh:
            return
        self._wanted.update(dict.fromkeys(fresh, "full"))
        self._ticker.want(self._wanted)
        if self.on_names is not None:
            self.on_names(fresh)

    def _record(self, chosen: Iterable[Listed]) -> None:
        """Stream the whole chains of these contracts, which nothing but the recording needs."""
        for contract in chosen:
            self._stream(self._interest.contracts(contract.root))

    def lost(self) -> None:
        """The ticker is gone: no book that was shown is known any more, so none may be traded against.

        Each subscribed contract that had one gets a quote without prices, stamped as its last one, so that
        the packet which the ticker repeats afterwards is not taken for an older one.
        """
        at = self._clock.now()
        for name in self._names.values():
            shown = self._shown.pop(name, None)
            if shown is not None:
                self._deliver(book_quote(at, name, shown))

    def _stock(self, place: int, tick: Tick, received_at: Instant) -> None:
        """A price of the session: that of the auction is none, although it is repeated until a trade."""
        since, until = self._facts.open_at, received_at + SECOND
        if tick.last and tick.fresh(since, until) and tick.last_is_fresh(since, until):
            self._stocks[place] = tick.last
            self._stocks_at = max(self._stocks_at, tick.exchange_at)

    def _flush_stocks(self, at: Instant) -> None:
        busy = at < self._facts.open_at + _BUSY_MINUTES * MINUTE
        self._stocks_next = at + (_STOCKS_EVERY - SECOND // 10 if busy else _STOCKS_LATER)
        self._deliver(StockTicks(at, exchange_at=self._stocks_at, prices=tuple(self._stocks)))
        self._stocks = [0] * len(self._stocks)
        self._stocks_at = 0

    # ----------------------------------------------------------------------------------------------- readings

    async def _read_pre_open(self) -> None:
        told = ""
        while self._clock.now() < self._give_up_at:
            try:
                event = await self._quoted_pre_open()
            except BrokerProblem as problem:
                told = await self._later(told, f"pre-open prices cannot be read: {problem}")
                continue
            absent = missing(self._facts, event)
            if absent and event.final:
                self._tell("pre_open", f"no pre-open price of today: {', '.join(absent)}")
            self._deliver(event)
            return
        self._no_data("no_pre_open")

    async def _quoted_pre_open(self) -> PreOpen:
        keys = {f"NSE:{symbol}": symbol for symbol in self._facts.universe}
        found = await quotes(self._client, list(keys))
        rows = {keys[key]: row for key, row in found.items() if key in keys}
        event = pre_open(self._clock.now(), self._facts, rows)
        self._pre_open = {row.symbol: row for row in event.rows}
        return event

    async def _read_chains(self, symbols: tuple[str, ...], expiry: date) -> None:
        told = ""
        while self._clock.now() < self._give_up_at:
            if not await self._interest.gather(symbols, self._give_up_at):
                break  # too late: from the open on it is today's
            try:
                if not self._pre_open:  # they were read before a restart
                    await self._quoted_pre_open()
                found = await self._chains(symbols, expiry)
            except BrokerProblem as problem:
                told = await self._later(told, f"chains cannot be read: {problem}")
                continue
            self._deliver(Chains(self._clock.now(), chains=found))
            return
        self._no_data("no_previous_oi")

    async def _later(self, told: str, text: str) -> str:
        """Tell what is new and wait until it may be tried again; the window's end is not slept over."""
        if text != told:
            self._tell("data", text)
        await self._clock.sleep_until(min(self._clock.now() + _TRY_AGAIN, self._give_up_at))
        return text

    def _no_data(self, reason: str) -> None:
        """It ends the day only while nothing depends on the day: a contract that is watched may be held."""
        self._deliver(NoData(self._clock.now(), reason=reason, fatal=not self._names))

    async def _chains(self, symbols: tuple[str, ...], expiry: date) -> tuple[ChainFacts, ...]:
        nearest: dict[str, Listed] = {}
        following: dict[str, Listed] = {}
        for symbol in symbols:
            row = self._pre_open.get(symbol)
            call = nearest_call(self._contracts.calls(symbol, expiry), row.price) if row else None
            if call is not None:
                nearest[symbol] = call
            later = [day for day in self._contracts.expiries(symbol) if day > expiry]
            after = (
                nearest_call(self._contracts.calls(symbol, later[0]), row.price) if row and later else None
            )
            if after is not None:
                following[symbol] = after
        shown = await self._quotes_of([*nearest.values(), *following.values()])
        days = await asyncio.gather(*(self._previous_day(call) for call in nearest.values()))
        read = {
            symbol: Nearest(contract=call, quote=shown.get(call.token), candle=candle)
            for (symbol, call), candle in zip(nearest.items(), days, strict=True)
        }
        return tuple(
            self._chain(symbol, read.get(symbol), following.get(symbol), shown) for symbol in symbols
        )

    def _chain(
        self, symbol: str, near: Nearest | None, after: Listed | None, shown: Mapping[int, QuoteRow]
    ) -> ChainFacts:
        facts, row = self._facts, self._pre_open.get(symbol)
        later = (after, shown[after.token]) if after is not None and after.token in shown else None
        ratio = volatility_ratio(facts, row.prev_close, near, later) if row is not None else None
        calls, puts = (find(symbol, facts.expiry) for find in (self._contracts.calls, self._contracts.puts))
        freeze = self._freeze.get(symbol, 0)

        def made(calls: Sequence[Listed], puts: Sequence[Listed]) -> ChainFacts:
            known = self._interest.read
            return chain_of(facts, symbol, calls, puts, known, near, freeze_quantity=freeze, iv_ratio=ratio)

        try:
            return made(calls, puts)
        except ValueError as odd:
            self._tell("data", f"{odd}: it is not traded today")
            return made((), ())

    async def _quotes_of(self, contracts: list[Listed]) -> dict[int, QuoteRow]:
        keys = {f"{each.exchange}:{each.symbol}": each.token for each in contracts}
        found = await quotes(self._client, list(keys)) if keys else {}
        return {keys[key]: row for key, row in found.items() if key in keys}

    async def _previous_day(self, call: Listed) -> Candle | None:
        facts = self._facts
        first = facts.open_at - 7 * 24 * 60 * MINUTE
        try:
            found = await candles(self._client, call.token, "day", first, facts.open_at)
        except Refused as no:
            if no.kind not in _NOT_FOR_US:
                raise
            self._tell("data", f"yesterday's candle of {call.symbol} is not to be had: {no}")
            return None
        return yesterdays_candle(found, facts)

    # -------------------------------------------------------------------------------------------------- tasks

    def _begin(self, question: Hashable, read: Callable[[], Coroutine[Any, Any, None]], without: str) -> None:
        """Read the answer, unless it is being read: two strategies that ask the same get the one answer."""
        before = self._readings.get(question)
        if before is not None and not before.done():
            return
        reading = asyncio.get_running_loop().create_task(read())
        self._readings[question] = reading
        reading.add_done_callback(partial(self._done, without))

    def _done(self, without: str, reading: asyncio.Task[None]) -> None:
        if not reading.cancelled() and (error := reading.exception()) is not None:
            self._tell("data", f"a reading ended unexpectedly: {type(error).__name__}: {error}")
            self._no_data(without)


def quote_of(name: str, tick: Tick, at: Instant) -> Quote:
    """A full packet as the engine's quote; levels without a price or quantity are left out.

    Before its first trade of the day a contract shows yesterday's last price: that is no last price.
    """
    traded_today = day_of(tick.traded_at) == day_of(at)
    return book_quote(
        at,
        name,
        tick.exchange_at,
        _levels(tick.bids),
        _levels(tick.asks),
        last=tick.last if traded_today else 0,
    )


def _levels(shown: tuple[Level, ...]) -> Levels:
    return tuple((level.price, level.quantity) for level in shown if level.price and level.quantity)
