"""The changes of everything that is watched, merged in time order."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush, heapreplace
from typing import NamedTuple

from ninefifteen.domain.instants import Instant

from .lines import Line
from .snapshot import Change
from .tapes import Tapes

_MATCH = -1  # the "second" of the auction's trade


class _Due(NamedTuple):
    """A change to come. Unless `sure`, there is none before `at`, and the tape has to be made to know."""

    at: Instant
    token: int
    serial: int
    second: int
    sure: bool


class Watching:
    """A source of changes; what is watched, and when it was asked for, decides which come."""

    def __init__(self, tapes: Tapes) -> None:
        self._tapes = tapes
        self._lines: dict[int, Line] = {}
        self._serials: dict[int, int] = {}
        self._serial = 0
        self._due: list[_Due] = []

    @property
    def lines(self) -> dict[int, Line]:
        """What is watched, by token."""
        return self._lines

    def watch(self, lines: Iterable[Line], at: Instant) -> None:
        """Changes delivered after `at` from now on; one that is watched already goes on."""
        added = []
        for line in lines:
            token = line.listed.token
            if token in self._lines:
                continue
            self._serial += 1
            self._lines[token], self._serials[token] = line, self._serial
            added.append(token)
            due = self._first(line, at)
            if due is not None:
                heappush(self._due, due)
        if added:
            second = self._lines[added[0]].second(at)
            self._tapes.watch(self._lines.keys(), added, second)

    def unwatch(self, tokens: Iterable[int]) -> None:
        """No further changes of these; unknown ones are passed over."""
        for token in tokens:
            if self._lines.pop(token, None) is not None:
                del self._serials[token]

    def next_at(self) -> Instant | None:
        """When the next change is delivered; None when the day has no further one."""
        due = self._due
        while due:
            first = due[0]
            if self._serials.get(first.token) != first.serial:
                heappop(due)
            elif first.sure:
                return first.at
            else:
                line = self._lines[first.token]
                self._tapes.get(line, first.second)
                self._replace(self._next(line, first.second))
        return None

    def pop(self) -> Change:
        """Take the next change; IndexError when there is none."""
        if self.next_at() is None:
            raise IndexError("nothing that is watched changes any more today")
        first = self._due[0]
        line = self._lines[first.token]
        self._replace(self._next(line, first.second + 1))
        return Change(first.at, first.token)

    def _replace(self, due: _Due | None) -> None:
        if due is None:
            heappop(self._due)
        else:
            heapreplace(self._due, due)

    def _first(self, line: Line, at: Instant) -> _Due | None:
        match = line.match
        if match is not None and match.at + line.delay > at:
            token = line.listed.token
            return _Due(match.at + line.delay, token, self._serials[token], _MATCH, sure=True)
        return self._next(line, max(0, line.second(at) + 1))

    def _next(self, line: Line, second: int) -> _Due | None:
        """The change of `second` or the first one after it."""
        token, sure = line.listed.token, line.match is not None
        if second >= line.end:
            return None
        if not sure:
            tape = self._tapes.known(token, second)
            if tape is not None:
                shown = tape.shown_from(second)
                sure, second = shown >= 0, shown if shown >= 0 else tape.stop
                if second >= line.end:
                    return None
        return _Due(line.delivery(second), token, self._serials[token], second, sure)
