"""A browser for every module of these tests, windows that end with their test, and dashboards to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.windows import DESK, Window, start

Open = Callable[..., Window]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these want a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.ui)


# Of a module, not of the session: Playwright keeps an event loop running in this thread for as long as it
# lives, and other modules call asyncio.run.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = start(playwright)
        yield made
        made.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Open]:
    """Opens windows; at the end the console of each has to be clean."""
    opened: list[Window] = []

    def open_window(size: tuple[int, int] = DESK, *, scheme: str = "dark") -> Window:
        opened.append(Window(browser, size, scheme=scheme))
        return opened[-1]

    yield open_window
    noise = [line for one in opened for line in one.noise()]
    for one in opened:
        one.close()
    assert noise == []
