"""The emergency card: it needs no engine, no session and no secret, only this home's paths and numbers."""

from __future__ import annotations

import shlex
from typing import Any

from ninefifteen.config import load_config
from ninefifteen.errors import BadInput
from ninefifteen.web.models.help import Door, Emergency, Situation

from .help_texts import read_texts
from .records import Records

_SIMULATED = ("demo", "paper")


def orders_are_simulated(records: Records, mode: str | None, written: str) -> bool:
    """Whether nothing of this home can be at a broker; where that is in doubt it is not said.

    `mode` is what runs, as the engine says or as the dashboard was started; `written` the mode of the
    settings, by which an engine that nobody hears may have run. A day that traded at a broker may have left
    something there, whatever runs now.
    """
    if mode not in _SIMULATED or written not in _SIMULATED:
        return False
    return not any(".live." in path.name for path in records.runs())


def emergency_card(records: Records, *, simulated: bool = False) -> Emergency:
    """What to do, with the commands of this home. Settings that cannot be read cost the numbers only.

    With `simulated` orders nothing is at a broker: what would have to be done there is left out.
    """
    home = records.home
    numbers: list[str] = []
    broker, told = "unknown", "the settings cannot be read: look into config.yaml"
    try:
        settings = load_config(home, environment=records.environment).settings
        numbers, broker = list(settings.emergency.sms_numbers), settings.trading.broker
        told = _told(numbers, simulated=simulated)
    except BadInput:
        pass
    texts, latch = read_texts("emergency_simulated.yaml" if simulated else "emergency.yaml"), home.latched()
    folder, halt = home.path.absolute(), home.halt_file.absolute()
    words = {"home": shlex.quote(str(folder)), "halt": shlex.quote(str(halt))}
    return Emergency(
        home=str(folder),
        halt_file=str(halt),
        kind="rehearsal" if home.rehearsal else "real",
        halted=None if latch is None else latch.words,
        broker=broker,
        numbers=numbers,
        numbers_text=told,
        doors=[Door.model_validate(_filled(door, words)) for door in texts["doors"]],
        halt_does=texts["halt_does"],
        halt_does_not=texts["halt_does_not"],
        situations=[Situation.model_validate(_filled(one, words)) for one in texts["situations"]],
    )


def _told(numbers: list[str], *, simulated: bool) -> str:
    if not numbers and simulated:
        return "nobody has to be telephoned: nothing of this is at a broker"
    if not numbers:
        return "no phone number is set (emergency.sms_numbers); write your broker's desk on your printed card"
    if any("X" in number for number in numbers):
        return "a number is still a placeholder: no phone can stop by it (emergency.sms_numbers)"
    return "phones that will be able to stop by SMS; this version cannot receive SMS yet"


def _filled(value: Any, words: dict[str, str]) -> Any:
    """The texts with this home's paths in them."""
    if isinstance(value, str):
        for name, text in words.items():
            value = value.replace("{" + name + "}", text)
        return value
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    if isinstance(value, dict):
        return {key: _filled(one, words) for key, one in value.items()}
    return value
