"""The official client against `ninefifteen exchange` as anybody starts it: a process of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ninefifteen.domain.instants import from_datetime
from ninefifteen.domain.settings import Settings
from ninefifteen.simulator.market import MarketDay
from ninefifteen.wiring.exchange import synthetic_days
from tests.official.official import official_client
from tests.official.test_official_reading import as_quoted
from tests.official.test_official_ticker import as_tick
from tests.patience import PATIENCE_S
from tests.simulator.synthetic_facts import rules

SEED = 7


@asynccontextmanager
async def exchange(home: Path, *words: str) -> AsyncIterator[dict[str, Any]]:
    """The ready line of an exchange that runs until the end, and then ends with 0."""
    command = ("-m", "ninefifteen", "exchange", "--protocol", "kite", "--home", str(home), *words)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        yield json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def market_of(ready: dict[str, Any]) -> MarketDay:
    """The same day once more: it is a function of seed and date."""
    day = synthetic_days(Settings(), rules(), SEED)(date.fromisoformat(ready["date"]))
    assert day is not None
    return day.market


def test_the_official_client_sees_the_day_of_the_seed_at_the_exchange_of_the_command_line(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        words = ("--seed", str(SEED), "--start", "09:30:00", "--speed", "max")
        async with exchange(tmp_path, *words) as ready, official_client(ready) as official:
            market, at = market_of(ready), from_datetime(datetime.fromisoformat(ready["clock"]["at"]))
            share = market.by_key["NSE:RELIANCE"]
            assert (await official.rest("profile"))["user_id"] == ready["user_id"]
            quote = await official.rest("quote", share.key)
            assert quote == {share.key: as_quoted(market.snapshot(share.token, at))}
            await official.connect_ticker()
            await official.tell_ticker("subscribe", [share.token])
            await official.tell_ticker("set_mode", "full", [share.token])
            ticks = await official.heard("ticks", 2)
            assert ticks[-1] == as_tick(market, share, at, "full")

    asyncio.run(story())
