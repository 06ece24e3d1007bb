"""The home folder: where one trader's settings, secrets, journal, ledger and records live.

Source of the layout: `design/interfaces.md`, "Home folder". A home is real or rehearsal for ever; its
marker file `home.json` says which, and the version of the layout.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, Self

import msgspec
from msgspec import Struct

from ninefifteen.config.template import default_config, default_env
from ninefifteen.domain.instants import IST
from ninefifteen.errors import BadInput, HomeLocked

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LAYOUT = 1
"""Version of the folder layout that this program writes and reads."""

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
_FOLDERS = ("journal", "rules", "logs", "ticks", "days", "reports", "backups")
_FILES = (
    "config.yaml",
    "home.json",
    "home.lock",
    "ninefifteen.db",
    "dashboard.db",
    "HALT",
    "HALT.lifted",
    "pause.json",
)
_LOCKED_BYTE = 1 << 30  # Windows locks bytes against reading too, so the text itself stays readable


class _Marker(Struct, frozen=True):
    """Contents of `home.json`."""

    layout: int
    rehearsal: bool


class Latch(Struct, frozen=True, kw_only=True):
    """Who halted and why, as the file `HALT` keeps it; `at` is ISO 8601, "" when it is not known."""

    at: str = ""
    source: str = "file"
    reason: str = "the HALT file is there"

    @property
    def words(self) -> str:
        """Source and reason as the engine tells them."""
        return f"{self.source}: {self.reason}"


class PauseNote(Struct, frozen=True, kw_only=True):
    """A pause that outlives its day, as `pause.json` keeps it; entries are allowed again on `until`."""

    at: str = ""
    source: str = "file"
    reason: str = "pause.json is there and cannot be read"
    until: date | None = None
    """None: until somebody resumes."""

    def holds_on(self, day: date) -> bool:
        """Whether nothing may enter on that day."""
        return self.until is None or day < self.until


class Home(Struct, frozen=True):
    """A home folder and the places in it; nothing is read or written until asked."""

    path: Path
    rehearsal: bool = False
    """Only ever meets simulated brokers, and counts its own days for its own gates."""

    @classmethod
    def open(cls, path: Path, *, rehearsal: bool | None = None) -> Self:
        """The home at `path`, made with defaults when missing or empty, completed when a part is missing.

        `rehearsal` asks for that kind; None takes what is there, and makes a real home where nothing is.
        Raises BadInput when the path cannot be a home or is one of the other kind.
        """
        home = cls.look(path, rehearsal=rehearsal)
        home.complete()
        return home

    @classmethod
    def look(cls, path: Path, *, rehearsal: bool | None = None) -> Self:
        """As `open`, but writes nothing: for checks that have to come before the folder is made."""
        path = path.expanduser()
        with _clear_errors(path):
            marker = _read_marker(path)
        kind = marker.rehearsal if marker else bool(rehearsal)
        if rehearsal is not None and rehearsal != kind:
            names = {True: "a rehearsal home", False: "a real home"}
            raise BadInput(f"{path}: is {names[kind]} for ever: choose another folder for {names[rehearsal]}")
        return cls(path, kind)

    def complete(self) -> None:
        """Make every missing folder and file; each file appears whole or not at all, the marker last."""
        with _clear_errors(self.path):
            self.path.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
            for name in _FOLDERS:
                (self.path / name).mkdir(exist_ok=True)
            if not self.ignore_file.exists():
                write_whole(self.ignore_file, "*\n")
            if not self.config_file.exists():
                write_whole(self.config_file, default_config())
            if not self.env_file.exists():
                write_whole(self.env_file, default_env(), private=True)
            if not self.marker_file.exists():
                marker = msgspec.json.encode(_Marker(LAYOUT, self.rehearsal)).decode()
                write_whole(self.marker_file, marker + "\n")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home alone; raises HomeLocked, with who holds it, when another instance does.

        The operating system drops the lock with the process, so a crash never leaves a stale one.
        """
        with _clear_errors(self.path):
            file = self.lock_file.open("a+", encoding="utf-8")
        with file:
            if not _try_lock(file):
                file.seek(0)
                holder = file.read().strip() or "another instance"
                raise HomeLocked(f"{self.path}: in use by {holder}: stop it first or use another --home")
            since = datetime.now(IST)  # noqa: TID251 - told to people only, decides nothing
            file.truncate(0)
            file.write(f"process {os.getpid()} since {since:%Y-%m-%d %H:%M:%S} IST")
            file.flush()
            try:
                yield
            finally:
                file.truncate(0)
                _unlock(file)

    @property
    def marker_file(self) -> Path:
        """`home.json`: kind and layout version."""
        return self.path / "home.json"

    @property
    def lock_file(self) -> Path:
        """`home.lock`: held while an instance runs."""
        return self.path / "home.lock"

    @property
    def config_file(self) -> Path:
        """`config.yaml`: the settings."""
        return self.path / "config.yaml"

    @property
    def env_file(self) -> Path:
        """`.env`: the secrets, readable by the owner only."""
        return self.path / ".env"

    @property
    def ignore_file(self) -> Path:
        """`.gitignore`: keeps secrets, sessions and recorded prices out of a repository around the home."""
        return self.path / ".gitignore"

    @property
    def journal_dir(self) -> Path:
        """`journal/`: one file a day with every event that entered the engine."""
        return self.path / "journal"

    @property
    def ledger_file(self) -> Path:
        """`ninefifteen.db`: the ledger, rebuilt from the journal at any time."""
        return self.path / "ninefifteen.db"

    @property
    def dashboard_file(self) -> Path:
        """`dashboard.db`: users and sessions of the dashboard, readable by the owner only."""
        return self.path / "dashboard.db"

    @property
    def rules_dir(self) -> Path:
        """`rules/`: dated rule rows that add to the program's own."""
        return self.path / "rules"

    @property
    def logs_dir(self) -> Path:
        """`logs/`: trades, errors and audit."""
        return self.path / "logs"

    @property
    def ticks_dir(self) -> Path:
        """`ticks/`: recorded openings."""
        return self.path / "ticks"

    @property
    def days_dir(self) -> Path:
        """`days/`: one record a day."""
        return self.path / "days"

    @property
    def reports_dir(self) -> Path:
        """`reports/`: what was exported."""
        return self.path / "reports"

    @property
    def backups_dir(self) -> Path:
        """`backups/`: copies of the home."""
        return self.path / "backups"

    @property
    def halt_file(self) -> Path:
        """`HALT`: touching it halts."""
        return self.path / "HALT"

    @property
    def lifted_file(self) -> Path:
        """`HALT.lifted`: the latch that was removed last."""
        return self.path / "HALT.lifted"

    @property
    def pause_file(self) -> Path:
        """`pause.json`: a pause that outlives its day."""
        return self.path / "pause.json"

    def latched(self) -> Latch | None:
        """The halt that stands in this home; None when nothing is halted. Any file of that name halts."""
        if not os.path.lexists(self.halt_file):
            return None
        return _read_latch(self.halt_file)

    def latch(self, latch: Latch) -> None:
        """Make the HALT file, whole and durable; one that names its cause already is kept.

        On a full disk the file is left without its line: it halts all the same. Raises OSError when there
        can be no such file at all.
        """
        if self.latched() not in (None, Latch()):
            return
        try:
            write_whole(self.halt_file, msgspec.json.encode(latch).decode() + "\n")
        except OSError:
            self.halt_file.touch()
        _keep_names(self.path)

    def lift(self) -> Latch | None:
        """Remove the latch and return it; None when there was none. Raises OSError.

        It is kept as `HALT.lifted`, so that a day which goes on knows that its halt was lifted.
        """
        latch = self.latched()
        if latch is not None:
            self.halt_file.replace(self.lifted_file)
            _keep_names(self.path)
        return latch

    def lifted(self) -> Latch | None:
        """The latch that was removed last; None when none ever was."""
        return _read_latch(self.lifted_file) if self.lifted_file.exists() else None

    def pause_note(self) -> PauseNote | None:
        """The pause kept for days to come, None without one; a file that cannot be read pauses, too."""
        try:
            return msgspec.json.decode(self.pause_file.read_bytes(), type=PauseNote)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return PauseNote()

    def keep_pause(self, note: PauseNote) -> None:
        """Remember a pause over days. Raises OSError."""
        write_whole(self.pause_file, msgspec.json.encode(note).decode() + "\n")
        _keep_names(self.path)

    def forget_pause(self) -> bool:
        """Remember no pause any more; whether there was one. Raises OSError."""
        try:
            self.pause_file.unlink()
        except FileNotFoundError:
            return False
        _keep_names(self.path)
        return True


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file that appears complete or not at all; `private` files are the owner's only."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_PRIVATE_FILE if private else 0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _read_latch(file: Path) -> Latch:
    """What the file says; of one that says nothing that can be read: that it is there."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Latch)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return Latch()


def _keep_names(folder: Path) -> None:
    """Make names that came and went in this folder durable, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadInput(f"{path}: cannot be used as a home folder: {error.strerror or error}") from None


def _read_marker(path: Path) -> _Marker | None:
    """What the folder says it is; None for one that can become a home."""
    if path.exists() and not path.is_dir():
        raise BadInput(f"{path}: is a file, a home is a folder: give another --home")
    file = path / "home.json"
    if not file.exists():
        _refuse_foreign(path)
        return None
    try:
        marker = msgspec.json.decode(file.read_bytes(), type=_Marker)
    except msgspec.MsgspecError as error:
        raise BadInput(f"{file}: is damaged ({error}): restore it from a backup") from None
    if marker.layout > LAYOUT:
        raise BadInput(
            f"{path}: has layout {marker.layout} of a newer program, this one knows {LAYOUT}: update it"
        )
    return marker


def _refuse_foreign(path: Path) -> None:
    """A folder with somebody else's files never becomes a home by a mistyped --home."""
    if not path.is_dir():
        return
    names = sorted(entry.name for entry in path.iterdir())
    if "config.yaml" in names or ".env" in names:
        return
    foreign = [name for name in names if not name.startswith(".") and name not in (*_FOLDERS, *_FILES)]
    if foreign:
        raise BadInput(f"{path}: holds other files ({foreign[0]}) and is no home: give a new or empty folder")


if sys.platform == "win32":

    def _try_lock(file: IO[str]) -> bool:
        os.lseek(file.fileno(), _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: IO[str]) -> None:
        os.lseek(file.fileno(), _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:

    def _try_lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
