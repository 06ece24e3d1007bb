"""The effective settings of a home: defaults, then config.yaml, then `.env` and environment, then --set."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
import yaml
from msgspec import Struct

from ninefifteen.config.dotenv import EnvValue, Secrets, read_environment, secrets_from
from ninefifteen.config.reading import (
    EMERGENCY_NAME,
    EMERGENCY_PATH,
    Given,
    Reading,
    read_overrides,
    read_yaml,
)
from ninefifteen.config.values import WrongValue, read_value
from ninefifteen.domain.settings import BrokerEndpoint, Settings
from ninefifteen.domain.settings_check import Problem, keys, problems, sections
from ninefifteen.errors import BadInput


class SettingsHome(Protocol):
    """What loading needs of a home folder (`ninefifteen.home.Home`)."""

    @property
    def config_file(self) -> Path:
        """`config.yaml`."""

    @property
    def env_file(self) -> Path:
        """`.env`."""

    @property
    def rehearsal(self) -> bool:
        """Whether the home may only ever meet simulated brokers."""


class LoadedConfig(Struct, frozen=True):
    """The settings in force, where each came from, and the secrets."""

    settings: Settings
    sources: dict[str, str]
    """Source of every setting by its path: `default`, `config.yaml:12`, `.env:3`, `--set` ..."""
    secrets: Secrets
    settings_hash: str
    """Names this set of values, see `settings_hash`."""


def load_config(
    home: SettingsHome,
    overrides: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    *,
    text: str | None = None,
) -> LoadedConfig:
    """Read and check the configuration of `home`; `overrides` are `KEY=VALUE` texts of --set.

    `environment` is the process environment unless given; `text` stands in for what `config.yaml` holds, to
    check it before it is written. Writes nothing. Raises BadInput with one line for every problem found,
    each with file and line.
    """
    env_now = os.environ if environment is None else environment
    given, env, found = _read_all(home, overrides, env_now, text)
    settings = _build({path: entry.value for path, entry in given.values.items()})
    if isinstance(settings, Problem):
        if not given.broken & {key for key in keys() if key.startswith(settings.path.partition(".")[0])}:
            found.append(_located(settings, given, home.config_file))
        raise BadInput(_summary(found))
    wrong = [*problems(settings), *_endpoint_problems(settings.broker_endpoint, rehearsal=home.rehearsal)]
    found.extend(_located(each, given, home.config_file) for each in wrong if each.path not in given.broken)
    if found:
        raise BadInput(_summary(found))
    sources = {path: given.values[path].source if path in given.values else "default" for path in keys()}
    return LoadedConfig(settings, sources, secrets_from(env), settings_hash(settings))


def settings_hash(settings: Settings) -> str:
    """SHA-256 (hex) of the values in canonical JSON: equal values, equal hash, however they were written."""
    plain = _canonical(msgspec.to_builtins(settings, builtin_types=(Decimal,)))
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def _canonical(value: Any) -> Any:
    """Decimals without trailing zeros, so that 8 and 8.0 are one value."""
    if isinstance(value, dict):
        return {name: _canonical(item) for name, item in value.items()}
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    return value


def _read_all(
    home: SettingsHome, overrides: Sequence[str], environment: Mapping[str, str], text: str | None
) -> tuple[Reading, dict[str, EnvValue], list[str]]:
    """Every value given, the later source in the place of the earlier one, and the problems so far."""
    file = home.config_file
    given = _read_config_file(file) if text is None else read_yaml(text, str(file), file.name)
    env, env_problems = read_environment(home.env_file, environment)
    numbers = env.get(EMERGENCY_NAME)
    if numbers is not None:
        _take_numbers(given, numbers)
    last = read_overrides(overrides)
    given.values.update(last.values)
    given.broken.update(last.broken)
    return given, env, [*given.problems, *env_problems, *last.problems]


def _read_config_file(path: Path) -> Reading:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Reading({}, [], set())
    except UnicodeDecodeError:
        return Reading({}, [f"{path}: is not UTF-8 text"], set())
    except OSError as error:
        return Reading({}, [f"{path}: cannot be read: {error.strerror}"], set())
    return read_yaml(text, str(path), path.name)


def _take_numbers(given: Reading, numbers: EnvValue) -> None:
    """EMERGENCY_STOP_NUMBERS: a list as the user's document writes it, or numbers with commas between."""
    text = numbers.text.strip()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader) if text.startswith("[") else None
        if node is not None:
            value = read_value(keys()[EMERGENCY_PATH].kind, node)
        else:
            value = tuple(part.strip() for part in text.split(",") if part.strip())
    except (WrongValue, yaml.YAMLError):
        given.problems.append(f'{numbers.where}: {EMERGENCY_NAME} needs a list, e.g. ["+919812345678"]')
        given.broken.add(EMERGENCY_PATH)
        return
    given.take(EMERGENCY_PATH, Given(value, numbers.source, numbers.where, EMERGENCY_NAME))


def _build(values: Mapping[str, Any]) -> Settings | Problem:
    """The structs from the values given; an optional section exists when all of its keys are given."""
    parts: dict[str, Any] = {}
    for section, struct in sections().items():
        own = [key for key in keys().values() if key.place[0] == section]
        chosen = {key.place[1]: values[key.path] for key in own if key.path in values}
        missing = [key.path for key in own if key.required and key.path not in values]
        if missing and chosen:
            given = next(key.path for key in own if key.path in values)
            return Problem(missing[0], f"{missing[0]} is missing: {given} needs it beside it")
        if not missing:
            parts[section] = struct(**chosen)
    return Settings(**parts)


def _endpoint_problems(endpoint: BrokerEndpoint | None, *, rehearsal: bool) -> Iterator[Problem]:
    """A simulated broker belongs to a rehearsal home and to this machine; nothing else may be named."""
    if endpoint is None:
        return
    if not rehearsal:
        text = "broker_endpoint is for rehearsal homes only: remove it, or make one with `init --rehearsal`"
        yield Problem("broker_endpoint.rest", text)
        return
    for path, address, schemes in (
        ("broker_endpoint.rest", endpoint.rest, ("http", "https")),
        ("broker_endpoint.ws", endpoint.ws, ("ws", "wss")),
    ):
        fault = _endpoint_fault(address, schemes)
        if fault:
            yield Problem(path, f"{path} is {address!r}: {fault}, e.g. {schemes[0]}://127.0.0.1:9000")


def _endpoint_fault(address: str, schemes: tuple[str, ...]) -> str:
    """What is wrong with the address of a simulated broker; empty for nothing."""
    if not _on_this_machine(address, schemes):
        return "a rehearsal home needs an address of this machine"
    try:
        port = urlsplit(address).port
    except ValueError:
        port = 0
    if port is None:
        return "the port is missing: write that of the exchange behind it"
    return "" if port else "its port needs to be a number from 1 to 65535"


def _on_this_machine(address: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
    return loopback and parts.scheme in schemes


def _located(problem: Problem, given: Reading, config_file: Path) -> str:
    """The problem with the place of the value at fault: its own, else that of a key its text names."""
    named = [problem.path, *re.findall(r"[a-z_]+\.[a-z_]+", problem.text)]
    where = next((given.values[path].where for path in named if path in given.values), str(config_file))
    return f"{where}: {problem.text}"


def _summary(found: Sequence[str]) -> str:
    """One problem is one line; several are a short first line and one line each."""
    if len(found) == 1:
        return found[0]
    return "\n".join([f"{len(found)} problems in the configuration:", *found])
