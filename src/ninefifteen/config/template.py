"""The schema as people meet it: a new `config.yaml`, the JSON schema, and the page of the manual."""

from __future__ import annotations

import textwrap
import types
import typing
from datetime import time
from decimal import Decimal
from typing import Any

from msgspec import Struct

from ninefifteen.config.values import shown
from ninefifteen.domain.settings_check import Key, keys, sections

_WIDTH = 100
_HEADER = """\
# Settings of ninefifteen. Every setting is written here at its default; change what you like, then
# run `ninefifteen config check`. Times are Indian time, amounts are rupees, percentages are percent.
# Secrets (keys, tokens, passwords) belong into .env beside this file, never here.
"""
_ENV_FILE = """\
# Secrets of ninefifteen. Remove the # and write the value after the = sign; keep this file private.
# BROKER_API_KEY=
# BROKER_API_SECRET=
# BROKER_ACCESS_TOKEN=
# BROKER_USER_ID=
# Angel One only: the PIN and the TOTP secret. Other brokers never need them.
# BROKER_PASSWORD=
# BROKER_TOTP_SECRET=
# TELEGRAM_BOT_TOKEN=
# TELEGRAM_CHAT_ID=
# DATABASE_URL=postgresql://user:pass@localhost/trading
# EMERGENCY_STOP_NUMBERS=+919812345678,+919812345679
"""


def default_config() -> str:
    """The text of a new config.yaml: every setting active at its default, with its description."""
    return "\n".join([_HEADER, *(_section_text(section, struct) for section, struct in sections().items())])


def default_env() -> str:
    """The text of a new .env: every name, none with a value."""
    return _ENV_FILE


def json_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of config.yaml, for editors that check while one types."""
    properties = {section: _section_schema(section, struct) for section, struct in sections().items()}
    properties["risk_limits"] = {**properties["risk"], "description": "Another spelling of risk."}
    numbers = _key_schema(keys()["emergency.sms_numbers"])
    properties["EMERGENCY_STOP_NUMBERS"] = {
        **numbers,
        "description": "Another spelling of emergency.sms_numbers.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ninefifteen config.yaml",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def manual_page() -> str:
    """The page `docs/configuration.md`, made from the schema so that it cannot go stale."""
    parts = [_PAGE_HEAD]
    for section, struct in sections().items():
        rows = [_row(key) for key in _own(section)]
        table = "\n".join(["| key | default | unit | meaning |", "|---|---|---|---|", *rows])
        parts.append(f"## {section}\n\n{(struct.__doc__ or '').strip()}\n\n{table}\n")
    return "\n".join(parts)


_PAGE_HEAD = """\
# Configuration

Written by `ninefifteen config schema --markdown`; a test holds it to the schema.

`config.yaml` in the home folder holds the settings, `.env` (mode 0600) the secrets. A later source
wins: defaults, `config.yaml`, environment and `.env` (only for the names below), `--set KEY=VALUE`.
Fractional numbers are exact, times are Indian time, amounts are rupees, percentages are percent. A
filter set to 0 is off. An unknown key is an error that names the key you probably meant.

- `ninefifteen init [--rehearsal]`: a home folder with every setting written at its default.
- `ninefifteen config check`: every problem with its line, and whether the limits contradict the strategy.
- `ninefifteen config show`: the values in force and where each came from.
- `ninefifteen config schema`: JSON schema of `config.yaml`.

Also accepted: `risk_limits:` for `risk:`, `EMERGENCY_STOP_NUMBERS` in `config.yaml` or `.env` for
`emergency.sms_numbers`, `TELEGRAM_TOKEN` for `TELEGRAM_BOT_TOKEN`. Both spellings with different
values are an error.

Names of `.env`: `BROKER_API_KEY`, `BROKER_API_SECRET`, `BROKER_ACCESS_TOKEN`, `BROKER_USER_ID`,
`BROKER_PASSWORD` and `BROKER_TOTP_SECRET` (Angel One only), `TELEGRAM_BOT_TOKEN`, `TELEGRAM_CHAT_ID`,
`DATABASE_URL`, `EMERGENCY_STOP_NUMBERS`. The process environment is stronger than the file.
"""


def _own(section: str) -> list[Key]:
    return [key for key in keys().values() if key.place[0] == section]


def _section_text(section: str, struct: type[Struct]) -> str:
    own = _own(section)
    title = textwrap.fill((struct.__doc__ or "").strip(), _WIDTH, initial_indent="# ", subsequent_indent="# ")
    if any(key.required for key in own):
        example = ", ".join(key.place[1] for key in own)
        return f"{title}\n# Keys when given: {example}\n{section}: null\n"
    return "\n".join([title, f"{section}:", *(_key_text(key) for key in own), ""])


def _key_text(key: Key) -> str:
    comment = textwrap.fill(_meaning(key), _WIDTH, initial_indent="  # ", subsequent_indent="  # ")
    return f"{comment}\n  {key.path.rpartition('.')[2]}: {shown(key.default)}"


def _meaning(key: Key) -> str:
    unit = f" [{key.unit}]" if key.unit else ""
    return f"{key.description}{unit}{_choices(key)}"


def _choices(key: Key) -> str:
    options = typing.get_args(key.kind) if typing.get_origin(key.kind) is typing.Literal else ()
    # Where the description explains the choices one by one, listing them again would only be noise.
    unexplained = [option for option in options if f"{option}:" not in key.description]
    return f" One of: {', '.join(options)}." if unexplained else ""


def _row(key: Key) -> str:
    default = "" if key.required else f"`{shown(key.default)}`"
    meaning = f"{key.description}{_choices(key)}"
    return f"| `{key.path}` | {default} | {key.unit} | {meaning} |"


def _section_schema(section: str, struct: type[Struct]) -> dict[str, Any]:
    own = _own(section)
    required = [key.path.rpartition(".")[2] for key in own if key.required]
    return {
        "description": (struct.__doc__ or "").strip(),
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {key.path.rpartition(".")[2]: _key_schema(key) for key in own},
        **({"required": required} if required else {}),
    }


def _key_schema(key: Key) -> dict[str, Any]:
    schema = {**_kind_schema(key.kind), **key.bounds, "description": _meaning(key)}
    return schema if key.required else {**schema, "default": plain(key.default)}


def plain(value: Any) -> Any:
    """A setting as a JSON value: decimals as numbers, times as text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, time):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _kind_schema(kind: Any) -> dict[str, Any]:
    origin, options = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return {"enum": list(options)}
    if origin is tuple:
        return {"type": "array", "items": _kind_schema(options[0])}
    if origin in (types.UnionType, typing.Union):
        some = next(option for option in options if option is not types.NoneType)
        return {"anyOf": [_kind_schema(some), {"type": "null"}]}
    names = {int: "integer", Decimal: "number", bool: "boolean", str: "string"}
    if kind is time:
        return {"type": "string", "pattern": "^[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9])?$"}
    return {"type": names[kind]}
