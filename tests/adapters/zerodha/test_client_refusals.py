"""Which answers are a definite no and which only look like one; tables come whole or not at all."""

from __future__ import annotations

import gzip

import pytest

from ninefifteen.adapters.zerodha.errors import Down, LoggedOut, Refused, Unknown
from tests.adapters.zerodha.asking import NOES, TABLE, ask, place, problem_of, table
from tests.adapters.zerodha.scripted_server import Answer, failure, reply, talk

# ---------------------------------------------------------------------------------------- definite noes


@pytest.mark.parametrize(("status", "error_type", "message", "kind"), NOES)
def test_a_refusal_of_the_list_is_definite(status: int, error_type: str, message: str, kind: str) -> None:
    problem = problem_of(place, failure(status, error_type, message))
    assert isinstance(problem, Refused)
    assert problem.kind == kind
    assert message in str(problem)
    assert isinstance(problem, LoggedOut) is (kind == "token")


@pytest.mark.parametrize(
    ("status", "error_type", "message"),
    [
        (
            400,
            "OrderException",
            "Order request timed out. Please check the order book and confirm before placing again.",
        ),
        (400, "InputException", "The order is pending at the exchange"),
        (400, "MarginException", "Request timeout"),
        (400, "OrderException", "Something went wrong"),
        (400, "GeneralException", "Unknown"),
        (500, "OrderException", "Markets are closed right now."),
        (200, "InputException", "Invalid `quantity`."),
        (404, "GeneralException", "Route not found"),
        (401, "TokenException", "Who are you?"),
    ],
)
def test_a_failure_that_leaves_a_doubt_is_unknown(status: int, error_type: str, message: str) -> None:
    assert type(problem_of(place, failure(status, error_type, message))) is Unknown


def test_a_read_that_is_refused_says_so() -> None:
    assert isinstance(problem_of(ask, failure(403, "TokenException", "Token is expired")), LoggedOut)
    assert problem_of(ask, reply("<html>slow down</html>", 429, "text/html")).kind == "rate"  # type: ignore[attr-defined]
    assert problem_of(ask, failure(404, "GeneralException", "Route not found")).kind == "input"  # type: ignore[attr-defined]
    assert type(problem_of(place, reply("<html>slow down</html>", 429, "text/html"))) is Unknown


# ------------------------------------------------------------------------------------------------ tables


def test_a_table_comes_unzipped_however_it_is_packed() -> None:
    assert talk(table, reply(TABLE, kind="text/csv")) == TABLE
    assert talk(table, reply(TABLE, kind="text/csv", packed=True)) == TABLE
    assert talk(table, reply(gzip.compress(TABLE), kind="application/gzip")) == TABLE
    halves = gzip.compress(TABLE[:100]) + gzip.compress(TABLE[100:])
    assert talk(table, reply(halves, kind=None)) == TABLE


@pytest.mark.parametrize(
    "answer",
    [
        reply(gzip.compress(TABLE)[:-9], kind="text/csv"),
        reply(gzip.compress(TABLE)[:40], kind="text/csv"),
        reply("<html>Maintenance</html>", 200, "text/html"),
        reply(b"", kind="text/csv"),
        reply({"status": "success", "data": []}),
        failure(500, "GeneralException", "no"),
    ],
)
def test_a_table_that_is_not_whole_is_down(answer: Answer) -> None:
    assert type(problem_of(table, answer)) is Down


def test_a_table_for_a_dead_session_says_so() -> None:
    assert isinstance(problem_of(table, failure(403, "TokenException", "expired")), LoggedOut)
