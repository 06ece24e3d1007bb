"""Where the control line of a home is: `control.sock` in the home, else a place that `control.json` names.

A Unix socket has a short path and does not exist on Windows. A home with a long path therefore has its
socket in a folder of this user's own under the system's place for such things; on Windows it is a port of
this machine, and a token in `control.json` stands for the rights of a file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import stat
import tempfile
from pathlib import Path

import msgspec

LONGEST = 100
"""Bytes of a path that every system takes as the address of a Unix socket."""
SOCKET = "control.sock"
POINTER = "control.json"

_HAS_UNIX = hasattr(socket, "AF_UNIX")
_CONNECT_S = 2.0


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where one engine listens. `home` keeps a copied pointer from leading to another home's engine."""

    home: str
    unix: str = ""
    port: int = 0
    token: str = ""


class InUse(Exception):
    """Another engine listens there already."""


def listen(home: Path, *, unix: bool = _HAS_UNIX) -> tuple[socket.socket, Address]:
    """A listening socket for this home, readable by this user only.

    What a dead engine left behind is replaced. Raises InUse where a living one listens, OSError where no
    socket can be made.
    """
    if unix:
        return _listen_unix(home)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    address = Address(home=_mark(home), port=port, token=secrets.token_hex(32))
    _point(home, address)
    return listener, address


def find(home: Path) -> Address:
    """Where the engine of this home listens, if one does: a port where `unix` is empty."""
    return _pointed(home) or Address(home=_mark(home), unix=str(home / SOCKET))


def connect(home: Path) -> tuple[socket.socket, str]:
    """A connection to the engine of this home, and the token it wants first ("" for none).

    Raises OSError when nobody listens.
    """
    address = find(home)
    if address.unix:
        return _connect_unix(address.unix), ""
    return socket.create_connection(("127.0.0.1", address.port), _CONNECT_S), address.token


def remove(home: Path, address: Address) -> None:
    """Take away what `listen` made; harmless when it is gone already."""
    for path in (Path(address.unix) if address.unix else None, home / POINTER):
        if path is not None:
            with contextlib.suppress(OSError):
                path.unlink()


def _listen_unix(home: Path) -> tuple[socket.socket, Address]:
    path = home / SOCKET
    short = len(os.fsencode(path)) <= LONGEST
    if not short:
        path = _own_folder() / f"{_mark(home)[:16]}.sock"
    address = Address(home=_mark(home), unix=str(path))
    _make_way(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(address.unix)
        listener.listen()
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(before)
    if short:
        (home / POINTER).unlink(missing_ok=True)
    else:
        _point(home, address)
    return listener, address


def _make_way(path: Path) -> None:
    """Remove a socket nobody listens at; raises InUse where somebody does."""
    try:
        _connect_unix(str(path)).close()
    except FileNotFoundError:
        return
    except OSError:
        path.unlink(missing_ok=True)
    else:
        raise InUse(str(path))


def _connect_unix(path: str) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(_CONNECT_S)
    try:
        line.connect(path)
    except OSError:
        line.close()
        raise
    return line


def _own_folder() -> Path:
    """A folder that is this user's alone; raises OSError when somebody else has put one there."""
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(base) / f"ninefifteen-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise OSError(f"{folder} is not this user's alone")
    return folder


def _mark(home: Path) -> str:
    """What tells one home from another on this machine."""
    return hashlib.sha256(os.fsencode(home.resolve())).hexdigest()


def _point(home: Path, address: Address) -> None:
    draft = home / f".{POINTER}.tmp"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(address))
    draft.replace(home / POINTER)


def _pointed(home: Path) -> Address | None:
    """Where the pointer leads; None without one, or with one that came from another home."""
    try:
        address = msgspec.json.decode((home / POINTER).read_bytes(), type=Address)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return address if address.home == _mark(home) else None
