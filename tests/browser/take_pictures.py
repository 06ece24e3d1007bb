"""`python -m tests.browser.take_pictures`: the pictures of the documents anew, from a real demo's day.

They are docs/images/dashboard-*.png. Nothing in them is arranged: it is what `run --demo` shows at 10:05.
"""

from __future__ import annotations

import binascii
import re
import struct
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, sync_playwright

from tests.browser.programs import dashboard, day
from tests.browser.windows import DESK, PHONE, ROOT, Window, start

IMAGES = ROOT / "docs" / "images"
AT = re.compile(r"10:0[5-9]:\d\d")
SPEED = "120"
"""As `make demo` runs behind the opening."""
COLOURS = 256
LARGEST = 150_000

Pixels = NDArray[np.uint8]


def main() -> int:
    """Take them all; 1 where one became too large."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home, browser = Path(folder) / "home", start(playwright)
        with dashboard(home, "--demo") as web, day(home, SPEED):
            desk, phone = Window(browser, DESK), Window(browser, PHONE)
            desk.page.goto(web.enter)
            phone.context.add_cookies(desk.context.cookies())  # type: ignore[arg-type]
            phone.page.goto(web.url)
            for window in (desk, phone):
                window.page.locator(".top-bar .clock").get_by_text(AT).wait_for()
            sizes = [
                keep(desk.page, "dashboard-desk"),
                keep(phone.page, "dashboard-phone"),
                stop_dialog(desk.page),
            ]
    return int(max(sizes) > LARGEST)


def stop_dialog(page: Page) -> int:
    """What the red button opens."""
    page.keyboard.press("Shift+K")
    page.get_by_role("dialog", name="Stop the bot").wait_for()
    return keep(page, "dashboard-stop")


def keep(page: Page, name: str) -> int:
    """Take one, with few colours so that it stays small; its size in bytes."""
    taken = page.screenshot(animations="disabled", caret="hide")
    path = IMAGES / f"{name}.png"
    path.write_bytes(with_palette(pixels(taken)))
    print(f"{path.name}: {path.stat().st_size // 1000} KB")
    return path.stat().st_size


def pixels(png: bytes) -> Pixels:
    """Rows, columns and red, green, blue of a picture as the browser writes it."""
    width, height, _, kind = struct.unpack(">IIBB", png[16:26])
    depth = {2: 3, 6: 4}[kind]
    place, packed = 8, b""
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            packed += png[place + 8 : place + 8 + length]
        place += length + 12
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * depth)
    made = np.zeros((height + 1, width + 1, depth), np.uint8)
    for number, row in enumerate(rows):
        line = row[1:].reshape(width, depth)
        made[number + 1, 1:] = unfiltered(row[0], line, made[number, 1:])
    return made[1:, 1:, :3]


def unfiltered(kind: int, line: Pixels, above: Pixels) -> Pixels:
    """A row of a PNG without the difference that it is written as."""
    if kind == 0:
        return line
    if kind == 1:
        return np.cumsum(line, axis=0, dtype=np.uint8)
    if kind == 2:
        return line + above
    made = np.zeros_like(line)
    left = corner = np.zeros(line.shape[1], np.int16)
    for place in range(len(line)):
        up = above[place].astype(np.int16)
        near = (left + up) // 2 if kind == 3 else paeth(left, up, corner)
        made[place] = line[place] + near.astype(np.uint8)
        left, corner = made[place].astype(np.int16), up
    return made


def paeth(left: NDArray[np.int16], up: NDArray[np.int16], corner: NDArray[np.int16]) -> NDArray[np.int16]:
    """Whichever of the three is nearest to left + up - corner."""
    guess = left + up - corner
    by_left, by_up, by_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    return np.where(
        (by_left <= by_up) & (by_left <= by_corner), left, np.where(by_up <= by_corner, up, corner)
    )


def with_palette(picture: Pixels) -> bytes:
    """A PNG of at most 256 colours: those that cover most, boxes of the others cut at their median."""
    flat = picture.reshape(-1, 3)
    colours, inverse, counts = np.unique(flat, axis=0, return_inverse=True, return_counts=True)
    boxes = [np.arange(len(colours))]
    while len(boxes) < COLOURS:
        spans = [np.ptp(colours[box], axis=0).max() * counts[box].sum() ** 0.25 for box in boxes]
        widest = int(np.argmax(spans))
        if spans[widest] == 0:
            break
        boxes[widest : widest + 1] = halves(boxes[widest], colours, counts)
    palette = np.array([np.average(colours[box], axis=0, weights=counts[box]) for box in boxes]).round()
    which = np.zeros(len(colours), np.uint8)
    for number, box in enumerate(boxes):
        which[box] = number
    rows = which[inverse.reshape(-1)].reshape(picture.shape[:2])
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", picture.shape[1], picture.shape[0], 8, 3, 0, 0, 0)
    parts = [
        (b"IHDR", head),
        (b"PLTE", palette.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, data) for name, data in parts)


def halves(box: NDArray[np.intp], colours: Pixels, counts: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The box cut across its longest side, as many pixels on either side as can be."""
    side = int(np.argmax(np.ptp(colours[box], axis=0)))
    order = box[np.argsort(colours[box][:, side], kind="stable")]
    sums = np.cumsum(counts[order])
    cut = int(np.searchsorted(sums, sums[-1] / 2)) + 1
    cut = min(max(cut, 1), len(order) - 1)
    return [order[:cut], order[cut:]]


def chunk(name: bytes, data: bytes) -> bytes:
    """A piece of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", binascii.crc32(name + data))


if __name__ == "__main__":
    sys.exit(main())
