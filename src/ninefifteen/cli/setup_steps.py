"""The steps of the wizard at a terminal: what to expect, whose rules, broker, limits, alerts, writing."""

from __future__ import annotations

import getpass
import sys
from datetime import date
from typing import TYPE_CHECKING, Protocol

import typer

from ninefifteen.adapters.rules import RuleBook
from ninefifteen.cli.setup_draft import Draft
from ninefifteen.cli.setup_words import tell, tell_odds, tell_rules, tell_section, title
from ninefifteen.config.dangerous import dangers
from ninefifteen.config.dotenv import SECRET_MEANINGS
from ninefifteen.domain.settings_check import keys, value_of
from ninefifteen.reports.odds import Odds, odds

if TYPE_CHECKING:
    from rich.console import Console

_YES, _NO = frozenset({"y", "yes"}), frozenset({"n", "no"})
_KEYS_OF_BROKER = ("BROKER_API_KEY", "BROKER_API_SECRET", "BROKER_USER_ID")
_LIMITS = (
    "strategy.lots",
    "risk.max_daily_loss",
    "risk.max_trades",
    "risk.max_position_value",
    "risk.max_consecutive_losses",
)
_ALERTS = ("TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID")


class Asker(Protocol):
    """Somebody at a terminal. Both raise typer.Abort where nobody answers any more."""

    def line(self, question: str) -> str:
        """One line, without blanks around it."""

    def hidden(self, question: str) -> str:
        """The same, and nothing of it is shown."""


class Terminal:
    """The terminal of this process: questions on stderr, answers from stdin."""

    def line(self, question: str) -> str:
        """One line; raises typer.Abort at the end of the input."""
        sys.stderr.write(question)
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if not answer:
            raise typer.Abort
        return answer.strip()

    def hidden(self, question: str) -> str:
        """One line that is not echoed."""
        try:
            return getpass.getpass(question, stream=sys.stderr).strip()
        except EOFError:
            raise typer.Abort from None


class Wizard:
    """Asks step by step and keeps the answers in the draft; writes nothing itself."""

    def __init__(self, asker: Asker, screen: Console, draft: Draft, rules: RuleBook, today: date) -> None:
        self._asker, self._screen, self._draft = asker, screen, draft
        self._rules, self._today = rules, today

    def run(self) -> bool:
        """Every step; whether the person wants the draft written."""
        self._expect()
        self._whose()
        self._broker()
        self._limits()
        self._alerts()
        return self._review()

    def _odds(self) -> Odds:
        return odds(self._draft.settings, self._rules.calendar, self._rules.charges, self._today)

    def _expect(self) -> None:
        title(self._screen, "What to expect, before you enter a key or pay for one")
        self._tell(
            "Reckoned from your settings as they are now. Ctrl-C leaves; nothing is changed until the end."
        )
        self._pause()
        tell_odds(self._screen, self._odds(), self._pause)

    def _whose(self) -> None:
        found = self._odds()
        for whose in ("yours", "ours"):
            tell_rules(self._screen, found, whose)
            self._pause()
        tell_rules(self._screen, found, "origin")
        if self._yes("Keep the rules of the public origin as they are?", default=True):
            return
        for rule in found.data.rule:
            if rule.whose == "origin":
                for path in rule.keys:
                    self._setting(path)

    def _broker(self) -> None:
        title(self._screen, "Broker")
        self._setting("trading.broker")
        broker = self._draft.settings.trading.broker
        if broker != "zerodha":
            self._tell(
                f"This version cannot talk to {broker} yet: only zerodha can log in and trade on paper."
            )
        self._tell(
            "The keys come from your app at the broker (docs/brokers/zerodha.md says how to make one). They"
            " go into .env in this home, readable by you alone, and are never shown. A demo needs none."
        )
        for name in _KEYS_OF_BROKER:
            self._secret(name)

    def _limits(self) -> None:
        title(self._screen, "Limits")
        before = self._draft.settings
        for path in _LIMITS:
            self._setting(path)
        if self._draft.settings != before:
            from ninefifteen.reports.odds_sections import sections

            self._tell("With these limits:")
            tell_section(self._screen, sections(self._odds())[0])

    def _alerts(self) -> None:
        title(self._screen, "Alerts")
        self._tell(
            "This version sends no alert yet, neither by Telegram nor by SMS; what you enter here is kept"
            " for the version that does. Enter leaves a thing as it is."
        )
        for name in _ALERTS:
            self._secret(name)
        self._setting("emergency.sms_numbers")

    def _review(self) -> bool:
        title(self._screen, "What will be written")
        if self._draft.empty:
            self._tell("Nothing: everything stays as it is.")
            return False
        for line in changes_told(self._draft):
            self._tell(line, indent=2)
        return self._yes("Write it?", default=False)

    def _setting(self, path: str) -> None:
        """Ask for one setting until the answer can be used; Enter keeps it."""
        key = keys()[path]
        unit = f" ({key.unit})" if key.unit else ""
        shown = self._draft.shown(path)
        now = "none" if shown == "[]" else shown
        self._tell(f"{key.description}{unit}")
        while True:
            answer = self._asker.line(f"  {path} [{now}]: ")
            problem = self._draft.change({path: answer}) if answer else None
            if problem is None:
                return
            self._tell(problem, indent=2, style="red")

    def _secret(self, name: str) -> None:
        """Ask for one secret until it can be used; Enter leaves it as it is."""
        self._tell(f"{name}, {SECRET_MEANINGS[name]}: {self._draft.secret_state(name)}")
        while True:
            answer = self._asker.hidden("  paste it (nothing is shown), or Enter to leave it: ")
            if not answer:
                return
            problem = self._draft.give_secret(name, answer)
            if problem is None:
                self._tell("taken", indent=2, style="dim")
                return
            self._tell(problem, indent=2, style="red")

    def _yes(self, question: str, *, default: bool) -> bool:
        while True:
            answer = self._asker.line(f"{question} [{'Y/n' if default else 'y/N'}] ").lower()
            if not answer:
                return default
            if answer in _YES | _NO:
                return answer in _YES
            self._tell("Answer y or n.", indent=2, style="red")

    def _pause(self) -> None:
        self._asker.line("Enter goes on: ")

    def _tell(self, text: str, *, indent: int = 0, style: str = "") -> None:
        tell(self._screen, text, indent=indent, style=style)


def changes_told(draft: Draft) -> list[str]:
    """A line for every change; of a secret its name, and of a change that adds risk why it does."""
    lines = []
    for one in draft.plan().changed:
        key, danger = keys()[one.key], dangers().get(one.key)
        before = value_of(draft.settings_before, key)
        risky = danger is not None and danger.holds(before, value_of(draft.settings, key))
        lines.append(
            f"{one.key}: {one.before} -> {one.after}"
            + (f" (take care: {danger.why})" if danger and risky else "")
        )
    return [*lines, *(f"{name}: a new one" for name in draft.secrets_given)]
