"""Whatever is sent to any address by anybody: refused or done, in the described shape, and never a 5xx.

Bodies and parameters are made from the program's own description of its interface, right ones and wrong ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from ninefifteen.web.openapi import openapi_document
from tests.web.sites import ROLES, Desk, desk

_NOBODY_THERE = ((503, "no_engine"), (503, "busy"))
_SOME = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("fuzz") / "home") as opened:
        yield opened


def operations(at_desk: Desk, mode: Any) -> list[Any]:
    """Every operation; of those that take nothing, nothing wrong can be made."""
    schema = schemathesis.openapi.from_dict(openapi_document(at_desk.app))
    found: list[Any] = [one.ok() for one in schema.get_all_operations()]  # type: ignore[union-attr]
    if mode is schemathesis.GenerationMode.POSITIVE:
        return found
    return [one for one in found if {"requestBody", "parameters"} & set(one.definition.raw)]


def never_an_error_of_ours(client: TestClient, case: Any) -> None:
    """Send one case as a page would, and look at the answer."""
    body = case.body if case.method == "POST" and isinstance(case.body, dict | list) else None
    answer = client.request(case.method, case.formatted_path, params=case.query or None, json=body)
    found = answer.json() if answer.headers.get("content-type") == "application/json" else {}
    code = (found.get("error") or {}).get("code") if isinstance(found, dict) else None
    assert answer.status_code < 500 or (answer.status_code, code) in _NOBODY_THERE, (case, answer.text)
    if answer.status_code >= 400:
        assert set(found["error"]) == {"code", "text", "fix"}
    assert answer.headers["content-security-policy"]


@pytest.mark.parametrize("who", ["", *ROLES])
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_no_request_of_anybody_is_an_error_of_ours(everybody: Desk, who: str, mode: Any):
    for operation in operations(everybody, mode):
        strategy = operation.as_strategy(generation_mode=mode)

        @_SOME
        @given(case=strategy)
        def sent(case: Any) -> None:
            client = everybody.client(who or None)  # a new session each time: it may log itself out
            never_an_error_of_ours(client, case)
            everybody.clock.pass_by(11)

        sent()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("path", ["/api/login", "/api/commands/halt", "/api/settings/preview", "/api/users"])
def test_no_body_at_all_is_an_error_of_ours(everybody: Desk, path: str):
    client = everybody.client("admin")

    @settings(_SOME, max_examples=40)
    @given(body=st.binary(max_size=300) | ANYTHING.map(lambda found: json.dumps(found).encode()))
    def sent(body: bytes) -> None:
        answer = client.post(path, content=body)
        assert 400 <= answer.status_code < 500
        assert set(answer.json()["error"]) == {"code", "text", "fix"}

    sent()
