"""What may stand in a header, and texts from outside with every secret taken out before they are shown."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 240
"""Characters of somebody else's text that we repeat: more is no message but a page."""
_SHORTEST_SECRET = 4
"""Shorter texts are ordinary words; replacing them would only garble a message."""


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
