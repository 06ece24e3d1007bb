"""Keys that work once: the set-up code of a first start, and the key of a demo's link."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUP = 4


class OnceKey:
    """A key of which only the hash is kept; it dies by being used.

    Wrong tries do not kill it: whoever reaches this address could take it from its owner that way.
    """

    def __init__(self, key: str) -> None:
        self._digest: bytes | None = _digest(key)

    def fits(self, given: str) -> bool:
        """Whether this is the key, and it was not used."""
        return self._digest is not None and hmac.compare_digest(self._digest, _digest(given))

    def use_up(self) -> None:
        """It has done its work."""
        self._digest = None


def new_setup_code() -> str:
    """Eight letters and digits that are not mistaken for one another, in two groups."""
    signs = "".join(secrets.choice(_LETTERS) for _ in range(2 * _GROUP))
    return f"{signs[:_GROUP]}-{signs[_GROUP:]}"


def new_link_key() -> str:
    """256 bits for a link."""
    return secrets.token_urlsafe(32)


def plain_code(given: str) -> str:
    """A set-up code as it was printed, whatever way it was typed."""
    signs = "".join(sign for sign in given.upper() if sign.isalnum())
    return f"{signs[:_GROUP]}-{signs[_GROUP:]}"


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()
