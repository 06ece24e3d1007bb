"""`python -m tests.parity.oracle --data DIR --from D --to D`: days and summary as one JSON document."""

import argparse
import json
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from .days import Day, run
from .folder import Folder
from .selection import Candidate
from .settings import Settings, Wrong, with_changes
from .summary import rupees, summary
from .trade import Trade

Json = dict[str, object]


def arguments() -> argparse.Namespace:
    """The command line; the names are those of `backtest`."""
    parser = argparse.ArgumentParser(prog="oracle", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
    parser.add_argument("--set", dest="changes", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--no-daily-limit", action="store_true")
    parser.add_argument("--slippage", type=Decimal, default=Decimal(1), metavar="PCT")
    parser.add_argument("--explain", action="store_true", help="add strike, lot, tick, estimate and levels")
    return parser.parse_args()


def candidate_json(candidate: Candidate, *, explain: bool) -> Json:
    """K3, K5: gain and ratio are numbers, rounded to 6 places only here."""
    told: Json = {
        "rank": candidate.stock.rank,
        "symbol": candidate.stock.symbol,
        "gain": float(round(candidate.stock.gain, 6)),
        "pcr": None if candidate.pcr is None else float(round(candidate.pcr, 6)),
        "code": candidate.code,
    }
    if explain:
        names = ("strike", "lot", "tick", "estimate", "working_stop")
        values = {name: getattr(candidate, name) for name in names}
        told["explain"] = {name: None if v is None else str(v) for name, v in values.items()}
    return told


def pick_json(day: Day) -> Json | None:
    """The pick with its contract (C4)."""
    pick = day.pick
    if pick is None or pick.strike is None:
        return None
    told = candidate_json(pick, explain=False)
    return {
        "symbol": told["symbol"],
        "contract": f"{pick.stock.symbol} {day.expiry} {pick.strike:f} CE",
        "expiry": str(day.expiry),
        "strike": float(pick.strike),
        "lot_size": pick.lot,
        "gain": told["gain"],
        "pcr": told["pcr"],
    }


def moment(at: datetime | None) -> str | None:
    """ISO with milliseconds and +05:30."""
    return None if at is None else at.isoformat(timespec="milliseconds")


def trade_json(trade: Trade | None, *, explain: bool) -> Json | None:
    """Prices and rupees as decimal strings (G1)."""
    if trade is None:
        return None
    told: Json = {
        "contract": trade.order.label,
        "quantity": trade.order.quantity,
        "entry_at": moment(trade.entry_at),
        "entry": f"{trade.entry:.2f}",
        "exit_at": moment(trade.end.at),
        "exit": f"{trade.exit:.2f}",
        "exit_reason": trade.end.reason,
        "gross": f"{trade.gross:.2f}",
        "charges": rupees(trade.charges),
        "net": rupees(trade.net),
        "ambiguous": trade.end.ambiguous,
        "entry_delay_s": trade.entry_delay_s,
    }
    if explain:
        told["explain"] = {"stop": str(trade.stop), "target": str(trade.target), "note": trade.end.note}
    return told


def day_json(day: Day, *, explain: bool) -> Json:
    """One entry of `days`."""
    return {
        "date": str(day.on),
        "status": day.status,
        "reason": day.reason,
        "pick": pick_json(day),
        "candidates": [candidate_json(candidate, explain=explain) for candidate in day.candidates],
        "trade": trade_json(day.trade, explain=explain),
        "price_source": day.price_source,
    }


def main() -> int:
    """Run and print; exit code 2 with one line on standard error when the input cannot be used."""
    given = arguments()
    try:
        base = Settings(slippage_pct=given.slippage, daily_limit=not given.no_daily_limit)
        settings = with_changes(base, given.changes)
        days = run(Folder(given.data), given.first, given.last, settings)
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        return 2
    document = {
        "days": [day_json(day, explain=given.explain) for day in days],
        "summary": summary(days, settings),
    }
    print(json.dumps(document, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
