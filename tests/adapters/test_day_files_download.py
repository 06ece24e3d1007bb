"""Getting the ban list from a server: today's list is kept whole, everything else is a note."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from aiohttp import web

from ninefifteen.adapters.day_files import BAN_LIST_URL, Fetched, day_lists, fetch_ban_list

MONDAY = date(2026, 11, 23)
LIST = "Securities in Ban For Trade Date 23-NOV-2026:\n1,RBLBANK\n2,VEDL\n"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[str]:
    """A web server on the loopback that answers so; its address."""
    app = web.Application()
    app.router.add_get("/fo_secban.csv", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/fo_secban.csv"
    finally:
        await runner.cleanup()


def fetch(answer: Answer, folder: Path, *, timeout_s: float = 5.0) -> Fetched:
    """Get Monday's list from a server that answers so."""

    async def asking() -> Fetched:
        async with served(answer) as url:
            return await fetch_ban_list(url, folder, MONDAY, timeout_s=timeout_s)

    return asyncio.run(asking())


def says(text: str, *, status: int = 200) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status)

    return answer


def test_todays_list_is_kept_and_counts(tmp_path: Path) -> None:
    found = fetch(says(LIST), tmp_path / "rules")
    assert found == Fetched(
        tmp_path / "rules" / "ban-2026-11-23.csv", "ban list of 2026-11-23: RBLBANK, VEDL"
    )
    assert [path.name for path in (tmp_path / "rules").iterdir()] == ["ban-2026-11-23.csv"]
    assert day_lists(tmp_path / "rules", MONDAY, date(2026, 11, 20)).banned == ("RBLBANK", "VEDL")


def test_a_day_without_bans_is_kept_too(tmp_path: Path) -> None:
    assert fetch(says(LIST[:46]), tmp_path).note == "ban list of 2026-11-23: nobody"
    assert day_lists(tmp_path, MONDAY, date(2026, 11, 20)).banned == ()


def test_the_program_says_who_it_is(tmp_path: Path) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers["User-Agent"])
        return web.Response(text=LIST)

    fetch(answer, tmp_path)
    assert asked[0].startswith("ninefifteen/")


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (
            says(LIST.replace("23-NOV", "20-NOV")),
            "the exchange's ban list is that of 2026-11-20, not of 2026-11-23; it is not used",
        ),
        (
            says("<html>Access denied</html>"),
            (
                "the exchange's ban list line 1: is no ban list; it must begin with "
                "'Securities in Ban For Trade Date DD-MON-YYYY:'; it is not used"
            ),
        ),
        (says("no", status=403), "the exchange answered 403 instead of its ban list; it is not used"),
        (says(LIST, status=302), "the exchange answered 302 instead of its ban list; it is not used"),
        (
            says(LIST + "x" * (3 << 20)),
            "the exchange's ban list is longer than 1,048,576 bytes: it is something else; it is not used",
        ),
    ],
)
def test_what_is_not_todays_list_is_not_kept(tmp_path: Path, answer: Answer, note: str) -> None:
    assert fetch(answer, tmp_path) == Fetched(None, note)
    assert list(tmp_path.iterdir()) == []


def test_a_slow_server_is_not_waited_for(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        raise AssertionError

    note = "the exchange's ban list did not arrive in 0.2 s"
    assert fetch(answer, tmp_path, timeout_s=0.2) == Fetched(None, note)


def test_a_dropped_connection_is_a_note(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Length": "500"})
        await reply.prepare(request)
        await reply.write(LIST.encode())
        assert request.transport is not None
        request.transport.close()
        return reply

    found = fetch(answer, tmp_path)
    assert found.path is None
    assert found.note.startswith("the exchange's ban list cannot be had")


def test_nobody_there_is_a_note(tmp_path: Path) -> None:
    async def asking() -> Fetched:
        async with served(says(LIST)) as url:
            pass
        return await fetch_ban_list(url, tmp_path, MONDAY)

    assert "cannot be had (ClientConnectorError)" in asyncio.run(asking()).note


def test_a_folder_that_cannot_be_written_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("")
    found = fetch(says(LIST), tmp_path / "rules")
    assert found == Fetched(None, "rules/ban-2026-11-23.csv cannot be written: File exists")


def test_the_address_is_the_exchanges_own() -> None:
    assert BAN_LIST_URL.startswith("https://nsearchives.nseindia.com/")
