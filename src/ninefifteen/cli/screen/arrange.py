"""Puts the blocks on a terminal of any size: one column when small, blocks side by side when large."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from rich.text import Text

from . import header
from .lines import beside, fitted, framed, headed, line
from .look import Marks
from .orders import orders
from .outcome import outcome
from .plan import plan
from .position import position
from .ranking import ranking
from .scene import Block, Scene

_LARGE = (116, 30)
_SIDE_BY_SIDE = 150
_LOG_LEAST, _LOG_MOST = 2, 60
_EDGES = 4

Frame = Callable[[str, Sequence[Text], int, Marks, str], list[Text]]


class _Room(msgspec.Struct, frozen=True):
    """A part of the screen: its width, its rows, and how blocks are set apart in it."""

    width: int
    rows: int
    frame: Frame
    edges: int


def picture(scene: Scene, width: int, height: int) -> list[Text]:
    """The whole screen: exactly `height` rows of `width` characters."""
    large = width >= _LARGE[0] and height >= _LARGE[1]
    marks, view = scene.marks, scene.view
    rows = header.banner(view.synthetic, view.seed, width, marks) + header.stops(scene, width)
    rows += header.invitation(scene, width)
    rows += header.roomy(scene, width) if large else header.small(scene, width)
    rows += header.day_line(scene, width)
    left = height - len(rows)
    if not large:
        rows += _column(scene, _Room(width, left, headed, 1))
    elif width >= _SIDE_BY_SIDE:
        rows += _wide(scene, width, left)
    else:
        rows += _paired(scene, width, left)
    rows = rows[:height] + [line()] * (height - len(rows))
    return [fitted(row, width, marks) for row in rows]


def shares(room: int, needs: Sequence[tuple[int, int]]) -> list[int]:
    """Rows for each block, most important first: its least or nothing, then up to what it wants.

    `needs` are (least, wanted) with the edges counted in; the sum never exceeds `room`.
    """
    given = []
    for least, _ in needs:
        given.append(least if least <= room else 0)
        room -= given[-1]
    for number, (_, wanted) in enumerate(needs):
        more = min(max(wanted - given[number], 0), room) if given[number] else 0
        given[number] += more
        room -= more
    return given


def _column(scene: Scene, room: _Room) -> list[Text]:
    """All blocks under one another, the most important on top, the log at the bottom."""
    inner = _inner(room)
    now = _now(scene, inner)
    rest = [ranking(scene, inner), *_present(orders(scene, inner))]
    held = scene.run is not None and (scene.run.position is not None or scene.run.phase == "done")
    return _under_one_another(scene, [*now, *rest] if held else [rest[0], *now, *rest[1:]], room)


def _paired(scene: Scene, width: int, height: int) -> list[Text]:
    """Position or result, and the orders, beside the plan; everything else below."""
    left = width // 2
    right = width - left - 1
    now = _now(scene, left - _EDGES)
    room = _Room(width, height, framed, 2)
    if len(now) != 2:  # noqa: PLR2004 - a pair
        return _column(scene, room)
    stack = [now[0], *_present(orders(scene, left - _EDGES))]
    sides = [(stack, left), ([now[1]], right)]
    tall = min(max(_height(blocks) for blocks, _ in sides), height // 2)
    pair = [_stack(scene, blocks, _Room(size, tall, framed, 2)) for blocks, size in sides]
    below = _Room(width, height - tall, framed, 2)
    return beside(pair[0], pair[1], left) + _under_one_another(scene, [ranking(scene, _inner(room))], below)


def _wide(scene: Scene, width: int, height: int) -> list[Text]:
    """Ranking and orders on the left, result, position and plan on the right, the log below."""
    right = max(width * 2 // 5, 60)
    left = width - right - 1
    first = [ranking(scene, left - _EDGES), *_present(orders(scene, left - _EDGES))]
    sides = [(first, left), (_now(scene, right - _EDGES), right)]
    tall = min(max(_height(blocks) for blocks, _ in sides), height - _LOG_LEAST - 2)
    pair = [_stack(scene, blocks, _Room(size, tall, framed, 2)) for blocks, size in sides]
    below = _Room(width, height - tall, framed, 2)
    return beside(pair[0], pair[1], left) + _box(scene, _log(scene, _inner(below)), below)


def _height(blocks: Sequence[Block]) -> int:
    return sum(len(block.rows) + 2 for block in blocks)


def _stack(scene: Scene, blocks: Sequence[Block], room: _Room) -> list[Text]:
    """The blocks under one another, filling the room: the last one is made longer where they are short."""
    given = shares(room.rows, [(block.least + room.edges, len(block.rows) + room.edges) for block in blocks])
    if given:
        given[-1] += room.rows - sum(given)
    rows: list[Text] = []
    for block, size in zip(blocks, given, strict=True):
        rows += _box(scene, block, msgspec.structs.replace(room, rows=size))
    return rows


def _under_one_another(scene: Scene, blocks: Sequence[Block], room: _Room) -> list[Text]:
    """The blocks in this order, which is also that of their importance; the log takes what is left."""
    edges = room.edges
    log = _log(scene, _inner(room))
    needs = [(block.least + edges, len(block.rows) + edges) for block in blocks]
    # A few lines of the log come right after the most important block.
    wished = _LOG_LEAST + edges
    given = shares(room.rows, [needs[0], (wished, wished), *needs[1:]])
    sizes = [given[0], *given[2:]]
    rows: list[Text] = []
    for block, size in zip([*blocks, log], [*sizes, room.rows - sum(sizes)], strict=True):
        rows += _box(scene, block, msgspec.structs.replace(room, rows=size))
    return rows


def _box(scene: Scene, block: Block, room: _Room) -> list[Text]:
    """A block in its frame, exactly as many rows as the room has; nothing where that is too little."""
    count = room.rows - room.edges
    if count <= 0:
        return []
    drawn = block.draw(count)
    drawn += [line()] * (count - len(drawn))
    return room.frame(block.title, drawn, room.width, scene.marks, block.style)


def _now(scene: Scene, width: int) -> list[Block]:
    """What matters most at this moment, if anything: the result, the position, the plan."""
    return [
        *_present(outcome(scene, width)),
        *_present(position(scene, width)),
        *_present(plan(scene, width)),
    ]


def _present(block: Block | None) -> list[Block]:
    return [] if block is None else [block]


def _inner(room: _Room) -> int:
    return room.width - (_EDGES if room.edges > 1 else 0)


def _log(scene: Scene, width: int) -> Block:
    rows = [
        row if len(row.plain) <= width else fitted(row, width, scene.marks)
        for row in scene.log.rows(_LOG_MOST, scene.marks)
    ]
    return Block(title="Events", rows=tuple(rows), least=_LOG_LEAST, shorter=lambda count: rows[-count:])
