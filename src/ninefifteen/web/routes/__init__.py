"""The routes by subject. Every router that is listed here is part of the interface."""

from __future__ import annotations

from fastapi import APIRouter

from . import (
    commands,
    days,
    emergency,
    health,
    live,
    log,
    odds,
    page,
    readiness,
    risk,
    session,
    settings,
    users,
)
from . import (
    help as help_,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    session.router,
    users.router,
    commands.router,
    days.router,
    log.router,
    risk.router,
    odds.router,
    readiness.router,
    settings.router,
    help_.router,
    emergency.router,
    live.router,
    page.router,
)
