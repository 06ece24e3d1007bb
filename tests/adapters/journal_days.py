"""Days to write into journals: small, made by hand, with every kind of step a recovery must tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ninefifteen.adapters.journal import FileJournal, Header, settings_json
from ninefifteen.domain.candidate import Candidate, Plan
from ninefifteen.domain.charges import Charges
from ninefifteen.domain.effects import Alert, Cancel, Effect, EndDay, Modify, Note, StartTimer, Submit
from ninefifteen.domain.events import (
    DayClosed,
    Event,
    Halted,
    OrderAccepted,
    OrderRefused,
    OrderUpdate,
    Quote,
    Resumed,
    StockTicks,
    TimerFired,
)
from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.instrument import Instrument
from ninefifteen.domain.order import ApprovedOrder, OrderReport, OrderRequest, OrderState, Role
from ninefifteen.domain.record import DayRecord, Trade
from ninefifteen.domain.settings import Settings

Steps = Sequence[tuple[Event, Sequence[Effect]]]

DAY = date(2026, 11, 23)
OPEN = 1_795_405_500 * SECOND
WIPRO = Instrument(
    name="WIPRO 2026-11-23 262.5 CE",
    symbol="WIPRO",
    kind="CE",
    lot_size=3000,
    tick=5,
    expiry=DAY,
    strike=26250,
)
UNITS = 1_000_000_000_000


def header(
    seed: int | None = 7, *, settings_hash: str = "ab12", rehearsal: bool = False, account: str = ""
) -> Header:
    return Header(
        program="0.1.0",
        date=DAY,
        synthetic=seed is not None,
        seed=seed,
        rehearsal=rehearsal,
        settings=settings_json(Settings()),
        settings_hash=settings_hash,
        started=OPEN - 90 * SECOND,
        account=account,
    )


def quote(number: int) -> Quote:
    return Quote(OPEN + number, WIPRO.name, OPEN + number, 4500 + number % 50, 3000, 4560, 6000, 4505)


def order(tag: str, role: Role, limit: int, trigger: int = 0) -> Submit:
    request = OrderRequest(
        tag=tag,
        role=role,
        strategy="nine_fifteen",
        instrument=WIPRO,
        side="BUY" if role is Role.ENTRY else "SELL",
        quantity=3000,
        type="SL" if trigger else "LIMIT",
        limit=limit,
        trigger=trigger,
    )
    return Submit(ApprovedOrder(request, OPEN))


def report(tag: str, order_id: str, status: OrderState, filled: int, average: int) -> OrderReport:
    return OrderReport(
        order_id=order_id,
        tag=tag,
        status=status,
        quantity=3000,
        filled=filled,
        average=average,
        limit=4600,
        message="",
    )


def trade() -> Trade:
    parts = {"brokerage": 4000, "stt": 22140, "exchange": 9945, "sebi": 28, "stamp": 410, "gst": 2515}
    exact = {name: paise * UNITS + 250_000_000_000 for name, paise in parts.items()}
    return Trade(
        strategy="nine_fifteen",
        instrument=WIPRO,
        quantity=3000,
        entry_at=OPEN + 2 * SECOND,
        entry=4560,
        exit_at=OPEN + 600 * SECOND,
        exit=4925,
        exit_reason="target",
        charges=Charges(**exact, total=sum(exact.values())),
        buy_value=3000 * 4560,
        sell_value=3000 * 4925,
        target=4925,
        stop=4100,
    )


def record(seed: int | None = 7) -> DayRecord:
    passed = Candidate(
        rank=1, symbol="WIPRO", price=26310, prev_close=25900, code="ok", pcr_puts=9, pcr_calls=10,
        instrument=WIPRO, oi=600_000, volume=900_000, estimate=4500, model=4450, volatility=0.27,
    )  # fmt: skip
    failed = Candidate(rank=2, symbol="TCS", price=310000, prev_close=306000, code="pcr", detail="0.41")
    return DayRecord(
        date=DAY, status="traded", reason=None, price_source="quotes", synthetic=seed is not None, seed=seed,
        candidates=(passed, failed), pick=0, shadow="WIPRO", plan=plan(), trades=(trade(),), flat=True,
        unknown=("ban list",), notes=("the first quote came after 2 s",), orders=2, alarms=1,
    )  # fmt: skip


def plan() -> Plan:
    return Plan(
        strategy="nine_fifteen", instrument=WIPRO, quantity=3000, entry=4560, target=4925, stop=4100,
        stop_limit=3690, untightened_stop=3190, tightened=True, loss_at_stop=1_400_000,
        loss_at_stop_limit=2_630_000, loss_of_premium=13_700_000, profit_at_target=1_050_000,
        break_even=0.571, expiry=DAY,
    )  # fmt: skip


def morning() -> Steps:
    """Up to a position that is protected: ticks, an entry refused, an entry filled in two parts."""
    return (
        (StockTicks(OPEN - SECOND, OPEN - SECOND, (26310, 310000)), (Note("scan", "picked WIPRO"),)),
        (TimerFired(OPEN, "entry"), (order("NF1", Role.ENTRY, 4600),)),
        (OrderRefused(OPEN + 1, "NF1", "insufficient funds"), (Alert("P2", "the entry was refused"),)),
        (quote(2), (order("NF2", Role.ENTRY, 4600), StartTimer("chase", OPEN + 3 * SECOND))),
        (OrderAccepted(OPEN + 3, "NF2", "261123000000001"), ()),
        (quote(3), ()),
        (quote(4), (Modify("NF2", "261123000000001", "LIMIT", 3000, 4610),)),
        (OrderUpdate(OPEN + 5, report("NF2", "261123000000001", OrderState.OPEN, 1500, 4555)), ()),
        (OrderUpdate(OPEN + 6, report("NF2", "261123000000001", OrderState.COMPLETE, 3000, 4560)),
         (order("NF3", Role.PROTECT, 3690, 4100),)),
        (OrderAccepted(OPEN + 7, "NF3", "261123000000002"), ()),
    )  # fmt: skip


def evening(seed: int | None = 7) -> Steps:
    """From there to the end of the day: a halt that was taken back, the exit, the record."""
    return (
        (Halted(OPEN + 8, "cli", "looks odd"), (Alert("P1", "halted: looks odd"),)),
        (Resumed(OPEN + 9, "cli", "checked by hand"), ()),
        (quote(10), (Cancel("NF3", "261123000000002"),)),
        (OrderUpdate(OPEN + 11, report("NF3", "261123000000002", OrderState.COMPLETE, 3000, 4925)), ()),
        (DayClosed(OPEN + 12), (EndDay(record(seed)), Note("day", "the day is over", {"net": 10.5}))),
    )


def a_day(quotes: int = 0, seed: int | None = 7) -> Steps:
    """A whole day, with this many quotes between its morning and its evening."""
    return (*morning(), *((quote(100 + n), ()) for n in range(quotes)), *evening(seed))


def write(path: Path, steps: Steps, head: Header | None = None) -> Path:
    """A journal of these steps, closed."""
    with FileJournal.create(path, head or header()) as journal:
        for event, effects in steps:
            journal.record(event, effects)
    return path
