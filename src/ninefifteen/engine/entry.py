"""The entry: one intent a day, sent in its window, followed at most twice, cancelled at the cutoff."""

from __future__ import annotations

from fractions import Fraction

from ninefifteen.domain.candidate import Candidate, Plan
from ninefifteen.domain.effects import Cancel, Modify, Submit
from ninefifteen.domain.events import LastPrice, Quote
from ninefifteen.domain.instants import SECOND, clock_of
from ninefifteen.domain.levels import level, percent
from ninefifteen.domain.money import Paise, down_to_tick, rupees
from ninefifteen.domain.order import OrderRequest, OrderState, Role
from ninefifteen.domain.order_limits import price_range

from . import proof
from .orders import Order, Shape
from .planning import plan_of, too_near
from .risk import Refusal, approve_entry, entries_allowed, money_allows
from .state import EngineState, Phase, Run
from .strategy import Enter, EntryView
from .subscriptions import release

_THIS_QUOTE = frozenset({"max_position_value", "free_cash", "band", "not_reconciled"})
"""Refusals that the next quote or the next candidate may not meet."""
FRESH = 3 * SECOND
"""A decision needs data no older than this (I11)."""
_CANCEL_LOST = 5 * SECOND
_CANCELS_AT_ONCE = 5
_CANCELS_SOON = 12
_CANCEL_SLOW = 10 * SECOND
_CANCEL_SLOWEST = 300 * SECOND


def open_window(state: EngineState, run: Run) -> None:
    """The entry time has come: from now on the first acceptable price enters."""
    if run.phase is not Phase.ARMED:
        return
    refusal = entries_allowed(state, run)
    if refusal is not None:
        finish(state, run, refusal.code, refusal.text)
        return
    run.phase = Phase.WATCHING
    if run.hours.next_after and len(run.selection.picks) > 1:
        state.timer(f"{run.strategy.name}:next", state.now + run.hours.next_after)
    _try(state, run)


def next_candidate(state: EngineState, run: Run) -> None:
    """The candidate had its time without an acceptable quote: try the next prepared one."""
    passed = run.candidate
    if run.phase is not Phase.WATCHING or passed is None or run.index + 1 >= len(run.selection.picks):
        return
    run.index += 1
    candidate = _tried(run)
    state.note(
        "next_candidate",
        f"{passed.symbol} had no acceptable quote ({run.wait_reason or 'no_quote'}):"
        f" trying {candidate.symbol}",
        symbol=candidate.symbol,
    )
    run.wait_reason = ""
    run.plan = plan_of(state, run, candidate)
    state.timer(f"{run.strategy.name}:next", state.now + run.hours.next_after)
    _try(state, run)


def _tried(run: Run) -> Candidate:
    return run.selection.candidates[run.selection.picks[run.index]]


def _try(state: EngineState, run: Run) -> None:
    """Ask at once with what is known of the candidate; without a quote only the bell has a price."""
    candidate = _tried(run)
    quote = state.quotes.get(candidate.instrument.name if candidate.instrument is not None else "")
    if quote is not None:
        on_quote(state, run, quote)
    else:
        _ask_strategy(state, run, candidate, 0, None)


def on_quote(state: EngineState, run: Run, quote: Quote) -> None:
    """A quote of the candidate while its window is open."""
    candidate = run.candidate
    if candidate is None or candidate.instrument is None or quote.name != candidate.instrument.name:
        return
    if quote.exchange_at < state.day.open_at or state.now - quote.exchange_at > FRESH:
        run.wait_reason = "stale_quote"
    elif quote.bid <= 0 or quote.ask <= 0:
        run.wait_reason = "one_sided"
    elif _wide(state, quote):
        run.wait_reason = "spread"
    else:
        _ask_strategy(state, run, candidate, quote.ask, quote)


def on_last(state: EngineState, run: Run, event: LastPrice) -> None:
    """A recorded observation: the first one in the window is the entry (E2); no spread is known."""
    on_price(state, run, event.name, event.price)


def on_price(state: EngineState, run: Run, name: str, price: Paise) -> None:
    """A price of the candidate without a book, while its window is open."""
    candidate = run.candidate
    if candidate is None or candidate.instrument is None or name != candidate.instrument.name:
        return
    if price > 0:
        _ask_strategy(state, run, candidate, price, None)


def _wide(state: EngineState, quote: Quote) -> bool:
    widest = state.settings.strategy.max_spread_pct
    middle = Fraction(quote.ask + quote.bid, 2)
    return bool(widest) and quote.ask - quote.bid > percent(widest) * middle


def _ask_strategy(
    state: EngineState, run: Run, candidate: Candidate, price: Paise, quote: Quote | None
) -> None:
    if state.paused is not None:
        run.wait_reason = "paused"
        return
    if state.unreconciled:
        run.wait_reason = "not_reconciled"
        return
    verdict = run.strategy.enter(_view(state, candidate, price, quote))
    if isinstance(verdict, Enter):
        _enter(state, run, candidate, verdict.limit, quote)
    else:
        run.wait_reason = verdict.reason


def _view(state: EngineState, candidate: Candidate, price: Paise, quote: Quote | None) -> EntryView:
    index = state.stock_index.get(candidate.symbol)
    fresh = index is not None and state.now - state.stocks_at <= FRESH
    return EntryView(
        at=state.now,
        facts=state.day,
        candidate=candidate,
        price=price,
        quote=quote,
        stock_price=state.stock_prices[index] if index is not None and fresh else 0,
        stock_bars=tuple(state.stock_bars.get(candidate.symbol, ())),
    )


def _enter(state: EngineState, run: Run, candidate: Candidate, limit: Paise, quote: Quote | None) -> None:
    half = Fraction(0)
    if quote is not None:
        limit, half = _inside_protection(state, candidate, limit), Fraction(quote.ask - quote.bid, 2)
    plan = plan_of(state, run, candidate, limit, half)
    if plan is None and quote is None:
        finish(state, run, "risk_too_large", "no working stop below the entry fits in the daily limit")
    elif plan is None:
        run.wait_reason = "risk_too_large"
    elif (unfit := _unfit(state, plan, half)) is not None:
        run.wait_reason = unfit
    else:
        run.first_ask = limit if quote is None else quote.ask
        _send(state, run, plan, limit)


def _inside_protection(state: EngineState, candidate: Candidate, limit: Paise) -> Paise:
    if candidate.instrument is None or not candidate.model:
        return limit
    tick = candidate.instrument.tick
    high = price_range(candidate.model, state.day.limits)[1]
    capped = min(limit, down_to_tick(high, tick))
    band = candidate.instrument.band_high
    return min(capped, down_to_tick(band, tick)) if band else capped


def _unfit(state: EngineState, plan: Plan, half_spread: Fraction) -> str | None:
    if state.observed:
        return None  # recorded prices tell no spread, and the stop was decided by the rule alone (X5)
    spread = int(2 * half_spread)
    if 3 * spread > plan.target - plan.entry or 3 * spread > plan.entry - plan.stop:
        return "spread"
    return "risk_too_large" if too_near(state, plan) is not None else None


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
        if approved.code in _THIS_QUOTE:
            run.wait_reason = approved.code
        else:
            finish(state, run, approved.code, approved.text)
        return
    state.orders.add(approved)
    name = plan.instrument.name
    if name not in state.books.baseline:
        state.books.baseline[name] = state.books.held(name)
    state.entries_today += 1
    run.entry_tag, run.plan, run.phase = request.tag, plan, Phase.ENTERING
    state.note(
        "intent", f"buy {plan.quantity} {plan.instrument.name}, limit Rs {rupees(limit)}", tag=request.tag
    )
    state.watch_orders()
    state.emit(Submit(approved))
    release(state, run)
    name, hours = run.strategy.name, run.hours
    if hours.patience and state.now + hours.patience < hours.cutoff_at:
        state.timer(f"{name}:cutoff", state.now + hours.patience)
    if state.settings.entry.max_modifications:
        state.timer(f"{name}:follow", state.now + state.settings.entry.modify_every_s * SECOND)


def follow(state: EngineState, run: Run) -> None:
    """Move the unfilled entry to the new ask, at most as often and as far as the settings allow."""
    order, rules = state.orders.by_tag.get(run.entry_tag), state.settings.entry
    if order is None or run.phase is not Phase.ENTERING or run.cancel_wanted:
        return
    if order.modifications >= rules.max_modifications:  # at most ten, so far below the broker's count
        return
    state.timer(f"{run.strategy.name}:follow", state.now + rules.modify_every_s * SECOND)
    quote = state.quotes.get(order.request.instrument.name)
    if order.state is not OrderState.OPEN or quote is None or state.now - quote.exchange_at > FRESH:
        return
    wished = _followed(state, run, order, quote)
    if wished <= order.limit or not _may_raise(state, order, wished):
        return
    order.modify(Shape("LIMIT", order.quantity, wished), state.now)
    order.limit = wished  # exposure counts the higher price until a report says otherwise (I3)
    state.watch_orders()
    state.note("follow", f"entry follows the ask to Rs {rupees(wished)}", tag=order.tag)
    state.emit(Modify(order.tag, order.order_id, "LIMIT", order.quantity, wished))


def _followed(state: EngineState, run: Run, order: Order, quote: Quote) -> Paise:
    """The new limit: the ask with the collar, inside the chase limit and the day's band; 0 without an ask."""
    rules, instrument = state.settings, order.request.instrument
    if quote.ask <= 0:
        return 0
    furthest = down_to_tick(int(run.first_ask * (1 + percent(rules.entry.max_chase_pct))), instrument.tick)
    wished = min(level(quote.ask, rules.strategy.collar_pct, instrument.tick), furthest)
    candidate = run.candidate
    return wished if candidate is None else _inside_protection(state, candidate, wished)


def _may_raise(state: EngineState, order: Order, limit: Paise) -> bool:
    others = state.orders.exposure() - order.remaining * order.limit
    return money_allows(state, order.remaining * limit + others) is None


def close_window(state: EngineState, run: Run) -> None:
    """The cutoff: what has not entered never will; what is not filled is cancelled and proved so."""
    if run.phase in (Phase.WATCHING, Phase.ARMED):
        reason = "paused" if state.paused is not None else "not_filled"
        if run.wait_reason == "not_reconciled":
            reason = run.wait_reason
            run.notes.append(state.unreconciled)
        text = f"no acceptable price by the cutoff ({run.wait_reason or 'no_quote'})"
        run.notes.append(text)
        finish(state, run, reason, text)
    elif run.phase in (Phase.IDLE, Phase.SCANNING):
        waiting = "chains and open interest" if run.ranked else "pre-open prices"
        finish(state, run, "not_ready", f"the selection was not ready by the cutoff: no {waiting} had come")
    else:
        cancel_entry(state, run)


def cancel_entry(state: EngineState, run: Run) -> None:
    """Ask for the rest of the entry to be cancelled, and again until it is proved final.

    Without an id yet the wish is kept, and the order is cancelled as soon as it is found.
    """
    order = state.orders.by_tag.get(run.entry_tag)
    if order is None or order.final:
        return
    run.cancel_wanted = True
    if not order.order_id:
        state.watch_orders()
        return
    pause = _CANCEL_LOST if order.state is OrderState.CANCELLING else SECOND
    if run.cancels >= _CANCELS_AT_ONCE:
        pause = _CANCEL_SLOW if run.cancels < _CANCELS_SOON else _CANCEL_SLOWEST
    if run.cancels == 0 or state.now >= run.cancelled_at + pause:
        _cancel(state, run, order)
    state.timer(
        f"{run.strategy.name}:cancel", state.now + (SECOND if run.cancels < _CANCELS_AT_ONCE else pause)
    )


def _cancel(state: EngineState, run: Run, order: Order) -> None:
    run.cancels, run.cancelled_at = run.cancels + 1, state.now
    order.state = OrderState.CANCELLING
    state.note("cancel", f"cancelling the unfilled entry at {clock_of(state.now):%H:%M:%S}", tag=order.tag)
    if run.cancels == _CANCELS_AT_ONCE:
        state.alert("P1", f"entry {order.order_id} cannot be cancelled: cancel it in the broker's app")
    state.emit(Cancel(order.tag, order.order_id))


def cancel_again(state: EngineState, run: Run) -> None:
    """A cancel is a request: read what became of it, and ask again if it was lost or refused."""
    order = state.orders.by_tag.get(run.entry_tag)
    if order is not None and not order.final:
        state.read_orders()
        cancel_entry(state, run)


def finish(state: EngineState, run: Run, reason: str, text: str) -> None:
    """This strategy is done for the day, without a trade."""
    run.phase = Phase.DONE
    run.done_reason = reason
    state.note("no_trade", text, reason=reason, strategy=run.strategy.name)
    release(state, run)
    if run.entry_tag and state.careful:
        proof.begin(state, run.strategy.name, state.now)
    else:
        proof.hurry(state)
