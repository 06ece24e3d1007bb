"""Ranking and the tests of the candidates, in the order of the table of design/strategy.md (K, C, O, F)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .charges import round_trip
from .contracts import Book, Yesterday, listed_strikes, require_terms, terms
from .estimate import Known, estimate
from .folder import Cash, Folder, Members, Terms
from .levels import target_level, working_stop
from .settings import Settings

BAND = Fraction(20, 100)


@dataclass(frozen=True)
class Ranked:
    """A member with its place; the gain is the exact quotient minus 1 (K3)."""

    rank: int
    symbol: str
    gain: Fraction
    cash: Cash


@dataclass(frozen=True)
class Candidate:
    """An examined stock. What the failing test did not need is None."""

    stock: Ranked
    code: str
    pcr: Fraction | None = None
    strike: Decimal | None = None
    lot: int | None = None
    tick: Decimal | None = None
    estimate: Decimal | None = None
    working_stop: Decimal | None = None


@dataclass(frozen=True)
class Morning:
    """Everything the selection of one day looks at."""

    folder: Folder
    settings: Settings
    day: date
    previous_day: date
    expiry: date
    members: Members
    book: Book
    free_cash: Decimal


@dataclass(frozen=True)
class Contract:
    """The call a stock would be traded with, and its row of yesterday."""

    strike: Decimal
    terms: Terms
    row: Yesterday | None
    quantity: int


def rank(cash: Mapping[str, Cash], members: Members) -> list[Ranked]:
    """K1, K3: every member with a pre-open price, highest gain first, equal gains by symbol in byte order."""
    gains = {
        symbol: Fraction(cash[symbol].preopen) / Fraction(cash[symbol].previous_close) - 1
        for symbol in members
        if symbol in cash
    }
    order = sorted(gains, key=lambda symbol: (-gains[symbol], symbol.encode()))
    return [Ranked(n, symbol, gains[symbol], cash[symbol]) for n, symbol in enumerate(order, 1)]


def select(ranked: list[Ranked], morning: Morning) -> list[Candidate]:
    """K5: the examined stocks, from rank 1 to the pick or to `max_candidates`."""
    limit = morning.settings.max_candidates or len(ranked)
    examined: list[Candidate] = []
    for stock in ranked[:limit]:
        examined.append(examine(stock, morning))
        if examined[-1].code == "ok":
            break
    return examined


def examine(stock: Ranked, morning: Morning) -> Candidate:
    """The first failing test's code, or ok; the ratio is given wherever it can be computed (K5)."""
    candidate = Candidate(stock, "ok", pcr=put_call_ratio(stock.symbol, morning))
    # K6: without a ban list and an event calendar `banned` and `event` pass.
    code = _gain_code(stock, morning.settings)
    if code:
        return replace(candidate, code=code)
    contract = find_contract(stock, morning)
    if contract is None:
        return replace(candidate, code="no_contract", pcr=None)
    candidate = replace(candidate, strike=contract.strike, lot=contract.terms.lot, tick=contract.terms.tick)
    code = _interest_code(stock.symbol, contract, candidate.pcr, morning)
    if code or contract.row is None or contract.row.call_price is None:
        return replace(candidate, code=code or "illiquid")
    candidate = replace(candidate, estimate=_estimated(stock, contract, contract.row.call_price, morning))
    return _priced(candidate, contract, morning)


def put_call_ratio(symbol: str, morning: Morning) -> Fraction | None:
    """Put over call open interest over all strikes of the traded expiry, yesterday; None without calls."""
    rows = morning.book.get(symbol, {}).values()
    calls = sum(row.call_oi for row in rows)
    return Fraction(sum(row.put_oi for row in rows), calls) if calls else None


def _gain_code(stock: Ranked, settings: Settings) -> str | None:
    if not stock.gain > Fraction(settings.min_gain_pct) / 100:  # 0: gain > 0
        return "not_a_gainer"
    return None if stock.gain <= BAND else "gap_beyond_band"  # K4


def find_contract(stock: Ranked, morning: Morning) -> Contract | None:
    """C2: the listed strike nearest the pre-open price, the lower one on a tie; None = `no_contract`.

    A stock without a row today, but with rows yesterday, is not `no_contract`: yesterday's strikes serve.
    """
    symbol, expiry = stock.symbol, morning.expiry
    yesterday = morning.book.get(symbol, {})
    strikes = listed_strikes(morning.folder, morning.day, morning.members, symbol, expiry)
    strikes = strikes or {strike for strike, row in yesterday.items() if row.call_price is not None}
    if not strikes:
        return None
    strike = min(strikes, key=lambda listed: (abs(listed - stock.cash.preopen), listed))
    label = (symbol, expiry, strike)
    row = yesterday.get(strike)
    found = terms(morning.folder, morning.day, morning.members, label)
    if found is None and row is not None and row.lot is not None:
        found = Terms(row.lot, Decimal("0.05"))
    known = require_terms(found, label)
    return Contract(strike, known, row, morning.settings.lots * known.lot)


def _interest_code(symbol: str, contract: Contract, pcr: Fraction | None, morning: Morning) -> str | None:
    """pcr_thin, pcr_out_of_range, illiquid (O3)."""
    settings, lot = morning.settings, contract.terms.lot
    rows = morning.book.get(symbol, {}).values()
    total = sum(row.call_oi + row.put_oi for row in rows)
    if pcr is None:
        # O3 names this code for both cases, so `pcr_thin` does not come first.
        if settings.pcr_min or settings.pcr_max:
            return "pcr_out_of_range"
    else:
        if total < settings.min_chain_oi_lots * lot:
            return "pcr_thin"
        if settings.pcr_min and pcr < Fraction(settings.pcr_min):
            return "pcr_out_of_range"
        if settings.pcr_max and pcr > Fraction(settings.pcr_max):
            return "pcr_out_of_range"
    return _illiquid(contract, settings)


def _illiquid(contract: Contract, settings: Settings) -> str | None:
    """O3. "> 0" stands by itself in the table, so it stays when the minimum is 0."""
    row, lot = contract.row, contract.terms.lot
    if row is None or row.call_price is None:
        return "illiquid"
    if row.call_oi <= 0 or row.call_oi < settings.min_open_interest_lots * lot:
        return "illiquid"
    volume = row.volume_lots(lot)
    if volume is not None and (volume <= 0 or volume < settings.min_volume_lots):
        return "illiquid"
    return None


def _estimated(stock: Ranked, contract: Contract, previous_price: Decimal, morning: Morning) -> Decimal:
    return estimate(
        Known(
            day=morning.day,
            previous_day=morning.previous_day,
            expiry=morning.expiry,
            strike=contract.strike,
            previous_close=stock.cash.previous_close,
            preopen=stock.cash.preopen,
            previous_price=previous_price,
            collar_pct=morning.settings.collar_pct,
        )
    )


def _priced(candidate: Candidate, contract: Contract, morning: Morning) -> Candidate:
    """too_cheap, unaffordable, risk_too_large: the tests on the estimate."""
    estimated, settings = candidate.estimate, morning.settings
    if estimated is None:
        raise AssertionError("priced without an estimate")
    tick, quantity = contract.terms.tick, contract.quantity
    stop = working_stop(morning.day, estimated, quantity, tick, settings) if estimated > 0 else None
    candidate = replace(candidate, working_stop=stop)
    tests: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("too_cheap", lambda: _worth_it(morning.day, estimated, quantity, tick, settings)),
        ("unaffordable", lambda: _affordable(estimated, quantity, morning)),
        ("risk_too_large", lambda: _room_for_stop(estimated, stop, settings)),
    )
    return replace(candidate, code=next((code for code, passes in tests if not passes()), "ok"))


def _worth_it(day: date, estimated: Decimal, quantity: int, tick: Decimal, settings: Settings) -> bool:
    """Premium, distance of the target in ticks, charges as a share of the target's profit."""
    target = target_level(estimated, tick, settings)
    if estimated < settings.min_premium or target - estimated < settings.min_target_ticks * tick:
        return False
    if not settings.max_charge_share:
        return True
    profit = (target - estimated) * quantity
    return round_trip(day, estimated, target, quantity) <= settings.max_charge_share * profit / 100


def _affordable(estimated: Decimal, quantity: int, morning: Morning) -> bool:
    """F2, equality included."""
    return quantity * estimated <= min(morning.settings.max_position_value, morning.free_cash)


def _room_for_stop(estimated: Decimal, stop: Decimal | None, settings: Settings) -> bool:
    """X5 with the estimate as the entry; no spread is known on recorded data."""
    if not settings.daily_limit:
        return True
    return stop is not None and estimated - stop >= settings.min_working_stop_pct * estimated / 100
