"""Passwords as argon2id hashes, made and checked beside the loop, one at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ninefifteen.web.errors import Refused

_T = TypeVar("_T")

LEAST = 10
"""Characters of the shortest password."""
_WAITING = 6
_PASSES, _MEMORY_KIB = 3, 19_456
"""With one lane: above the least that is advised today, and 19 MB at a time."""


class Passwords:
    """Hashes and checks; a flood of them is turned away instead of queued."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=1)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="passwords")
        self._waiting = 0
        self._nobody: str | None = None

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def hashed(self, password: str) -> str:
        """What is kept of a password. Raises Refused when it is too short, or too many are checked now."""
        if len(password) < LEAST:
            raise Refused(422, "password", f"the password needs at least {LEAST} characters")
        return await self._beside(lambda: self._hasher.hash(password))

    async def fits(self, password: str, kept: str | None) -> bool:
        """Whether it is this password; `kept` None (nobody of that name) takes as long and says no."""

        def check() -> bool:
            if self._nobody is None:
                self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
            try:
                self._hasher.verify(kept or self._nobody, password)
            except (Argon2Error, InvalidHashError, UnicodeEncodeError):
                return False
            return kept is not None

        return await self._beside(check)

    async def _beside(self, work: Callable[[], _T]) -> _T:
        if self._waiting >= _WAITING:
            raise Refused(429, "busy", "too many logins at once: try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._waiting -= 1
