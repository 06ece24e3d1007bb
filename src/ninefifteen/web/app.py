"""The application: routes, errors in one shape, and the guards around it all."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from ninefifteen import __version__

from .accounts.passwords import LEAST
from .errors import Refused, refusal
from .guards import HEADERS, Guards
from .models.common import Refusal
from .routes import ROUTERS
from .site import Site

_WRONG: dict[int | str, dict[str, Any]] = {"4XX": {"model": Refusal}, "5XX": {"model": Refusal}}
_WORDS = {
    400: ("bad_request", "this request cannot be read"),
    404: ("not_found", "there is nothing at this address"),
    405: ("method", "this address knows another method"),
}
_SHOWN_PROBLEMS = 5
_PASSWORD = f"needs at least {LEAST} characters, and at most 1000"
_NEEDS = {
    "name": "needs small letters, digits and _ . - (1 to 32 of them, a letter or a digit first)",
    "password": _PASSWORD,
    "old": _PASSWORD,
    "new": _PASSWORD,
}
"""Of the fields that people type: what would be right."""
_ABSENT = {"missing": "is missing", "extra_forbidden": "is nothing this address knows"}
_TOLD_NOBODY: dict[str, Any] = dict.fromkeys(
    ("tracing", "metrics", "logs", "operation_spans", "auto_configure"), False
)
"""The framework could send what happens here elsewhere, set up by its environment alone: never from here."""


def build_api() -> FastAPI:
    """The routes without anything behind them: for the description of the interface."""
    api = FastAPI(
        title="ninefifteen dashboard",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan,
        responses=_WRONG,
        generate_unique_id_function=_operation,
        redirect_slashes=False,
        telemetry=_TOLD_NOBODY,  # type: ignore[arg-type]
    )
    for router in ROUTERS:
        api.include_router(router)
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(sqlite3.Error, _store)
    api.add_exception_handler(Exception, _broken)
    return api


def create_app(site: Site) -> FastAPI:
    """The whole application of this site, guards included."""
    api = build_api()
    api.state.site = site
    api.add_middleware(Guards, site=site)
    return api


@asynccontextmanager
async def _lifespan(api: FastAPI) -> AsyncIterator[None]:
    """Follow the engine while the process serves."""
    site = cast("Site", api.state.site)
    # The references are kept: a task nobody holds may vanish in the middle of its work.
    tasks = [asyncio.create_task(site.engine.run()), asyncio.create_task(site.fanout.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def _operation(route: APIRoute) -> str:
    return route.name


async def _refused(_: Request, error: Exception) -> JSONResponse:
    refused = cast("Refused", error)
    answer = refusal(refused.status, refused.code, refused.text, refused.fix)
    answer.headers.update(refused.headers)
    return answer


async def _http(_: Request, error: Exception) -> JSONResponse:
    status = cast("HTTPException", error).status_code
    code, text = _WORDS.get(status, ("refused", "this is not done"))
    return refusal(status, code, text)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """What is wrong and where, without repeating what was sent."""
    problems = cast("RequestValidationError", error).errors()
    shown = [_problem(problem["loc"], problem["type"]) for problem in problems[:_SHOWN_PROBLEMS]]
    return refusal(422, "invalid", "this cannot be taken: " + "; ".join(shown))


def _problem(place: Sequence[object], kind: str) -> str:
    """Which field and what it needs: in plain words where people type, else by the kind of the problem."""
    where = ".".join(str(part)[:40] for part in place[1:4]) or "body"
    if kind in _ABSENT:
        return f"{where} {_ABSENT[kind]}"
    if place[0] == "body" and where in _NEEDS:
        return f"{where} {_NEEDS[where]}"
    return f"{where}: {kind}"


async def _store(_: Request, __: Exception) -> JSONResponse:
    return refusal(503, "store", "the dashboard's own file cannot be written", "is the disk full?")


async def _broken(_: Request, __: Exception) -> JSONResponse:
    """The guards themselves have failed: not even they may leave an answer bare."""
    answer = refusal(500, "error", "an error of ours: see logs/dashboard.log")
    answer.headers.update(HEADERS)
    return answer
