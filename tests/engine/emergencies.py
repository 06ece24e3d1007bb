"""An emergency at a broker of a few lines: what it shows, and what an act makes of it."""

from __future__ import annotations

from typing import Any

from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import OrderState
from ninefifteen.domain.order_limits import OrderLimits
from ninefifteen.engine.emergency import Emergency
from ninefifteen.engine.emergency_acts import Line, Reading, Stake
from ninefifteen.engine.emergency_prices import Shown

LIMITS = OrderLimits(
    lpp_reference=5000,
    lpp_rupees=2000,
    lpp_percent=40,
    lpp_window=30,
    lpp_untraded=900,
    far_last=10_000,
    far_buy_percent=150,
    far_sell_percent=50,
    writes_per_second=10,
    modifications=25,
    tag_length=20,
)
CALL, PRODUCT = "INFY26DEC1500CE", "MIS"
T0 = 1_000_000 * SECOND
OPEN, DONE, GONE = OrderState.OPEN, OrderState.COMPLETE, OrderState.CANCELLED
STOP = OrderState.TRIGGER_PENDING


def emergency(**options: Any) -> Emergency:
    """A fresh one of two minutes, in epoch 7."""
    return Emergency(LIMITS, day_number=5, epoch=7, **{"longest": 120 * SECOND, **options})


def bought(units: int = 400, **changed: Any) -> Line:
    """Our entry, filled."""
    fields: dict[str, Any] = {
        "order_id": "1",
        "name": CALL,
        "product": PRODUCT,
        "side": "BUY",
        "state": DONE,
        "quantity": units,
        "filled": units,
        "limit": 10_000,
        "tag": "x06aaaaaaae",
    }
    return Line(**{**fields, **changed})


def stop(units: int = 400, **changed: Any) -> Line:
    """Our stop, resting."""
    fields: dict[str, Any] = {
        "order_id": "2",
        "side": "SELL",
        "state": STOP,
        "quantity": units,
        "filled": 0,
        "limit": 4550,
        "stop": True,
        "tag": "x06aaaaaabp",
    }
    return bought(units, **{**fields, **changed})


def stake(net: int = 400, **changed: Any) -> Stake:
    """What the account holds of the call."""
    return Stake(**{"name": CALL, "product": PRODUCT, "net": net, "last": 10_000, **changed})


def reading(
    seconds: float, *lines: Line, held: tuple[Stake, ...] = (), shown: Shown | None = None
) -> Reading:
    """A whole look so many seconds after the beginning."""
    return Reading(
        at=T0 + round(seconds * SECOND), lines=lines, stakes=held, shown={CALL: shown} if shown else {}
    )


BID = Shown(bid=10_000, ask=10_050, last=10_000, prices=(10_005,))
