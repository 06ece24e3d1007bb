"""The transport: what leaves, what is believed, and that nothing but our own errors comes out."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from ninefifteen.adapters.zerodha import client as client_module
from ninefifteen.adapters.zerodha.client import REAL, KiteClient, simulated
from ninefifteen.adapters.zerodha.errors import Down, LoggedOut, Unknown
from ninefifteen.adapters.zerodha.order_line import OrderLine
from ninefifteen.adapters.zerodha.secret import one_line
from ninefifteen.domain.secret import SecretText
from ninefifteen.errors import BadInput
from tests.adapters.zerodha.asking import BUY, PLACED, Data, Named, ask, place, problem_of, with_server
from tests.adapters.zerodha.scripted_server import (
    ACCESS_TOKEN,
    API_KEY,
    Answer,
    Scripted,
    StepClock,
    failure,
    reply,
    scripted,
    success,
    talk,
)

# ------------------------------------------------------------------------------------------ what leaves


def test_a_read_carries_version_and_session_and_every_value_of_the_query() -> None:
    async def use(_: Scripted, client: KiteClient) -> None:
        pairs = [("i", "NSE:M&M"), ("i", "NSE:NIFTY 50")]
        assert await client.read("/quote", Data, params=pairs, family="quote") == {}

    (asked,) = asyncio.run(with_server(use, success({}))).asked
    assert (asked.method, asked.target) == ("GET", "/quote?i=NSE:M%26M&i=NSE:NIFTY+50")
    assert asked.headers["x-kite-version"] == "3"
    assert asked.headers["authorization"] == f"token {API_KEY}:{ACCESS_TOKEN}"


def test_an_order_leaves_as_a_form_on_a_connection_of_its_own() -> None:
    async def use(_: Scripted, client: KiteClient) -> None:
        await ask(client)
        assert (await place(client))["order_id"] == "1953341975595868160"
        assert (await client.write("DELETE", "/orders/regular/7", {}))["order_id"]

    server = asyncio.run(with_server(use, success({"user_id": "AB1234"}), PLACED))
    assert [asked.method for asked in server.asked] == ["GET", "POST", "DELETE"]
    assert server.asked[1].form == BUY
    assert server.connections == 2


def test_a_slow_read_does_not_hold_an_order_back() -> None:
    async def use(_: Scripted, client: KiteClient) -> None:
        slow = asyncio.create_task(client.read("/orders", Data))
        await asyncio.sleep(0.05)
        await place(client)
        assert not slow.done()
        with pytest.raises(Down):
            await slow

    asyncio.run(with_server(use, Answer(b"", delay=5), PLACED))


def test_warming_opens_the_connection_that_orders_use() -> None:
    async def use(_: Scripted, client: KiteClient) -> None:
        await client.warm()
        await place(client)

    server = asyncio.run(with_server(use, success({"user_id": "AB1234"}), PLACED))
    assert [asked.target for asked in server.asked] == ["/user/profile", "/orders/regular"]
    assert server.connections == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_where_nothing_may_be_written_any_more_nothing_is_sent_and_readings_are(method: str) -> None:
    """Whoever was overtaken while its order waited for its turn finds out before the first byte."""

    async def use(_: Scripted, client: KiteClient) -> None:
        client.may_write = lambda: False
        with pytest.raises(Down, match="nothing was sent: somebody else has taken over"):
            await client.write(method, "/orders/regular", BUY)
        await client.warm()

    server = asyncio.run(with_server(use, success({"user_id": "AB1234"})))
    assert [asked.method for asked in server.asked] == ["GET"]


def test_margins_are_asked_as_json() -> None:
    async def use(_: Scripted, client: KiteClient) -> None:
        assert await client.ask("/margins/orders", [{"quantity": 65}], list[Data]) == [{"total": 1}]

    (asked,) = asyncio.run(with_server(use, success([{"total": 1}]))).asked
    assert (asked.method, asked.headers["content-type"], asked.body) == (
        "POST",
        "application/json",
        b'[{"quantity":65}]',
    )


def test_no_redirect_is_followed_and_no_proxy_of_the_environment_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    elsewhere = Answer(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")

    async def use(_: Scripted, client: KiteClient) -> None:
        with pytest.raises(Down, match=r"answered with nothing \(HTTP 302\)"):
            await ask(client)
        with pytest.raises(Unknown):
            await place(client)

    assert len(asyncio.run(with_server(use, elsewhere)).asked) == 2


def test_a_session_is_needed_for_everything_but_a_login() -> None:
    async def run() -> None:
        async with scripted(success({"user_id": "AB1234"})) as server:
            client = server.client(logged_in=False)
            for use in (ask, place):
                with pytest.raises(LoggedOut, match="run `ninefifteen login`"):
                    await use(client)
            assert (await client.open_session({"request_token": "r" * 32}, Named)).user_id == "AB1234"
            assert "authorization" not in server.asked[0].headers
            await client.close()

    asyncio.run(run())


def test_time_stands_still_while_an_answer_is_under_way() -> None:
    clock = StepClock()

    async def use(server: Scripted, client: KiteClient) -> None:
        asked = asyncio.ensure_future(ask(client))
        while not server.asked:  # noqa: ASYNC110 - the server does not tell
            await asyncio.sleep(0)
        assert clock.inside == 1
        await asked
        assert clock.inside == 0

    slow = success({"user_id": "AB1234"})._replace(delay=0.1)
    asyncio.run(with_server(use, slow, clock=clock))


# -------------------------------------------------------------------------------- what is not an answer

ODD = {
    "web page": (reply("<html>Bad gateway</html>", 502, "text/html"), "a web page instead of data"),
    "web page with 200": (reply("<html>Maintenance</html>", 200, "text/html"), "a web page instead of data"),
    "server error": (failure(500, "GeneralException", "Something went wrong"), "HTTP 500 GeneralException"),
    "unavailable": (failure(503, "NetworkException", "OMS unreachable"), "HTTP 503 NetworkException"),
    "gateway timeout": (failure(504, "DataException", "Upstream"), "HTTP 504 DataException"),
    "error without a type": (failure(400, None, "No"), "HTTP 400 without an error type: No"),
    "error with 200": (reply({"status": "error", "message": "No"}), "JSON of another shape"),
    "truncated JSON": (reply('{"status": "success", "data": {"user_id": "AB'), "not whole JSON"),
    "another shape": (success([1, 2]), "JSON of another shape"),
    "odd status": (reply({"status": "fine", "data": {"user_id": "x", "order_id": "1"}}), "status 'fine'"),
    "nothing": (reply(b"", 200), "answered with nothing"),
    "damaged gzip": (
        Answer(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"),
        "damaged gzip",
    ),
    "another packing": (
        Answer(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\nnope"),
        "packed as br",
    ),
    "no HTTP": (Answer(b"SSH-2.0-OpenSSH_9.2\r\n", cut=True), "no whole answer came"),
    "cut before the answer": (Answer(b"", cut=True), "cut before an answer"),
    "cut within the answer": (
        Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", cut=True),
        "no whole answer came",
    ),
    "silence": (Answer(b"", delay=5), "no answer in time"),
}


@pytest.mark.parametrize(("answer", "words"), ODD.values(), ids=ODD)
def test_what_is_no_answer_is_down_for_a_read_and_unknown_for_an_order(answer: Answer, words: str) -> None:
    read = problem_of(ask, answer)
    assert type(read) is Down
    assert words in str(read)
    assert type(problem_of(place, answer)) is Unknown


@pytest.mark.parametrize("kind", ["application/json", "text/plain", None])
def test_good_json_is_believed_whatever_type_it_is_sent_as(kind: str | None) -> None:
    answer = reply({"status": "success", "data": {"user_id": "AB1234", "order_id": "7"}}, kind=kind)
    assert talk(ask, answer).user_id == "AB1234"
    assert talk(place, answer)["order_id"] == "7"


@pytest.mark.parametrize("data", [{}, {"order_id": ""}, {"order_id": 7}, {"order_id": None}])
def test_a_success_without_an_order_id_is_unknown(data: Data) -> None:
    assert type(problem_of(place, success(data))) is Unknown


def test_nobody_listening_means_that_nothing_was_sent() -> None:
    async def run() -> None:
        async with scripted(PLACED) as server:
            client = server.client()
        for use in (ask, place):
            with pytest.raises(Down, match="no connection"):
                await use(client)
        await client.close()

    asyncio.run(run())


def test_a_connection_that_is_not_made_in_time_means_that_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", never)
    monkeypatch.setattr(OrderLine, "connect", never)
    for use in (ask, place):
        assert type(problem := problem_of(use, PLACED)) is Down
        assert "no connection in time" in str(problem)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_whose_connection_is_cut_is_never_sent_a_second_time(method: str) -> None:
    """HTTP libraries by themselves repeat PUT and DELETE on a connection that was used before."""

    async def use(_: Scripted, client: KiteClient) -> None:
        await client.warm()
        with pytest.raises(Unknown, match="cut before an answer"):
            await client.write(method, "/orders/regular/7", {})

    server = asyncio.run(with_server(use, success({}), Answer(b"", cut=True), PLACED))
    assert [asked.method for asked in server.asked] == ["GET", method]


def test_a_giant_reply_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "LARGEST_REPLY", 1000)
    big = {"user_id": "AB1234", "order_id": "7", "more": "x" * 200_000}
    for packed in (False, True):
        answer = reply({"status": "success", "data": big}, packed=packed)

        async def limited(client: KiteClient) -> Any:
            return await client._answer("GET", "/", most=1000)

        with pytest.raises(Exception, match="more than 1000 bytes"):
            talk(limited, answer)


def test_a_cancelled_request_stays_cancelled() -> None:
    async def use(_: Scripted, client: KiteClient) -> None:
        for request in (ask, place):
            task = asyncio.ensure_future(request(client))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(with_server(use, Answer(b"", delay=5)))


# ----------------------------------------------------------------------------------------------- secrets


def test_no_secret_is_in_any_message_or_name() -> None:
    told = f"bad {API_KEY}:{ACCESS_TOKEN} \x1b[31m\r\nline" + "x" * 999
    for use in (ask, place):
        for answer in (failure(403, "TokenException", told), failure(500, "GeneralException", told)):
            text = str(problem_of(use, answer))
            assert API_KEY not in text
            assert ACCESS_TOKEN not in text
            assert text.isprintable()
            assert len(text) < 300
    assert repr(SecretText("secret")) == "SecretText(***)"
    assert SecretText("a") == SecretText("a") != SecretText("b")
    assert len({SecretText("a"), SecretText("a")}) == 1
    assert one_line("a b", ["b"]) == "a b", "a short text is no secret but a word"


def test_a_key_or_token_that_cannot_stand_in_a_header_is_bad_input() -> None:
    for text in ("", "two words", "line\nbreak", "a:b", "ключ"):
        with pytest.raises(BadInput, match="BROKER_API_KEY"):
            KiteClient(REAL, SecretText(text), StepClock())
        with pytest.raises(BadInput, match="access token"):
            KiteClient(REAL, SecretText(API_KEY), StepClock()).use(SecretText(text))


def test_a_simulated_exchange_has_its_login_page_beside_the_rest() -> None:
    assert simulated("http://127.0.0.1:9/", "ws://127.0.0.1:8").login == "http://127.0.0.1:9/connect/login"
