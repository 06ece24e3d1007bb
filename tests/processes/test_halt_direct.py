"""`halt --direct` against our exchange over HTTP: what is the bot's goes, what is not stays."""

from __future__ import annotations

import asyncio
import io
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.adapters.fence import Fence
from ninefifteen.cli.halt_direct import WORDS, halt_direct
from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import Unreachable
from ninefifteen.wiring.emergency_halt import DirectHalt
from tests.patience import PATIENCE_S
from tests.processes.emergency_homes import Account, account, audit, beating, locked

Capture = pytest.CaptureFixture[str]


def halted(one: Account, capsys: Capture, **options: Any) -> tuple[int, dict[str, Any], str]:
    """Exit code, document and what was told people."""
    chosen = {"all_nfo": False, "yes": False, **options}
    capsys.readouterr()
    code = halt_direct(one.home, one.loaded, as_json=True, **chosen)
    said = capsys.readouterr()
    return code, json.loads(said.out), said.err


def sells(one: Account) -> list[dict[str, Any]]:
    return [row for row in one.orders() if row["transaction_type"] == "SELL"]


def never_short(one: Account) -> bool:
    """By the exchange's own account: never held less than nothing, never offered more than held."""
    contracts = one.truth()["contracts"]
    return all(row["least_net"] >= 0 and row["least_spare"] >= 0 for row in contracts)


def test_the_resting_stop_becomes_the_sale_and_flat_is_proved(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        stop = one.stop(tag=one.tag("p"))
        code, document, told = halted(one, capsys)
        assert (code, document["proved_flat"], document["engine"]) == (0, True, "none")
        assert one.net() == 0
        assert [row["order_id"] for row in sells(one)] == [stop]
        assert "FLAT, proved by two looks" in told
        assert json.loads(one.home.halt_file.read_text())["source"] == "halt --direct"
        assert {line["kind"] for line in audit(one.home)} == {"halt", "emergency"}
        assert all(line["synthetic"] for line in audit(one.home))
        assert document["fence"] == Fence(one.home.path / "epoch").read()


def test_a_half_filled_buy_is_cancelled_and_what_it_bought_is_sold(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        rests = one.order("BUY", tag=one.tag("e"), price="1.00")
        code, document, _ = halted(one, capsys)
        assert code == 0
        assert one.net() == 0
        assert next(row for row in one.orders() if row["order_id"] == rests)["status"] == "CANCELLED"
        assert [row["tag"][-1] for row in sells(one)] == ["r"]
        assert document["bot_open_orders"] == []
        assert never_short(one)


def test_nothing_of_the_bot_is_proved_as_well(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        code, document, _ = halted(one, capsys)
        assert (code, document["bot"], document["requests"]) == (0, [], 0)


@pytest.mark.parametrize("what", ["lost", "late"])
def test_a_sale_whose_answer_is_lost_is_found_by_its_tag_and_not_sent_again(
    tmp_path: Path, capsys: Capture, what: str
) -> None:
    fault: dict[str, Any] = {"on": "POST /orders", "what": what, "at": "09:31:00"}
    if what == "late":
        fault["seconds"] = 5
    with account(tmp_path, faults=[fault]) as one:
        one.buy(tag=one.tag("e"))
        one.wait_until("09:31:00")
        code, _, told = halted(one, capsys)
        assert "unknown" in told
        assert code == 0
        assert one.net() == 0
        assert len(sells(one)) == 1
        assert never_short(one)


def test_a_change_whose_answer_is_lost_is_asked_again_on_the_same_order(
    tmp_path: Path, capsys: Capture
) -> None:
    with account(tmp_path, faults=[{"on": "PUT /orders", "what": "dropped", "count": 2}]) as one:
        one.buy(tag=one.tag("e"))
        one.stop(tag=one.tag("p"))
        code, _, _ = halted(one, capsys)
        assert code == 0
        assert len(sells(one)) == 1
        assert one.net() == 0


def test_without_quotes_it_leaves_by_the_last_price_of_the_position(tmp_path: Path, capsys: Capture) -> None:
    faults = [{"on": "GET /quote", "what": "error", "status": 503, "between": ["09:31:00", "15:00:00"]}]
    with account(tmp_path, faults=faults) as one:
        one.buy(tag=one.tag("e"))
        one.stop(tag=one.tag("p"))
        one.wait_until("09:31:00")
        code, _, _ = halted(one, capsys)
        assert code == 0
        assert one.net() == 0


def test_what_a_person_holds_and_ordered_is_told_and_stays(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        other = one.other["tradingsymbol"]
        one.buy(name=other)
        theirs = one.order("BUY", name=other, price="1.00")
        code, document, told = halted(one, capsys)
        assert code == 0
        assert (one.net(), one.net(other)) == (0, int(one.other["lot_size"]))
        assert [(row["contract"], row["net_after"]) for row in document["others"]] == [(other, None)]
        assert [row["order_id"] for row in document["others_open_orders"]] == [theirs]
        assert f"Not the bot's: {other} MIS" in told


def test_a_person_who_sold_a_part_by_hand_leaves_only_the_rest_to_be_sold(
    tmp_path: Path, capsys: Capture
) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"), lots=2)
        one.by_hand("SELL", int(one.call["lot_size"]))
        code, document, _ = halted(one, capsys)
        assert code == 0
        assert one.net() == 0
        assert document["bot"][0]["sold"] == int(one.call["lot_size"])
        assert never_short(one)


def test_a_contract_that_is_short_is_told_and_not_touched(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        one.by_hand("SELL", 2 * int(one.call["lot_size"]))
        code, document, told = halted(one, capsys)
        assert (code, document["proved_flat"], document["requests"]) == (1, False, 0)
        assert "is short by" in told


# ------------------------------------------------------------------------------------------ the engine lives


def test_a_living_engine_is_left_to_it_and_watched_until_it_is_flat(tmp_path: Path, capsys: Capture) -> None:
    """The one who holds the lock here beats, sells what it holds when it sees HALT, and ends."""
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        with locked(one.home), beating(one.home) as engine:
            engine.on_halt(lambda: one.sell(tag=one.tag("x")))
            code, document, _ = halted(one, capsys)
        assert (code, document["engine"], document["requests"], document["fence"]) == (0, "living", 0, 0)
        assert one.net() == 0


def test_an_engine_that_dies_while_it_halts_is_taken_over(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        with locked(one.home), beating(one.home, seconds=4):
            code, document, told = halted(one, capsys)
        assert "taking over" in told
        assert (code, document["engine"]) == (0, "silent")
        assert one.net() == 0


def test_a_process_that_keeps_the_lock_in_silence_is_fenced_off(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        fence = Fence(one.home.path / "epoch")
        fence.take()
        with locked(one.home):
            code, document, _ = halted(one, capsys)
        assert (code, document["engine"]) == (0, "silent")
        assert not fence.holds()


def test_one_that_cannot_be_fenced_off_is_not_fought(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        (one.home.path / "epoch").mkdir()
        with locked(one.home):
            code, document, told = halted(one, capsys)
        assert (code, document["ended"], document["requests"]) == (1, "fenced", 0)
        assert "end it (kill -9)" in told


def test_an_engine_that_lives_and_does_not_halt_is_told_of_and_not_fought(tmp_path: Path) -> None:
    said: list[str] = []
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        one.stop(tag=one.tag("p"))
        with locked(one.home), beating(one.home):
            with DirectHalt(one.home, one.loaded, said.append, "test", patience=SECOND) as halt:
                halted = asyncio.run(halt.ours("test"))
            assert (halted.outcome.ended, halted.requests) == ("not_proved", 0)
            assert one.net() > 0
            assert "act in the broker's app" in said[-1]
            one.forget_the_token()
            with DirectHalt(one.home, one.loaded, said.append, "test", patience=SECOND) as halt:
                assert asyncio.run(halt.ours("test")).outcome.ended == "logged_out"


def test_a_naked_engine_that_dies_is_followed_without_a_second_sell(tmp_path: Path, capsys: Capture) -> None:
    """The observer's own wish to sell is never performed, and is not taken for an order either."""
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        with locked(one.home), beating(one.home, seconds=2.5):
            code, _, _ = halted(one, capsys)
        assert code == 0
        assert len(sells(one)) == 1
        assert never_short(one)


# ---------------------------------------------------------------------------------------------- the account


def test_everything_else_is_listed_and_closed_only_when_confirmed(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        other = one.other["tradingsymbol"]
        one.buy(name=other)
        one.order("BUY", name=other, price="1.00")
        code, document, told = halted(one, capsys, all_nfo=True)
        assert (code, document["others_closed"], one.net()) == (1, None, 0)
        assert "Not confirmed" in told
        assert one.net(other) > 0
        terminal = io.StringIO(WORDS.lower() + "\n")
        terminal.isatty = lambda: True  # type: ignore[method-assign]
        monkeypatch.setattr(sys, "stdin", terminal)
        code, document, _ = halted(one, capsys, all_nfo=True)
        assert (code, document["others_closed"]) == (1, None)
        terminal = io.StringIO(WORDS + "\n")
        terminal.isatty = lambda: True  # type: ignore[method-assign]
        monkeypatch.setattr(sys, "stdin", terminal)
        code, document, told = halted(one, capsys, all_nfo=True)
        assert (code, document["proved_flat"], one.net(other)) == (0, True, 0)
        assert [row["net_after"] for row in document["others"]] == [0]
        assert [row["cancelled"] for row in document["others_open_orders"]] == [True]
        assert "cancelled" in told


def test_a_short_of_others_is_bought_back_when_everything_is_closed(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        other = one.other["tradingsymbol"]
        one.by_hand("SELL", int(one.other["lot_size"]), other)
        code, document, _ = halted(one, capsys, all_nfo=True, yes=True)
        assert (code, one.net(other), document["others"][0]["net_after"]) == (0, 0, 0)


def test_with_nothing_else_in_the_account_nothing_has_to_be_confirmed(
    tmp_path: Path, capsys: Capture
) -> None:
    with account(tmp_path) as one:
        code, document, told = halted(one, capsys, all_nfo=True)
        assert (code, document["others"]) == (0, [])
        assert "no other NFO position" in told


def test_the_rest_is_not_touched_while_an_engine_works(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        other = one.other["tradingsymbol"]
        one.buy(name=other)
        with locked(one.home), beating(one.home):
            code, _, told = halted(one, capsys, all_nfo=True, yes=True)
        assert code == 1
        assert one.net(other) > 0
        assert "stop it before the rest is closed" in told


# ------------------------------------------------------------------------------------------------ bad times


def test_nobody_logged_in_is_said_at_once_and_halt_is_latched(tmp_path: Path, capsys: Capture) -> None:
    with account(tmp_path) as one:
        one.forget_the_token()
        with pytest.raises(Unreachable, match="run `ninefifteen login`"):
            halted(one, capsys, all_nfo=True)
        assert one.home.halt_file.exists()


def test_what_cannot_be_proved_is_told_to_people_as_what_it_is(tmp_path: Path, capsys: Capture) -> None:
    """Every change is refused and every new order gets no answer: it is said, and what to do about it."""
    faults = [
        {"on": "PUT /orders", "what": "static_ip", "between": ["09:32:00", "15:00:00"]},
        {"on": "POST /orders", "what": "dropped", "between": ["09:32:00", "15:00:00"]},
    ]
    with account(tmp_path, faults=faults) as one:
        one.buy(tag=one.tag("e"))
        one.stop(tag=one.tag("p"))
        one.wait_until("09:32:00")
        code = halt_direct(one.home, one.loaded, all_nfo=False, yes=False, as_json=False)
        said = capsys.readouterr()
        assert (code, said.out) == (1, "")
        assert "NOT PROVED FLAT" in said.err
        assert "was sent and is not seen" in said.err
        assert "halt again" in said.err
        assert never_short(one)


def test_an_exchange_that_has_gone_is_said_and_halt_is_latched(tmp_path: Path) -> None:
    with account(tmp_path) as one:
        pass
    with pytest.raises(Unreachable, match="HALT is latched"):
        halt_direct(one.home, one.loaded, all_nfo=False, yes=False, as_json=False)
    assert one.home.halt_file.exists()


def _nothing_can_be_written() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_a_disk_that_takes_no_byte_stops_nothing(tmp_path: Path) -> None:
    """The command runs in a process whose every write to a file fails, as on a full disk."""
    program = (
        "import sys; from pathlib import Path; from ninefifteen.cli.common import open_configured_home;"
        "from ninefifteen.cli.halt_direct import halt_direct;"
        "home, loaded = open_configured_home(Path(sys.argv[1]));"
        "sys.exit(halt_direct(home, loaded, all_nfo=False, yes=False, as_json=True))"
    )
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        ran = subprocess.run(
            [sys.executable, "-B", "-c", program, str(one.home.path)],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            preexec_fn=_nothing_can_be_written,
        )
        assert ran.returncode == 0, ran.stderr
        document = json.loads(ran.stdout)
        assert (document["proved_flat"], document["fence"], one.net()) == (True, 0, 0)
        assert "cannot be written" in ran.stderr
