"""The journal of a live line and its disk: entries wait for it, exits not for long (I4, I18).

With an emergency file beside it a line can outlive its disk: steps that the journal did not take in time
are kept in memory and there, and the journal is tried again with every step.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from ninefifteen.domain.effects import Effect
from ninefifteen.domain.events import Event
from ninefifteen.ports.emergency import Emergency
from ninefifteen.ports.wall import WallClock

from .runner import Runner, enters

_EXIT_WAITS_S = 0.25
"""An exit waits that long for the disk and then leaves all the same (I18)."""
_RECENT = 320
"""So many steps are remembered: more than a journal ever holds back in memory."""
_Kept = tuple[int, Event, Sequence[Effect]]


class LineDisk:
    """Journals the steps of one line. `tell` takes one line when the disk is late, fails, or is back."""

    def __init__(
        self,
        runner: Runner,
        clock: WallClock,
        emergency: Emergency | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._runner, self._clock = runner, clock
        self._emergency, self._tell = emergency, tell
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._aside: ThreadPoolExecutor | None = None
        self._syncs: list[asyncio.Future[None]] = []
        self._recent: deque[_Kept] = deque(maxlen=_RECENT)
        self._waiting: deque[_Kept] = deque()
        self._last_kept = 0
        self._told_late = False
        self.problem: OSError | None = None
        """Why the journal does not hold everything just now."""
        self.late_syncs = 0

    def begin(self) -> None:
        """Have the thread there before the first order needs it."""
        self._pool.submit(_nothing)

    async def keep(self, event: Event, effects: Sequence[Effect]) -> None:
        """Journal a step; returns when what it asks of the broker may leave.

        Raises OSError when the journal cannot take it: then nothing that enters may leave.
        """
        journal = self._runner.journal
        if journal is None:
            return
        if self._emergency is not None:
            self._recent.append((self._runner.events, event, effects))
        if journal.write(event, effects):
            await self._durable(effects)
            self._whole_again()
        elif self.problem is not None:
            self._set_aside()

    @property
    def can_do_without(self) -> bool:
        """Whether steps can be kept elsewhere while the journal takes none."""
        return self._emergency is not None

    def without(self, problem: OSError) -> None:
        """The journal has not taken the step: it is kept in memory and in the emergency file."""
        if self.problem is None:
            self._tell(
                f"the journal cannot be written ({problem.strerror or problem}): nothing enters any more,"
                " exits go on from memory"
            )
        self.problem = problem
        self._set_aside()

    async def settled(self) -> None:
        """Return when the disk has everything; raises OSError when it has not."""
        if self._syncs:
            await asyncio.wait(self._syncs)
        self._known()
        if self.problem is not None:
            raise self.problem

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown(wait=True)
        if self._aside is not None:
            self._aside.shutdown(wait=True)

    async def _durable(self, effects: Sequence[Effect]) -> None:
        journal = self._runner.journal
        if journal is None:
            return
        self._known()
        syncing = asyncio.get_running_loop().run_in_executor(self._pool, journal.make_durable)
        self._syncs.append(syncing)
        with self._clock.working():
            if enters(effects):
                await syncing
            else:
                await asyncio.wait({syncing}, timeout=_EXIT_WAITS_S)
        if not syncing.done():
            self._late()
        self._known()

    def _late(self) -> None:
        self.late_syncs += 1
        if self._emergency is None:
            return
        self._set_aside()
        if not self._told_late:
            self._told_late = True
            self._tell("the disk is slow: an exit left without waiting for it any longer")

    def _known(self) -> None:
        """Raise what any sync has ended with, one that nobody waited for any more included.

        The system reports a failed write once: a sync behind it succeeds and has stored nothing of it.
        """
        ended = [sync for sync in self._syncs if sync.done()]
        self._syncs = [sync for sync in self._syncs if not sync.done()]
        for sync in ended:
            sync.result()

    def _whole_again(self) -> None:
        if self.problem is not None and not self._syncs:
            self.problem = None
            self._tell("the journal can be written again, and holds everything")

    # ------------------------------------------------------------------------------------ the emergency file

    def _set_aside(self) -> None:
        """Have every step that the journal may not hold written to the emergency file, beside the loop."""
        self._waiting.extend(step for step in self._recent if step[0] > self._last_kept)
        self._last_kept = max(self._last_kept, self._runner.events)
        if self._aside is None:
            self._aside = ThreadPoolExecutor(1, thread_name_prefix="emergency")
        self._aside.submit(self._drain)

    def _drain(self) -> None:
        while self._waiting and self._emergency is not None:
            try:
                self._emergency.keep(*self._waiting[0])
            except OSError:
                return  # it stays in memory and goes out with the next one
            self._waiting.popleft()


def _nothing() -> None:
    """What a thread is started with."""
