"""A day in a process of its own while its ledger's database is killed, held, stopped or full."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from ninefifteen.adapters.ledger import schema
from ninefifteen.adapters.ledger.database import connect
from ninefifteen.home import Home
from tests import postgres
from tests.adapters.ledgers import dump, rows
from tests.patience import PATIENCE_S
from tests.processes.paper_homes import DAY_S, PROGRAM, exchange, rehearsal_home
from tests.processes.running import Process, finish

AT_ONCE = ("--once", "--speed", "max")
FAST = ("--once", "--speed", "5000")
"""Five seconds for the day, not counting for how long the test stops it."""
CATCH_UP = (sys.executable, "-m", "ninefifteen.adapters.ledger")
GONE = "ledger: the database cannot be written ("
LATER = "the ledger is not up to date: the journal has everything, the next start catches up"


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.server() as own:
        yield own


@pytest.fixture
def url(server: postgres.Server) -> str:
    """An empty database; the server runs, however the test before has left it."""
    if not server.answers():
        server.start()
    return server.new_database()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the day gives when nobody disturbs it."""
    document, _ = finish(tmp_path_factory.mktemp("undisturbed") / "home")
    return document


def home_with(path: Path, address: str) -> Path:
    """A home whose `.env` names this database, as people write it."""
    home = Home.open(path / "home")
    home.env_file.write_text(f"DATABASE_URL={address}\n")
    return home.path


def rows_of(address: str) -> str:
    engine = connect(address)
    try:
        return dump(engine)
    finally:
        engine.dispose()


def catch_up(home: Path, address: str) -> None:
    """As the next start does."""
    command = [*CATCH_UP, str(home)]
    subprocess.run(command, env={**os.environ, "DATABASE_URL": address}, check=True, timeout=PATIENCE_S)


def has_an_order(address: str) -> bool:
    """Whether the writer has made the tables and is in the middle of the day."""
    engine = connect(address)
    try:
        return inspect(engine).has_table("orders") and rows(engine, schema.orders) != []
    finally:
        engine.dispose()


def stop_in_the_day(process: Process, url: str) -> None:
    """Stop the day once its entry is sent, and wait for the writer, which lives on and comes up to it."""
    process.wait_for(b'"type":"submit"')
    process.send(signal.SIGSTOP)
    wait_until(lambda: has_an_order(url))


def caught_up(home: Path, address: str) -> bool:
    """Whether the ledger holds the same rows as one made anew from the journals, in SQLite."""
    anew = f"sqlite:///{home / 'anew.db'}"
    subprocess.run(
        [*CATCH_UP, str(home), "--rebuild", "--database-url", anew], check=True, timeout=PATIENCE_S
    )
    return told_of_days(address) == told_of_days(anew)


def told_of_days(address: str) -> list[str]:
    """All but whose ledger it is: made anew by hand, nobody names the account."""
    return [line for line in rows_of(address).splitlines() if not line.startswith("identity ")]


def ended(process: Process, undisturbed: dict[str, Any]) -> list[str]:
    """The day ended as if nothing had been; returns what was said of the ledger."""
    code, out, err = process.ended()
    assert (code, json.loads(out)) == (0, undisturbed), err
    assert "secret" not in err
    assert "Traceback" not in err
    assert not (process.home / "ninefifteen.db").exists()
    return [line for line in err.splitlines() if "ledger" in line and "journal:" not in line]


def wait_until(happens: Callable[[], bool], *, within: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + within
    while not happens():
        assert time.monotonic() < deadline, f"waited {within} s in vain"
        time.sleep(0.05)


def test_a_day_is_written_into_the_database_that_the_env_file_names(
    url: str, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    with Process(home_with(tmp_path, url), *AT_ONCE) as process:
        assert ended(process, undisturbed) == []
    assert "trades (" in rows_of(url)
    assert caught_up(process.home, url)


def test_a_server_stopped_in_the_middle_of_the_day_is_told_once_and_caught_up_at_the_next_start(
    server: postgres.Server, url: str, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    with Process(home_with(tmp_path, url), *FAST) as process:
        stop_in_the_day(process, url)
        server.stop()
        process.send(signal.SIGCONT)
        gone, later = ended(process, undisturbed)
    assert gone.startswith(GONE)
    assert LATER in later
    server.start()
    assert "'traded'" not in rows_of(url)
    for _ in range(2):
        catch_up(process.home, url)
        assert caught_up(process.home, url)


def test_a_server_that_is_down_at_the_start_delays_nothing(
    server: postgres.Server, url: str, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    server.stop()
    with Process(home_with(tmp_path, url), *AT_ONCE) as process:
        gone, later = ended(process, undisturbed)
    assert gone.startswith(GONE)
    assert LATER in later


def test_a_server_whose_processes_are_killed_comes_back_and_the_ledger_with_it(
    server: postgres.Server, url: str, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    """`kill -9` of one server process makes all of them begin anew."""
    with Process(home_with(tmp_path, url), *FAST) as process:
        stop_in_the_day(process, url)
        wait_until(lambda: server.signal_writers(signal.SIGKILL) > 0)
        process.send(signal.SIGCONT)
        told = ended(process, undisturbed)
    # It is back within half a second: a writer that did not need it just then has nothing to tell.
    assert told == [] or (told[0].startswith(GONE) and "can be written again" in told[1])
    assert caught_up(process.home, url)


@pytest.mark.nightly
def test_a_writer_that_is_killed_is_not_missed_and_the_next_start_catches_up(
    url: str, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    with Process(home_with(tmp_path, url), *FAST) as process:
        stop_in_the_day(process, url)
        ours = process.child.pid
        (writer,) = Path(f"/proc/{ours}/task/{ours}/children").read_text().split()
        os.kill(int(writer), signal.SIGKILL)
        process.send(signal.SIGCONT)
        (later,) = ended(process, undisturbed)
    assert LATER in later
    catch_up(process.home, url)
    assert caught_up(process.home, url)


@contextmanager
def table_held(server: postgres.Server, url: str) -> Iterator[None]:
    """Somebody holds a table of the ledger and sleeps."""
    with server.connect(url) as connection, connection.transaction():
        connection.execute("LOCK TABLE projection IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def process_frozen(server: postgres.Server, _: str) -> Iterator[None]:
    """The server process of the ledger takes no part in anything any more."""
    assert server.signal_writers(signal.SIGSTOP) > 0
    try:
        yield
    finally:
        server.signal_writers(signal.SIGCONT)


@pytest.mark.parametrize(
    ("slow", "words"),
    [
        (table_held, "lock timeout"),
        pytest.param(process_frozen, "the database does not answer", marks=pytest.mark.nightly),
    ],
)
def test_a_database_that_does_not_come_to_an_answer_delays_no_event_of_the_day(
    server: postgres.Server, url: str, tmp_path: Path, undisturbed: dict[str, Any], slow: Any, words: str
) -> None:
    with Process(home_with(tmp_path, url), *FAST) as process:
        stop_in_the_day(process, url)
        with slow(server, url):
            process.send(signal.SIGCONT)
            begun = time.monotonic()
            wait_until(lambda: any((process.home / "days").iterdir()))
            assert time.monotonic() - begun < 20  # five seconds of the day itself
            told = ended(process, undisturbed)
    assert sum(words in line for line in told) == 1
    assert LATER in told[-1]
    catch_up(process.home, url)
    assert caught_up(process.home, url)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of this size; skips the test where this user cannot make one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("NOT TESTED ON A FULL DISK: only root can make a small one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_file_on_a_full_disk_leaves_the_day_alone_and_is_caught_up_when_there_is_room(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    with small_disk(tmp_path / "disk", "128k") as disk:
        address = f"sqlite:///{disk / 'ledger.db'}"
        with Process(home_with(tmp_path, address), *AT_ONCE) as process:
            full, later = ended(process, undisturbed)
        assert "full" in full
        assert "trading goes on" in full
        assert LATER in later
        subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
        catch_up(process.home, address)
        assert caught_up(process.home, address)


@pytest.mark.nightly
def test_a_server_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    server: postgres.Server, url: str, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    base = server.folder / "disk"
    with small_disk(base, "2m") as disk:
        server.owns(disk)
        with server.connect() as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
        with server.connect(url) as connection:
            connection.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET default_tablespace = small")
        home = home_with(tmp_path, url)
        catch_up(home, url)
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space"):
            filler.write_bytes(bytes(4 << 20))
        with Process(home, *FAST) as process:
            wait_until(lambda: "could not extend file" in server.log())
            filler.unlink()
            full, back = ended(process, undisturbed)
        assert full.startswith("ledger: the database is full (could not extend file")
        assert "make room" in full
        assert "can be written again" in back
        assert caught_up(home, url)
        with server.connect() as connection:
            connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")
            connection.execute("DROP TABLESPACE small")


@pytest.mark.nightly
def test_a_rehearsal_whose_orders_go_to_the_exchange_is_in_the_ledger_with_its_marks(
    url: str, tmp_path: Path
) -> None:
    with exchange(seed=4) as market:
        home = rehearsal_home(tmp_path / "home", market, {"DATABASE_URL": url})
        run = [*PROGRAM, "run", "--production", "--once", "--json", "--no-dashboard", "--home", str(home)]
        told = subprocess.run(run, check=True, capture_output=True, timeout=DAY_S)
    document = json.loads(told.stdout)
    engine = connect(url)
    try:
        (day,), (trade,) = rows(engine, schema.days), rows(engine, schema.trades)
        orders = rows(engine, schema.orders)
    finally:
        engine.dispose()
    assert (day["at_broker"], day["rehearsal"], day["synthetic"], day["status"]) == (
        True,
        True,
        True,
        "traded",
    )
    assert (trade["contract"], trade["rehearsal"]) == (document["trades"][0]["contract"], True)
    assert {(order["state"], order["rehearsal"], order["synthetic"]) for order in orders} == {
        ("complete", True, True)
    }
    assert caught_up(home, url)
