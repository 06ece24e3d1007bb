"""The dated rules of the market, read from CSV files: ours in the package, the user's in the home.

A file of the same name in the home's `rules/` folder adds rows to ours; where two rows speak about
the same thing on the same day, the one read last wins, so the home overrides the package and a later
line an earlier one. Overridden rows stay visible, each with its source and the file it came from.
A line that cannot be used raises `BadInput` with the file, the line and what to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ninefifteen.domain.calendar import CalendarRow, ExpiryRule, TradingCalendar
from ninefifteen.domain.charges import ChargeTable
from ninefifteen.domain.membership import MemberList, Membership
from ninefifteen.domain.order_limits import OrderLimitTable
from ninefifteen.domain.tick_table import FreezeTable, SplitTable, TickTable
from ninefifteen.errors import BadInput

from . import rows
from .lines import Line, read_lines
from .rows import COLUMNS

__all__ = [
    "COLUMNS",
    "RuleBook",
    "RuleText",
    "build_rules",
    "load_member_lists",
    "load_rules",
    "read_rule_texts",
]

DAY_FILES = ("fo_secban*.csv", "ban-*.csv", "events*.csv")
"""Lists of single days that lie in the same folder and are no dated rules (`adapters.day_files`)."""


@dataclass(frozen=True)
class RuleText:
    """The text of one rule file: its `name` (a key of COLUMNS) and the `origin` shown to people."""

    name: str
    origin: str
    text: str


@dataclass(frozen=True)
class RuleBook:
    """Every dated rule that is loaded.

    `calendar_rows` keeps the overridden rows too, in the order read; `fingerprint` is a hash of all
    files, for the record of a day.
    """

    calendar: TradingCalendar
    calendar_rows: tuple[CalendarRow, ...]
    expiry_rules: tuple[ExpiryRule, ...]
    charges: ChargeTable
    membership: Membership
    ticks: TickTable
    freeze: FreezeTable
    splits: SplitTable
    order_limits: OrderLimitTable
    fingerprint: str


def load_rules(home_rules: Path | None = None) -> RuleBook:
    """The packaged rules with the rows of `home_rules` (a home's `rules/` folder, may be missing) on top.

    Raises BadInput for a CSV file that is no rule file and for a line that cannot be used.
    """
    return build_rules(read_rule_texts(home_rules))


def read_rule_texts(home_rules: Path | None) -> list[RuleText]:
    """The packaged rule files, then those of the home, unparsed. Raises BadInput for an unknown name."""
    folder = resources.files("ninefifteen") / "rules"
    texts = [
        RuleText(name, f"packaged {name}", (folder / name).read_text(encoding="utf-8")) for name in COLUMNS
    ]
    if home_rules is None or not home_rules.is_dir():
        return texts
    for path in sorted(home_rules.glob("*.csv")):
        if any(path.match(pattern) for pattern in DAY_FILES):
            continue
        if path.name not in COLUMNS:
            raise BadInput(f"rules/{path.name} is no rule file; the names are {', '.join(sorted(COLUMNS))}")
        texts.append(RuleText(path.name, f"rules/{path.name}", read_text(path, f"rules/{path.name}")))
    return texts


def read_text(path: Path, shown: str) -> str:
    """The file as text, with or without a byte order mark; raises BadInput when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{shown} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{shown} is not text in UTF-8; save it as a UTF-8 CSV file") from None


def build_rules(texts: Iterable[RuleText]) -> RuleBook:
    """The rule book of these texts, later ones overriding earlier ones; raises BadInput."""
    texts = list(texts)
    lines: dict[str, list[Line]] = {name: [] for name in COLUMNS}
    for text in texts:
        lines[text.name].extend(read_lines(text.text, text.origin, COLUMNS[text.name]))
    days = tuple(rows.calendar_row(line) for line in lines["calendar.csv"])
    expiry_rules = tuple(rows.expiry_rule(line) for line in lines["expiry_rules.csv"])
    return RuleBook(
        calendar=TradingCalendar(
            days,
            [rows.session_times(line) for line in lines["session_times.csv"]],
            [rows.phase(line) for line in lines["session_phases.csv"]],
            expiry_rules,
        ),
        calendar_rows=days,
        expiry_rules=expiry_rules,
        charges=ChargeTable(rows.charge(line) for line in lines["charges.csv"]),
        membership=Membership(
            rows.member_lists(lines["nifty50_members.csv"]),
            [rows.index_change(line) for line in lines["nifty50_changes.csv"]],
            [rows.rename(line) for line in lines["symbol_renames.csv"]],
        ),
        ticks=TickTable(rows.tick(line) for line in lines["tick_sizes.csv"]),
        freeze=FreezeTable(rows.freeze(line) for line in lines["freeze_quantities.csv"]),
        splits=SplitTable(rows.split(line) for line in lines["splits.csv"]),
        order_limits=OrderLimitTable(rows.order_limit(line) for line in lines["order_limits.csv"]),
        fingerprint=_fingerprint(texts),
    )


def load_member_lists(path: Path) -> tuple[MemberList, ...]:
    """The dated constituent lists of a data folder (`universe/nifty50_snapshots.csv`).

    It needs the columns `as_of` and `symbol`; `source` is kept, others are ignored. Raises BadInput
    for a broken line and for a list that has not exactly fifty symbols.
    """
    text = read_text(path, path.name)
    return rows.member_lists(read_lines(text, path.name, ("as_of", "symbol"), more=True))


def _fingerprint(texts: list[RuleText]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{text.origin}\n{len(text.text)}\n{text.text}".encode())
    return digest.hexdigest()[:16]
