"""Who may talk to the server: keys, one-time request tokens, and access tokens that die at 06:00.

Everything is made from the seed, so that a run can be repeated, and looks as made up as it is.
"""

from __future__ import annotations

from datetime import time, timedelta
from hashlib import blake2b, sha256
from hmac import compare_digest

import msgspec

from ninefifteen.domain.instants import MINUTE, Instant, at, day_of

from .envelope import FORBIDDEN, TOKEN, KiteError

_DIES_AT = time(6, 0)
_REQUEST_TOKEN_LIVES = 5 * MINUTE
"""Zerodha says "a few minutes"; the exact time is not published."""

WRONG_TOKEN = "Incorrect `api_key` or `access_token`."  # noqa: S105 - the words of a refusal
EXPIRED = "Token is invalid or has expired."


class Credentials(msgspec.Struct, frozen=True):
    """The keys of the one app and the one account of this exchange; they open nothing anywhere else."""

    api_key: str
    api_secret: str
    user_id: str

    @classmethod
    def of_seed(cls, seed: int) -> Credentials:
        """The same for the same seed, and marked as invented."""
        return cls(f"rehearsal{_word(seed, 'key', 7)}", f"invented{_word(seed, 'secret', 24)}", "RH0001")


class Sessions:
    """The sessions of the day. A new login ends the one before it, as logging in elsewhere does."""

    def __init__(self, credentials: Credentials, seed: int) -> None:
        self.credentials = credentials
        self._seed = seed
        self._made = 0
        self._requests: dict[str, Instant] = {}
        self._access: dict[str, Instant] = {}

    def request_token(self, api_key: str, now: Instant) -> str:
        """The one-time token that the login page hands to the app; raises KiteError for a wrong key."""
        if not _same(api_key, self.credentials.api_key):
            raise KiteError("Invalid `api_key`.")
        token = self._new("request")
        self._requests[token] = now
        return token

    def log_in(self, api_key: str, request_token: str, checksum: str, now: Instant) -> str:
        """Exchange a request token for an access token; raises KiteError when anything is wrong."""
        keys = self.credentials
        asked_at = self._requests.pop(request_token, None)
        if asked_at is None or now - asked_at > _REQUEST_TOKEN_LIVES:
            raise KiteError(EXPIRED, TOKEN, FORBIDDEN)
        expected = sha256((keys.api_key + request_token + keys.api_secret).encode()).hexdigest()
        if not (_same(api_key, keys.api_key) and _same(checksum, expected)):
            raise KiteError("Invalid `checksum`.", TOKEN, FORBIDDEN)
        return self.issue(now)

    def issue(self, now: Instant) -> str:
        """A fresh access token, valid until the next 06:00; every older one is dead."""
        token = self._new("access")
        self._access = {token: dies_after(now)}
        return token

    def kill(self, token: str | None = None) -> None:
        """End this session, or all of them."""
        if token is None:
            self._access.clear()
        else:
            self._access.pop(token, None)

    def lives(self, token: str, now: Instant) -> bool:
        """Whether this access token still opens anything."""
        return now < self._access.get(token, 0)

    def check(self, api_key: str, token: str, now: Instant) -> None:
        """Raises KiteError (403, TokenException) unless key and token are today's."""
        if not _same(api_key, self.credentials.api_key) or not self.lives(token, now):
            raise KiteError(WRONG_TOKEN, TOKEN, FORBIDDEN)

    def check_header(self, header: str | None, now: Instant) -> str:
        """The access token of an `Authorization: token KEY:TOKEN` header; raises KiteError as `check`."""
        scheme, _, rest = (header or "").partition(" ")
        api_key, _, token = rest.partition(":")
        if scheme != "token":
            raise KiteError("`Authorization` header is missing or malformed.", TOKEN, FORBIDDEN)
        self.check(api_key, token, now)
        return token

    def _new(self, kind: str) -> str:
        self._made += 1
        return f"invented{_word(self._seed, f'{kind}{self._made}', 24)}"


def dies_after(now: Instant) -> Instant:
    """The next 06:00 in India, when every access token given out before it dies."""
    six = at(day_of(now), _DIES_AT)
    return six if now < six else at(day_of(now) + timedelta(days=1), _DIES_AT)


def _word(seed: int, name: str, length: int) -> str:
    return blake2b(f"{seed}|{name}".encode(), digest_size=32).hexdigest()[:length]


def _same(given: str, expected: str) -> bool:
    # Bytes of a header that are no UTF-8 come as lone surrogates.
    return compare_digest(given.encode(errors="surrogatepass"), expected.encode())
