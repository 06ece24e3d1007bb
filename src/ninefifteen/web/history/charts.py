"""The chart of a day: candles of a stock or an option, entries and exits, and where the exits stood."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ninefifteen.domain.instants import MINUTE, SECOND, clock_of, iso_ms
from ninefifteen.domain.money import rupees
from ninefifteen.reports.figures import amount
from ninefifteen.reports.words import words
from ninefifteen.web.errors import Refused
from ninefifteen.web.models.chart import Candle, Chart, ChartName, Level, LevelPoint, Marker

from .day_book import DayBook
from .day_whole import trades_of
from .records import Records

_BASES = {
    "bid": "made of the best bid: what a sale would have brought",
    "last": "made of last prices",
    "bars": "finished minutes as they were delivered",
}


def chart_of(
    records: Records, day: date, run: str | None, *, of: str | None, name: str | None, since: int | None
) -> Chart:
    """The chart of one name, of the first of its kind, or of the option; `since` in seconds since 1970.

    Raises NoSuchDay, Busy, Unreadable, and Refused (404) for a name the day has no prices of.
    """
    path = records.run_of(day, run)
    with records.book(path) as book:
        names = _names(book)
        return _chart(book, names, _chosen(names, of, name), since)


def _names(book: DayBook) -> list[ChartName]:
    """The stocks and contracts of the day's picks, the one that was bought first."""
    found: dict[str, ChartName] = {}
    bought = {name for name, levels in book.levels.items() if levels}
    for run in book.state.runs:
        current = [run.selection.picks[run.index]] if run.index < len(run.selection.picks) else []
        others = [place for place in run.selection.picks if place not in current]
        for place in [*current, *others]:
            candidate = run.selection.candidates[place]
            option = candidate.instrument
            held = option is not None and option.name in bought
            if option is not None:
                found.setdefault(option.name, ChartName(name=option.name, role="option", held=held))
            found.setdefault(candidate.symbol, ChartName(name=candidate.symbol, role="stock", held=held))
    for symbol in book.candles.series:
        if book.candles.is_share(symbol):
            found.setdefault(symbol, ChartName(name=symbol, role="stock", held=False))
    return sorted(found.values(), key=lambda one: not one.held)


def _chosen(names: list[ChartName], of: str | None, name: str | None) -> ChartName | None:
    if name is not None:
        for one in names:
            if one.name == name:
                return one
        raise Refused(404, "no_name", "the day has no prices of that name", "`names` has those it has")
    fitting = [one for one in names if of is None or one.role == of]
    return fitting[0] if fitting else None


def _chart(book: DayBook, names: list[ChartName], chosen: ChartName | None, since: int | None) -> Chart:
    series = None if chosen is None else book.candles.series.get(chosen.name)
    candles = [] if series is None else series.since((since or 0) * SECOND)
    basis = None if series is None else series.basis
    option = chosen is not None and chosen.role == "option"
    return Chart(
        date=book.header.date.isoformat(),
        run=book.path.stem,
        name=None if chosen is None else chosen.name,
        role=None if chosen is None else chosen.role,
        basis=basis,
        basis_text=None if basis is None else _BASES[basis],
        names=names,
        since=since,
        candles=[
            Candle(
                time=candle.start // SECOND,
                open=rupees(candle.open),
                high=rupees(candle.high),
                low=rupees(candle.low),
                close=rupees(candle.close),
            )
            for candle in candles
        ],
        markers=list(_markers(book, chosen)),
        levels=_levels(book, chosen.name) if chosen is not None and option else [],
        finished=book.record is not None,
        as_of=None if book.until is None else iso_ms(book.until),
        catching_up=book.catching_up,
        reason=_reason(book, chosen) if series is None or not series.candles else None,
    )


def _markers(book: DayBook, chosen: ChartName | None) -> Iterator[Marker]:
    """Entries and exits of the option; on its stock's chart they stand at the same instants."""
    if chosen is None:
        return
    for trade in trades_of(book):
        name, symbol = trade.instrument.name, trade.instrument.symbol
        if chosen.name not in (name, symbol):
            continue
        yield _marker("entry", trade.entry_at, name, trade.entry, trade.quantity, "")
        if trade.exit_at is not None:
            why = words("exit", trade.exit_reason)
            yield _marker("exit", trade.exit_at, name, trade.exit, trade.quantity, why)
    for run in book.state.runs:
        held = run.position
        if held is None or run.trade is not None or not held.bought:
            continue
        if chosen.name not in (held.instrument.name, held.instrument.symbol):
            continue
        yield _marker("entry", held.entry_at, held.instrument.name, held.average, held.bought, "")


def _marker(kind: str, at: int, name: str, price: int, quantity: int, why: str) -> Marker:
    verb = "bought" if kind == "entry" else "sold"
    told = f"{verb} {quantity} {name} at {amount(price)} at {clock_of(at):%H:%M:%S}"
    return Marker(
        time=(at - at % MINUTE) // SECOND,
        at=iso_ms(at),
        kind="entry" if kind == "entry" else "exit",
        contract=name,
        price=rupees(price),
        quantity=quantity,
        text=f"{told}: {why}" if why else told,
    )


def _levels(book: DayBook, name: str) -> list[Level]:
    points = book.levels.get(name, [])
    if not points:
        return []
    made = []
    for which in ("target", "stop"):
        line: list[LevelPoint] = []
        for point in points:
            price = getattr(point, which)
            shown = rupees(price) if price else None
            if not line or line[-1].price != shown:
                line.append(LevelPoint(time=point.at // SECOND, price=shown))
        made.append(Level(name="target" if which == "target" else "stop", points=line))
    return made


def _reason(book: DayBook, chosen: ChartName | None) -> str:
    """Why there is no candle."""
    if book.state.facts is None:
        return "the day has not been opened yet"
    if chosen is None:
        if not any(run.selection.candidates for run in book.state.runs):
            return "no stock has been ranked yet: the scan says whose prices are followed"
        return "nothing was picked, so no prices were followed"
    if book.until is not None and book.until < book.state.facts.open_at:
        return "the market has not opened yet"
    return f"the journal has no price of {chosen.name}"
