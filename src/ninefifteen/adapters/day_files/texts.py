"""Reading small text files of the rules folder, and putting them there whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ninefifteen.errors import BadInput

MOST_BYTES: Final = 1 << 20
"""A day file longer than this is something else: a ban list has a few hundred bytes."""


def matching(folder: Path, patterns: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """The files of the folder with such a name, as they are called in messages, in alphabetical order."""
    if not folder.is_dir():
        return
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        yield f"rules/{path.name}", path


def read_text(path: Path, shown: str) -> str:
    """The file as text, with or without a byte order mark; raises BadInput when it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{shown} cannot be read: {error.strerror}") from None
    return decoded(data, shown)


def decoded(data: bytes, shown: str) -> str:
    """The bytes as text; raises BadInput when they are too many or no text."""
    if len(data) > MOST_BYTES:
        raise BadInput(f"{shown} is longer than {MOST_BYTES:,} bytes: it is something else")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{shown} is not text in UTF-8; save it as a UTF-8 CSV file") from None


def write_whole(path: Path, text: str) -> None:
    """Make the file appear complete or not at all. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
