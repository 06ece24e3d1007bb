"""The engine's side of the control line: takes commands into the day, answers them, shows its state.

It is asked about ten times a second, between two events, and never waits: not for a client, not for
the disk. "taken" is said when the disk has the engine's step, "done" when what was asked for has come
about. Whoever halts, the HALT file is made; that it cannot be made stops no halt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import msgspec

from ninefifteen.adapters.control import Asked, ControlServer, machine_now
from ninefifteen.adapters.control.address import InUse
from ninefifteen.adapters.daylog import DayLog
from ninefifteen.cli.common import say
from ninefifteen.cli.control_home import obey_in_home, standing_in_home, without_day
from ninefifteen.cli.few_told import FewTold
from ninefifteen.domain.calendar import TradingCalendar
from ninefifteen.domain.effects import Alert, Effect
from ninefifteen.domain.events import Event, Paused, Unlocked
from ninefifteen.domain.instants import SECOND, Instant, iso_ms
from ninefifteen.engine.state import EngineState
from ninefifteen.home import Home, Latch, PauseNote
from ninefifteen.reports.documents import Document
from ninefifteen.reports.session_document import following, session_between
from ninefifteen.reports.state_document import between_document, state_document
from ninefifteen.runtime.control import (
    Answer,
    Command,
    Malformed,
    Once,
    answer,
    changes_nothing,
    closed_words,
    command_of,
    event_of,
    is_settled,
    judged,
    read_command,
    standing_of,
)
from ninefifteen.wiring.home_day import HomeDay

Tell = Callable[[str, str], None]
_WAITS_FOR_PROOF = ("halt", "flatten")
_MALFORMED_TOLD = 20
_LATCH_AGAIN: Instant = 5 * SECOND
_END_WAITS_S = 2.0


class _Given:
    """A command that was given to the engine, and how far it has come."""

    def __init__(self, command: Command, asked: Asked, at: Instant) -> None:
        self.command, self.asked, self.at = command, asked, at
        self.syncing: Future[None] | None = None
        self.problem = ""
        self.told_taken = False


class ControlDesk:
    """Commands and state of one running process; days come and go at it. `server` may be missing.

    `calendar` tells what comes after the day; without one that is not told. `account` is how the broker's
    account is called on a live day: never more than the end of its name. `wiring` ("demo", "paper",
    "live") and `synthetic` are told while no day is open: whose orders the next day's are, and whether its
    market is invented.
    """

    def __init__(
        self,
        home: Home,
        log: DayLog,
        server: ControlServer | None,
        calendar: TradingCalendar | None = None,
        account: str | None = None,
        *,
        wiring: str | None = None,
        synthetic: bool = False,
    ) -> None:
        self._home, self._log, self._server = home, log, server
        self._calendar, self._account = calendar, account
        self._wiring, self._synthetic = wiring, synthetic
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="control-disk")
        self._once = Once()
        self._given: dict[str, _Given] = {}
        self._day: HomeDay | None = None
        self._tell: Tell = lambda kind, text: say(f"{kind}: {text}")
        self._speed: Callable[[], str] = lambda: ""
        self._latched: str | None = None
        self._latch_tried: Instant | None = None
        self._malformed, self._few = 0, FewTold()
        self._last_state: Document | None = None
        self._last_now: Instant = 0
        self._staying = False

    def begin(self, day: HomeDay, tell: Tell, speed: Callable[[], str]) -> None:
        """This day runs from now on; call it before the first event is taken.

        `tell` shows a line ("alarm", text) where people look, `speed` says how fast exchange time runs.
        """
        self._day, self._tell, self._speed = day, tell, speed
        state = day.runner.engine.state
        self._once.add(state.commands)
        self._latched = None
        if state.halted is not None:
            self._latch_again(state.halted)
        self._pause_kept(day, state)
        day.runner.watch(self._witness)

    def end(self) -> None:
        """The day runs no more: whoever still waits is told; call it before the journal is closed."""
        day = self._day
        if day is None:
            return
        wait([one.syncing for one in self._given.values() if one.syncing is not None], _END_WAITS_S)
        state, self._last_now = day.runner.engine.state, day.runner.inbox.now
        self._go_on(state, self._last_now)
        self._last_state = self._document(day, self._last_now)
        if self._server is not None:  # whoever watches sees how it ended
            self._server.publish(msgspec.json.encode(self._last_state))
        self._day = None
        for one in list(self._given.values()):
            if one.syncing is None:  # it came too late for this day
                said = without_day(self._home, one.command)
            else:
                words = "this day ended or was stopped before it was proved flat: see `ninefifteen status`"
                said = answer(one.command, "refused", words)
            self._last(one.command, one.asked, said, one.at)
        self._given.clear()

    def look_after(self) -> None:
        """As `look`, when the last day of this run is over and somebody still reads what it came to."""
        self._staying = True
        self.look(self._last_now)

    def close(self) -> None:
        """Let go of the thread that waits for the disk."""
        self._disk.shutdown(wait=False, cancel_futures=True)

    def look(self, now: Instant, *, quiet: bool = False) -> bool:
        """Take what has come, answer what is ready, show the state if somebody watches.

        `now` is exchange time. Returns whether something was put into the day's inbox. With `quiet` nothing
        is shown now but to somebody who has just come: there are more urgent things.
        """
        server, day = self._server, self._day
        state = None if day is None else day.runner.engine.state
        if state is not None and state.halted is not None and state.halted != self._latched:
            self._latch(state.halted, now)
        if server is None:
            return False
        given = len(self._given)
        for asked in server.asked():
            self._take(asked, now)
        put = len(self._given) > given
        if state is not None:
            self._go_on(state, now)
        if server.wants_frame and (not quiet or server.has_fresh):
            server.publish(self._state(now))
        return put

    # --------------------------------------------------------------------------------- commands that come

    def _take(self, asked: Asked, now: Instant) -> None:
        try:
            command = read_command(asked.line)
        except Malformed as problem:
            self._refuse(asked, problem, now)
            return
        day = self._day
        standing = standing_in_home(self._home) if day is None else standing_of(day.runner.engine.state)
        said = self._once.repeated(command) or judged(command, standing, machine_now())
        if said is not None:
            asked.answer(msgspec.json.encode(said))
            self._audit_few(command, said, now)
            return
        nothing = changes_nothing(command, standing)
        if nothing is not None:
            if command.verb == "resume":
                obey_in_home(self._home, command)  # a pause that begins on another day, or has passed
            self._last(command, asked, answer(command, "done", f"{nothing}: nothing changed"), now)
        elif day is None:
            found = without_day(self._home, command)
            asked.answer(msgspec.json.encode(found))
            self._once.told(found)
            (self._audit_few if found.state == "refused" else self._audit)(command, found, now)
        else:
            moment = max(now, day.runner.inbox.now)
            self._given[command.id] = _Given(command, asked, moment)
            self._once.told(answer(command, "taken", "it is being taken"))
            day.runner.inbox.put(event_of(command, moment))

    def _refuse(self, asked: Asked, problem: Malformed, now: Instant) -> None:
        said = Answer(ack=problem.id, state="refused", text=str(problem))
        asked.answer(msgspec.json.encode(said))
        self._malformed += 1
        if self._malformed <= _MALFORMED_TOLD:
            more = " (further ones are not told)" if self._malformed == _MALFORMED_TOLD else ""
            self._write(now, f"refused: {problem}{more}", id=problem.id, answer="refused")

    def _last(self, command: Command, asked: Asked, said: Answer, now: Instant) -> None:
        """Give a command its last answer."""
        asked.answer(msgspec.json.encode(said))
        self._once.told(said)
        self._audit(command, said, now)

    def _audit_few(self, command: Command, said: Answer, now: Instant) -> None:
        """Write what was not obeyed, as long as it is not too much; what is obeyed is always written."""
        more = self._few.more(machine_now())
        if more is not None:
            self._audit(command, said, now, more)

    def _audit(self, command: Command, said: Answer, now: Instant, more: str = "") -> None:
        self._write(
            now,
            f"{command.verb} by {command.source}: {said.state}: {said.text}{more}",
            verb=command.verb,
            id=command.id,
            source=command.source,
            role=command.role,
            reason=command.args.reason,
            answer=said.state,
        )

    def _write(self, now: Instant, text: str, **data: Any) -> None:
        with suppress(OSError):  # a full disk stops no command; the journal has the step
            self._log.tell(now, "command", text, **data)

    # ------------------------------------------------------------------------- commands the engine has taken

    def _witness(self, event: Event, effects: Sequence[Effect]) -> None:
        """A witness of the runner: the step of a command has been journaled and performed."""
        day = self._day
        if day is None:
            return
        state = day.runner.engine.state
        if state.halted is not None and state.halted != self._latched:
            self._latch(state.halted, event.at)
        identity = command_of(event)
        if not identity:
            return
        if isinstance(event, Unlocked) and state.halted is None:
            self._latched = None
        one = self._given.get(identity)
        if one is not None:
            one.problem = self._came_of(one.command, state, effects)
            journal = day.runner.journal
            one.syncing = self._disk.submit(journal.make_durable if journal is not None else _nothing)

    def _came_of(self, command: Command, state: EngineState, effects: Sequence[Effect]) -> str:
        """Do beside the step what has to be kept in the home; returns why it was refused, if it was."""
        if command.verb == "unlock" and state.halted is not None:
            alerts = [effect.text for effect in effects if isinstance(effect, Alert)]
            return alerts[0] if alerts else "not unlocked"
        problem = obey_in_home(self._home, command)
        if problem and command.verb == "unlock":
            return f"{problem}: it halts again"
        if problem:
            self._tell("alarm", problem)
        return ""

    def _go_on(self, state: EngineState, now: Instant) -> None:
        """Answer what has come further."""
        for one in list(self._given.values()):
            if one.syncing is None or not one.syncing.done():
                continue
            kept = "" if one.syncing.exception() is None else " (the disk has not confirmed it)"
            if one.command.verb not in _WAITS_FOR_PROOF:
                self._finish(one, now, kept)
                continue
            if not one.told_taken:
                one.told_taken = True
                said = answer(one.command, "taken", f"the engine has it{kept} and is closing what it holds")
                one.asked.answer(msgspec.json.encode(said), last=False)
                self._audit(one.command, said, now)
            if is_settled(state):
                closed = closed_words(state, one.at)
                self._finish(one, now, f": {closed}; it holds nothing now and has no open order{kept}")

    def _finish(self, one: _Given, now: Instant, more: str) -> None:
        del self._given[one.command.id]
        done = {"pause": "paused", "resume": "resumed", "unlock": "unlocked", "halt": "halted"}
        words = done.get(one.command.verb, "flattened") + more
        until = one.command.args.until
        if one.command.verb == "pause":
            words += ": no new entries until " + ("somebody resumes" if until is None else f"{until}")
        said = answer(one.command, "refused" if one.problem else "done", one.problem or words)
        self._last(one.command, one.asked, said, now)

    # -------------------------------------------------------------------------------------- latch and pause

    def _latch(self, halted: str, now: Instant) -> None:
        """Make the HALT file say who halted; where that fails it is an alarm, and tried again."""
        if self._latch_tried is not None and 0 <= now - self._latch_tried < _LATCH_AGAIN:
            return
        source, _, reason = halted.partition(": ")
        try:
            self._home.latch(Latch(at=iso_ms(now), source=source, reason=reason))
        except OSError as error:
            if self._latch_tried is None:
                self._tell(
                    "alarm",
                    f"halted, and {self._home.halt_file} cannot be made ({error.strerror}):"
                    " make it yourself, or the next day starts without it",
                )
            self._latch_tried = now
            return
        self._latched, self._latch_tried = halted, None

    def _latch_again(self, halted: str) -> None:
        """A halted day is gone on with: its HALT file stands, unless somebody has unlocked since."""
        lifted = self._home.lifted()
        if self._home.latched() is None and lifted is not None and lifted.words == halted:
            self._latched = halted

    def _pause_kept(self, day: HomeDay, state: EngineState) -> None:
        """A pause that was to outlive its day: fed before anything can enter."""
        note: PauseNote | None = self._home.pause_note()
        facts = day.session.facts
        if note is None or not note.holds_on(facts.date) or state.paused is not None:
            return
        until = "" if note.until is None else f" (until {note.until})"
        at = max(day.runner.inbox.now, day.session.opening.at)
        day.runner.inbox.put(Paused(at, source=note.source, reason=note.reason + until))

    def _state(self, now: Instant) -> bytes:
        day = self._day
        if day is not None:
            return msgspec.json.encode(self._document(day, now))
        standing = standing_in_home(self._home)
        if self._staying and self._last_state is not None:
            stands = {"halted": standing.halted, "paused": standing.paused}
            return msgspec.json.encode(self._last_state | stands)
        return msgspec.json.encode(
            between_document(
                now,
                wiring=self._wiring,
                rehearsal=self._home.rehearsal,
                synthetic=self._synthetic,
                halted=standing.halted,
                paused=standing.paused,
                session=session_between(self._calendar, now),
                last_day=self._last_state,
                account=self._account if self._wiring == "live" else None,
            )
        )

    def _document(self, day: HomeDay, now: Instant) -> Document:
        state, after = day.runner.engine.state, None
        if self._calendar is not None:
            after = following(self._calendar, day.session.facts.date)
        return state_document(
            state,
            max(now, state.now),
            wiring=day.wiring,
            rehearsal=day.rehearsal,
            speed=self._speed(),
            after=after,
            account=self._account if day.wiring == "live" else None,
        )


@contextmanager
def control_desk(
    home: Home,
    *,
    synthetic: bool,
    calendar: TradingCalendar | None = None,
    account: str | None = None,
    wiring: str | None = None,
) -> Iterator[ControlDesk]:
    """Open the control line of this home while the block runs; where it cannot be, the days go on."""
    with ExitStack() as stack:
        server: ControlServer | None = None
        try:
            server = stack.enter_context(ControlServer.open(home.path))
        except (OSError, InUse) as problem:
            say(f"alarm: no control line ({problem}): status and commands do not work, the HALT file does")
        log = DayLog(home.logs_dir, synthetic=synthetic)
        stack.callback(log.close)
        desk = ControlDesk(home, log, server, calendar, account, wiring=wiring, synthetic=synthetic)
        stack.callback(desk.close)
        yield desk


def _nothing() -> None:
    """Stands for a disk where there is no journal."""
