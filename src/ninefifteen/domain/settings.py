"""Every setting of the program: its name, type, default, unit and bounds, in one schema.

The same structs are the Python values, the shape of `config.yaml`, its JSON schema and its
documentation. Fractional numbers are exact decimals, amounts of money are rupees, times are the
exchange's wall clock (IST), percentages are percent (8 is 8 %). Whether values fit together is
checked by `ninefifteen.domain.settings_check.problems`.
"""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

_NO_PHONES: tuple[str, ...] = ()
_NO_ACCOUNTS: tuple[int, ...] = ()


def _key(
    text: str,
    unit: str = "",
    *,
    low: float | None = None,
    above: float | None = None,
    high: float | None = None,
) -> Meta:
    """Description, unit and bounds (`low` and `high` inclusive, `above` exclusive) of one setting."""
    bounds: dict[str, Any] = {"minimum": low, "exclusiveMinimum": above, "maximum": high}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    # Bounds travel as JSON schema: msgspec's own constraints do not know decimals.
    return Meta(description=text, extra_json_schema=given, extra={"unit": unit})


class Trading(Struct, frozen=True):
    """Where orders go."""

    wiring: Annotated[
        Literal["paper", "live"],
        _key("paper: simulated orders on market data. live: real orders, once gates and arming allow it."),
    ] = msgspec.field(name="mode", default="paper")
    paper_capital: Annotated[
        Decimal, _key("Capital that paper trading and research start with.", "rupees", above=0)
    ] = Decimal(100000)
    broker: Annotated[
        Literal["zerodha", "upstox", "angelone"], _key("The broker whose account and market data are used.")
    ] = "zerodha"


class NineFifteen(Struct, frozen=True):
    """The 9:15 strategy: what is picked, and how the position is left."""

    name: Annotated[Literal["nine_fifteen"], _key("The strategy that trades the opening.")] = "nine_fifteen"
    scan_time: Annotated[time, _key("When the pre-open prices are ranked.", "IST")] = time(9, 14)
    entry_time: Annotated[time, _key("The opening: no order leaves earlier.", "IST")] = time(9, 15)
    target_pct: Annotated[Decimal, _key("Take the profit this far above the average fill.", "percent")] = (
        Decimal(8)
    )
    stop_pct: Annotated[
        Decimal,
        _key("Give up this far below the average fill; the daily loss limit may tighten it.", "percent"),
    ] = Decimal(30)
    pcr_min: Annotated[
        Decimal,
        _key(
            "Lowest put/call ratio of yesterday's open interest, inclusive. 0: no lower bound.",
            "ratio",
            low=0,
        ),
    ] = Decimal("0.7")
    pcr_max: Annotated[
        Decimal,
        _key(
            "Highest put/call ratio of yesterday's open interest, inclusive. 0: no upper bound.",
            "ratio",
            low=0,
        ),
    ] = Decimal("1.5")
    lots: Annotated[int, _key("Lots bought by one entry.", "lots")] = 1
    min_gain_pct: Annotated[
        Decimal, _key("The pre-open gain must be above this. 0: any gain above zero.", "percent", low=0)
    ] = Decimal("0.5")
    max_gain_pct: Annotated[
        Decimal, _key("A larger pre-open gain is a corporate action, not a gain. 0: off.", "percent", low=0)
    ] = Decimal(20)
    max_candidates: Annotated[
        int, _key("How many stocks are examined, from the highest gain down.", low=1, high=50)
    ] = 10
    prepared_candidates: Annotated[
        int, _key("How many further candidates that pass are prepared behind the pick.", low=0, high=50)
    ] = 3
    roll_days: Annotated[
        int,
        _key(
            "An expiry is traded while more trading days than this are left to it.",
            "trading days",
            low=0,
            high=15,
        ),
    ] = 4
    max_iv_ratio: Annotated[
        Decimal,
        _key(
            "Highest ratio of near to next implied volatility (an event is priced in). 0: off.",
            "ratio",
            low=0,
        ),
    ] = Decimal("1.3")
    min_chain_oi_lots: Annotated[
        int, _key("Least open interest of the traded expiry, all strikes. 0: off.", "lots", low=0)
    ] = 500
    min_open_interest_lots: Annotated[
        int, _key("Least open interest of the contract on the previous day. 0: off.", "lots", low=0)
    ] = 100
    min_volume_lots: Annotated[
        int, _key("Least volume of the contract on the previous day, where known. 0: off.", "lots", low=0)
    ] = 200
    min_premium: Annotated[Decimal, _key("Least estimated premium of one unit. 0: off.", "rupees", low=0)] = (
        Decimal(5)
    )
    min_target_ticks: Annotated[
        int, _key("Least distance of the target from the estimate. 0: off.", "ticks", low=0)
    ] = 8
    max_charge_share: Annotated[
        Decimal,
        _key("Round-trip charges as a share of the target's profit, at most. 0: off.", "percent", low=0),
    ] = Decimal(10)
    min_working_stop_pct: Annotated[
        Decimal,
        _key(
            "A working stop nearer than this is noise: the candidate fails. 0: off.",
            "percent",
            low=0,
            high=100,
        ),
    ] = Decimal(10)
    max_spread_pct: Annotated[
        Decimal, _key("Widest acceptable spread of the first quote, of its middle. 0: off.", "percent", low=0)
    ] = Decimal("2.5")
    max_move_pct: Annotated[
        Decimal,
        _key(
            "The stock may be this far from its pre-open price at entry (moved_away). 0: off.",
            "percent",
            low=0,
        ),
    ] = Decimal(1)
    max_over_model_pct: Annotated[
        Decimal, _key("The ask may be this far above the model price (overpriced). 0: off.", "percent", low=0)
    ] = Decimal(10)
    collar_pct: Annotated[
        Decimal, _key("The limit of the entry is this far above the ask.", "percent", low=0, high=40)
    ] = Decimal(1)
    trail_pct: Annotated[
        Decimal, _key("Trailing stop: this far below the best bid since the fill. 0: off.", "percent", low=0)
    ] = Decimal(0)
    breakeven_pct: Annotated[
        Decimal,
        _key("Move the stop to the average fill once the gain is this large. 0: off.", "percent", low=0),
    ] = Decimal(0)
    exit_at: Annotated[
        time | None,
        _key(
            "Square off at this time. null: by the session calendar (15:10 from 3 Aug 2026, 15:15 before).",
            "IST",
        ),
    ] = None


class Entry(Struct, frozen=True):
    """How the one entry order is placed and followed."""

    when: Annotated[
        Literal["first_quote", "bell"],
        _key("first_quote: on the first acceptable quote. bell: from the model price at the opening itself."),
    ] = "first_quote"
    cutoff: Annotated[time, _key("What is not filled by then is cancelled; nothing enters later.", "IST")] = (
        time(9, 15, 30)
    )
    next_after: Annotated[
        time, _key("Without an acceptable quote by then the next prepared candidate is tried.", "IST")
    ] = time(9, 15, 10)
    modify_every_s: Annotated[
        int, _key("Least time between two changes of the order.", "seconds", low=1, high=60)
    ] = 3
    max_modifications: Annotated[int, _key("How often the order may follow the ask.", low=0, high=10)] = 2
    max_chase_pct: Annotated[
        Decimal,
        _key("The order never goes further than this above the first ask.", "percent", low=0, high=40),
    ] = Decimal(2)


class Recorded(Struct, frozen=True):
    """What differs on recorded data."""

    last_entry: Annotated[
        time,
        _key("On recorded snapshots this replaces entry.cutoff: the last observation that enters.", "IST"),
    ] = time(9, 30)


class Risk(Struct, frozen=True):
    """Limits that no order gets past."""

    max_daily_loss: Annotated[Decimal, _key("Loss of one day, open loss and charges included.", "rupees")] = (
        Decimal(2000)
    )
    max_trades: Annotated[int, _key("Entries of one day, over all strategies.", low=1)] = 2
    max_position_value: Annotated[Decimal, _key("Premium paid for one position.", "rupees", above=0)] = (
        Decimal(50000)
    )
    max_consecutive_losses: Annotated[
        int,
        _key("After this many losing trades in a row nothing enters until you resume with a reason.", low=1),
    ] = 4
    when_stop_exceeds_limit: Annotated[
        Literal["tighten", "refuse"],
        _key("When the planned loss exceeds what is left of the day: raise the stop, or refuse the trade."),
    ] = "tighten"


class Gates(Struct, frozen=True):
    """What paper trading must show before live trading is allowed."""

    min_trades: Annotated[int, _key("Paper trades before the first live lot.", "trades", low=1)] = 50
    full_trades: Annotated[int, _key("Paper trades for the final verdict.", "trades", low=1)] = 100
    min_win_rate: Annotated[Decimal, _key("Win rate, above this (0.60 is 60 %).", "share", low=0, high=1)] = (
        Decimal("0.60")
    )
    max_drawdown: Annotated[
        Decimal, _key("Drawdown, below this (0.10 is 10 %).", "share", above=0, high=1)
    ] = Decimal("0.10")
    min_sharpe: Annotated[Decimal, _key("Yearly Sharpe ratio, above this.", "ratio", low=0)] = Decimal("1.5")
    max_consecutive_losses: Annotated[int, _key("Losing trades in a row, at most.", "trades", low=1)] = 4


class Emergency(Struct, frozen=True):
    """Who may stop everything by SMS."""

    sms_numbers: Annotated[
        tuple[str, ...], _key('Phone numbers that may stop everything by SMS, e.g. ["+919812345678"].')
    ] = _NO_PHONES


class Telegram(Struct, frozen=True):
    """Who may use the Telegram bot; everybody else is refused."""

    operators: Annotated[tuple[int, ...], _key("Telegram user ids that may pause, flatten and halt.")] = (
        _NO_ACCOUNTS
    )
    viewers: Annotated[tuple[int, ...], _key("Telegram user ids that may only look.")] = _NO_ACCOUNTS


class Dashboard(Struct, frozen=True):
    """Where the dashboard listens."""

    host: Annotated[str, _key("Address the dashboard listens on; 127.0.0.1 is this machine only.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, _key("Port the dashboard listens on.", low=1, high=65535)] = 8080
    tls_cert: Annotated[
        str | None,
        _key("File with the TLS certificate (PEM); an address beyond this machine needs one, or a proxy."),
    ] = None
    tls_key: Annotated[str | None, _key("File with the private key of that certificate (PEM).")] = None
    behind_proxy: Annotated[
        bool, _key("A reverse proxy with TLS stands before the dashboard; public_url says what it is called.")
    ] = False
    public_url: Annotated[
        str | None, _key("What browsers call it from elsewhere, e.g. https://desk.example.org.")
    ] = None


class Login(Struct, frozen=True):
    """The broker's daily login."""

    redirect_url: Annotated[
        str,
        _key("Redirect URL of your app at the broker; this program listens there while you log in."),
    ] = "http://127.0.0.1:9151/"


class OpeningRange(Struct, frozen=True):
    """A second strategy, as an example: buy a call when the stock leaves its opening range upwards."""

    enabled: Annotated[bool, _key("Trade the opening-range breakout too.")] = False
    minutes: Annotated[int, _key("Length of the opening range.", "minutes", low=1, high=120)] = 15
    last_entry: Annotated[time, _key("No breakout is bought later.", "IST")] = time(11, 0)
    target_pct: Annotated[Decimal, _key("Take the profit this far above the average fill.", "percent")] = (
        Decimal(8)
    )
    stop_pct: Annotated[Decimal, _key("Give up this far below the average fill.", "percent")] = Decimal(30)
    lots: Annotated[int, _key("Lots bought by one entry.", "lots")] = 1


class BrokerEndpoint(Struct, frozen=True):
    """Addresses of a simulated broker; only a rehearsal home accepts them, and only on this machine."""

    rest: Annotated[str, _key("Address of the REST interface, e.g. http://127.0.0.1:9000.")]
    ws: Annotated[str, _key("Address of the WebSocket, e.g. ws://127.0.0.1:9001.")]


class Settings(Struct, frozen=True):
    """All settings of one home, with the defaults of `design/strategy.md` and the user's own document."""

    trading: Trading = Trading()
    strategy: NineFifteen = NineFifteen()
    entry: Entry = Entry()
    recorded: Recorded = Recorded()
    risk: Risk = Risk()
    gates: Gates = Gates()
    emergency: Emergency = Emergency()
    telegram: Telegram = Telegram()
    dashboard: Dashboard = Dashboard()
    login: Login = Login()
    opening_range: OpeningRange = OpeningRange()
    broker_endpoint: BrokerEndpoint | None = None
