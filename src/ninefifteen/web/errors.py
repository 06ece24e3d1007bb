"""What ends a request with one clear answer instead of a traceback."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse


class Refused(Exception):
    """The request is not done: HTTP status, a code for programs, words for people, and what to do."""

    def __init__(self, status: int, code: str, text: str, fix: str | None = None) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.fix = status, code, text, fix
        self.headers: dict[str, str] = {}


def refusal(status: int, code: str, text: str, fix: str | None = None) -> JSONResponse:
    """The answer of every request that is not done."""
    body: dict[str, Any] = {"error": {"code": code, "text": text, "fix": fix}}
    return JSONResponse(body, status)
