"""P11: steps with an order in them, appended to a real journal file, each durable when the call returns."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median, quantiles

from ninefifteen.adapters.journal import FileJournal, Header, settings_json
from ninefifteen.domain.effects import StartTimer, Submit
from ninefifteen.domain.events import LastPrice
from ninefifteen.domain.instants import SECOND, at
from ninefifteen.domain.order import ApprovedOrder, OrderRequest, Role
from ninefifteen.domain.settings import Settings

from .gap_strategy import SHARES_BY_NAME
from .market import FIRST_DAY, NAMES
from .replay import OPENING


def appends(folder: Path, count: int) -> dict[str, object]:
    """Microseconds of `count` durable appends; the file is made in `folder` and removed again."""
    path = folder / "append.journal"
    remove(path)
    first = header()
    began = first.started
    took: list[float] = []
    with FileJournal.create(path, first) as journal:
        for number in range(count):
            event = LastPrice(began + number * SECOND, NAMES[0], 100_000 + number)
            effects = (Submit(order_at(event.at, number)), StartTimer("gap:unprotected", event.at + SECOND))
            start = time.perf_counter()
            journal.record(event, effects)
            took.append(1e6 * (time.perf_counter() - start))
    remove(path)
    return {"p50_us": median(took), "p99_us": quantiles(took, n=100)[98]}


def remove(path: Path) -> None:
    """Take a file away that an earlier run, or this one, has left."""
    path.unlink(missing_ok=True)


def header() -> Header:
    """The first record of a journal of made-up steps."""
    return Header(
        program="bench",
        date=FIRST_DAY,
        synthetic=True,
        seed=0,
        settings=settings_json(Settings()),
        settings_hash="",
        started=at(FIRST_DAY, OPENING),
    )


def order_at(when: int, number: int) -> ApprovedOrder:
    """An order for a share, approved at `when`."""
    request = OrderRequest(
        tag=f"x{number:010d}",
        role=Role.ENTRY,
        strategy="gap",
        instrument=SHARES_BY_NAME[NAMES[0]],
        side="BUY",
        quantity=1,
        type="LIMIT",
        limit=100_000,
    )
    return ApprovedOrder(request, when)
