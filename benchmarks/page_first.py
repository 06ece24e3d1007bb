"""P10: what a browser fetches when the page is opened for the first time, and how much script was built.

Debian's chromium opens the page with nothing in its cache, logged in, beside an engine that holds something;
what goes over the line is taken from the browser's own book-keeping. Without a chromium only the built files
are looked at.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .measuring import ROOT
from .outside import line, process
from .page_people import PASSWORD, Person
from .page_process import Feeder

STATIC = ROOT / "src" / "ninefifteen" / "web" / "static"
_HEADING, _GREY = "main h1", ".skeleton"
STANDS_S, LATER_S = 1.0, 4.0
"""The first load is over so long after nothing on the page is grey any more; then it is watched so long."""
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")

Document = dict[str, Any]


def first_load(stands_s: float = STANDS_S, later_s: float = LATER_S) -> dict[str, object]:
    """Kilobytes of all scripts, compressed; with a browser also requests and kilobytes of a first load."""
    scripts = [file.stat().st_size for file in (STATIC / "assets").glob("*.js.gz")]
    if not scripts:
        raise RuntimeError("the page is not built: make page")
    facts: dict[str, object] = {"scripts": len(scripts), "script_kb": sum(scripts) / 1000}
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        return facts
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ninefifteen-bench-"))
        home = Path(folder) / "home"
        web = stack.enter_context(process("ninefifteen.web", str(home), "--port", "0"))
        ready = line(web)
        stack.enter_context(Feeder(home).running())
        person = stack.enter_context(Person(ready["url"]))
        person.comes_in("/api/first-user", code=ready["setup_code"], name="asha", password=PASSWORD)
        return facts | _opened(browser, person, stands_s, later_s)


def _opened(browser: str, person: Person, stands_s: float, later_s: float) -> dict[str, object]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - of the tests' tools: where there is a browser

    asked: dict[str, str] = {}
    sizes: dict[str, float] = {}
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=list(_ARGUMENTS))
        context = opened.new_context(viewport={"width": 1440, "height": 900})
        name, value = person.cookie
        context.add_cookies([{"name": name, "value": value, "url": person.url}])
        page = context.new_page()
        book = context.new_cdp_session(page)
        book.on("Network.requestWillBeSent", lambda told: asked.update(_asked(told)))
        book.on(
            "Network.loadingFinished",
            lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}),
        )
        book.send("Network.enable")
        page.goto(person.url)
        page.wait_for_selector(_HEADING)
        for grey in page.locator(_GREY).all():
            grey.wait_for(state="hidden")
        page.wait_for_timeout(stands_s * 1000)
        first = list(asked)
        page.wait_for_timeout(later_s * 1000)
        opened.close()
    told = {one: f"{url.removeprefix(person.url)} {sizes.get(one, 0):.0f}" for one, url in asked.items()}
    return {
        "requests": len(first),
        "load_kb": sum(sizes.get(one, 0) for one in first) / 1000,
        "fetched": [told[one] for one in first],
        "later": [text for one, text in told.items() if one not in first],
    }


def _asked(told: Document) -> dict[str, str]:
    """A request that goes over the line: what is written into the page itself does not."""
    url = told["request"]["url"]
    return {} if url.startswith(("data:", "blob:")) else {told["requestId"]: url}
