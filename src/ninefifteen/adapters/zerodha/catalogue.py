"""Today's list of instruments as Kite publishes it: read fast, and believed only after checks.

The dump is regenerated once a day and carries no date, and the reply no dependable one either (a
Last-Modified or ETag is not documented). So an old file is known by what it holds: a contract that
has expired, a nearest expiry too far away, or a missing expiry that the rules of today name. A file
of yesterday with none of these cannot be told from today's. Sources: `reference/brokers.md` 2.3.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import msgspec

from ninefifteen.domain.money import Paise

from .client import KiteClient
from .errors import Down
from .stamps import exact

COLUMNS = (
    "instrument_token",
    "exchange_token",
    "tradingsymbol",
    "name",
    "last_price",
    "expiry",
    "strike",
    "tick_size",
    "lot_size",
    "instrument_type",
    "segment",
    "exchange",
)

LEAST = {"NFO": 2_000, "NSE": 50}
"""Rows below which a dump is cut: options for NFO, shares for NSE.

The fifty shares of the index alone have two expiries of at least ten strikes, each with a call and a
put; the real NFO dump of August 2026 has 34,124 options of 214 underlyings.
"""

_FARTHEST_NEAREST = 40
"""Days to the nearest expiry; monthly contracts expire at most five weeks apart."""

_MISSING_SHARE = 0.1
_FEW = 9
"""Of ten wanted names or more a tenth may be missing, of fewer none."""

_SEGMENT_BYTES = {
    "NSE": 1,
    "NFO-OPT": 2,
    "NFO-FUT": 2,
    "BSE": 4,
    "BFO-OPT": 5,
    "BFO-FUT": 5,
    "INDICES": 9,
}
"""Lowest byte of an instrument token; segments not listed here are not checked for it."""

_DISTINCT = 1 << 14
"""Dates, strikes and ticks of a dump repeat; this many different texts are read once each."""

_DERIVATIVES = frozenset({"CE", "PE", "FUT"})


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the list that is kept: a share, an index, an option or a future.

    `symbol` is the trading symbol, the only name a broker is ever given; `root` the underlying of a
    contract and the symbol itself otherwise. `strike` and `tick` are paise, `lot_size` units; a
    share has no expiry and strike 0. An index has the kind EQ and the segment INDICES, as Kite has
    it, and may have no tick and no lot.
    """

    token: int
    symbol: str
    root: str
    kind: str
    expiry: date | None
    strike: Paise
    tick: Paise
    lot_size: int
    exchange: str
    segment: str


class Catalogue:
    """The rows kept of one dump, found by symbol, token or chain. `day` is the day it was checked for."""

    def __init__(self, exchange: str, day: date, rows: Iterable[Listed]) -> None:
        self.exchange = exchange
        self.day = day
        self.rows = tuple(rows)
        self.by_symbol = {row.symbol: row for row in self.rows}
        self.by_token = {row.token: row for row in self.rows}
        self.indices = {row.symbol: row for row in self.rows if row.segment == "INDICES"}
        self.shares = {row.symbol: row for row in self.rows if row.kind == "EQ" and row.segment != "INDICES"}
        self._chains: dict[tuple[str, str], dict[date, list[Listed]]] = {}
        for row in self.rows:
            if row.expiry is not None:
                chain = self._chains.setdefault((row.root, row.kind), {})
                chain.setdefault(row.expiry, []).append(row)

    def calls(self, root: str, expiry: date) -> tuple[Listed, ...]:
        """Calls of one chain by strike; empty when none is listed."""
        return self._chain(root, "CE", expiry)

    def puts(self, root: str, expiry: date) -> tuple[Listed, ...]:
        """Puts of one chain by strike; empty when none is listed."""
        return self._chain(root, "PE", expiry)

    def expiries(self, root: str) -> tuple[date, ...]:
        """Expiries at which calls or puts of this underlying are listed, nearest first."""
        both = (self._chains.get((root, kind), {}) for kind in ("CE", "PE"))
        return tuple(sorted({expiry for chain in both for expiry in chain}))

    def _chain(self, root: str, kind: str, expiry: date) -> tuple[Listed, ...]:
        rows = self._chains.get((root, kind), {}).get(expiry, ())
        return tuple(sorted(rows, key=lambda row: row.strike))


async def instruments(
    client: KiteClient,
    exchange: str,
    *,
    day: date,
    wanted: Collection[str] | None,
    expiry: date | None = None,
    least: int | None = None,
) -> Catalogue:
    """Fetch and check the dump of one exchange; parsing runs beside the event loop.

    `wanted` are the underlyings (NFO) or symbols (NSE) to keep and to insist on, None keeps all;
    `expiry` is the expiry the rules of `day` name, where the wanted underlyings must have calls and
    puts: all of them, or nine in ten where ten and more are wanted. Raises a BrokerProblem: of the
    client, or Down with one line when the list cannot be used.
    """
    raw = await client.read_csv(f"/instruments/{exchange}")
    try:
        with client.clock.working():  # not around the asking: its turn may come only when time goes on
            return await asyncio.to_thread(
                catalogue_of, raw, exchange, day=day, wanted=wanted, expiry=expiry, least=least
            )
    except ValueError as problem:
        raise Down(f"Kite's instruments list of {exchange} is not used: {problem}") from None


def catalogue_of(
    raw: bytes,
    exchange: str,
    *,
    day: date,
    wanted: Collection[str] | None,
    expiry: date | None = None,
    least: int | None = None,
) -> Catalogue:
    """The checked list of one dump (CSV, not compressed); raises ValueError with one line of reason."""
    reader = _Reader(exchange, day, None if wanted is None else frozenset(wanted))
    found = Catalogue(exchange, day, reader.kept(raw))
    _check_count(reader, exchange, LEAST.get(exchange, 1) if least is None else least)
    _check_unique(found)
    _check_wanted(found, sorted(wanted or ()), expiry)
    _check_nearest(found)
    return found


class _Reader:
    """Goes through the rows once, checks each and keeps those asked for."""

    def __init__(self, exchange: str, day: date, wanted: frozenset[str] | None) -> None:
        self._exchange = exchange
        self._day = day
        self._wanted = wanted
        self._tokens: set[int] = set()
        self.options = 0
        self.shares = 0

    def kept(self, raw: bytes) -> Iterator[Listed]:
        """The rows to keep; raises ValueError naming the line that is wrong."""
        text = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline="")
        rows = csv.reader(text)
        line = 1
        try:
            order = _order_of(next(rows, []))
            for line, row in enumerate(rows, start=2):  # noqa: B007 - named in the error below
                listed = self._row([row[place] for place in order])
                if listed is not None:
                    yield listed
        except IndexError:
            raise ValueError(f"line {line}: cut off, {len(COLUMNS)} columns are needed") from None
        except UnicodeDecodeError:
            raise ValueError(f"after line {line}: not UTF-8 text") from None
        except (ValueError, csv.Error) as problem:
            raise ValueError(f"line {line}: {problem}") from None

    def _row(self, row: list[str]) -> Listed | None:
        number, own_number, symbol, name, _, expires, strike, tick, lot, kind, segment, exchange = row
        token = int(number)
        self._check_token(token, int(own_number), segment)
        if exchange != self._exchange:
            raise ValueError(f"{symbol} is of {exchange or 'no exchange'}")
        if kind in _DERIVATIVES:
            root, expiry = name, _date(expires)
            if expiry < self._day:
                raise ValueError(f"{symbol} expired on {expiry}: this is the list of an earlier day")
            self.options += kind != "FUT"
        else:
            root, expiry = symbol, None
            self.shares += segment != "INDICES"
        if self._wanted is not None and root not in self._wanted and segment != "INDICES":
            return None
        listed = Listed(
            token=token,
            symbol=symbol,
            root=root,
            kind=kind,
            expiry=expiry,
            strike=_price(strike),
            tick=_price(tick),
            lot_size=int(lot),
            exchange=exchange,
            segment=segment,
        )
        _check_listed(listed)
        return listed

    def _check_token(self, token: int, own_number: int, segment: str) -> None:
        """A token is the exchange's own number and the segment in the lowest byte."""
        if token >> 8 != own_number or not token & 0xFF == _SEGMENT_BYTES.get(segment, token & 0xFF):
            raise ValueError(f"token {token} does not belong to number {own_number} of segment {segment}")
        if token in self._tokens:
            raise ValueError(f"token {token} stands there twice")
        self._tokens.add(token)


def _order_of(header: list[str]) -> list[int]:
    """Where each column stands; the order may change, a missing column is refused."""
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}")
    return [header.index(name) for name in COLUMNS]


def _check_listed(row: Listed) -> None:
    if row.segment == "INDICES":
        return
    if row.tick <= 0 or row.lot_size <= 0:
        raise ValueError(f"{row.symbol} has tick {row.tick} paise and lot {row.lot_size}")
    if row.kind in ("CE", "PE") and row.strike <= 0:
        raise ValueError(f"{row.symbol} is an option without a strike")
    if not row.symbol or not row.root:
        raise ValueError(f"token {row.token} has no name")


def _check_count(reader: _Reader, exchange: str, least: int) -> None:
    derivatives = exchange.endswith("FO")
    count, what = (reader.options, "options") if derivatives else (reader.shares, "shares")
    if count < least:
        raise ValueError(f"{count} {what} in it, {least} are the least of any day: it is cut")


def _check_unique(found: Catalogue) -> None:
    contracts: set[tuple[str, str, date | None, Paise]] = set()
    if len(found.by_symbol) != len(found.rows):
        raise ValueError("a trading symbol stands there twice")
    for row in found.rows:
        contract = (row.root, row.kind, row.expiry, row.strike)
        if row.expiry is not None and contract in contracts:
            raise ValueError(f"the contract of {row.symbol} stands there twice")
        contracts.add(contract)


def _check_wanted(found: Catalogue, wanted: list[str], expiry: date | None) -> None:
    if not found.exchange.endswith("FO"):
        missing = [name for name in wanted if name not in found.shares and name not in found.indices]
        what = "no row"
    elif expiry is None:
        missing = [root for root in wanted if not found.expiries(root)]
        what = "no option"
    else:
        missing = [root for root in wanted if not found.calls(root, expiry) or not found.puts(root, expiry)]
        what = f"no calls and puts of {expiry}"
    # A share or two without options fail by themselves later; a list that lacks many is not today's.
    if len(missing) > (_MISSING_SHARE * len(wanted) if len(wanted) > _FEW else 0):
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")  # noqa: PLR2004
        raise ValueError(f"{what} of {shown}")


def _check_nearest(found: Catalogue) -> None:
    nearest = min((row.expiry for row in found.rows if row.expiry is not None), default=None)
    if nearest is not None and (nearest - found.day).days > _FARTHEST_NEAREST:
        raise ValueError(f"nothing expires before {nearest}: this is not the list of {found.day}")


@lru_cache(_DISTINCT)
def _date(text: str) -> date:
    return date.fromisoformat(text)


@lru_cache(_DISTINCT)
def _price(text: str) -> Paise:
    try:
        return exact(Decimal(text))
    except InvalidOperation:
        raise ValueError(f"not a number: {text[:40]!r}") from None
