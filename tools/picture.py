"""Takes the picture of the terminal screen: the real screen of a seeded synthetic day, as SVG.

    python tools/picture.py docs/images/demo.svg --seed 142 --time 11:40:00 --size 120x40

Run again after the screen or the synthetic market has changed. The file carries no address of a font:
what the viewer has installed is used.
"""

from __future__ import annotations

import argparse
import io
import re
from collections.abc import Sequence
from datetime import time
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from ninefifteen.adapters.rules import load_rules
from ninefifteen.cli.screen import Screen
from ninefifteen.domain.instants import Instant, at
from ninefifteen.domain.settings import Settings
from ninefifteen.runtime.views import view_of
from ninefifteen.simulator.synthetic import demo_date
from ninefifteen.wiring.demo import synthetic_day_session

_FONTS = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"
_REMOTE = re.compile(r"@font-face\s*\{[^}]*\}")
_NAMED = re.compile(r"font-family:\s*(?:Fira Code|arial)[^;]*;")
_NORMAL = [(20, 24, 33), (255, 107, 107), (46, 189, 133), (233, 185, 73), (97, 153, 255), (200, 120, 220)]
_REST = [(86, 200, 216), (216, 222, 233)]
THEME = TerminalTheme((11, 14, 20), (216, 222, 233), [*_NORMAL, *_REST], [*_NORMAL, *_REST])


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and write the picture."""
    parser = argparse.ArgumentParser(description="The picture of the terminal screen.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=10)
    parser.add_argument("--time", type=time.fromisoformat, default=time(9, 30), help="IST")
    parser.add_argument("--size", default="120x40", help="columns x rows")
    parser.add_argument("--speed", default="x1", help="the speed to show")
    parser.add_argument("--final", action="store_true", help="the day's summary instead of the screen")
    given = parser.parse_args(arguments)
    width, height = (int(part) for part in given.size.split("x"))
    console = Console(
        record=True,
        width=width,
        height=height,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    show(console, given.seed, given.time, given.speed, final=given.final)
    svg = console.export_svg(title="ninefifteen", theme=THEME)
    given.file.parent.mkdir(parents=True, exist_ok=True)
    given.file.write_text(local(svg), encoding="utf-8")


def show(console: Console, seed: int, moment: time, speed: str, *, final: bool = False) -> None:
    """Run the synthetic day to `moment` (or to its end) through the real engine and print its screen."""
    rules = load_rules(None)
    session = synthetic_day_session(Settings(), rules, demo_date(seed, rules.calendar), seed)
    screen = Screen(console, title="demo", facts=session.facts)
    # Never entered, so nothing is live: the notes only fill the event log.
    session.runner.watch(screen.take)
    day = session.facts.date
    until: Instant = at(day, moment)
    runner = session.runner
    while runner.record is None and (final or (runner.inbox.next_at() or until) < until):
        runner.take_next()
    view = view_of(runner.engine.state)
    if final and runner.record is not None:
        screen.final(
            runner.record, files=[("journal", Path(f"user_data/journal/{day}.synthetic-{seed}.journal"))]
        )
    elif view is not None:
        console.print(screen.draw(view, until, speed))


def local(svg: str) -> str:
    """The SVG without remote fonts: rich names an address for each; an image must not fetch anything."""
    # Blanks at the start of a piece are part of the picture; not every viewer keeps them unasked.
    kept = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    return _NAMED.sub(f"font-family: {_FONTS};", _REMOTE.sub("", kept))


if __name__ == "__main__":
    main()
