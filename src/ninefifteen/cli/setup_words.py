"""The honest odds and the rules on a terminal, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ninefifteen.config.editing import as_yaml
from ninefifteen.domain.settings_check import keys, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from ninefifteen.reports.odds import Odds
    from ninefifteen.reports.odds_data import Rule
    from ninefifteen.reports.odds_sections import Section

WHOSE = {
    "yours": "From your own document",
    "origin": "From the strategy's public origin (your document does not mention them)",
    "ours": "Put in by this program, because the market's or the broker's rules ask for it",
}
_WIDEST = 100


def tell(screen: Console, text: str, *, indent: int = 0, style: str = "") -> None:
    """A paragraph that breaks between words, indented as a whole, no wider than can be read."""
    from rich.padding import Padding
    from rich.text import Text

    width = min(screen.width, _WIDEST)
    screen.print(Padding(Text(text, style=style), (0, 0, 0, indent)), width=width, highlight=False)


def title(screen: Console, text: str, place: str = "") -> None:
    """The title of a section, with its place among the others."""
    screen.print()
    tell(screen, text + (f"  ({place})" if place else ""), style="bold cyan")


def tell_odds(screen: Console, odds: Odds, pause: Callable[[], None] | None = None) -> None:
    """Every section; `pause` is called behind each."""
    from ninefifteen.reports.odds_sections import sections

    found = sections(odds)
    for number, section in enumerate(found, start=1):
        tell_section(screen, section, f"{number} of {len(found)}")
        if pause is not None:
            pause()


def tell_section(screen: Console, section: Section, place: str = "") -> None:
    """One section: each answer with how it was reckoned, then what they mean."""
    title(screen, section.title, place)
    for figure in section.figures:
        tell(screen, f"{figure.label[:1].upper()}{figure.label[1:]}:")
        tell(screen, figure.value, indent=2, style="bold")
        tell(screen, figure.how, indent=4, style="dim")
    tell(screen, section.says)


def tell_rules(screen: Console, odds: Odds, whose: str) -> None:
    """The rules of one origin with the values that hold them; a changed one says so."""
    title(screen, WHOSE[whose])
    for rule in odds.data.rule:
        if rule.whose == whose:
            tell(screen, rule.text, indent=2)
            if rule.keys:
                tell(screen, _values(odds, rule), indent=4, style="dim")


def _values(odds: Odds, rule: Rule) -> str:
    """The settings of a rule in one line: "strategy.stop_pct 25 (changed, default 30)"."""
    told = []
    for path in rule.keys:
        key = keys()[path]
        value = value_of(odds.settings, key)
        changed = f" (changed, default {as_yaml(key.default)})" if value != key.default else ""
        told.append(f"{path} {as_yaml(value).strip(chr(34))}{changed}")
    return ", ".join(told)
