"""How the screen looks: marks for terminals with and without Unicode, and its styles.

Colours are the terminal's own sixteen, so they follow its theme, light or dark; NO_COLOR leaves bold,
dim and reverse. No colour stands alone: a sign, an arrow or a word is beside it.
"""

from __future__ import annotations

import msgspec
from rich.console import Console

from ninefifteen.domain.money import Paise

UP, DOWN, FLAT = "green", "red", "default"
PICK, PREPARED, MUTED = "bold green", "cyan", "dim"
TITLE, FRAME = "bold", "dim"
BANNER, HALTED, PAUSED, ALARM = "bold reverse yellow", "bold reverse red", "bold reverse yellow", "bold red"


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """The special characters in use; `corners` are top left, top right, bottom left, bottom right."""

    up: str
    down: str
    tick: str
    next: str
    alarm: str
    dash: str
    wall: str
    corners: tuple[str, str, str, str]
    dot: str
    bar: str
    entry: str
    here: str
    full: str
    empty: str
    more: str
    large_clock: bool


UNICODE = Marks(
    up="▲",
    down="▼",
    tick="✓",
    next="▶",
    alarm="!",
    dash="─",
    wall="│",
    corners=("╭", "╮", "╰", "╯"),
    dot="·",
    bar="━",
    entry="┿",
    here="●",
    full="█",
    empty="░",
    more="…",
    large_clock=True,
)

ASCII = Marks(
    up="^",
    down="v",
    tick="*",
    next=">",
    alarm="!",
    dash="-",
    wall="|",
    corners=("+", "+", "+", "+"),
    dot="|",
    bar="=",
    entry="+",
    here="O",
    full="#",
    empty=".",
    more="~",
    large_clock=False,
)


def marks_of(console: Console) -> Marks:
    """What the console's encoding can show."""
    return UNICODE if console.encoding.lower().startswith("utf") else ASCII


def tint(value: Paise) -> str:
    """The style of a gain, a loss or neither."""
    return UP if value > 0 else DOWN if value < 0 else FLAT


def arrow(value: Paise, marks: Marks) -> str:
    """The arrow that goes with the sign of a gain or a loss."""
    return marks.up if value > 0 else marks.down if value < 0 else marks.dot
