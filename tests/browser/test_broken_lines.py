"""What the page says when something behind it dies, freezes, or is out of reach: nothing old seems alive."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import WebSocket, expect

from tests.browser.conftest import Open
from tests.browser.programs import dashboard, day
from tests.browser.scenes import holding, scene
from tests.browser.windows import SIZES, SLOW_S, Window

HELD = "stop rests at the exchange"
WATCHABLE = "60"
"""Two and a half minutes from the purchase to the sale."""
DISCONNECTED = r"WebSocket connection|ERR_(CONNECTION|INTERNET|EMPTY|TIMED|NETWORK)"


def looks_old(window: Window) -> None:
    """What is shown is grey, and the bar does not say that it lives."""
    expect(window.page.locator(".frame.dimmed")).to_have_count(1)
    assert "live" not in window.page.locator(".heard small").inner_text()
    assert window.page.title().startswith("?")


def looks_alive(window: Window) -> None:
    """Nothing is grey any more, and nobody had to load the page again."""
    expect(window.page.locator(".heard small")).to_have_text("live")
    expect(window.page.locator(".frame.dimmed")).to_have_count(0)
    assert window.page.evaluate("() => window.kept") == "as it was"


def watch(window: Window) -> None:
    """Wait for the position, and mark the page."""
    window.sees(HELD)
    window.page.evaluate("() => { window.kept = 'as it was' }")
    looks_alive(window)


def stops(window: Window) -> None:
    """The stop dialog opens by the keyboard, says how old it all is, and HALT can be pressed."""
    window.page.keyboard.press("Shift+K")
    dialog = window.page.get_by_role("dialog", name="Stop the bot")
    expect(dialog).to_contain_text("LAST KNOWN")
    expect(dialog).to_contain_text("MARUTI")
    expect(dialog.get_by_role("button", name=re.compile("HALT"))).to_be_enabled()
    expect(dialog.get_by_role("button", name=re.compile("Flatten"))).to_be_disabled()
    window.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def note(line: WebSocket, lines: list[list[str]]) -> None:
    """Keep what comes over each line of a page, apart."""
    heard: list[str] = []
    lines.append(heard)
    line.on("framereceived", lambda text: heard.append(str(text)[:40]))


def test_an_engine_that_is_killed_frozen_and_back_is_seen_as_such(tmp_path: Path, window: Open) -> None:
    home = tmp_path / "home"
    with dashboard(home, "--demo") as web:
        one = window()
        one.page.goto(web.enter)
        with day(home, WATCHABLE) as engine:
            watch(one)
            engine.kill()
            one.sees(re.compile("Engine not reachable since"), within_s=3 + SLOW_S)
            one.sees(re.compile("Open positions are shown as last known"))
            looks_old(one)
            one.picture("state-engine-killed")
            stops(one)
        with day(home, WATCHABLE) as engine:
            one.sees_not(re.compile("Engine not reachable"))
            looks_alive(one)
            engine.freeze()
            one.sees(re.compile("The engine is silent since"), within_s=3 + SLOW_S)
            looks_old(one)
            one.picture("state-engine-frozen")
            stops(one)
            engine.thaw()
            one.sees_not(re.compile("The engine is silent"))
            looks_alive(one)


@pytest.mark.parametrize("size", SIZES)
def test_a_frozen_server_never_looks_alive_and_the_stop_dialog_opens(
    tmp_path: Path, window: Open, size: tuple[int, int]
) -> None:
    home = tmp_path / "home"
    with dashboard(home, "--demo") as web, day(home, WATCHABLE):
        one = window(size)
        one.allow(DISCONNECTED)
        one.page.goto(web.enter)
        watch(one)
        web.program.freeze()
        one.sees(re.compile("Nothing is heard|Reconnecting"), within_s=3.5 + SLOW_S)
        looks_old(one)
        one.picture("state-server-frozen")
        stops(one)
        web.program.thaw()
        one.sees_not(re.compile("Nothing is heard|Reconnecting"))
        looks_alive(one)


def test_a_browser_that_goes_offline_says_so_and_comes_back_with_a_fresh_snapshot(
    tmp_path: Path, window: Open
) -> None:
    with scene(tmp_path / "home") as made, made.running(holding()):
        one = window()
        one.allow(DISCONNECTED)
        lines: list[list[str]] = []
        one.page.on("websocket", lambda line: note(line, lines))
        made.let_in(one)
        watch(one)
        one.context.set_offline(True)
        one.sees(re.compile("Reconnecting"), within_s=3.5 + SLOW_S)
        looks_old(one)
        one.picture("state-browser-offline")
        made.says(holding() | {"day_result": "-777.00"})
        one.context.set_offline(False)
        one.sees_not(re.compile("Reconnecting"))
        looks_alive(one)
        expect(one.page.locator(".top-bar .result b")).to_contain_text("777.00")
        assert len(lines) > 1
        assert '"kind":"snapshot"' in lines[-1][0]
