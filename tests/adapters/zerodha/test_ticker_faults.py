"""The feed when things go wrong: silence, broken connections, refused tokens, false servers, secrets."""

from __future__ import annotations

import asyncio
import json
import ssl
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from ninefifteen.adapters.zerodha.packets import Mode
from ninefifteen.adapters.zerodha.ticker import Patience
from ninefifteen.domain.secret import SecretText
from tests.adapters.zerodha.kite_frames import INFY, NIFTY
from tests.adapters.zerodha.ticker_server import (
    EARS,
    HASTE,
    KEY,
    TOKEN,
    Conversation,
    Script,
    Seen,
    Server,
    break_off,
    feeding,
    freeze,
    heartbeats,
    running,
    say_goodbye,
    sends,
    until,
)
from tests.patience import PATIENCE_S

# ------------------------------------------------------------------------------- connections that end


@pytest.mark.parametrize(
    ("ending", "lost", "why"),
    [
        (freeze, "silent", "no frame for 1 s"),
        (break_off, "down", "the connection has ended (code 1006)"),
        (say_goodbye, "down", "the connection has ended (code 1001)"),
    ],
)
def test_after_any_end_of_a_connection_everything_wanted_is_subscribed_again(
    ending: Script, lost: str, why: str
) -> None:
    server = Server(ending, ending, heartbeats())
    wanted: dict[int, Mode] = {INFY: "full", NIFTY: "quote"}

    async def story() -> Seen:
        async with feeding(server, wanted, EARS if lost == "silent" else HASTE) as (seen, _):
            await until(lambda: len(server.conversations) == 3)
            await until(lambda: server.conversations[2].modes == wanted)
            await until(lambda: seen.names[-1] == "live")
        return seen

    seen = asyncio.run(story())
    assert seen.names == ["live", lost, "live", lost, "live"]
    assert [state.why for state in seen.states] == ["", why, "", why, ""]
    assert all(earlier.since < later.since for earlier, later in pairwise(seen.states))


def test_a_server_that_only_answers_pings_is_silent() -> None:
    async def answers_pings(talk: Conversation) -> None:
        await talk.listen()

    server = Server(answers_pings)

    async def story() -> Seen:
        async with feeding(server, patience=EARS) as (seen, _):
            await until(lambda: len(server.conversations) == 2)
        return seen

    assert asyncio.run(story()).names == ["silent"]


def test_the_worst_connection_is_the_state_of_the_feed() -> None:
    server = Server(heartbeats(), freeze, heartbeats())

    async def story() -> Seen:
        async with feeding(server, patience=EARS) as (seen, ticker):
            await until(lambda: seen.names == ["live"])
            ticker.want(dict.fromkeys(range(1, 3_002), "ltp"))
            await until(lambda: "silent" in seen.names)
            await until(lambda: seen.names[-1] == "live")
        return seen

    assert asyncio.run(story()).names == ["live", "connecting", "live", "silent", "live"]


def test_while_no_handshake_succeeds_the_wait_doubles_up_to_its_limit() -> None:
    server = Server(heartbeats())
    server.refuse[TOKEN] = 502

    async def story() -> list[float]:
        async with feeding(server, patience=Patience(first=0.05, soon=0.05, longest=0.2)):
            await until(lambda: len(server.times) == 5)
        return [later - earlier for earlier, later in pairwise(server.times)]

    waits = asyncio.run(story())
    for wait, least in zip(waits, (0.05, 0.1, 0.2, 0.2), strict=True):
        assert wait >= least


def test_a_connection_whose_frames_came_for_a_while_is_replaced_at_once_each_time() -> None:
    """Doubling from 0.01 s, twelve attempts would take twenty seconds."""
    heard: list[Seen] = []

    async def break_off_later(talk: Conversation) -> None:
        await talk.socket.send_bytes(b"\x00")
        await until(lambda: heard and heard[0].names[-1:] == ["live"])
        await asyncio.sleep(0.02)  # twice as long as it takes to be good
        assert talk.request.transport is not None
        talk.request.transport.abort()

    server = Server(break_off_later)
    patience = Patience(silence=PATIENCE_S, first=0.01, soon=60.0, longest=60.0, good=0.01)

    async def story() -> None:
        async with feeding(server, patience=patience) as (seen, _):
            heard.append(seen)
            await until(lambda: len(server.attempts) >= 12)

    asyncio.run(story())


def test_connections_that_end_as_soon_as_they_are_open_are_no_storm_and_wait_for_no_long_time() -> None:
    server = Server(say_goodbye)

    async def story() -> list[float]:
        async with feeding(server, patience=Patience(first=0.05, soon=0.1, longest=60.0)):
            await until(lambda: len(server.times) == 6)
        return [later - earlier for earlier, later in pairwise(server.times)]

    waits = asyncio.run(story())
    for wait, least in zip(waits, (0.05, 0.1, 0.1, 0.1, 0.1), strict=True):
        assert wait >= least


def waits_after(*attempts: float | None) -> list[float]:
    """The waits a feed keeps by itself after attempts whose frames came for so many seconds."""
    waits, patience = [0.0], Patience()
    for frames_for in attempts:
        waits.append(patience.before_next(waits[-1], frames_for))
    return waits[1:]


def test_a_feed_waits_long_only_for_a_server_that_lets_nobody_in() -> None:
    assert waits_after(*[None] * 7) == [0.5, 1, 2, 4, 8, 10, 10]
    assert waits_after(*[1.5] * 7) == [0.5] * 7
    assert waits_after(*[0.2] * 4) == [0.5, 1, 1, 1]
    assert waits_after(None, None, None, None, 0.0, None, 20.0, None) == [0.5, 1, 2, 4, 1, 2, 0.5, 1]


@pytest.mark.parametrize("status", [404, 429, 502])
def test_any_other_answer_to_the_handshake_is_down(status: int) -> None:
    server = Server(heartbeats())
    server.refuse[TOKEN] = status

    async def story() -> Seen:
        async with feeding(server) as (seen, _):
            await until(lambda: len(server.attempts) == 3)
        return seen

    assert [(state.name, state.why) for state in asyncio.run(story()).states] == [
        ("down", f"the ticker answered HTTP {status}")
    ]


def test_without_a_server_the_feed_is_down_and_comes_up_with_it() -> None:
    server = Server(heartbeats())

    async def story() -> Seen:
        seen = Seen()
        async with server.up():
            port = server.port
        async with running(seen.ticker(server.url)):
            await until(lambda: seen.states)
            async with server.up(port=port):
                await until(lambda: seen.names[-1] == "live")
        return seen

    seen = asyncio.run(story())
    assert (seen.states[0].name, seen.states[0].why) == ("down", "no connection to 127.0.0.1")
    assert seen.names[1] == "live"


def test_a_server_that_never_answers_the_handshake_is_down() -> None:
    gone = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    async def story() -> Seen:
        seen = Seen()
        async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as mute:
            url = f"ws://127.0.0.1:{mute.sockets[0].getsockname()[1]}"
            async with running(seen.ticker(url, Patience(connect=0.1))):
                await until(lambda: seen.states)
            await until(gone.is_set)
        return seen

    assert [(state.name, state.why) for state in asyncio.run(story()).states] == [
        ("down", "no answer from 127.0.0.1 in 0.1 s")
    ]


# ---------------------------------------------------------------------------------------- refused tokens


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_tried_seldom_and_a_new_one_at_once(status: int) -> None:
    server = Server(heartbeats())
    server.refuse[TOKEN] = status

    async def story() -> Seen:
        async with feeding(server, patience=Patience(first=0.01, refused=30.0)) as (seen, ticker):
            await until(lambda: seen.names == ["refused"])
            await asyncio.sleep(0.15)
            assert len(server.attempts) == 1
            ticker.use(SecretText("tomorrows-token"))
            await until(lambda: seen.names[-1] == "live")
        return seen

    seen = asyncio.run(story())
    assert seen.states[0].why == f"the ticker refuses the token (HTTP {status}): log in again"
    assert [token for token, _ in server.attempts] == [TOKEN, "tomorrows-token"]


def test_a_refused_token_is_tried_again_after_a_while() -> None:
    server = Server(heartbeats())
    server.refuse[TOKEN] = 403

    async def story() -> Seen:
        async with feeding(server) as (seen, _):
            await until(lambda: seen.names == ["refused"])
            server.refuse.clear()
            await until(lambda: seen.names[-1] == "live")
        return seen

    assert asyncio.run(story()).names == ["refused", "live"]


def test_a_token_killed_during_the_stream_is_refused_at_the_next_attempt() -> None:
    server = Server(say_goodbye)

    async def story() -> Seen:
        async with feeding(server) as (seen, _):
            await until(lambda: seen.states)
            server.refuse[TOKEN] = 403
            await until(lambda: seen.names[-1] == "refused")
        return seen

    assert asyncio.run(story()).names[0] == "live"


# ------------------------------------------------------------------------------- false servers and secrets


@pytest.fixture
def unsigned(tmp_path: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS with a certificate that nobody has signed."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    certificate = builder.not_valid_after(datetime(2120, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path = tmp_path / "server.pem"
    private = key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_server_whose_certificate_nobody_trusts_never_sees_the_token(unsigned: ssl.SSLContext) -> None:
    server = Server(heartbeats())

    async def story() -> Seen:
        seen = Seen()
        async with server.up(unsigned), running(seen.ticker(server.url)):
            await until(lambda: seen.states)
            await asyncio.sleep(0.1)
        return seen

    assert [(state.name, state.why) for state in asyncio.run(story()).states] == [
        ("down", "the certificate of 127.0.0.1 is not to be trusted")
    ]
    assert server.attempts == []


@pytest.mark.parametrize(
    "url", ["ws://ws.kite.trade", "https://ws.kite.trade", "", "ws.kite.trade", "wss://", "wss://[::1"]
)
def test_a_token_is_never_sent_unencrypted_or_to_nowhere(url: str) -> None:
    with pytest.raises(ValueError, match="the address of the ticker"):
        Seen().ticker(url)


def test_no_secret_is_in_any_state_text_or_log(caplog: pytest.LogCaptureFixture) -> None:
    words = json.dumps({"type": "error", "data": f"bad request ?api_key={KEY}&access_token={TOKEN}"})
    server = Server(sends(words), break_off, say_goodbye)
    caplog.set_level("DEBUG")

    async def story() -> Seen:
        async with feeding(server) as (seen, ticker):
            await until(lambda: seen.texts)
            for status, name in ((502, "down"), (403, "refused")):
                server.refuse[TOKEN] = status
                await server.conversations[-1].socket.close()
                await until(lambda name=name: seen.names[-1] == name)  # type: ignore[misc]
            assert TOKEN not in repr(vars(ticker))
        return seen

    seen = asyncio.run(story())
    assert seen.texts == [("error", "bad request ?api_key=***&access_token=***")]
    # The server of this test logs the addresses it is asked for; nothing of ours may.
    logged = [one.getMessage() for one in caplog.records if one.name != "aiohttp.access"]
    for secret in (KEY, TOKEN):
        assert secret not in repr((seen.states, seen.texts, logged))
