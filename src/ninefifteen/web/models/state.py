"""The engine's state as the page gets it: the fields of `docs/control.md`, reshaped for small patches.

Amounts and prices are decimal strings of rupees, instants ISO 8601 with +05:30. A field that is missing
means the same as null: before a day is opened only the heading is there.
"""

from __future__ import annotations

from .common import Reply


class Candidate(Reply):
    """One examined stock; `code` is "ok" or the first test it failed, `gain` a share."""

    rank: int
    symbol: str
    gain: float
    pcr: float | None
    code: str
    detail: str | None


class Plan(Reply):
    """The plan with its three losses; `break_even_win_rate` is a share."""

    contract: str
    quantity: int
    entry: str
    target: str
    stop: str
    stop_order_limit: str
    stop_without_tightening: str
    tightened: bool
    loss_at_stop: str
    loss_at_stop_limit: str
    loss_of_premium: str
    profit_at_target: str
    break_even_win_rate: float


class Position(Reply):
    """What the bot holds; `result` is after charges at the bid, `leaving` why it is being sold."""

    strategy: str
    contract: str
    quantity: int
    average: str
    bid: str | None
    ask: str | None
    target: str
    stop: str
    result: str | None
    stop_resting: bool
    leaving: str | None
    since: str


class Order(Reply):
    """One order of the bot; `message` is the broker's words."""

    order_id: str
    role: str
    side: str
    contract: str
    type: str
    quantity: int
    filled: int
    limit: str
    trigger: str | None
    average: str | None
    state: str
    message: str | None


class Trade(Reply):
    """One round trip; gross before charges, net after them."""

    contract: str
    quantity: int
    entry_at: str
    entry: str
    exit_at: str | None
    exit: str
    exit_reason: str
    gross: str
    charges: str
    net: str
    strategy: str


class Strategy(Reply):
    """Where one strategy of the day stands; its candidates and its plan are beside it in the state."""

    strategy: str
    phase: str
    waiting: str | None
    done_reason: str | None
    scan_at: str
    entry_at: str
    cutoff_at: str
    exit_at: str
    current: str | None
    picks: list[str]
    position: Position | None
    trade: Trade | None


class Broker(Reply):
    """How well the broker's books are known; `reconciled` false: a simulated exchange in the process."""

    reconciled: bool
    known_at: str | None
    age_s: float | None
    blind_since: str | None
    differs: str | None


class State(Reply):
    """The state of a running engine. `candidates`, `plans` and `strategies` are keyed by strategy."""

    program: str | None = None
    mode: str | None = None
    rehearsal: bool = False
    clock: str
    speed: str | None = None
    date: str | None = None
    halted: str | None = None
    paused: str | None = None
    losing_streak: int | None = None
    synthetic: bool | None = None
    seed: int | None = None
    at: str | None = None
    open_at: str | None = None
    close_at: str | None = None
    ended: bool | None = None
    alarms: int | None = None
    entries_today: int | None = None
    max_trades: int | None = None
    net_today: str | None = None
    day_result: str | None = None
    loss_left: str | None = None
    max_daily_loss: str | None = None
    flat: bool | None = None
    broker: Broker | None = None
    positions: list[Position] | None = None
    orders: list[Order] | None = None
    strategies: dict[str, Strategy] | None = None
    candidates: dict[str, list[Candidate]] | None = None
    plans: dict[str, Plan] | None = None
