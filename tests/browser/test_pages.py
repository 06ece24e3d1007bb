"""Every page on desk and phone, dark and light: nothing cut, nothing that axe finds, a clean console."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from ninefifteen.wiring.demo import DEMO_SEED
from tests.browser.scenes import Scene, holding, scene
from tests.browser.windows import DESK, PHONE, PICTURES, Window
from tests.cli.command_line import demo_day

DAY = "2026-12-04"
RIGHT_END = "(part => part.getBoundingClientRect().right)"
PAGES = {
    "today": "today",
    "chart": "chart",
    "chart-of-a-day": f"chart/{DAY}",
    "positions": "positions",
    "risk": "risk",
    "log": "log",
    "history": "history",
    "history-day": f"history/{DAY}",
    "performance": "performance",
    "gates": "gates",
    "audit": "audit",
    "health": "health",
    "settings": "settings",
    "settings-account": "settings/account",
    "setup-odds": "setup/odds",
    "setup-rules": "setup/rules",
    "setup-broker": "setup/broker",
    "setup-limits": "setup/limits",
    "setup-alerts": "setup/alerts",
    "setup-first": "setup/first",
    "emergency": "emergency",
    "help": "help",
    "about": "about",
    "nowhere": "no-such-page",
}


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The dashboard of a home with a whole day, and an engine that stands in the middle of that day."""
    home = tmp_path_factory.mktemp("traded") / "home"
    demo_day(home, seed=DEMO_SEED)
    with scene(home) as made, made.running(holding()):
        yield made


@pytest.fixture(scope="module")
def desk_window(browser: Browser, traded: Scene) -> Iterator[Window]:
    window = Window(browser, DESK)
    traded.let_in(window, "admin")
    window.sees("DEMO")
    yield window
    window.close()


@pytest.fixture(scope="module")
def phone_window(browser: Browser, traded: Scene) -> Iterator[Window]:
    window = Window(browser, PHONE)
    traded.let_in(window, "admin")
    window.sees("DEMO")
    yield window
    window.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_clean_on_a_desk(desk_window: Window, name: str) -> None:
    window = desk_window
    window.go(PAGES[name])
    window.picture(f"page-{name}")
    assert window.overflow() == ""
    assert window.violations() == []
    window.page.emulate_media(color_scheme="light")
    window.picture(f"page-{name}.light")
    assert window.violations() == []
    window.page.emulate_media(color_scheme="dark")
    assert window.noise() == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_on_a_phone_with_result_and_halt_in_sight(phone_window: Window, name: str) -> None:
    window = phone_window
    window.go(PAGES[name])
    assert window.overflow() == ""
    result = window.page.locator(".top-bar .result b")
    for part in (result, window.button("HALT")):
        expect(part).to_be_in_viewport(ratio=1)
    expect(result).to_contain_text("1,022.53")
    assert result.evaluate(f"one => {RIGHT_END}(one) <= {RIGHT_END}(one.parentElement) + 0.5")
    window.picture(f"page-{name}")
    assert window.noise() == []


def test_nothing_in_a_phones_bar_lies_over_something_else(phone_window: Window, traded: Scene) -> None:
    """Not even on a fast day, with the widest figures."""
    window = phone_window
    traded.says(
        holding() | {"speed": "x3000", "day_result": "-123456.75", "clock": f"{DAY}T15:29:59.999+05:30"}
    )
    window.sees("\u00d73000")
    boxes = window.page.locator(".top-bar > :visible").evaluate_all(
        "all => all.map(one => { const b = one.getBoundingClientRect();"
        " return [one.className, b.left, b.top, Math.max(b.right, b.left + one.scrollWidth), b.bottom]; })"
    )
    over = [
        (one[0], two[0])
        for place, one in enumerate(boxes)
        for two in boxes[place + 1 :]
        if one[1] < two[3] - 0.5 and two[1] < one[3] - 0.5 and one[2] < two[4] - 0.5 and two[2] < one[4] - 0.5
    ]
    window.picture("bar-of-a-fast-day")
    traded.says(holding())
    assert over == []


def test_every_link_of_every_page_leads_to_a_page(desk_window: Window) -> None:
    window, found = desk_window, set[str]()
    for where in PAGES.values():
        window.go(where)
        links = window.page.locator('a[href^="#/"]').evaluate_all("all => all.map(one => one.hash)")
        found |= {link.removeprefix("#/") for link in links}
    assert len(found) > len(PAGES) // 2
    for where in sorted(found):
        window.go(where)
        assert window.page.get_by_text("There is no such page").count() == 0, where


def test_the_pictures_are_kept(desk_window: Window) -> None:
    desk_window.go("today")
    assert desk_window.picture("page-today").stat().st_size > 20_000
    assert PICTURES.parent.name == "build"


def test_a_first_visit_is_light_enough_for_a_slow_line(browser: Browser, traded: Scene) -> None:
    """At most 5 requests and 150 KB as they go over the line; scripts at most 110 KB of it."""
    window = Window(browser)
    session = window.context.new_cdp_session(window.page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def sent(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):  # a sign drawn by the page itself comes from nowhere
            kinds[event["requestId"]] = event["type"]

    session.on("Network.requestWillBeSent", sent)
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    traded.let_in(window)
    window.sees("DEMO")
    window.page.wait_for_load_state("networkidle")
    window.close()
    first = [(kind, sizes.get(number, 0)) for number, kind in kinds.items() if kind != "WebSocket"]
    assert len(first) <= 5, first
    assert 10_000 < sum(size for _, size in first) <= 150_000
    assert 10_000 < sum(size for kind, size in first if kind == "Script") <= 110_000
