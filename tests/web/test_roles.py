"""Every endpoint by every role: the table of `docs/dashboard.md` is what the program does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from ninefifteen.domain.instants import iso_ms
from ninefifteen.web.routes import ROUTERS
from tests.web.sites import ROLES, Desk, desk, live

DOCUMENT = Path(__file__).parents[2] / "docs" / "dashboard.md"
ROW = re.compile(r"^\| `(GET|POST) (/\S*)` \| (nobody|viewer|operator|admin) \| (.*?) ?\|$", re.MULTILINE)
FILLED = {"{name}": "x", "{day}": "2026-12-04"}


class Endpoint(NamedTuple):
    """One row of the table."""

    method: str
    path: str
    role: str
    second: str


TABLE = [Endpoint(*row) for row in ROW.findall(DOCUMENT.read_text(encoding="utf-8"))]
OVER_HTTP = [endpoint for endpoint in TABLE if endpoint.path != "/api/live"]


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("roles") / "home") as opened:
        yield opened


def test_the_table_has_every_route_of_the_program_and_no_other():
    routes = {
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    assert {(one.method, one.path) for one in OVER_HTTP} == routes
    assert len(TABLE) == len(OVER_HTTP) + 1


def asked(client: TestClient, endpoint: Endpoint) -> tuple[int, str]:
    """Status and code of an empty request to it."""
    path = endpoint.path
    for name, value in FILLED.items():
        path = path.replace(name, value)
    answer = client.request(endpoint.method, path, json={} if endpoint.method == "POST" else None)
    found = answer.json() if answer.headers.get("content-type") == "application/json" else {}
    return answer.status_code, str((found.get("error") or {}).get("code"))


@pytest.mark.parametrize("who", ["", *ROLES])
@pytest.mark.parametrize("endpoint", OVER_HTTP, ids=lambda one: f"{one.method} {one.path}")
def test_each_endpoint_is_open_to_its_role_and_above_only(everybody: Desk, endpoint: Endpoint, who: str):
    status, code = asked(everybody.client(who or None), endpoint)
    order = ("nobody", *ROLES)
    if not who and endpoint.role != "nobody":
        assert (status, code) == (401, "login")
    elif order.index(who or "nobody") < order.index(endpoint.role):
        assert (status, code) == (403, "role")
    else:
        assert code not in ("login", "role")
        assert status < 500 or (status, code) in ((503, "no_engine"), (503, "None"))


@pytest.mark.parametrize("endpoint", [one for one in TABLE if one.second == "yes"], ids=lambda one: one.path)
def test_what_needs_the_second_factor_is_refused_without_it(everybody: Desk, endpoint: Endpoint):
    bodies: dict[str, dict[str, object]] = {
        "/api/users": {"name": "ravi", "role": "viewer", "password": "a long password"},
        "/api/users/{name}/remove": {},
        "/api/commands/unlock": {
            "id": "press-me-now", "sent_at": "2999-01-01T00:00:00Z", "confirmed": True,
        },
    }  # fmt: skip
    body = bodies[endpoint.path]
    if "sent_at" in body:
        body["sent_at"] = iso_ms(everybody.clock())
    answer = everybody.client("admin").post(endpoint.path.replace("{name}", "vera"), json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "second_factor")


@pytest.mark.parametrize("who", ROLES)
def test_the_live_line_is_open_to_whoever_is_logged_in(everybody: Desk, who: str):
    with live(everybody.client(who)) as page:
        assert page.receive_json()["session"]["user"]["role"] == who


def test_the_live_line_is_closed_to_nobody(everybody: Desk):
    with live(everybody.client()) as page, pytest.raises(WebSocketDisconnect) as closed:
        page.receive_json()
    assert closed.value.code == 4401
