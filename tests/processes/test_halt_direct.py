"""`halt --direct` against our exchange over HTTP: what is the bot's goes, what is not stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ninefifteen.cli.halt_direct import halt_direct
from tests.processes.emergency_homes import Account, account, audit


def halted(
    one: Account, capsys: pytest.CaptureFixture[str], **options: Any
) -> tuple[int, dict[str, Any], str]:
    """Exit code, document and what was told people."""
    chosen = {"all_nfo": False, "yes": False, **options}
    code = halt_direct(one.home, one.loaded, as_json=True, **chosen)
    said = capsys.readouterr()
    return code, json.loads(said.out), said.err


def test_the_resting_stop_becomes_the_sale_and_flat_is_proved(tmp_path: Path, capsys) -> None:
    with account(tmp_path) as one:
        one.buy(tag=one.tag("e"))
        stop = one.stop(tag=one.tag("p"))
        code, document, told = halted(one, capsys)
        print(told)
        assert (code, document["proved_flat"], document["engine"]) == (0, True, "none")
        assert one.net() == 0
        assert [row["order_id"] for row in one.orders() if row["transaction_type"] == "SELL"] == [stop]
        assert json.loads(one.home.halt_file.read_text())["source"] == "halt --direct"
        assert {line["kind"] for line in audit(one.home)} >= {"halt", "emergency"}
