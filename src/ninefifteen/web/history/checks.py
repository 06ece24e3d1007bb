"""The checks of the readiness board, one function each; a check looks and changes nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from ninefifteen.adapters.clock_offset import read_tracking, verdict
from ninefifteen.adapters.rules.reach import UNKNOWN, require_rules
from ninefifteen.adapters.zerodha.session_file import kept_login
from ninefifteen.config import LoadedConfig
from ninefifteen.config.contradictions import notes
from ninefifteen.config.dotenv import read_environment
from ninefifteen.config.pending import read_pending
from ninefifteen.domain.instants import MILLISECOND, Instant, clock_of, day_of, iso_ms
from ninefifteen.errors import BadInput

from .day_list import list_days
from .ledger import database_url
from .records import Records

State = Literal["green", "amber", "red", "unknown"]
_LITTLE, _TOO_LITTLE = 2 * 1024**3, 200 * 1024**2
_DAYS_LOOKED_AT = 5
_SOON = 30
"""Days before the end of the calendar's data from which on the board says so every day."""


class Found(msgspec.Struct, frozen=True):
    """What one check found."""

    name: str
    title: str
    state: State
    detail: str
    fix: str | None = None


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks look at. `loaded` is None where the settings cannot be used, and `problem` says why."""

    records: Records
    engine: Mapping[str, Any] | None
    now: Instant
    loaded: LoadedConfig | None
    problem: str

    @property
    def invented(self) -> bool:
        """The engine runs a synthetic day or this is a rehearsal home: no real broker is needed."""
        running = self.engine is not None and bool(self.engine.get("synthetic"))
        return running or self.records.home.rehearsal


def settings(scene: Scene) -> Iterator[Found]:
    """config.yaml and .env can be used, and do not work against each other."""
    title = "Settings"
    if scene.loaded is None:
        fix = "`ninefifteen config check` says every line"
        yield Found("settings", title, "red", scene.problem.splitlines()[0], fix)
        return
    name = scene.loaded.settings_hash[:8]
    yield Found("settings", title, "green", f"config.yaml and .env can be used (settings {name})")
    clashes = notes(scene.loaded.settings)
    if clashes:
        first = clashes[0].splitlines()[0]
        more = f" ({len(clashes) - 1} more)" if len(clashes) > 1 else ""
        yield Found("contradictions", "Settings fit together", "amber", first + more, "see Risk")
    else:
        told = "no setting works against another"
        yield Found("contradictions", "Settings fit together", "green", told)
    yield from _waiting(scene)


def _waiting(scene: Scene) -> Iterator[Found]:
    title = "Changes that wait"
    try:
        waiting = read_pending(scene.records.home)
    except BadInput as problem:
        yield Found("pending", title, "amber", str(problem), "remove the file and save the changes again")
        return
    due = [one.key for one in waiting if one.effective <= day_of(scene.now)]
    if due:
        told = f"{', '.join(due)}: the day has come, and no run has begun since"
        yield Found("pending", title, "amber", told, "start `ninefifteen run` again before the open")


def engine(scene: Scene) -> Iterator[Found]:
    """An engine runs in this home, and nothing keeps it from entering."""
    title = "Engine"
    if scene.engine is None:
        told = "no engine is heard in this home"
        yield Found("engine", title, "red", told, "`ninefifteen run --paper`, or `run --demo` to look around")
    else:
        mode = scene.engine.get("mode") or "a day"
        yield Found("engine", title, "green", f"it runs ({mode}), version {scene.engine.get('program')}")
    home = scene.records.home
    latch, note = home.latched(), home.pause_note()
    halted = (scene.engine or {}).get("halted") or (None if latch is None else latch.words)
    paused = (scene.engine or {}).get("paused")
    if paused is None and note is not None and note.holds_on(day_of(scene.now)):
        paused = f"{note.source}: {note.reason}"
    if halted:
        yield Found("stops", "Not stopped", "red", f"halted by {halted}", "`ninefifteen unlock`")
    elif paused:
        yield Found("stops", "Not stopped", "amber", f"paused by {paused}", "`ninefifteen resume`")
    else:
        yield Found("stops", "Not stopped", "green", "neither halted nor paused")
    yield from _books(scene)


def _books(scene: Scene) -> Iterator[Found]:
    """Whether the broker's books are known and agree with ours, as the engine says."""
    broker = (scene.engine or {}).get("broker")
    if not broker or not broker.get("reconciled"):
        return
    title, fix = "Broker's books", "look in the broker's app for what is held"
    if broker.get("differs"):
        yield Found("books", title, "red", f"they differ from ours: {broker['differs']}", fix)
    elif broker.get("blind_since"):
        yield Found("books", title, "red", f"they cannot be read since {broker['blind_since']}", fix)
    elif broker.get("known_at"):
        yield Found("books", title, "green", f"they agreed with ours at {broker['known_at'][11:19]}")
    else:
        yield Found("books", title, "unknown", "they have not been read yet")


def login(scene: Scene) -> Iterator[Found]:
    """Somebody has logged in at the broker today; the broker itself is not asked from here."""
    title, fix = "Broker login", "`ninefifteen login`, after 06:00"
    if scene.engine is not None and scene.engine.get("synthetic"):
        yield Found("login", title, "green", "not needed: the running day is synthetic")
        return
    try:
        kept = kept_login(scene.records.home.path)
    except ValueError as problem:
        yield Found("login", title, "red", str(problem), fix)
        return
    if kept is None:
        written = _names(scene).get("BROKER_ACCESS_TOKEN")
        if written is not None:
            told = f"a token stands in {written.source}; only the broker can say whether it is of today"
            yield Found("login", title, "unknown", told, fix)
            return
        yield Found("login", title, "red", "nobody has logged in yet", fix)
        return
    broker, made, dies = kept
    when = f"{iso_ms(made)[:10]} at {clock_of(made):%H:%M}"
    if scene.now >= dies:
        told = f"the last login at {broker} ({when}) ended at 06:00"
        yield Found("login", title, "red", told, fix)
        return
    told = f"logged in at {broker} on {when}, ends {iso_ms(dies)[:10]} at {clock_of(dies):%H:%M}"
    yield Found("login", title, "green", f"{told}; whether the broker has ended it, the engine asks")


def credentials(scene: Scene) -> Iterator[Found]:
    """The broker's key and secret are there, and .env is private."""
    title = "Keys in .env"
    home = scene.records.home
    values, problems = read_environment(home.env_file, scene.records.environment)
    if problems:
        yield Found("keys", title, "red", problems[0], "mend that line of .env")
        return
    if scene.invented:
        yield Found("keys", title, "green", "not needed for an invented day")
        return
    missing = [name for name in ("BROKER_API_KEY", "BROKER_API_SECRET") if name not in values]
    if missing:
        told = f"{' and '.join(missing)} not in {home.env_file.name}; the engine's environment may have them"
        fix = "write them into .env, or run `ninefifteen setup`"
        yield Found("keys", title, "unknown", told, fix)
    else:
        yield Found("keys", title, "green", "the broker's key and secret are set")


def _names(scene: Scene) -> Mapping[str, Any]:
    return read_environment(scene.records.home.env_file, scene.records.environment)[0]


def calendar(scene: Scene) -> Iterator[Found]:
    """The dated rules reach to today and to the next trading day."""
    title, fix = (
        "Market calendar and rules",
        "`ninefifteen calendar import FILE` with the exchange's new list",
    )
    today = day_of(scene.now)
    roll_days = 4 if scene.loaded is None else scene.loaded.settings.strategy.roll_days
    try:
        rules = scene.records.rules()
        day = today if rules.calendar.is_trading_day(today) else rules.calendar.next(today)
        require_rules(rules, day, roll_days)
        warning = rules.calendar.missing_data_warning(today, roll_days)
        last = rules.calendar.last_tradable(today, roll_days)
    except BadInput as problem:
        yield Found("calendar", title, "red", str(problem).splitlines()[0], "mend the file under rules/")
        return
    except UNKNOWN as problem:
        yield Found("calendar", title, "red", str(problem), fix)
        return
    if warning is None and last is not None and (last - today).days <= _SOON:
        warning = f"the last day that can be traded is {last}: the next year's list is needed by then"
    if warning is not None:
        yield Found("calendar", title, "amber", warning, fix)
        return
    told = f"{'today' if day == today else day} is a trading day; data reach to {last or 'the end'}"
    yield Found("calendar", title, "green", told)


def clock(_: Scene) -> Iterator[Found]:
    """This machine's clock, by chrony where it runs."""
    title = "Clock of this machine"
    fix = "install chrony; the engine compares the clock itself five minutes before the open"
    command = shutil.which("chronyc")
    if command is None:
        yield Found("clock", title, "unknown", "no chrony here that could tell how far it is off", fix)
        return
    try:
        told = subprocess.run(  # noqa: S603 - the time daemon's own program, from the path, without input
            [command, "-c", "tracking"], capture_output=True, text=True, timeout=2, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        told = ""
    offset = read_tracking(told)
    if offset is None:
        yield Found("clock", title, "unknown", "chrony is not synchronised", "look at `chronyc sources`")
        return
    states: dict[str, State] = {"ok": "green", "warn": "amber", "refuse": "red"}
    state = states[verdict(offset)]
    text = f"{offset.ns / MILLISECOND:.1f} ms off by chrony"
    yield Found("clock", title, state, text, None if state == "green" else "`chronyc makestep`")


def disk(scene: Scene) -> Iterator[Found]:
    """Room for the journal and the logs."""
    title, home = "Disk", scene.records.home.path
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:
        yield Found("disk", title, "unknown", f"{home} cannot be asked ({error.strerror})")
        return
    state: State = "red" if free < _TOO_LITTLE else "amber" if free < _LITTLE else "green"
    fix = None if state == "green" else "make room on the disk of the home"
    yield Found("disk", title, state, f"{free / 1024**3:.1f} GB free where the home is", fix)


def ledger(scene: Scene) -> Iterator[Found]:
    """The database with the days' figures; the journals have everything, so it is never red."""
    title = "Ledger"
    url = database_url(scene.records.home, scene.records.environment)
    where = "PostgreSQL (DATABASE_URL)" if url else "the file in the home"
    standing = list_days(scene.records, limit=_DAYS_LOOKED_AT, before=None).ledger
    if standing.state == "up_to_date":
        yield Found("ledger", title, "green", f"{where} has the newest days")
    elif standing.state == "none":
        yield Found("ledger", title, "green", "not written yet: the first run makes it")
    elif standing.state == "behind":
        fix = "the next run catches up, or `python -m ninefifteen.adapters.ledger HOME`"
        running = scene.engine is not None
        told = "the running day is being written" if running else standing.text
        yield Found("ledger", title, "green" if running else "amber", f"{where}: {told}", fix)
    else:
        yield Found("ledger", title, "amber", f"{where}: {standing.text}", "look at the database")


def home(scene: Scene) -> Iterator[Found]:
    """What kind of home this is; said, so that nobody takes one for the other."""
    title, place = "Home", scene.records.home
    if place.rehearsal:
        told = f"{place.path.name}: a rehearsal home, for ever; only our own exchange, never real money"
        yield Found("home", title, "green", told)
        return
    yield Found("home", title, "green", f"{place.path.absolute().name}: an ordinary home, not for rehearsals")


ALL: tuple[Callable[[Scene], Iterator[Found]], ...] = (
    home,
    settings,
    engine,
    login,
    credentials,
    calendar,
    clock,
    disk,
    ledger,
)
"""Every check, in the order of the morning."""
