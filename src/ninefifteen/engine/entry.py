"""The entry: one intent a day, sent in its window, followed at most twice, cancelled at the cutoff."""

from __future__ import annotations

from fractions import Fraction

from ninefifteen.domain.candidate import Candidate, Plan
from ninefifteen.domain.effects import Cancel, Modify, Submit
from ninefifteen.domain.events import LastPrice, Quote
from ninefifteen.domain.instants import SECOND, clock_of
from ninefifteen.domain.levels import level, percent, protected_range
from ninefifteen.domain.money import Paise, down_to_tick, rupees
from ninefifteen.domain.order import OrderRequest, OrderState, Role

from .orders import Order
from .planning import make_plan, too_near
from .risk import Refusal, approve_entry, entries_allowed, money_allows
from .state import EngineState, Phase, Run
from .strategy import Enter, EntryView
from .subscriptions import release

FRESH = 3 * SECOND
"""A decision needs data no older than this (I11)."""


def open_window(state: EngineState, run: Run) -> None:
    """The entry time has come: from now on the first acceptable price enters."""
    if run.phase is not Phase.ARMED:
        return None
    refusal = entries_allowed(state)
    if refusal is not None:
        return finish(state, run, refusal.code, refusal.text)
    run.phase = Phase.WATCHING
    run.candidate_since = state.now
    if run.hours.next_after and len(run.selection.picks) > 1:
        state.timer(f"{run.strategy.name}:next", state.now + run.hours.next_after)
    candidate = run.candidate
    if candidate is not None and candidate.instrument is not None:
        quote = state.quotes.get(candidate.instrument.name)
        if quote is not None:
            on_quote(state, run, quote)
        else:
            _ask_strategy(state, run, candidate, 0, None, Fraction(0))
    return None


def next_candidate(state: EngineState, run: Run) -> None:
    """The candidate had its time without an acceptable quote: try the next prepared one."""
    if run.phase is not Phase.WATCHING or run.index + 1 >= len(run.selection.picks):
        return
    passed = run.candidate
    run.index += 1
    run.candidate_since = state.now
    candidate = run.candidate
    if passed is None or candidate is None or candidate.instrument is None:
        return
    state.note(
        "next_candidate",
        f"{passed.symbol} had no acceptable quote ({run.wait_reason or 'no_quote'}): trying {candidate.symbol}",
        symbol=candidate.symbol,
    )
    state.timer(f"{run.strategy.name}:next", state.now + run.hours.next_after)
    quote = state.quotes.get(candidate.instrument.name)
    if quote is not None:
        on_quote(state, run, quote)


def on_quote(state: EngineState, run: Run, quote: Quote) -> None:
    """A quote of the candidate while its window is open."""
    candidate = run.candidate
    if run.phase is not Phase.WATCHING or candidate is None or candidate.instrument is None:
        return
    if quote.name != candidate.instrument.name:
        return
    if quote.exchange_at < state.day.open_at or state.now - quote.exchange_at > FRESH:
        run.wait_reason = "stale_quote"
    elif quote.bid <= 0 or quote.ask <= 0:
        run.wait_reason = "one_sided"
    elif _wide(state, quote):
        run.wait_reason = "spread"
    else:
        _ask_strategy(state, run, candidate, quote.ask, quote, Fraction(quote.ask - quote.bid, 2))


def on_last(state: EngineState, run: Run, event: LastPrice) -> None:
    """A recorded observation: the first one in the window is the entry (E2); no spread is known."""
    on_price(state, run, event.name, event.price)


def on_price(state: EngineState, run: Run, name: str, price: Paise) -> None:
    """A price of the candidate without a book, while its window is open."""
    candidate = run.candidate
    if run.phase is not Phase.WATCHING or candidate is None or candidate.instrument is None:
        return
    if name == candidate.instrument.name and price > 0:
        _ask_strategy(state, run, candidate, price, None, Fraction(0))


def _wide(state: EngineState, quote: Quote) -> bool:
    widest = state.settings.strategy.max_spread_pct
    middle = Fraction(quote.ask + quote.bid, 2)
    return bool(widest) and quote.ask - quote.bid > percent(widest) * middle


def _ask_strategy(
    state: EngineState, run: Run, candidate: Candidate, price: Paise, quote: Quote | None, half: Fraction
) -> None:
    index = state.stock_index.get(candidate.symbol)
    verdict = run.strategy.enter(
        EntryView(
            at=state.now,
            facts=state.day,
            candidate=candidate,
            price=price,
            quote=quote,
            stock_price=state.stock_prices[index] if index is not None else 0,
            stock_bars=tuple(state.stock_bars.get(candidate.symbol, ())),
        )
    )
    if not isinstance(verdict, Enter):
        run.wait_reason = verdict.reason
        return None
    limit = verdict.limit
    if quote is not None:
        limit = _inside_protection(candidate, limit)
    plan = make_plan(state, run, candidate, limit, half)
    if plan is None:
        return _no_stop(state, run, quote)
    unfit = None if quote is None else _unfit(state, plan, quote)
    if unfit is not None:
        run.wait_reason = unfit
        return None
    run.first_ask = price or limit
    return _send(state, run, plan, limit)


def _inside_protection(candidate: Candidate, limit: Paise) -> Paise:
    if candidate.instrument is None or not candidate.model:
        return limit
    tick = candidate.instrument.tick
    high = protected_range(candidate.model)[1]
    capped = min(limit, down_to_tick(high, tick))
    band = candidate.instrument.band_high
    return min(capped, down_to_tick(band, tick)) if band else capped


def _no_stop(state: EngineState, run: Run, quote: Quote | None) -> None:
    if quote is None:
        finish(state, run, "risk_too_large", "no working stop below the entry fits in the daily limit")
    else:
        run.wait_reason = "risk_too_large"


def _unfit(state: EngineState, plan: Plan, quote: Quote) -> str | None:
    spread = quote.ask - quote.bid
    if 3 * spread > plan.target - plan.entry or 3 * spread > plan.entry - plan.stop:
        return "spread"
    return "risk_too_large" if too_near(state, plan, spread) is not None else None


def _send(state: EngineState, run: Run, plan: Plan, limit: Paise) -> None:
    request = OrderRequest(
        tag=state.orders.new_tag(state.day.date.toordinal(), Role.ENTRY),
        role=Role.ENTRY,
        strategy=run.strategy.name,
        instrument=plan.instrument,
        side="BUY",
        quantity=plan.quantity,
        type="LIMIT",
        limit=limit,
    )
    approved = approve_entry(state, run, request)
    if isinstance(approved, Refusal):
        return finish(state, run, approved.code, approved.text)
    state.orders.add(approved)
    state.entries_today += 1
    run.entry_tag, run.plan, run.phase = request.tag, plan, Phase.ENTERING
    state.note(
        "intent", f"buy {plan.quantity} {plan.instrument.name}, limit Rs {rupees(limit)}", tag=request.tag
    )
    state.emit(Submit(approved))
    release(state, run)
    if state.settings.entry.max_modifications:
        state.timer(f"{run.strategy.name}:follow", state.now + state.settings.entry.modify_every_s * SECOND)
    return None


def follow(state: EngineState, run: Run) -> None:
    """Move the unfilled entry to the new ask, at most as often and as far as the settings allow."""
    order = state.orders.by_tag.get(run.entry_tag)
    if run.phase is not Phase.ENTERING or order is None or run.cancel_sent:
        return
    if order.state is not OrderState.OPEN or order.modifications >= state.settings.entry.max_modifications:
        return
    quote = state.quotes.get(order.request.instrument.name)
    if quote is None or quote.ask <= 0 or state.now - quote.exchange_at > FRESH:
        return
    rules, tick = state.settings, order.request.instrument.tick
    furthest = down_to_tick(int(run.first_ask * (1 + percent(rules.entry.max_chase_pct))), tick)
    wished = min(level(quote.ask, rules.strategy.collar_pct, tick), furthest)
    state.timer(f"{run.strategy.name}:follow", state.now + rules.entry.modify_every_s * SECOND)
    if wished <= order.limit or not _may_raise(state, order, wished):
        return
    order.modifications += 1
    order.state = OrderState.MODIFYING
    state.note("follow", f"entry follows the ask to Rs {rupees(wished)}", tag=order.tag)
    state.emit(Modify(order.tag, order.order_id, "LIMIT", order.quantity, wished))


def _may_raise(state: EngineState, order: Order, limit: Paise) -> bool:
    if state.halted is not None or state.paused is not None:
        return False
    others = state.orders.exposure() - order.remaining * order.limit
    return money_allows(state, order.quantity * limit + others) is None


def close_window(state: EngineState, run: Run) -> None:
    """The cutoff: what has not entered never will; what is not filled is cancelled and proved so."""
    if run.phase is Phase.WATCHING or run.phase is Phase.ARMED:
        finish(
            state, run, "not_filled", f"no acceptable price by the cutoff ({run.wait_reason or 'no_quote'})"
        )
    elif run.phase in (Phase.IDLE, Phase.SCANNING):
        finish(state, run, "late_start", "the selection was not ready before the entry window closed")
    else:
        cancel_entry(state, run)


def cancel_entry(state: EngineState, run: Run) -> None:
    """Ask for the rest of the entry to be cancelled and keep looking until it is proved final."""
    order = state.orders.by_tag.get(run.entry_tag)
    if order is None or order.final:
        return
    if order.order_id and not run.cancel_sent:
        run.cancel_sent = True
        order.state = OrderState.CANCELLING
        state.note(
            "cancel", f"cancelling the unfilled entry at {clock_of(state.now):%H:%M:%S}", tag=order.tag
        )
        state.emit(Cancel(order.tag, order.order_id))
    state.timer("book:look", state.now + SECOND)


def finish(state: EngineState, run: Run, reason: str, text: str) -> None:
    """This strategy is done for the day, without a trade."""
    run.phase = Phase.DONE
    run.done_reason = reason
    state.note("no_trade", text, reason=reason, strategy=run.strategy.name)
    release(state, run)
