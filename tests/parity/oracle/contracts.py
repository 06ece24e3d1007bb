"""What is listed on a day, and what yesterday left behind (D3, C2, C3, O1, O2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from .folder import ChainRow, Folder, Members, OfficialRow, Terms
from .settings import Wrong

OPEN = time(9, 15)
LAST_OF_DAY = time(15, 40, 59)
DEFAULT_TICK = Decimal("0.05")
# C3: stock, first day after the split, factor, last expiry listed by the instrument files older than it.
SPLITS = (("KOTAKBANK", date(2026, 1, 14), 5, date(2026, 1, 27)),)


@dataclass(frozen=True)
class Yesterday:
    """One strike as the previous trading day closed. Open interest in units; a call without a row is None."""

    call_price: Decimal | None
    call_oi: int
    put_oi: int
    call_units: int | None = None
    call_lots: int | None = None
    lot: int | None = None

    def volume_lots(self, lot: int) -> Decimal | None:
        """The call's volume in lots, None where it is unknown."""
        if self.call_lots is not None:
            return Decimal(self.call_lots)
        return None if self.call_units is None else Decimal(self.call_units) / lot


Book = dict[str, dict[Decimal, Yesterday]]


def price_source(folder: Folder, day: date, members: Members) -> str | None:
    """D3: chain snapshots of that day if any, else the F&O bhavcopy, else none."""
    if folder.chain(day, members):
        return "last"
    return "bhavcopy" if folder.official(day, members) else None


def has_expiry(folder: Folder, day: date, members: Members, expiry: date) -> bool:
    """C1: whether any member has a row of the traded expiry in the day's own price source."""
    rows: Iterable[ChainRow | OfficialRow] = folder.chain(day, members) or folder.official(day, members)
    return any(row.expiry == expiry for row in rows)


def listed_strikes(folder: Folder, day: date, members: Members, symbol: str, expiry: date) -> set[Decimal]:
    """C2: from the stock's first snapshot at or after 09:15:00, or its call rows in the bhavcopy."""
    rows = folder.chain(day, members)
    if rows:
        own = [row for row in rows if row.symbol == symbol and row.ts.time() >= OPEN]
        if not own:
            return set()
        first = own[0].ts
        return {row.strike for row in own if row.ts == first and row.expiry == expiry}
    return {
        row.strike
        for row in folder.official(day, members)
        if row.symbol == symbol and row.expiry == expiry and row.is_call
    }


def terms(folder: Folder, day: date, members: Members, contract: tuple[str, date, Decimal]) -> Terms | None:
    """C3: lot size and tick of the call, None when no row tells the lot size."""
    symbol, expiry, _ = contract
    printed = None
    if price_source(folder, day, members) == "bhavcopy":
        found = official_call(folder, day, members, contract)
        printed = found.lot if found else None
    known = _instrument_terms(folder, day, symbol, expiry)
    if printed is not None:
        return Terms(printed, known.tick if known else DEFAULT_TICK)
    return known


def official_call(
    folder: Folder, day: date, members: Members, contract: tuple[str, date, Decimal]
) -> OfficialRow | None:
    """The bhavcopy row of one call on one day."""
    rows = folder.official(day, members)
    return next((r for r in rows if r.is_call and (r.symbol, r.expiry, r.strike) == contract), None)


def _instrument_terms(folder: Folder, day: date, symbol: str, expiry: date) -> Terms | None:
    by_expiry = folder.instruments().get(symbol, {})
    usable = [when for when in by_expiry if when <= expiry]  # the same expiry, else the latest earlier one
    if not usable:
        return None
    found = by_expiry[max(usable)]
    for stock, since, factor, last_old in SPLITS:
        if stock == symbol and day >= since and max(usable) <= last_old:
            found = Terms(found.lot * factor, found.tick)
    return found


def yesterday_book(folder: Folder, day: date, previous: date, members: Members, expiry: date) -> Book | None:
    """O1, else O2; None when there is neither."""
    source = price_source(folder, previous, members)
    if source == "last":
        book = _chain_book(folder.chain(previous, members), expiry, latest=LAST_OF_DAY)
    else:
        book = _official_book(folder.official(previous, members), expiry)
    if book:
        return book
    before_open = [row for row in folder.chain(day, members) if row.ts.time() < OPEN]
    return _chain_book(before_open, expiry, latest=OPEN, volume_known=False) or None


def _chain_book(rows: Iterable[ChainRow], expiry: date, latest: time, *, volume_known: bool = True) -> Book:
    """Each stock's own last snapshot not later than `latest`, with all its strikes of the expiry."""
    usable = [row for row in rows if row.expiry == expiry and row.ts.time() <= latest]
    last = {row.symbol: row.ts for row in usable}  # the rows come in time order
    book: Book = {}
    for row in usable:
        if row.ts == last[row.symbol]:
            units = row.call_volume if volume_known else None  # O2: 0 before the open means unknown
            book.setdefault(row.symbol, {})[row.strike] = Yesterday(
                row.call_ltp, row.call_oi, row.put_oi, call_units=units
            )
    return book


def _official_book(rows: Iterable[OfficialRow], expiry: date) -> Book:
    calls: dict[tuple[str, Decimal], OfficialRow] = {}
    puts: dict[tuple[str, Decimal], OfficialRow] = {}
    for row in rows:
        if row.expiry == expiry:
            (calls if row.is_call else puts)[row.symbol, row.strike] = row
    book: Book = {}
    for key in sorted(calls.keys() | puts.keys()):
        call, put = calls.get(key), puts.get(key)
        book.setdefault(key[0], {})[key[1]] = Yesterday(
            call_price=call.close if call else None,
            call_oi=call.oi if call else 0,
            put_oi=put.oi if put else 0,
            call_lots=call.volume_lots if call else None,
            lot=(call or put).lot,  # type: ignore[union-attr]
        )
    return book


def require_terms(found: Terms | None, contract: tuple[str, date, Decimal]) -> Terms:
    """The terms, or Wrong: nothing is ever sized by a guess."""
    if found is None:
        raise Wrong(f"{contract[0]} {contract[1]}: no row in instruments/ tells the lot size")
    return found
