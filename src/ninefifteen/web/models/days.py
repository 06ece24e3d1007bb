"""Days: the list of a home's days, and one day whole."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import Reply
from .shapes import Day, Rupees, When

Kind = Literal["real", "synthetic", "rehearsal"]
"""What a day is: at the market, invented, or at our exchange in a rehearsal home."""
Status = Literal["traded", "no_trade", "no_data", "unfinished", "unreadable"]


class DayLine(Reply):
    """One day in the list. `run` names its journal: a date may have several invented days."""

    date: Day
    run: str
    kind: Kind
    seed: int | None
    at_broker: bool | None = Field(description="orders went to a broker; null: not known")
    finished: bool
    status: Status
    reason: str | None
    reason_text: str | None
    pick: str | None
    contract: str | None
    trades: int
    net: Rupees | None
    charges: Rupees | None
    alarms: int | None
    source: Literal["ledger", "day_file", "journal"]
    problem: str | None = Field(description="why nothing more can be said of this day")


class LedgerStanding(Reply):
    """How far the ledger is; what it lacks is read from the journals."""

    state: Literal["up_to_date", "behind", "unreachable", "none"]
    text: str


class Days(Reply):
    """The newest days first. `more`: there are older ones, ask with `before`."""

    days: list[DayLine]
    more: bool
    ledger: LedgerStanding


class CandidateRow(Reply):
    """One examined stock: its figures, the code of the test that stopped it, and both in words."""

    rank: int
    symbol: str
    pre_open: Rupees
    prev_close: Rupees
    gain: float | None = Field(description="share: 0.02 is 2 %")
    pcr: float | None
    code: str
    code_text: str
    detail: str | None
    contract: str | None
    estimate: Rupees | None
    picked: bool
    verdict: str = Field(description="pick, bought, prepared, passes, given_up, not_bought, or empty")
    verdict_text: str


class PlanFigures(Reply):
    """An entry with its exits and its three losses; `break_even_win_rate` is a share."""

    contract: str
    quantity: int
    entry: Rupees
    target: Rupees
    stop: Rupees
    stop_order_limit: Rupees
    stop_without_tightening: Rupees
    tightened: bool
    loss_at_stop: Rupees
    loss_at_stop_limit: Rupees
    loss_of_premium: Rupees
    profit_at_target: Rupees
    break_even_win_rate: float


class HeldNow(Reply):
    """What a strategy of an unfinished day holds where its journal ends."""

    contract: str
    quantity: int
    average: Rupees
    target: Rupees
    stop: Rupees
    stop_resting: bool
    leaving: str | None
    since: When


class StrategyDay(Reply):
    """One strategy's day: why it traded what it traded, or why it did not."""

    strategy: str
    phase: str
    why: str = Field(description="the decision in one or two plain sentences")
    candidates: list[CandidateRow]
    pick: str | None
    plan: PlanFigures | None
    position: HeldNow | None


class OrderRow(Reply):
    """One order of ours with the instants of its life; null where the journal tells none."""

    tag: str
    order_id: str | None
    strategy: str
    role: str
    role_text: str
    side: str
    contract: str
    type: str
    quantity: int
    filled: int
    limit: Rupees
    trigger: Rupees | None
    average: Rupees | None
    state: str
    state_text: str
    message: str | None
    changes: int = Field(description="how often it was modified")
    sent_at: When
    answered_at: When | None
    first_fill_at: When | None
    filled_at: When | None
    ended_at: When | None


class TradeTimes(Reply):
    """The instants of a round trip, as the journal has them.

    `decided`: the plan was made. `first_quote`: the first quote of the contract after the opening. `sent`:
    the entry was written down and left. `accepted`, `filled`: the broker's answers. The same for the exit;
    `exit_sent` is when the order that sold was sent, which for a resting stop is soon after the entry.
    """

    decided: When | None
    first_quote: When | None
    sent: When | None
    accepted: When | None
    filled: When | None
    exit_decided: When | None
    exit_sent: When | None
    exit_filled: When | None
    open_to_fill_s: float | None
    quote_to_sent_s: float | None
    sent_to_filled_s: float | None


class ChargeLine(Reply):
    """One line of the charges of a trade."""

    name: str
    text: str
    amount: Rupees


class TradeRow(Reply):
    """One round trip with its charges line by line, each rounded to four places of a rupee by itself."""

    strategy: str
    contract: str
    quantity: int
    entry_at: When
    entry: Rupees
    exit_at: When | None
    exit: Rupees
    exit_reason: str
    exit_text: str
    target: Rupees
    stop: Rupees
    gross: Rupees
    charges: Rupees
    charge_lines: list[ChargeLine]
    net: Rupees
    ambiguous: bool
    note: str | None
    times: TradeTimes


class DayEvent(Reply):
    """One line of what the engine told; `severity` is P1 to P3 of an alarm, else null."""

    at: When
    kind: str
    severity: str | None
    text: str


class DayPhase(Reply):
    """A point of the day on its timeline."""

    name: str
    text: str
    at: When
    state: Literal["past", "now", "next"]


class DayResult(Reply):
    """What the day came to, over all its trades; null while nothing was sold."""

    trades: int
    gross: Rupees | None
    charges: Rupees | None
    net: Rupees | None
    alarms: int


class OtherRun(Reply):
    """Another journal of the same date."""

    run: str
    kind: Kind
    seed: int | None


class DayWhole(Reply):
    """A day with everything behind it, also of the running day: `as_of` is where its journal ends."""

    date: Day
    run: str
    kind: Kind
    watermark: str | None
    seed: int | None
    at_broker: bool | None
    finished: bool
    status: Status
    reason: str | None
    reason_text: str | None
    as_of: When | None
    catching_up: bool = Field(description="the journal goes on behind `as_of`: ask again")
    steps: int
    program: str
    settings_hash: str
    price_source: str | None
    restarts: int
    halted: str | None
    paused: str | None
    flat: bool | None
    unknown: list[str] = Field(description="facts the day had no source for, so not tested")
    shadow_pick: str | None = Field(description="the pick without the put/call filter")
    strategies: list[StrategyDay]
    orders: list[OrderRow]
    trades: list[TradeRow]
    result: DayResult
    events: list[DayEvent]
    events_left_out: int = Field(description="older events that are not listed")
    phases: list[DayPhase]
    runs: list[OtherRun]
