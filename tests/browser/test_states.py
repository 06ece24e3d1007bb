"""Every state of the day that the page has to tell apart: what it says, and how it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, WebSocketRoute, expect

from tests.browser.conftest import Open
from tests.browser.scenes import Document, Scene, changed, flat_day, holding, scene
from tests.browser.windows import DESK, PHONE, Window

LIVE = {
    "mode": "live",
    "synthetic": False,
    "watermark": None,
    "account": "4821",
    "seed": None,
    "broker": {
        "reconciled": True,
        "known_at": "2026-12-04T09:20:24.000+05:30",
        "age_s": 1.1,
        "blind_since": None,
        "differs": None,
        "positions": [
            {"contract": "MARUTI 2026-12-29 13600 CE", "at_broker": 50, "ours": 50, "others": 0},
            {"contract": "NIFTY 2026-12-29 26000 PE", "at_broker": -75, "ours": 0, "others": -75},
        ],
    },
}
PAPER = {"mode": "paper", "synthetic": False, "watermark": None, "seed": None}


OVERLAPS = """() => {
  const facts = document.querySelector(".position-head .facts");
  const figure = document.querySelector(".position-head .big > *");
  if (!facts || !figure) return [];
  const [one, two] = [facts.getBoundingClientRect(), figure.getBoundingClientRect()];
  const beside = two.right <= one.left || two.bottom <= one.top;
  return beside ? [] : [facts.innerText, figure.innerText];
}"""
"""The large result and the figures beside it, where one lies over the other."""


def leaving() -> Document:
    """The target was reached, and the sale is at the exchange."""
    run = holding()["strategies"][0]
    held = run["position"] | {"leaving": "target", "stop_resting": False}
    return changed(holding(), strategies=[run | {"position": held}])


def rejected() -> Document:
    """An order that the broker did not take, with its words."""
    state = flat_day(entries_today=0, net_today="0.00", day_result="0.00")
    order = holding()["orders"][0]
    words = "Insufficient funds. Required margin is 13557.50 but available margin is 9000.00."
    state["orders"] = [order | {"state": "rejected", "filled": 0, "average": None, "message": words}]
    state["strategies"][0] |= {"trade": None, "done_reason": "order_rejected"}
    return state


def between(**changes: Any) -> Document:
    """No day is open."""
    kept = {name: holding()[name] for name in ("program", "mode", "rehearsal", "speed", "seed")}
    session = {
        "phase": "closed",
        "next": None,
        "next_at": None,
        "next_day": "2026-12-07",
        "next_open_at": "2026-12-07T09:15:00.000+05:30",
        "next_close_at": "2026-12-07T15:40:00.000+05:30",
    }
    return (
        kept
        | {
            "clock": "2026-12-04T18:02:11.000+05:30",
            "at": None,
            "date": None,
            "halted": None,
            "paused": None,
            "losing_streak": None,
            "watermark": None,
            "synthetic": False,
            "positions": [],
            "orders": [],
            "strategies": [],
            "flat": None,
            "session": session,
            "last_day": None,
        }
        | PAPER
        | changes
    )


def waiting() -> Document:
    """Before the scan."""
    state = flat_day(
        clock="2026-12-04T09:13:40.000+05:30",
        net_today="0.00",
        day_result="0.00",
        loss_left="2000.00",
        entries_today=0,
    )
    state["session"] = state["session"] | {"phase": "pre_open", "next": "open", "next_at": state["open_at"]}
    run = state["strategies"][0]
    run |= {"phase": "waiting", "candidates": [], "plan": None, "why": [], "picks": []}
    run |= {"current": None, "trade": None, "spot": None}
    run["times"] = dict.fromkeys(run["times"])
    return state


STATES: dict[str, tuple[Document, str]] = {
    "live-paper": (changed(holding(), **PAPER), "PAPER"),
    "live-real-money": (changed(holding(), **LIVE), "LIVE ··4821"),
    "live-rehearsal": (
        changed(holding(), **LIVE | {"rehearsal": True, "watermark": "REHEARSAL"}),
        "LIVE REHEARSAL",
    ),
    "before-the-scan": (waiting(), "The scan runs at"),
    "stale-feed": (changed(holding(), feed={"age_s": 7.4}), "Prices are 7.4 s old (broker feed)"),
    "halted": (flat_day(halted="dashboard:omar: pressed on the dashboard"), "Nothing enters until somebody"),
    "paused": (changed(holding(), paused="cli:asha: lunch"), "Entries are paused"),
    "losing-streak": (flat_day(losing_streak=4), "4 losing trades in a row"),
    "daily-limit": (
        flat_day(loss_left="0.00", day_result="-2011.40", net_today="-2011.40"),
        "The daily loss limit is used up",
    ),
    "broker-blind": (
        changed(holding(), broker={"blind_since": "2026-12-04T09:19:40.000+05:30"}),
        "The broker's books cannot be read since",
    ),
    "books-differ": (
        changed(holding(), broker={"differs": "MARUTI: 50 by our books, 0 at the broker"}),
        "No entry until the books agree",
    ),
    "leaving": (leaving(), "being sold"),
    "order-rejected": (rejected(), "rejected"),
    "market-closed": (between(), "The next session opens Mon 7 Dec 2026 at 09:15 IST."),
    "holiday": (
        between(session=between()["session"] | {"phase": "holiday"}),
        "The exchange is closed today.",
    ),
}


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("states") / "home") as made, made.running(holding()):
        yield made


@pytest.fixture(scope="module")
def windows(browser: Browser, looked_at: Scene) -> Iterator[tuple[Window, Window]]:
    """A desk and a phone that look at the same day."""
    both = (Window(browser, DESK), Window(browser, PHONE))
    for one in both:
        looked_at.let_in(one)
        one.sees("DEMO")
    yield both
    for one in both:
        one.close()


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_said_in_words_and_fits(
    looked_at: Scene, windows: tuple[Window, Window], name: str
) -> None:
    state, words = STATES[name]
    looked_at.says(state)
    for one in windows:
        one.sees(re.compile(re.escape(words)))
        assert one.overflow() == ""
        assert one.page.evaluate(OVERLAPS) == []
        one.picture(f"state-{name}")
        assert one.noise() == []
    assert windows[0].violations() == []


def test_what_is_old_is_grey_and_never_says_live(looked_at: Scene, windows: tuple[Window, Window]) -> None:
    for name in ("stale-feed", "live-paper"):
        looked_at.says(STATES[name][0])
        for one in windows:
            one.sees(STATES[name][1])
            told = one.page.locator(".heard small")
            expect(told).to_have_text("prices old" if name == "stale-feed" else "live")
            old = one.page.locator(".old-prices")
            expect(old).to_have_count(1 if name == "stale-feed" else 0)


def test_the_broker_s_own_positions_stand_beside_ours(
    looked_at: Scene, windows: tuple[Window, Window]
) -> None:
    looked_at.says(STATES["live-real-money"][0])
    for one in windows:
        one.sees("LIVE ··4821")
        one.go("positions")
        one.sees("NIFTY 2026-12-29 26000 PE")
        assert one.overflow() == ""
        one.picture("state-broker-beside-ours")
        one.go("today")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_while_it_loads_the_boxes_have_their_size(
    looked_at: Scene, window: Open, size: tuple[int, int]
) -> None:
    """A line that says nothing yet: grey lines in the boxes, and no figure of anything."""
    one = window(size)

    def silent(route: WebSocketRoute) -> None:
        """Never answers."""

    one.page.route_web_socket(re.compile("/api/live"), silent)
    token = looked_at.desk.token("operator")
    one.context.add_cookies([{"name": looked_at.desk.site.cookie, "value": token, "url": looked_at.url}])
    one.page.goto(looked_at.url)
    expect(one.page.locator(".skeleton").first).to_be_visible()
    assert "₹" not in one.page.locator("body").inner_text()
    one.picture("state-loading")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_home_in_which_nothing_has_happened_says_what_comes(
    tmp_path_factory: pytest.TempPathFactory, window: Open, size: tuple[int, int]
) -> None:
    with scene(tmp_path_factory.mktemp("empty") / "home") as made:
        one = window(size)
        made.let_in(one, "admin")
        one.sees("No engine is running here")
        one.sees(re.compile("nobody has logged in yet"))
        one.picture("state-empty")
        for where, words in (
            ("chart", "No day has been run in this home yet"),
            ("history", "No day yet"),
            ("positions", "."),
            ("log", "No lines"),
        ):
            one.go(where)
            one.sees(re.compile(re.escape(words)))
            assert one.overflow() == ""
        one.go("chart")
        one.picture("state-empty-chart")
