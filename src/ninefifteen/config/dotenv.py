"""Secrets: from `.env` in the home folder and from the process environment, never into any output."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from ninefifteen.config.values import suggestion
from ninefifteen.domain.secret import SecretText

SPELLINGS = {"TELEGRAM_TOKEN": "TELEGRAM_BOT_TOKEN"}
SECRET_MEANINGS = {
    "BROKER_API_KEY": "the key of your app at the broker",
    "BROKER_API_SECRET": "the secret of that app",
    "BROKER_ACCESS_TOKEN": "a day's access token made elsewhere; `ninefifteen login` makes one itself",
    "BROKER_USER_ID": "your user id at the broker",
    "BROKER_PASSWORD": "Angel One's PIN; no other broker needs it here",
    "BROKER_TOTP_SECRET": "Angel One's TOTP secret; no other broker needs it here",
    "TELEGRAM_BOT_TOKEN": "the token of your Telegram bot",
    "TELEGRAM_CHAT_ID": "the chat that gets alerts",
    "DATABASE_URL": "the address of a PostgreSQL database for the ledger",
}
"""Every secret, and what it is, for people."""
SECRET_NAMES = tuple(SECRET_MEANINGS)
ENV_NAMES = (*SECRET_NAMES, *SPELLINGS, "EMERGENCY_STOP_NUMBERS")
_ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_QUOTED = re.compile(r"""(?:"([^"]*)"|'([^']*)')\s*(?:#.*)?""")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Secrets(Struct, frozen=True):
    """Everything of `.env` that must stay secret; None where it is not given."""

    broker_api_key: SecretText | None = None
    broker_api_secret: SecretText | None = None
    broker_access_token: SecretText | None = None
    broker_user_id: SecretText | None = None
    broker_password: SecretText | None = None
    broker_totp_secret: SecretText | None = None
    telegram_bot_token: SecretText | None = None
    telegram_chat_id: SecretText | None = None
    database_url: SecretText | None = None

    def __repr__(self) -> str:
        given = ", ".join(name for name in self.__struct_fields__ if getattr(self, name) is not None)
        return f"Secrets(given: {given or 'none'})"

    def __rich_repr__(self) -> Iterator[str]:  # type: ignore[override]
        yield repr(self)


class EnvValue(Struct, frozen=True):
    """One value of the environment and where it stands."""

    text: str
    source: str
    where: str

    def __repr__(self) -> str:
        return f"EnvValue(*** from {self.source})"


def read_environment(env_file: Path, environment: Mapping[str, str]) -> tuple[dict[str, EnvValue], list[str]]:
    """The known names given in `.env` or, stronger, in the process environment; and the problems found.

    A name that is given but empty counts as not given. `TELEGRAM_TOKEN` comes back as
    `TELEGRAM_BOT_TOKEN`; both with different values are a problem.
    """
    values, problems = _read_file(env_file) if env_file.exists() else ({}, [])
    for name in ENV_NAMES:
        if environment.get(name):
            values[name] = EnvValue(environment[name], f"environment {name}", f"environment variable {name}")
    for spelled, name in SPELLINGS.items():
        other = values.pop(spelled, None)
        if other is None:
            continue
        if name in values and values[name].text != other.text:
            both = f"{spelled} and {name} ({values[name].where}) differ"
            problems.append(f"{other.where}: {both}: they are the same setting, keep one")
        values.setdefault(name, other)
    return values, problems


def secrets_from(values: Mapping[str, EnvValue]) -> Secrets:
    """The secrets among the values of the environment."""
    given = {name.lower(): SecretText(values[name].text) for name in SECRET_NAMES if name in values}
    return Secrets(**given)


def _read_file(path: Path) -> tuple[dict[str, EnvValue], list[str]]:
    if not path.is_file():
        return {}, [f"{path}: needs to be a file"]
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        return {}, [f"{path}: other people on this machine can read it: run `chmod 600 {path}`"]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return {}, [f"{path}: is not UTF-8 text"]
    return parse_env(text, path)


def parse_env(text: str, path: Path) -> tuple[dict[str, EnvValue], list[str]]:
    """Lines of NAME=value; no line of a message ever repeats a value."""
    values: dict[str, EnvValue] = {}
    problems: list[str] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line, where = raw.strip(), f"{path}:{number}"
        if not line or line.startswith("#"):
            continue
        match = _ASSIGNMENT.fullmatch(line)
        if not match:
            problems.append(f"{where}: needs NAME=value")
            continue
        name, value = match.group(1), _unquoted(match.group(2))
        if name not in ENV_NAMES:
            near = suggestion(name, ENV_NAMES)
            problems.append(
                f"{where}: {name} is not a known name" + (f": did you mean {near}?" if near else "")
            )
        elif value and name in values and values[name].text != value:
            problems.append(f"{where}: {name} is given twice (first in {values[name].where}): keep one")
        elif value:
            values[name] = EnvValue(value, f"{path.name}:{number}", where)
    return values, problems


def _unquoted(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        return quoted.group(1) if quoted.group(1) is not None else quoted.group(2)
    # A comment needs a space before it: passwords contain '#'.
    return re.split(r"\s+#", text, maxsplit=1)[0].strip()
