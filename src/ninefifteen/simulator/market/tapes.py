"""Tapes kept within a limit of memory: made when needed, cut shorter when many are watched."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from heapq import heapify, heappop, heappush, heapreplace

from .lines import Line
from .tape import BYTES_A_SECOND, Tape

_BEFORE = 30  # seconds kept before the one asked for: deliveries of one second are not simultaneous
_SHORTEST = 600
_SPARE = 40  # tapes of instruments that are asked for without being watched


class Tapes:
    """The tapes of a day of `seconds` seconds in about `memory` bytes.

    Every tape costs one computation of the whole session (some milliseconds) and keeps a stretch of
    it: as long as the memory allows for all that are watched.
    """

    def __init__(self, seconds: int, memory: int) -> None:
        self._seconds, self._memory = seconds, memory
        self._tapes: dict[int, Tape] = {}
        self._held = 0  # seconds in all tapes together
        self._watched: Collection[int] = ()
        self._span = seconds
        self._next: list[tuple[int, int]] = []  # (where the tape of a watched token ends, token)

    @property
    def size(self) -> int:
        """Bytes kept, about."""
        return self._held * BYTES_A_SECOND

    def known(self, token: int, second: int) -> Tape | None:
        """The tape that holds `second` of the instrument, when there is one."""
        tape = self._tapes.get(token)
        return tape if tape is not None and tape.start <= second < tape.stop else None

    def get(self, line: Line, second: int) -> Tape:
        """The tape that holds `second`, made if necessary."""
        token = line.listed.token
        tape = self.known(token, second)
        if tape is None:
            start = max(0, second - _BEFORE)
            tape = line.tape().cut(start, max(second + 1, min(line.end, start + self._span)))
            self._keep(token, tape)
            self._make_room(token)
        return tape

    def watch(self, watched: Collection[int], added: Iterable[int], second: int) -> None:
        """From now on these are watched, `added` among them newly; `second` is the present one."""
        self._watched = watched
        rows = self._memory // BYTES_A_SECOND // (len(watched) + _SPARE)
        self._span = min(self._seconds, max(_SHORTEST, rows))
        for token in added:
            heappush(self._next, (-1, token))
        if self._held * BYTES_A_SECOND > self._memory // 2:
            self._shorten(max(0, second))

    def prepare(self, lines: dict[int, Line], second: int) -> bool:
        """Make one tape that will be needed soon; False when there is none to make.

        A tape is made anew when less than a quarter of a stretch is left of it.
        """
        second, soon = max(0, second), self._span // 4
        while self._next:
            end, token = self._next[0]
            line, tape = lines.get(token), self._tapes.get(token)
            stop = tape.stop if tape is not None else -1
            if line is None or stop >= line.end or second >= line.end:
                heappop(self._next)
            elif stop != end:
                heapreplace(self._next, (stop, token))
            elif stop - second >= soon:
                return False
            else:
                self._drop(token)
                heapreplace(self._next, (self.get(line, second).stop, token))
                return True
        return False

    def _keep(self, token: int, tape: Tape) -> None:
        self._drop(token)
        self._tapes[token] = tape
        self._held += tape.stop - tape.start

    def _drop(self, token: int) -> None:
        old = self._tapes.pop(token, None)
        if old is not None:
            self._held -= old.stop - old.start

    def _make_room(self, wanted: int) -> None:
        """Let go of the oldest tapes that nobody watches."""
        if self.size <= self._memory:
            return
        idle = [token for token in self._tapes if token != wanted and token not in self._watched]
        for token in idle:
            self._drop(token)
            if self.size <= self._memory:
                return

    def _shorten(self, second: int) -> None:
        """Cut what was kept for longer than there is room for now."""
        for token, tape in tuple(self._tapes.items()):
            if tape.stop - tape.start > self._span + _BEFORE:
                start = max(tape.start, min(second, tape.stop - 1) - _BEFORE)
                self._keep(token, tape.cut(start, start + self._span))
        self._next = [(self._tapes[t].stop if t in self._tapes else -1, t) for _, t in self._next]
        heapify(self._next)
