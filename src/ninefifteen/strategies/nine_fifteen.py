"""The 9:15 strategy, exactly as `design/strategy.md` states it. Pure: facts in, verdicts out.

Selection codes, their order and their numbers are the table under "Selection" there; every number
is a setting. A filter set to 0 is off.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial

import msgspec

from ninefifteen.domain.candidate import Candidate
from ninefifteen.domain.instants import SECOND, at
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.levels import cost, level, percent
from ninefifteen.domain.market import CallRow, ChainFacts, DayFacts, PreOpenRow, call_of
from ninefifteen.domain.money import Paise, up_to_tick
from ninefifteen.domain.settings import Settings
from ninefifteen.engine.strategy import Enter, EntryView, ExitRules, Hours, ScanView, Wait
from ninefifteen.strategies.estimate import call_estimate


class _Examined(msgspec.Struct, frozen=True):
    """One ranked stock with what is known of its chain: the subject of every test."""

    facts: DayFacts
    candidate: Candidate
    chain: ChainFacts | None
    row: CallRow | None


class NineFifteen:
    """Rank the universe by pre-open gain, test in order, buy the first that passes."""

    name = "nine_fifteen"

    def __init__(self, settings: Settings) -> None:
        self._rules = settings.strategy
        self._entry = settings.entry
        self._last_recorded = settings.recorded.last_entry
        self.exits = ExitRules(
            target_pct=self._rules.target_pct,
            stop_pct=self._rules.stop_pct,
            trail_pct=self._rules.trail_pct,
            breakeven_pct=self._rules.breakeven_pct,
        )
        self._tests: tuple[tuple[str, Callable[[_Examined], str | None]], ...] = (
            ("not_a_gainer", self._not_a_gainer),
            ("gap_beyond_band", self._gap_beyond_band),
            ("banned", self._banned),
            ("event", self._event),
            ("no_contract", self._no_contract),
            ("pcr_thin", self._pcr_thin),
            ("pcr_out_of_range", self._pcr_out_of_range),
            ("illiquid", self._illiquid),
            ("too_cheap", self._too_cheap),
        )

    def hours(self, facts: DayFacts) -> Hours:
        """Scan 09:14, entry 09:15:00 to the cutoff, square-off by the setting or the session."""
        rules, entry = self._rules, self._entry
        clock = partial(at, facts.date)
        return Hours(
            scan_at=clock(rules.scan_time),
            entry_at=clock(rules.entry_time),
            cutoff_at=clock(entry.cutoff),
            exit_at=facts.exit_at if rules.exit_at is None else clock(rules.exit_at),
            next_after=clock(entry.next_after) - clock(rules.entry_time),
            recorded_cutoff_at=clock(self._last_recorded),
        )

    def rank(self, facts: DayFacts, rows: tuple[PreOpenRow, ...]) -> tuple[Candidate, ...]:
        """Highest gain first, equal gains by symbol in byte order (K3)."""
        priced = (row for row in rows if row.price > 0 and row.prev_close > 0)
        order = sorted(priced, key=lambda r: (-Fraction(r.price, r.prev_close), r.symbol.encode()))
        return tuple(
            Candidate(rank=n, symbol=r.symbol, price=r.price, prev_close=r.prev_close, code="ok")
            for n, r in enumerate(order, 1)
        )

    def wanted(self, ranked: tuple[Candidate, ...]) -> tuple[str, ...]:
        """The top `max_candidates` are examined, and no chain beyond them is read."""
        return tuple(c.symbol for c in ranked[: self._rules.max_candidates])

    def scan(self, view: ScanView, ignore: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
        """Each examined stock with the code of the first test it fails, or "ok"."""
        return tuple(
            self._examine(view.facts, candidate, view.chains.get(candidate.symbol), ignore)
            for candidate in view.ranked[: self._rules.max_candidates]
        )

    def _examine(
        self, facts: DayFacts, ranked: Candidate, chain: ChainFacts | None, ignore: frozenset[str]
    ) -> Candidate:
        row = nearest_strike(chain.calls, ranked.price) if chain is not None and chain.calls else None
        known = ranked if chain is None else self._with_chain(facts, ranked, chain, row)
        subject = _Examined(facts, known, chain, row)
        for code, test in self._tests:
            failed = None if code in ignore else test(subject)
            if failed is not None:
                return msgspec.structs.replace(known, code=code, detail=failed)
        return known

    def _with_chain(
        self, facts: DayFacts, ranked: Candidate, chain: ChainFacts, row: CallRow | None
    ) -> Candidate:
        known = msgspec.structs.replace(ranked, pcr_puts=chain.put_oi, pcr_calls=chain.call_oi)
        if row is None:
            return known
        model, estimate, volatility = call_estimate(
            facts, row, ranked.price, ranked.prev_close, self._rules.collar_pct
        )
        return msgspec.structs.replace(
            known,
            instrument=call_of(chain, row),
            oi=row.oi,
            volume=row.volume,
            model=model,
            estimate=estimate,
            volatility=volatility,
        )

    def _not_a_gainer(self, x: _Examined) -> str | None:
        if x.candidate.gain > percent(self._rules.min_gain_pct):
            return None
        return f"gain is not above {self._rules.min_gain_pct} %"

    def _gap_beyond_band(self, x: _Examined) -> str | None:
        if not self._rules.max_gain_pct or x.candidate.gain <= percent(self._rules.max_gain_pct):
            return None
        return f"gain above {self._rules.max_gain_pct} % is a corporate action"

    def _banned(self, x: _Examined) -> str | None:
        listed = x.facts.banned is not None and x.candidate.symbol in x.facts.banned
        return "on the day's ban list" if listed else None

    def _event(self, x: _Examined) -> str | None:
        event = (x.facts.events or {}).get(x.candidate.symbol)
        if event is not None:
            return event
        ratio = x.chain.iv_ratio if x.chain is not None else None
        if self._rules.max_iv_ratio and ratio is not None and ratio > float(self._rules.max_iv_ratio):
            return f"near/next implied volatility {ratio:.2f} is above {self._rules.max_iv_ratio}"
        return None

    def _no_contract(self, x: _Examined) -> str | None:
        if x.row is not None:
            return None
        if x.chain is not None and not x.chain.lot_size:
            return "no lot size is known for it, or no call of the traded expiry is listed"
        return "no call of the traded expiry is listed"

    def _pcr_thin(self, x: _Examined) -> str | None:
        chain, least = x.chain, self._rules.min_chain_oi_lots
        if chain is None or not least or not chain.call_oi or chain.put_oi is None:
            return None  # without call open interest the ratio itself fails (O3)
        total = chain.call_oi + chain.put_oi
        return (
            None
            if total >= least * chain.lot_size
            else f"{total // chain.lot_size} lots open, {least} needed"
        )

    def _pcr_out_of_range(self, x: _Examined) -> str | None:
        low, high = Fraction(self._rules.pcr_min), Fraction(self._rules.pcr_max)
        if not low and not high:
            return None
        ratio = x.candidate.pcr
        if ratio is None:
            return "no call open interest yesterday"
        if ratio < low or (high and ratio > high):
            return f"put/call ratio {float(ratio):.3f} (yesterday, this expiry, all strikes)"
        return None

    def _illiquid(self, x: _Examined) -> str | None:
        if x.row is None or x.chain is None:
            return None
        lot, rules = x.chain.lot_size, self._rules
        interest = x.row.oi or 0
        if interest <= 0 or interest < rules.min_open_interest_lots * lot:
            return f"open interest {interest // lot} lots, {rules.min_open_interest_lots} needed"
        volume = x.row.volume
        if volume is not None and (volume <= 0 or volume < rules.min_volume_lots * lot):
            return f"volume {volume // lot} lots, {rules.min_volume_lots} needed"
        return None

    def _too_cheap(self, x: _Examined) -> str | None:
        candidate, rules = x.candidate, self._rules
        if candidate.instrument is None:
            return None
        if candidate.estimate < rules.min_premium * 100:
            return f"premium below Rs {rules.min_premium}"
        tick = candidate.instrument.tick
        target = level(candidate.estimate, rules.target_pct, tick)
        if target - candidate.estimate < rules.min_target_ticks * tick:
            return f"target less than {rules.min_target_ticks} ticks away"
        return self._charges_too_large(x, target)

    def _charges_too_large(self, x: _Examined, target: Paise) -> str | None:
        candidate, share = x.candidate, self._rules.max_charge_share
        units = self.quantity(candidate, candidate.estimate)
        if not share or not units:
            return None
        spent = cost(x.facts.rates, candidate.estimate * units, target * units)
        profit = (target - candidate.estimate) * units
        return None if spent <= percent(share) * profit else f"charges above {share} % of the target's profit"

    def quantity(self, candidate: Candidate, price: Paise) -> int:
        """`lots` lots, whatever the price."""
        return 0 if candidate.instrument is None else self._rules.lots * candidate.instrument.lot_size

    def prepared(self) -> int:
        """How many passing candidates stand ready behind the pick."""
        return self._rules.prepared_candidates

    def enter(self, view: EntryView) -> Enter | Wait:
        """On the first acceptable quote: the ask plus the collar; at the bell: the model plus the collar."""
        candidate, rules = view.candidate, self._rules
        instrument = candidate.instrument
        if instrument is None:
            return Wait("no_contract")
        if view.quote is None:
            # No book: at the bell the estimate is the limit; a recorded last price is its own limit.
            return Enter(view.price) if view.price else self._at_the_bell(view, instrument)
        stock = view.stock_price
        if stock and (stock <= candidate.prev_close or self._moved(stock, candidate.price)):
            return Wait("moved_away")
        if not stock:
            return Wait("no_stock_price")
        over = rules.max_over_model_pct
        if over and candidate.model and view.price > candidate.model * (1 + percent(over)):
            return Wait("overpriced")
        return Enter(level(view.price, rules.collar_pct, instrument.tick))

    def _at_the_bell(self, view: EntryView, instrument: Instrument) -> Enter | Wait:
        """The model price, at the opening only: a second later the market is open and the model a guess."""
        late = view.at - at(view.facts.date, self._rules.entry_time) > SECOND
        if self._entry.when != "bell" or late or not view.candidate.estimate:
            return Wait("no_quote")
        return Enter(up_to_tick(view.candidate.estimate, instrument.tick))

    def _moved(self, stock: Paise, pre_open: Paise) -> bool:
        limit = self._rules.max_move_pct
        return bool(limit) and abs(stock - pre_open) > percent(limit) * pre_open


def nearest_strike(calls: tuple[CallRow, ...], price: Paise) -> CallRow:
    """The listed strike nearest the price, the lower one on a tie."""
    return min(calls, key=lambda row: (abs(row.strike - price), row.strike))
