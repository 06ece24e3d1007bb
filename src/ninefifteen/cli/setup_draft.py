"""What a set-up is about to change: kept in memory until it is written, all at once."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ninefifteen.config import LoadedConfig, load_config
from ninefifteen.config.changing import Plan, not_editable, plan_at_once, write_plan
from ninefifteen.config.dotenv import SECRET_NAMES, read_environment
from ninefifteen.config.editing import as_yaml
from ninefifteen.config.env_editing import env_edited, fault_of
from ninefifteen.config.values import suggestion
from ninefifteen.domain.settings import Settings
from ninefifteen.domain.settings_check import Key, keys, value_of
from ninefifteen.errors import BadInput
from ninefifteen.home import Home, write_whole


class Draft:
    """Settings (path to text, as config.yaml has them) and secrets that were given and not written yet.

    No output of it, and no message, ever has a secret in it.
    """

    def __init__(
        self, home: Home, loaded: LoadedConfig, environment: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self._loaded = loaded
        self._environment = os.environ if environment is None else environment
        self._settings: dict[str, str] = {}
        self._secrets: dict[str, str] = {}
        self._then = loaded.settings

    @property
    def empty(self) -> bool:
        """Whether writing it would change nothing."""
        return not self._secrets and not self.plan().changed

    @property
    def secrets_given(self) -> list[str]:
        """The names of the secrets that will be written."""
        return sorted(self._secrets)

    @property
    def settings_before(self) -> Settings:
        """The settings as they were."""
        return self._loaded.settings

    @property
    def settings(self) -> Settings:
        """The settings as they will be."""
        return self._then

    def shown(self, path: str) -> str:
        """A setting as it will be, the way config.yaml has it."""
        return as_yaml(value_of(self.settings, keys()[path]))

    def secret_state(self, name: str) -> str:
        """Whether a secret was there before and where, in words; never the secret."""
        values, _ = read_environment(self.home.env_file, self._environment)
        return f"set in {values[name].source}" if name in values else "not set"

    def secrets_set(self) -> dict[str, str]:
        """Every secret's name with "set" or "not set"."""
        values, _ = read_environment(self.home.env_file, self._environment)
        return {name: "set" if name in values else "not set" for name in SECRET_NAMES}

    def change(self, texts: Mapping[str, str]) -> str | None:
        """Take settings over together; or one line about what is wrong, and none of them is taken."""
        for path in texts:
            if path not in keys():
                near = suggestion(path, keys())
                return f"{path[:80]} is not a setting" + (f": did you mean {near}?" if near else "")
            if (why_not := not_editable(path)) is not None:
                return f"{path}: {why_not}"
        trial = self._settings | {path: _as_list(keys()[path], text) for path, text in texts.items()}
        plan = plan_at_once(self.home, trial, self._environment)
        if plan.problems:
            return self._plainly(plan.problems)
        self._settings = trial
        if plan.changed:
            made = load_config(self.home, environment=self._environment, text=plan.then)
            self._then = made.settings
        else:
            self._then = self._loaded.settings
        return None

    def give_secret(self, name: str, value: str) -> str | None:
        """Take a secret over; or one line about what is wrong with it."""
        if name not in SECRET_NAMES:
            near = suggestion(name, SECRET_NAMES)
            return f"{name[:40]} is not the name of a secret" + (f": did you mean {near}?" if near else "")
        fault = fault_of(value)
        if fault is None:
            self._secrets[name] = value
        return None if fault is None else f"{name} {fault}"

    def plan(self) -> Plan:
        """The change of config.yaml, worked out. Raises BadInput when it cannot be made."""
        plan = plan_at_once(self.home, self._settings, self._environment)
        if plan.problems:
            raise BadInput(self._plainly(plan.problems))
        return plan

    def write(self, who: str, now: str) -> Plan:
        """Write it, each file whole, and remember it in the history. Raises BadInput and OSError."""
        plan, file = self.plan(), self.home.env_file.resolve()
        text = file.read_text(encoding="utf-8-sig") if file.exists() else ""
        made = env_edited(text, self._secrets) if self._secrets else None
        with _not_interrupted():
            if made is not None:
                write_whole(file, made, private=True)
            if plan.changed or plan.cancelled:
                write_plan(self.home, plan, who, now)
        return plan

    def _plainly(self, problems: list[str]) -> str:
        """The first thing that is wrong, without the place in a file that nobody has typed."""
        lines = [line for line in problems if not line.endswith("problems in the configuration:")]
        return re.sub(rf"^{re.escape(str(self.home.config_file))}(:\d+)?: ", "", lines[0])


def _as_list(key: Key, text: str) -> str:
    """What people write for a list, "a, b", as config.yaml has it; anything else as it is."""
    if not isinstance(key.default, tuple) or text.lstrip().startswith("["):
        return text
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return "[" + ", ".join(part if part.isdigit() else json.dumps(part) for part in parts) + "]"


@contextmanager
def _not_interrupted() -> Iterator[None]:
    """Ctrl-C waits for the moment in which files are written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
