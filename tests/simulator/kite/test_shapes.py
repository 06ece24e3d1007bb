"""What the samples of Zerodha show beside the replies of test_samples: changes, lists, tables, packets."""

from __future__ import annotations

import csv
import gzip
import json
import re
from base64 import b64decode
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.simulator.kite.rehearsal import Rehearsal, rehearse
from tests.simulator.kite.test_samples import differences, samples

pytestmark = pytest.mark.real_data
__all__ = ["samples"]

NUMBERS_OF_MANY_ROWS = 2000


def written(text: str) -> str:
    """How a figure of a table is written: digits as 9, letters as A."""
    return re.sub(r"[A-Z]+", "A", re.sub(r"\d+", "9", text))


def test_modifying_and_cancelling_reply_as_the_sample_does(samples: Path) -> None:
    theirs = json.loads((samples / "order_cancel.json").read_text())["data"]

    async def story(client: Rehearsal) -> None:
        order_id = await client.place(client.call_near(), "BUY", price="1.00")
        modified = await client.call("PUT", f"/orders/regular/{order_id}", data={"price": "1.05"})
        cancelled = await client.call("DELETE", f"/orders/regular/{order_id}")
        assert differences(modified, theirs) == []
        assert differences(cancelled, theirs) == []
        assert modified == cancelled == {"order_id": order_id}

    rehearse(story)


def test_holdings_are_a_list_as_in_the_sample_and_there_are_none(samples: Path) -> None:
    """The account of this exchange holds no shares: the list is empty, its rows are not reproduced."""
    theirs = json.loads((samples / "holdings.json").read_text())["data"]

    async def story(client: Rehearsal) -> None:
        ours = await client.get("/portfolio/holdings")
        assert type(ours) is type(theirs)
        assert ours == []

    rehearse(story)


def test_there_are_no_gtt_orders_to_show(samples: Path) -> None:
    """The sample has some; this exchange has none and says so, rather than an empty list."""
    assert json.loads((samples / "gtt_get_orders.json").read_text())["data"]

    async def story(client: Rehearsal) -> None:
        no = await client.no("GET", "/gtt/triggers")
        assert (no.error_type, no.message) == (
            "GeneralException",
            "There are no GTT orders on this exchange.",
        )

    rehearse(story)


def test_options_are_written_as_in_the_list_of_a_real_day(real_data: Path) -> None:
    file = real_data / "fixtures" / "kite" / "nfo_instruments_2026-08.csv.gz"
    if not file.is_file():
        pytest.skip("no list of a real day: ../shared/data/fixtures/kite is not beside this checkout")
    with gzip.open(file, "rt") as text:
        real = [row for row in csv.DictReader(text) if row["instrument_type"] in ("CE", "PE")]
    assert len(real) > NUMBERS_OF_MANY_ROWS

    async def story(client: Rehearsal) -> None:
        ours = await client.instruments("/instruments/NFO")
        assert len(ours) > NUMBERS_OF_MANY_ROWS
        for name in real[0]:
            if name != "name":  # names of companies
                assert {written(row[name]) for row in ours} <= {written(row[name]) for row in real}, name

    rehearse(story)


@pytest.mark.parametrize("mode", ["full", "quote"])
def test_packets_are_as_long_as_those_of_the_samples(samples: Path, mode: str) -> None:
    theirs = b64decode((samples / f"ticker_{mode}.packet").read_text())

    async def story(client: Rehearsal) -> None:
        async with client.ticker() as socket:
            await socket.send_json({"a": "mode", "v": [mode, [client.call_near().token]]})
            frame = await socket.receive_bytes(timeout=PATIENCE_S)
            count, length = int.from_bytes(frame[:2]), int.from_bytes(frame[2:4])
            assert (count, length) == (1, len(theirs))

    rehearse(story)
