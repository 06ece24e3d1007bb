"""Secrets of a session: carried without being shown, and taken out of any text before it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

_LONGEST = 240
"""Characters of somebody else's text that we repeat: more is no message but a page."""
_SHORTEST_SECRET = 4
"""Shorter texts are ordinary words; replacing them would only garble a message."""


class Secret(Protocol):
    """A text that nobody should see; `config.dotenv.SecretText` is one."""

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""


class Hidden:
    """A secret that does not appear when it is printed, logged or compared in a failed test."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Hidden(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hidden) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


def fits_a_header(text: str) -> bool:
    """Whether a key or token can stand in a header line: visible ASCII without spaces or colons."""
    return bool(text) and all("!" <= sign <= "~" and sign != ":" for sign in text)


def one_line(text: str, secrets: Iterable[str] = ()) -> str:
    """The text on one line, without control characters, without any of `secrets`, and not too long."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return plain if len(plain) <= _LONGEST else plain[:_LONGEST] + "..."
