"""Windows of Debian's chromium: pages that note what their console says, and what is asked of every page."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, Playwright, expect

ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / "build" / "screenshots"
DESK = (1440, 900)
PHONE = (390, 844)
SIZES = [
    pytest.param(DESK, id="desk"),
    pytest.param(PHONE, id="phone", marks=pytest.mark.nightly),
]
"""For what takes long: on a desk with each test, on a phone each night."""
PATIENCE_S = 40.0
"""How long a condition may take on a machine with much else to do; on an idle one it takes a moment."""
SLOW_S = 6.0
"""What a busy machine may add to a time that the specification names."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def start(playwright: Playwright) -> Browser:
    """A browser of Debian's; skips where there is none, and says what to install."""
    where = shutil.which("chromium") or shutil.which("chromium-browser")
    if where is None:
        pytest.skip("no chromium on the path: on Debian, apt-get install chromium")
    return playwright.chromium.launch(executable_path=where, args=list(ARGUMENTS))


class Window:
    """A browser window with cookies of its own. What its console says and was not allowed fails the test."""

    def __init__(self, browser: Browser, size: tuple[int, int] = DESK, *, scheme: str = "dark") -> None:
        phone = size[0] < 600
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="light" if scheme == "light" else "dark",
            reduced_motion="reduce",
            has_touch=phone,
            is_mobile=phone,
            service_workers="block",
        )
        self.context.set_default_timeout(PATIENCE_S * 1000)
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self._allowed: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.said.append(f"uncaught: {error}"))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.said.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def allow(self, *patterns: str) -> None:
        """Lines of the console that this test brings about on purpose."""
        self._allowed += patterns

    def noise(self) -> list[str]:
        """What the console said and should not have."""
        return [line for line in self.said if not any(re.search(one, line) for one in self._allowed)]

    def sees(self, text: str | re.Pattern[str], *, within_s: float = PATIENCE_S) -> Locator:
        """Wait until this text stands visibly somewhere on the page."""
        found = self.page.get_by_text(text).filter(visible=True).first
        expect(found).to_be_visible(timeout=within_s * 1000)
        return found

    def sees_not(self, text: str | re.Pattern[str], *, within_s: float = PATIENCE_S) -> None:
        """Wait until this text is nowhere to be seen."""
        expect(self.page.get_by_text(text).filter(visible=True)).to_have_count(0, timeout=within_s * 1000)

    def button(self, name: str | re.Pattern[str], *, exact: bool = True) -> Locator:
        """The visible button of this name."""
        return self.page.get_by_role("button", name=name, exact=exact and isinstance(name, str))

    def field(self, label: str) -> Locator:
        """The input of this label."""
        return self.page.get_by_label(label, exact=True)

    def go(self, where: str) -> None:
        """Another page of the dashboard, and wait until nothing of it is loading."""
        self.page.evaluate("where => { location.hash = where }", f"#/{where}")
        self.settled()

    def settled(self) -> None:
        """Wait until the page has its heading and no grey lines any more."""
        expect(self.page.locator("main h1").first).to_be_attached()
        expect(self.page.locator(".skeleton").filter(visible=True)).to_have_count(0)

    def resize(self, size: tuple[int, int]) -> None:
        """Another size of window."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def overflow(self) -> str:
        """What is wider than the window; empty where nothing is."""
        found: str = self.page.evaluate(
            """(width) => {
              const wide = document.documentElement.scrollWidth - width;
              if (wide <= 0) return "";
              const out = [...document.querySelectorAll("body *")].filter(
                (one) => one.getBoundingClientRect().right > width + 0.5);
              const names = out.slice(0, 5).map((one) => `${one.tagName}.${one.className}`);
              return `${wide} px: ${names.join(" ")}`;
            }""",
            (self.page.viewport_size or {"width": 0})["width"],
        )
        return found

    def picture(self, name: str) -> Path:
        """Keep what is seen now as an artefact."""
        size = self.page.viewport_size or {"width": 0, "height": 0}
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.{size['width']}x{size['height']}.png"
        try:
            self.page.screenshot(path=path, animations="disabled", caret="hide")
        except Error:  # chromium gives up on a picture now and then when the machine is busy
            self.page.screenshot(path=path, animations="disabled", caret="hide")
        return path

    def violations(self) -> list[str]:
        """What axe finds wrong on the page as it is, a line each. The protocol puts it in, not the page."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text())
        found: list[dict[str, Any]] = self.page.evaluate(
            """() => axe.run(document, {resultTypes: ["violations"]}).then((result) => result.violations)"""
        )
        return [
            f"{one['id']}: {node['target']} {node['html'][:160]} {node['any'] and node['any'][0]['message']}"
            for one in found
            for node in one["nodes"][:3]
        ]

    def close(self) -> None:
        """Close it with everything in it."""
        self.context.close()


def seconds_until(met: Callable[[], object]) -> float:
    """How long this waited."""
    began = time.monotonic()
    met()
    return time.monotonic() - began
