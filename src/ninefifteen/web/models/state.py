"""The engine's state as the page gets it: the fields of `docs/control.md`, reshaped for small patches.

Amounts and prices are decimal strings of rupees, instants ISO 8601 with +05:30. A field that is missing
means the same as null: before a day is opened only the heading is there.
"""

from __future__ import annotations

from typing import Any, Literal

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
    """What the bot holds; `result` is after charges at the bid, `leaving` why it is being sold.

    `to_target` and `to_stop` tell how much of the way from the average the bid has come, 0 to 1.
    """

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
    quote_age_s: float | None
    to_target: float | None
    to_stop: float | None
    target_away: str | None
    stop_away: str | None


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
    sent_at: str


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


class Times(Reply):
    """When the steps of one trade came about; null while they have not."""

    decided: str | None
    first_quote: str | None
    sent: str | None
    filled: str | None
    exit_sent: str | None
    exit_filled: str | None


class Spot(Reply):
    """The share behind the contract; `change` is a share of the previous close."""

    symbol: str
    price: str | None
    pre_open: str
    previous_close: str
    change: float | None


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
    times: Times
    spot: Spot | None
    why: list[str]


class Held(Reply):
    """Units of one contract in the broker's positions, what we hold of them, and what others do."""

    contract: str
    at_broker: int
    ours: int
    others: int


class Broker(Reply):
    """How well the broker's books are known; `reconciled` false: a simulated exchange in the process."""

    reconciled: bool
    known_at: str | None
    age_s: float | None
    blind_since: str | None
    differs: str | None
    positions: list[Held] | None


class MarketSession(Reply):
    """Where the exchange's day stands, and what comes next."""

    phase: Literal["pre_open", "open", "square_off", "closed", "holiday"]
    next: Literal["open", "square_off", "close"] | None
    next_at: str | None
    next_day: str | None
    next_open_at: str | None
    next_close_at: str | None


class Feed(Reply):
    """How old prices are: the newest of all, and of the contract held or tried."""

    newest_at: str | None
    age_s: float | None
    contract: str | None
    contract_at: str | None
    contract_age_s: float | None


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
    watermark: Literal["SYNTHETIC", "REHEARSAL"] | None = None
    account: str | None = None
    session: MarketSession | None = None
    feed: Feed | None = None
    restarts: int | None = None
    last_day: dict[str, Any] | None = None
