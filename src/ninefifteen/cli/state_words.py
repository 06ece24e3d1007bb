"""The state of an engine in plain lines, from the document that the control line carries."""

from __future__ import annotations

from typing import Any

from ninefifteen.domain.order import FINAL

Document = dict[str, Any]
_OVER = frozenset(str(state) for state in FINAL)


def heading_words(state: Document) -> list[str]:
    """What runs, its clock, and where each strategy stands."""
    kind = f"{state['mode']} REHEARSAL" if state["rehearsal"] else f"{state['mode']}"
    if state["date"] is None:
        return [f"an engine is running; no day is open (clock {_clock(state['clock'])})"]
    mark = f" SYNTHETIC DAY (seed {state['seed']})" if state["synthetic"] else ""
    speed = f", {state['speed']}" if state["speed"] else ""
    lines = [f"an engine is running: {kind}{mark} {state['date']}, clock {_clock(state['clock'])}{speed}"]
    for run in state["strategies"]:
        why = run["done_reason"] or run["waiting"] or ""
        lines.append(f"{run['strategy']}: {run['phase']}{f' ({why})' if why else ''}")
    return lines


def stop_words(state: Document) -> list[str]:
    """What keeps it from entering, and how well the broker's books are known."""
    lines = []
    if state["halted"]:
        lines.append(f"HALTED: {state['halted']}: nothing enters until `ninefifteen unlock`")
    if state["paused"]:
        lines.append(f"PAUSED: {state['paused']}: nothing enters until `ninefifteen resume`")
    if state.get("losing_streak"):
        lines.append(f"STOPPED: {state['losing_streak']} losing trades in a row, until `ninefifteen resume`")
    broker = state.get("broker")
    if broker and broker["reconciled"]:
        known, age = broker["known_at"], _age(broker["age_s"])
        read = f"were last read at {_clock(known)}{age}" if known else "have not been read yet"
        lines.append(f"the broker's books {read}")
        if broker["blind_since"]:
            lines.append(f"BLIND since {_clock(broker['blind_since'])}: what follows is the last known")
        if broker["differs"]:
            lines.append(f"no entry until the books agree: {broker['differs']}")
    return lines


def held_words(state: Document) -> list[str]:
    """What the bot holds, a line each; where it holds nothing, how well that is known."""
    lines = [_held(one) for one in state["positions"]]
    if lines or state["date"] is None:
        return lines
    if state["flat"] is None:
        return ["the bot knows of nothing it holds; the broker's books are not known well enough to be sure"]
    return ["the bot holds nothing" if state["flat"] else "the bot has an order in the market"]


def order_words(state: Document, *, living: bool) -> list[str]:
    """The bot's orders of the day, a line each; with `living` those only that can still fill."""
    return [_order(one) for one in state["orders"] if not living or one["state"] not in _OVER]


def _held(one: Document) -> str:
    resting = "resting" if one["stop_resting"] else "NOT resting"
    levels = f"stop {one['stop']} ({resting}), target {one['target']}"
    prices = f"bought at Rs {one['average']}, bid {one['bid'] or 'none'}, {levels}"
    now = f"now Rs {one['result'] or 'unknown'}{_leaving(one['leaving'])}"
    return f"holding {one['quantity']} {one['contract']} {prices}, {now}"


def _order(one: Document) -> str:
    price = f"{one['type']} limit {one['limit']}{_trigger(one['trigger'])}"
    how_far = f"filled {one['filled']}: {one['state']}{_said(one['message'])}"
    what = f"{one['side']} {one['quantity']} {one['contract']}"
    return f"order {one['order_id'] or '(no id yet)'} {one['role']}: {what} {price}, {how_far}"


def _clock(instant: str) -> str:
    return instant[11:19]


def _age(seconds: float | None) -> str:
    return "" if seconds is None else f" ({seconds:.0f} s ago)"


def _leaving(reason: str | None) -> str:
    return f", being sold ({reason})" if reason else ""


def _trigger(trigger: str | None) -> str:
    return f" trigger {trigger}" if trigger else ""


def _said(message: str | None) -> str:
    return f" ({message})" if message else ""
