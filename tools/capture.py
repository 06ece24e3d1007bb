"""Makes a picture of a terminal as it was captured with its colours.

Capture with `tmux capture-pane -e -p > FILE`, then run
`python -m tools.capture FILE docs/images/paper.svg --size 110x36`.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tools.picture import THEME, local


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and write the picture."""
    parser = argparse.ArgumentParser(description="The picture of a captured terminal.")
    parser.add_argument("capture", type=Path, help="text with the terminal's colours (ANSI)")
    parser.add_argument("file", type=Path)
    parser.add_argument("--size", default="110x36", help="columns x rows")
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
    for row in given.capture.read_text(encoding="utf-8").splitlines()[:height]:
        console.print(Text.from_ansi(row, no_wrap=True, overflow="crop"), highlight=False)
    svg = console.export_svg(title="ninefifteen", theme=THEME)
    given.file.write_text(local(svg), encoding="utf-8")


if __name__ == "__main__":
    main()
