"""A whole demo day at speed, watched in a browser: what stands there at its end is what the journal holds."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.programs import Served, dashboard, day
from tests.browser.windows import PHONE, Window

FAST = "2000"

Document = dict[str, Any]


def rupees(amount: str, *, sign: bool = False) -> str:
    """An amount as the page writes it: grouped as in India, with a real minus."""
    exact = abs(Decimal(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    whole, _, paise = str(exact).partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = re.findall(r"\d{1,2}(?=(?:\d{2})*$)", head)
    mark = "\u2212" if amount.startswith("-") else "+" if sign else ""
    return f"{mark}₹{','.join([*groups, tail])}.{paise}"


def fetched(window: Window, web: Served, path: str) -> Document:
    """What the server answers to this page's own session."""
    found: Document = window.context.request.get(web.url + path).json()
    return found


def shows_the_trade(window: Window, trade: Document) -> None:
    """The card of the trade has these figures."""
    card = window.page.locator(".card-position")
    expect(card).to_contain_text(rupees(trade["net"], sign=True))
    expect(card).to_contain_text(f"{trade['quantity']} {trade['contract']}")
    for name in ("entry", "exit", "charges"):
        expect(card).to_contain_text(rupees(trade[name]))
    expect(card).to_contain_text(rupees(trade["gross"], sign=True))
    expect(card).to_contain_text(trade["exit_text"])
    for name in ("decided", "filled", "exit_filled"):
        expect(card).to_contain_text(trade["times"][name][11:23])


def test_a_day_that_was_watched_ends_with_the_figures_of_its_journal(tmp_path: Path, window: Open) -> None:
    home = tmp_path / "home"
    with dashboard(home, "--demo") as web, day(home, FAST) as run:
        desk, phone = window(), window(PHONE)
        desk.page.goto(web.enter)
        desk.sees("stop rests at the exchange")
        assert "DEMO" in desk.page.title()
        phone.context.add_cookies(desk.context.cookies())  # type: ignore[arg-type]
        phone.page.goto(web.url)
        code, out, err = run.ended()
        assert code == 0, err
        told = json.loads(out)
        desk.sees(re.compile("The day is over|Engine not reachable"))
        written = fetched(desk, web, f"/api/days/{told['date']}")
        (trade,) = written["trades"]
        result = desk.page.locator(".top-bar .result b")
        expect(result).to_contain_text(rupees(written["result"]["net"], sign=True))
        shows_the_trade(desk, trade)
        shows_the_trade(phone, trade)
        (kept,) = told["trades"]
        for name in ("contract", "quantity", "entry_at", "entry", "exit_at", "exit", "exit_reason", "gross"):
            assert kept[name] == trade[name]
        assert rupees(kept["net"]) == rupees(trade["net"]) == rupees(written["result"]["net"])
        assert told["journal_ok"]
        for candidate in written["strategies"][0]["candidates"]:
            row = desk.page.locator(".card-candidates tr").filter(has_text=candidate["symbol"])
            expect(row).to_contain_text(candidate["verdict_text"] or candidate["code_text"])
        desk.picture("state-day-is-over")
        phone.picture("state-day-is-over")
        desk.go(f"history/{told['date']}")
        for text in (
            trade["exit_text"],
            rupees(trade["entry"]),
            rupees(trade["exit"]),
            written["strategies"][0]["why"],
        ):
            expect(desk.page.locator("main")).to_contain_text(text)
        desk.go("log")
        expect(desk.page.locator("main")).to_contain_text("flat: stop, net Rs")
