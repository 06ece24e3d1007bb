"""Paper days at a real speed, and many of them: too long for `make test`."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from ninefifteen.adapters.journal import read_journal
from ninefifteen.domain.effects import Submit
from ninefifteen.domain.events import DayOpened
from ninefifteen.domain.instants import MILLISECOND, MINUTE, SECOND, Instant
from tests.processes.paper_homes import Paper, exchange, finished, rehearsal_home

pytestmark = pytest.mark.nightly


def first_order(home: Path) -> tuple[Instant, Instant]:
    """When the open was and when the entry was decided, by the day's journal."""
    (journal,) = (home / "journal").iterdir()
    steps = read_journal(journal).steps
    opening = steps[0].event
    assert isinstance(opening, DayOpened)
    sent = next(step for step in steps if any(isinstance(effect, Submit) for effect in step.effects))
    return opening.facts.open_at, sent.event.at


def test_at_speed_one_the_entry_is_decided_with_the_first_quote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From 09:13:00 to 09:17 in real time; the first quote of this day comes within 0.1 s of the bell."""
    with exchange(seed=4, start="09:13:00", speed="1") as market:
        home = rehearsal_home(tmp_path, market)
        with Paper(home, "--once") as process:
            process.wait_until(market, "09:17:00")
            process.send(signal.SIGTERM)
            code, out, _ = process.ended()
    assert (code, json.loads(out)) == (130, {"stopped": True, "days": []})
    open_at, decided_at = first_order(home)
    with capsys.disabled():
        print(f"\nthe entry was decided {(decided_at - open_at) / MILLISECOND:.3f} ms after the open")
    assert 0 < decided_at - open_at < SECOND // 2


def test_at_speed_sixty_one_whole_day_ends_flat(tmp_path: Path) -> None:
    """From 08:40 to the close without anybody: 7 minutes."""
    with exchange(seed=6, start="08:40:00", speed="60") as market:
        home = rehearsal_home(tmp_path, market, {"BROKER_ACCESS_TOKEN": None})
        with Paper(home, "--once") as process:
            out, err = process.child.communicate(timeout=600)
    assert process.child.returncode == 0, err
    document = json.loads(out)
    assert (document["flat"], document["journal_ok"]) == (True, True)
    open_at, decided_at = first_order(home)
    assert 0 < decided_at - open_at < MINUTE // 2


@pytest.mark.parametrize("seed", range(300, 320))
def test_any_day_ends_flat_and_proves_itself(tmp_path: Path, seed: int) -> None:
    with exchange(seed=seed) as market:
        document, told = finished(rehearsal_home(tmp_path, market))
        written = [what for what in market.asked("counts") if what.split()[0] in ("POST", "PUT", "DELETE")]
    assert (document["flat"], document["journal_ok"]) == (True, True)
    assert document["status"] in ("traded", "no_trade")
    assert written == []
    assert "Traceback" not in told
