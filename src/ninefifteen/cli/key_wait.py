"""A run on paper without the broker's keys: its dashboard is up, and the days begin when they are there."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from shlex import quote

from ninefifteen.adapters.control import machine_now
from ninefifteen.cli.common import open_home_to_run, say
from ninefifteen.cli.control_desk import ControlDesk
from ninefifteen.cli.run_paper import refuse_early
from ninefifteen.cli.stopping import StopAsked
from ninefifteen.cli.web_beside import WebBeside
from ninefifteen.cli.web_child import WebChild
from ninefifteen.config import LoadedConfig
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.wiring.desk import missing_keys

_LOOK_S = 0.1
_READ_EVERY = 30
"""Looks between two readings of the files: about three seconds."""


def waits_for_keys(home: Home, loaded: LoadedConfig) -> bool:
    """Whether this home has no key of the broker yet; a rehearsal's come with its exchange."""
    return not home.rehearsal and loaded.secrets.broker_api_key is None


def wait_for_keys(
    home: Home,
    changes: Sequence[str] | None,
    stop: StopAsked,
    control: ControlDesk,
    web: WebChild | None,
) -> LoadedConfig:
    """Wait until the keys are in `.env`, with page and control line alive; the settings in force then.

    What is missing is told once, and again when it has changed. Raises KeyboardInterrupt when asked to end.
    """
    beside = WebBeside(web, lambda kind, text: say(f"{kind}: {text}"), lambda _: False)
    told, looks, pause = "", 0, threading.Event()
    while True:
        stop.check()
        if looks % _READ_EVERY == 0:
            loaded, missing = _read(home, changes)
            if loaded is not None:
                say("the keys are there: going on")
                return loaded
            if missing != told:
                told = missing
                say(f"waiting: {missing}; Ctrl-C ends this")
        now = machine_now()
        control.look(now)
        beside.look(now)
        looks += 1
        pause.wait(_LOOK_S)


def _read(home: Home, changes: Sequence[str] | None) -> tuple[LoadedConfig | None, str]:
    """The settings where a day can begin with them; else None and what is missing."""
    try:
        _, loaded = open_home_to_run(home.path, changes)
        refuse_early(home, loaded, keys=False)
    except BadInput as problem:  # a file in the middle of being edited ends nothing
        return None, str(problem)
    missing = missing_keys(home, loaded)
    if not missing:
        return loaded, ""
    setup = f"`ninefifteen setup --home {quote(str(home.path))}`"
    return None, f"{missing}: run {setup} in another terminal, and this run goes on by itself"
