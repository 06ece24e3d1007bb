"""Moments of a day, made by hand: what the screen is given to draw."""

from __future__ import annotations

import io
from datetime import date, time
from functools import cache

import msgspec
from rich.console import Console

from ninefifteen.adapters.rules import load_rules
from ninefifteen.cli.screen import Screen
from ninefifteen.domain.candidate import Candidate, Plan
from ninefifteen.domain.charges import UNITS_PER_PAISA, Charges
from ninefifteen.domain.effects import Alert, Effect, Note
from ninefifteen.domain.events import TimerFired
from ninefifteen.domain.instants import Instant, at
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.market import DayFacts
from ninefifteen.domain.record import DayRecord, Trade
from ninefifteen.domain.settings import Settings
from ninefifteen.runtime.views import OrderView, PositionView, RunView, View
from ninefifteen.wiring.demo import synthetic_day_session

DAY = date(2026, 12, 9)
SEED = 10
SIZES = [(40, 12), (60, 20), (80, 24), (99, 50), (100, 30), (120, 40), (160, 45), (240, 60)]

CALL = Instrument(
    name="WIPRO 2026-12-29 262.5 CE",
    symbol="WIPRO",
    kind="CE",
    lot_size=3000,
    tick=5,
    expiry=date(2026, 12, 29),
    strike=26250,
)
CANDIDATES = (
    Candidate(
        rank=1,
        symbol="HDFC",
        price=10300,
        prev_close=10000,
        code="pcr_out_of_range",
        detail="put/call ratio 0.561 (yesterday, this expiry, all strikes)",
        pcr_puts=561,
        pcr_calls=1000,
    ),
    Candidate(rank=2, symbol="TCS", price=10210, prev_close=10000, code="ok", instrument=CALL, estimate=700),
    Candidate(rank=3, symbol="WIPRO", price=10150, prev_close=10000, code="ok", pcr_puts=9, pcr_calls=10),
    Candidate(rank=4, symbol="INFY", price=10120, prev_close=10000, code="ok"),
    Candidate(rank=5, symbol="ITC", price=10100, prev_close=10000, code="ok"),
    Candidate(rank=6, symbol="M&M", price=10010, prev_close=10000, code="not_a_gainer"),
)
PLAN = Plan(
    strategy="nine_fifteen",
    instrument=CALL,
    quantity=3000,
    entry=600,
    target=650,
    stop=535,
    stop_limit=240,
    untightened_stop=420,
    tightened=True,
    loss_at_stop=199_124,
    loss_at_stop_limit=1_088_144,
    loss_of_premium=10_390_389,
    profit_at_target=110_780,
    break_even=0.6425,
)
POSITION = PositionView(
    name=CALL.name,
    quantity=3000,
    average=600,
    bid=580,
    ask=590,
    target=650,
    stop=535,
    result=-68_345,
    stop_resting=True,
    leaving=None,
    since=at(DAY, time(9, 15, 20)),
)
TRADE = Trade(
    strategy="nine_fifteen",
    instrument=CALL,
    quantity=3000,
    entry_at=at(DAY, time(9, 15, 20)),
    entry=600,
    exit_at=at(DAY, time(10, 5, 28)),
    exit=535,
    exit_reason="stop",
    charges=Charges(brokerage=0, stt=0, exchange=0, sebi=0, stamp=0, gst=0, total=7873 * UNITS_PER_PAISA),
    buy_value=1_800_000,
    sell_value=1_605_000,
    target=650,
    stop=535,
)
ORDER = OrderView(
    order_id="261209000000002",
    side="SELL",
    role="protect",
    type="SL",
    name=CALL.name,
    quantity=3000,
    filled=0,
    limit=240,
    trigger=535,
    average=0,
    state="trigger_pending",
    message="",
)


class Terminal(io.StringIO):
    """A terminal that remembers everything it was sent."""

    def isatty(self) -> bool:
        return True


@cache
def facts() -> DayFacts:
    """The facts of one synthetic trading day."""
    return synthetic_day_session(Settings(), load_rules(None), DAY, SEED).facts


def clock(text: str) -> Instant:
    """An instant of the day from its clock."""
    return at(DAY, time.fromisoformat(text))


def run(phase: str = "watching", **changes: object) -> RunView:
    """The 9:15 strategy in a phase, with its ranking and plan."""
    made = RunView(
        strategy="nine_fifteen",
        phase=phase,
        candidates=CANDIDATES,
        picks=(1, 2, 3),
        current=1,
        plan=PLAN,
        position=None,
        trade=None,
        waiting="",
        done_reason=None,
        scan_at=clock("09:14:00"),
        entry_at=clock("09:15:00"),
        cutoff_at=clock("09:15:30"),
        exit_at=clock("15:10:00"),
    )
    return msgspec.structs.replace(made, **changes)


def view(*runs: RunView, **changes: object) -> View:
    """A moment with these strategies; by default one that waits for a quote."""
    made = View(
        at=clock("09:15:05"),
        date=DAY,
        synthetic=True,
        seed=SEED,
        open_at=clock("09:15:00"),
        close_at=facts().close_at,
        runs=runs or (run(),),
        orders=(),
        entries_today=0,
        max_trades=2,
        net_today=0,
        day_result=0,
        loss_left=200_000,
        max_daily_loss=200_000,
        halted=None,
        paused=None,
        ended=False,
        alarms=0,
    )
    return msgspec.structs.replace(made, **changes)


def before_the_scan() -> View:
    """Nothing is ranked yet."""
    return view(run("idle", candidates=(), picks=(), current=None, plan=None))


def holding(**changes: object) -> View:
    """In a position."""
    position = msgspec.structs.replace(POSITION, **changes)
    return view(run("holding", position=position), orders=(ORDER,), entries_today=1)


def after_a_loss() -> View:
    """The stop was reached."""
    done = run("done", trade=TRADE)
    return view(done, entries_today=1, net_today=-202_873, day_result=-202_873, loss_left=-2_873)


def no_trade() -> View:
    """No stock passed."""
    refused = tuple(c for c in CANDIDATES if c.code != "ok")
    done = run("done", candidates=refused, picks=(), current=None, plan=None, done_reason="no_candidate")
    return view(done)


def states() -> dict[str, View]:
    """One view for every state a day can be in."""
    return {
        "no strategy": msgspec.structs.replace(view(), runs=()),
        "before the scan": before_the_scan(),
        "armed": view(run("armed")),
        "watching": view(run("watching", waiting="spread")),
        "entering": view(run("entering"), orders=(ORDER,)),
        "holding": holding(),
        "no bid": holding(bid=0, result=None),
        "leaving": holding(leaving="time", stop_resting=False),
        "after a loss": after_a_loss(),
        "no trade": no_trade(),
        "halted": msgspec.structs.replace(holding(), halted="by telegram: enough"),
        "paused": view(paused="by you: lunch"),
        "two strategies": view(
            run("done", done_reason="not_filled"), run("watching", strategy="opening_range")
        ),
    }


def record(*trades: Trade, **changes: object) -> DayRecord:
    """The record of a finished day."""
    made = DayRecord(
        date=DAY,
        status="traded" if trades else "no_trade",
        reason=None if trades else "no_candidate",
        price_source="quotes",
        synthetic=True,
        seed=SEED,
        candidates=CANDIDATES,
        pick=2,
        shadow="HDFC",
        plan=PLAN,
        trades=trades,
        flat=True,
        unknown=("ban list", "event calendar"),
    )
    return msgspec.structs.replace(made, **changes)


def console(width: int = 120, height: int = 40, *, file: io.StringIO | None = None) -> Console:
    """A console of that size; a terminal unless `file` is something else."""
    into = file or Terminal()
    return Console(
        file=into,
        width=width,
        height=height,
        color_system="standard" if into.isatty() else None,
        _environ={},
    )


def screen(on: Console | None = None, *, steady: bool = True) -> Screen:
    """A screen for the synthetic day; `steady`: it draws whenever it is asked to."""
    ticks = iter(range(1_000_000))
    return Screen(
        on or console(),
        title="demo",
        facts=facts(),
        monotonic=(lambda: float(next(ticks))) if steady else (lambda: 0.0),
    )


def drawn(moment: View, at_clock: str = "09:15:05", width: int = 120, height: int = 40) -> str:
    """What the screen shows of a moment, as text."""
    return screen(console(width, height)).draw(moment, clock(at_clock), "x120").plain


def step(text: str, *effects: Effect) -> tuple[TimerFired, tuple[Effect, ...]]:
    """One step of the engine at a clock with these effects."""
    return TimerFired(clock(text), "x"), effects


def note(text: str, kind: str = "order") -> Note:
    """A note of the engine."""
    return Note(kind, text)


def alarm(text: str) -> Alert:
    """An alarm of the engine."""
    return Alert("P1", text)
