"""`ninefifteen data verify / list`: what a folder of recorded data can and cannot support, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    console,
    open_configured_home,
    print_json,
)
from ninefifteen.errors import BadInput

if TYPE_CHECKING:
    from ninefifteen.adapters.recorded.report import DayReport, FolderCheck, FolderReport, Progress

FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="DIR", help="The folder of recorded data (or --data DIR).")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="The folder of recorded data.")
]

UNUSABLE = 1


def register(app: typer.Typer) -> None:
    """Add the verb with its two parts."""
    group = typer.Typer(help="Verify and list recorded data.")
    group.command("verify")(verify)
    group.command("list")(list_days)
    app.add_typer(group, name="data")


def verify(
    folder: FolderArgument = None,
    data: DataOption = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Read a whole folder and say what each set supports and which days can be run, or why not.

    Exit code 1 when no day can be run or a file differs from its checksum.
    """
    check = _check(folder, data, home)
    with _progress() as progress:
        report = check.report(progress)
    if as_json:
        print_json(report)
    else:
        _show(report)
    if not report.usable:
        raise typer.Exit(UNUSABLE)


def list_days(
    folder: FolderArgument = None,
    data: DataOption = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """The days with option prices, where the prices come from, and whether the day can be run."""
    check = _check(folder, data, home)
    with _progress() as progress:
        days = check.days(progress)
    if as_json:
        print_json({"days": days})
        return
    for day in days:
        print(f"{day.day}  {day.price_source!s:8}  {day.reason or 'can be run'}")


def _check(folder: Path | None, data: Path | None, home: Path) -> FolderCheck:
    from ninefifteen.adapters.recorded import RecordedFolder
    from ninefifteen.adapters.recorded.report import FolderCheck
    from ninefifteen.adapters.rules import load_rules

    chosen = data or folder
    if chosen is None or (data and folder and data != folder):
        raise BadInput("data: say which folder, once: --data DIR")
    opened, loaded = open_configured_home(home)
    rules, settings = load_rules(opened.rules_dir), loaded.settings
    recorded = RecordedFolder(chosen, rules.membership, rules.splits)
    return FolderCheck(recorded, rules.calendar, settings.strategy.roll_days, settings.recorded.last_entry)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on stderr while a terminal looks at it."""
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    with Bar(console=console(), transient=True, disable=not console().is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        yield tell


def _show(report: FolderReport) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    out = Console()
    sets = Table(box=box.SIMPLE_HEAD, title="Sets")
    for heading in ("set", "files", "rows", "days", "first", "last"):
        right = heading in {"files", "rows", "days"}
        sets.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for one in report.sets:
        sets.add_row(
            one.name,
            str(one.files) if one.files else "none",
            f"{one.rows:,}",
            f"{one.days:,}" if one.days else "",
            str(one.first or ""),
            str(one.last or ""),
        )
    out.print(sets)
    for one in report.sets:
        out.print(f"[bold]{one.name}[/]: {one.supports}", highlight=False)
    out.print()
    days = Table(box=box.SIMPLE_HEAD, title="Days with option prices")
    for heading in ("day", "prices", "traded expiry", "can it be run"):
        days.add_column(heading)
    for day in report.days:
        days.add_row(str(day.day), str(day.price_source), str(day.expiry or ""), _answer(day))
    out.print(days)
    for problem in report.problems:
        out.print(f"[bold red]problem[/] {problem}", highlight=False)
    for note in report.notes:
        out.print(f"[dim]note[/] {note}", highlight=False)
    total = ", ".join(f"{reason} {count}" for reason, count in report.reasons.items())
    out.print(
        f"{'usable' if report.usable else 'not usable'}: {len(report.days)} days with option prices: {total}"
    )


def _answer(day: DayReport) -> str:
    if day.reason is not None:
        return f"no: {day.reason}"
    missing = len(day.absent)
    return "yes" if not missing else f"yes, {missing} members missing"
