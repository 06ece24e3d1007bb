"""What the records hold: a header once, then one step for each event with the effects it caused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

import msgspec

from ninefifteen.domain.effects import Cancel, Effect, EndDay, Modify, Submit
from ninefifteen.domain.events import Bar, Event, Halted, LastPrice, MinuteBars, Quote, StockTicks
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput

_DURABLE_EFFECTS = (Submit, Modify, Cancel, EndDay)
_MARKET_DATA = (Quote, StockTicks, LastPrice, Bar, MinuteBars)


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first record: which day this is, and under which program and settings it ran.

    `settings` is the JSON of the whole `Settings` (`settings_json` makes it, `settings_of` reads it),
    kept as written, so that a header stays readable when a later program knows other keys. `started`
    is the instant the day began for the program, by the clock it was given. `account` is the mark of the
    account its orders go to (`account_mark` makes it); empty where no order leaves this machine, or where
    nobody was logged in yet.
    """

    program: str
    date: date
    synthetic: bool
    seed: int | None
    rehearsal: bool = False
    settings: msgspec.Raw
    settings_hash: str
    started: Instant
    account: str = ""
    format: int = 1


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event, the effects it caused, and its place in the file, counted from 1 without gaps."""

    seq: int
    event: Event
    effects: tuple[Effect, ...] = ()


_ENCODER = msgspec.json.Encoder()
_HEADERS = msgspec.json.Decoder(Header)
_STEPS = msgspec.json.Decoder(Step)
_SETTINGS = msgspec.json.Decoder(Settings)


def effects_bytes(effects: Sequence[Effect]) -> bytes:
    """The canonical bytes of effects: equal effects, equal bytes. A replay compares by these."""
    return _ENCODER.encode(tuple(effects))


def settings_json(settings: Settings) -> msgspec.Raw:
    """The settings as a header holds them."""
    return msgspec.Raw(_ENCODER.encode(settings))


def settings_of(header: Header) -> Settings:
    """The settings the day ran under; raises BadInput when this program cannot read them."""
    try:
        return _SETTINGS.decode(header.settings)
    except msgspec.MsgspecError as error:
        raise BadInput(
            f"the journal of {header.date} holds settings this program cannot read ({error}):"
            " update ninefifteen"
        ) from None


def account_mark(broker: str, user_id: str) -> str:
    """A mark that tells accounts apart without telling anybody whose they are."""
    return f"{broker}-{sha256(f'{broker} {user_id}'.encode()).hexdigest()[:12]}"


def encode_header(header: Header) -> bytes:
    """The payload of the first record."""
    return _ENCODER.encode(header)


def decode_header(payload: bytes) -> Header:
    """The header in a payload; raises msgspec.ValidationError or msgspec.DecodeError."""
    return _HEADERS.decode(payload)


def encode_step(seq: int, event: Event, effects: Sequence[Effect]) -> bytes:
    """The payload of a step."""
    return _ENCODER.encode(Step(seq, event, tuple(effects)))


def decode_step(payload: bytes) -> Step:
    """The step in a payload; raises msgspec.ValidationError or msgspec.DecodeError."""
    return _STEPS.decode(payload)


def is_durable(event: Event, effects: Sequence[Effect]) -> bool:
    """Whether this step must survive a power cut before anything acts on it.

    A request to the broker, the end of the day, and a halt, which is latched over restarts.
    """
    return isinstance(event, Halted) or any(isinstance(effect, _DURABLE_EFFECTS) for effect in effects)


def is_routine(event: Event, effects: Sequence[Effect]) -> bool:
    """Whether this step may wait in memory: market data that made the engine ask for nothing."""
    return not effects and isinstance(event, _MARKET_DATA)
