"""The dashboard as a child process: started with a run, started again where it dies or hangs, ended with it.

All of it happens in threads that sleep in the system: one stays with the child and asks it now and then
whether it lives, one reads what it says. The loop that trades only asks between two events whether there
is something to tell: a dashboard that dies, hangs, or says nothing is no delay.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self
from urllib.parse import urlsplit

import msgspec

from ninefifteen.adapters.clocks.wall import steady
from ninefifteen.cli.ledger_child import child_environment
from ninefifteen.cli.web_alive import ASK_S, Silence
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.home import Home

Tell = Callable[[str, str], None]

_ITS_BUSINESS = ("DATABASE_URL", "BROKER_USER_ID", "EMERGENCY_STOP_NUMBERS")
_REFUSED = 2
"""The exit code of a dashboard that may not start as things are: settings or port have to change first."""
_PAUSES_S = (1.0, 2.0, 5.0, 15.0, 60.0)
_LATER_S = 300.0
_WELL: Instant = 60 * SECOND
"""One that has lived so long starts anew with the shortest pause."""
_ON_ENDING_S = 3.0
_LONGEST_LINE = 65536
_LAST_WORDS = 4096
_LOG_LIMIT = 1_000_000
_NICE = 10
_LONGEST_WORDS = 300
_BROWSER_S = 30.0


class Ready(msgspec.Struct, frozen=True):
    """What a dashboard says when it can be visited. `enter` logs in once, `setup_code` makes a first user."""

    url: str
    enter: str | None = None
    setup_code: str | None = None


class WebChild:
    """One dashboard beside a run; `command` is what starts it. Use it as a context manager."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        on_first: Callable[[Ready], None] | None = None,
        pauses_s: Sequence[float] = _PAUSES_S,
        later_s: float = _LATER_S,
        ask_s: float = ASK_S,
        silence: Callable[[], Silence] = Silence,
    ) -> None:
        self._command, self._environment, self._log = list(command), dict(environment), log
        self._on_first = on_first
        self._pauses_s, self._later_s = pauses_s, later_s
        self._ask_s, self._silence = ask_s, silence
        self._said: deque[str] = deque()
        self._told = ""
        self._ready: Ready | None = None
        self._first = threading.Event()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._supervise, name="dashboard", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ask it to end by closing its standard input, and do not wait long."""
        self._closing.set()
        self._let_go()
        self._thread.join(_ON_ENDING_S)
        while self._thread.is_alive():
            self._kill()
            self._thread.join(1.0)

    @property
    def ready(self) -> Ready | None:
        """Where it can be visited now; None while it cannot."""
        return self._ready

    def wait(self, seconds: float) -> Ready | None:
        """Wait so long at most until it has come or is known not to; for where nothing else is waiting."""
        self._first.wait(seconds)
        return self._ready

    def hint(self, text: str) -> None:
        """Have this told at the next look."""
        self._said.append(text)

    def look(self, tell: Tell) -> None:
        """Tell what has become of it since the last look; asked between two events."""
        while self._said:
            tell("dashboard", self._said.popleft())

    # ------------------------------------------------------------------------------------------ the thread

    def _supervise(self) -> None:
        failures = 0
        while not self._closing.is_set():
            began = steady()
            code, words = self._live()
            self._ready = None
            self._first.set()
            if self._closing.is_set():
                return
            if code == _REFUSED:
                self._tell(f"no dashboard: {words}; the day goes on, and it is tried again later")
                self._closing.wait(self._later_s)
                continue
            failures = 0 if steady() - began >= _WELL else failures
            pause = self._pauses_s[min(failures, len(self._pauses_s) - 1)]
            failures += 1
            self._tell(f"the dashboard has ended ({words}): it is started again; the day goes on")
            self._closing.wait(pause)

    def _tell(self, text: str) -> None:
        """One line each time; the same one again, of one that cannot start, is not repeated."""
        if text != self._told:
            self._told = text
            self._said.append(text)

    def _live(self) -> tuple[int, str]:
        """Start it and stay with it to its end; its exit code and last words."""
        try:
            with _opened(self._log) as log:
                began = log.tell()
                child = subprocess.Popen(  # noqa: S603 - our own program
                    self._command,
                    env=self._environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C is for the run, which ends it in its time
                )
        except OSError as problem:
            return -1, f"it cannot be started: {problem.strerror or problem}"
        _give_way(child)
        with self._lock:
            self._child = child
        if self._closing.is_set():
            self._let_go()
        hung = self._stay(child)
        code = child.wait()
        with self._lock:
            self._child = None
            _close(child)
        return code, hung or _why(code, self._log, began)

    def _stay(self, child: subprocess.Popen[bytes]) -> str | None:
        """Stay with it until it says nothing more, and end it where it hangs; why, None where it did not."""
        over = threading.Event()
        reader = threading.Thread(
            target=self._listen, args=(child, over), name="dashboard's words", daemon=True
        )
        reader.start()
        silence, hung = self._silence(), None
        while not over.wait(self._ask_s):
            if hung is None and not self._closing.is_set():
                ready = self._ready
                hung = silence.hung(None if ready is None else ready.url)
                if hung is not None:
                    self._kill()
        reader.join()
        return hung

    def _listen(self, child: subprocess.Popen[bytes], over: threading.Event) -> None:
        """Read what it says to its end, and say that this is over."""
        try:
            self._hear(child)
        finally:
            over.set()

    def _hear(self, child: subprocess.Popen[bytes]) -> None:
        """Read whatever it says to the end, so that it never waits for us; only one line means something."""
        if child.stdout is None:
            return
        while line := child.stdout.readline(_LONGEST_LINE):
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
                self._came(msgspec.json.decode(line, type=Ready))

    def _came(self, ready: Ready) -> None:
        self._ready, self._told = ready, ""
        self._first.set()
        on_first, self._on_first = self._on_first, None
        if on_first is not None:
            on_first(ready)

    # ---------------------------------------------------------------------------------------------- ending

    def _let_go(self) -> None:
        with self._lock:
            if self._child is not None and self._child.stdin is not None:
                with contextlib.suppress(OSError):
                    self._child.stdin.close()

    def _kill(self) -> None:
        with self._lock:
            if self._child is not None:
                self._child.kill()


@contextmanager
def web_child(home: Home, loaded: LoadedConfig, *, demo: bool, shows: bool) -> Iterator[WebChild]:
    """The dashboard of this home beside the block. `shows`: a browser is opened on it when it has come."""
    command = [sys.executable, "-m", "ninefifteen.web", str(home.path)]
    command += _told_alone(loaded)
    environment = web_environment(home, os.environ)

    def show(ready: Ready) -> None:
        own = loaded.settings.dashboard
        moved = elsewhere(ready, own.port) if demo and own.public_url is None else ""
        if moved:
            child.hint(moved)
        if ready.enter is not None and shows and has_desktop(environment, sys.platform):
            _open_browser(ready.enter, environment)

    log = home.logs_dir / "dashboard.log"
    child = WebChild([*command, "--demo"] if demo else command, environment, log, on_first=show)
    with child:
        yield child


def _told_alone(loaded: LoadedConfig) -> list[str]:
    """The options for what --set says of the dashboard: what is in no file it cannot know."""
    options: list[str] = []
    for name, value in msgspec.structs.asdict(loaded.settings.dashboard).items():
        key = f"dashboard.{name}"
        if loaded.sources[key] != "--set":
            continue
        if name in ("host", "port"):
            options += [f"--{name}", str(value)]
        else:
            options += ["--set", f"{key}={msgspec.json.encode(value).decode()}"]
    return options


def web_environment(home: Home, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of the dashboard: the ledger's database, whose it is, whom to call; no other secret."""
    return child_environment(home, environment, _ITS_BUSINESS)


def has_desktop(environment: Mapping[str, str], platform: str) -> bool:
    """Whether somebody sits before windows here: a browser may then be opened."""
    if environment.get("NINEFIFTEEN_NO_BROWSER") or environment.get("SSH_CONNECTION"):
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def elsewhere(ready: Ready, port: int) -> str:
    """What to say where a demo's page has not got its own port, which somebody else has; "" where it has."""
    found = urlsplit(ready.url).port
    if not port or found is None or found == port:
        return ""
    return f"port {port} is taken: the page of this demo is at port {found}"


def invitation(ready: Ready | None) -> tuple[str, ...]:
    """The lines that lead to it, for people only: the link and the code are keys, no log may have them."""
    if ready is None:
        return ()
    code = () if ready.setup_code is None else (f"set-up code of the first visit: {ready.setup_code}",)
    return (ready.enter or ready.url, *code)


def _opened(log: Path) -> BinaryIO:
    """Its log, to go on with; an old one that has grown too long is begun anew."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.unlink()
    return log.open("ab")  # always at its end: the child empties it where it grows too long


def _give_way(child: subprocess.Popen[bytes]) -> None:
    """Whatever it does, the run comes first."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, child.pid, _NICE)


def _close(child: subprocess.Popen[bytes]) -> None:
    for end in (child.stdin, child.stdout):
        if end is not None:
            with contextlib.suppress(OSError):
                end.close()


def _why(code: int, log: Path, began: int) -> str:
    """Why it has ended, in one line: the signal, or the last line of what it wrote."""
    if code < 0:
        return f"signal {-code}"
    words = ""
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(max(began, log.stat().st_size - _LAST_WORDS))
        lines = file.read(_LAST_WORDS).decode(errors="replace").split("\n")
        words = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return words.removeprefix("error: ")[:_LONGEST_WORDS] or f"exit code {code}"


def _open_browser(address: str, environment: Mapping[str, str]) -> None:
    """In a process apart and without a terminal: no browser may draw over the screen or keep a secret."""
    command = [sys.executable, "-m", "webbrowser", "-t", address]

    def run() -> None:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(  # noqa: S603 - the standard library's own
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                timeout=_BROWSER_S,
                check=False,
            )

    threading.Thread(target=run, name="browser", daemon=True).start()
