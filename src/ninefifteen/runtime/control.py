"""Commands of people: which may be obeyed, as which event, and when "done" may be said.

Nothing here touches a socket, a file or a clock: whoever carries a command asks here first. A command
is fresh (at most 120 s old), allowed to the role it comes with, and executed at most once (I21).
Anybody who may act at all can stop; only the second factor can add risk again (I22).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Literal

import msgspec

from ninefifteen.domain.events import Event, Flattened, Halted, Paused, Resumed, Unlocked
from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.money import rupees
from ninefifteen.engine.state import EngineState

FRESH: Instant = 120 * SECOND
"""A command older than this is not obeyed."""
AHEAD: Instant = 5 * SECOND
"""Nor is one from further in the future: a clock that wrong proves nothing."""
VERBS = ("pause", "resume", "flatten", "halt", "unlock")
ROLES = ("viewer", "operator", "admin")
"""Each may do what the ones before it may. Admin stands for somebody who has just proved a second factor."""

State = Literal["taken", "done", "refused", "repeated", "stale"]
CommandEvent = Halted | Paused | Resumed | Flattened | Unlocked

_ID = re.compile(r"[\x21-\x7e]{1,64}")
_SOURCE = re.compile(r"[A-Za-z0-9_.@:+/-]{1,64}")
_REASON = 200
_EVENTS: dict[str, Callable[..., CommandEvent]] = {
    "pause": Paused,
    "resume": Resumed,
    "flatten": Flattened,
    "halt": Halted,
    "unlock": Unlocked,
}


class Malformed(Exception):
    """This is no command; the text says why. Carries the id as far as one could be read."""

    def __init__(self, text: str, given: str | None = None) -> None:
        super().__init__(text)
        self.id = given


class Arguments(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a command may say beside its verb.

    `until` is the first day on which entries are allowed again (pause); `confirmed` says that whoever
    sends it has been asked once more (unlock, and resume after a losing streak).
    """

    reason: str = ""
    until: date | None = None
    confirmed: bool = False


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command as it is sent. `sent_at` is the wall clock of this machine, ns."""

    id: str
    verb: Literal["pause", "resume", "flatten", "halt", "unlock"]
    sent_at: Instant
    source: str
    role: Literal["viewer", "operator", "admin"]
    args: Arguments = Arguments()

    @property
    def reason(self) -> str:
        """Why, in the sender's words; never empty."""
        return self.args.reason or f"{self.verb} asked for"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender is told. "taken": the engine's step is durable; "done": so is what it was to bring."""

    ack: str | None
    state: State
    text: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules need to know of this moment; `day` is None while no day is open."""

    day: date | None = None
    halted: str | None = None
    paused: str | None = None
    streak: int = 0
    """Losing trades in a row that stop new entries; 0 when they do not."""

    @property
    def paused_by(self) -> str:
        """The source of the pause, "" when nothing is paused."""
        return (self.paused or "").partition(": ")[0]


def standing_of(state: EngineState) -> Standing:
    """How things stand in the engine."""
    stopped = state.streak >= state.settings.risk.max_consecutive_losses
    return Standing(
        day=None if state.facts is None else state.facts.date,
        halted=state.halted,
        paused=state.paused,
        streak=state.streak if stopped and state.streak > state.streak_excused else 0,
    )


def read_command(line: bytes) -> Command:
    """The command of one line of JSON; raises Malformed.

    Characters that could move a terminal's cursor are taken out of the reason; a reason too long is cut.
    """
    try:
        command = msgspec.json.decode(line, type=Command)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"no command: {error}", _id_of(line)) from None
    if not _ID.fullmatch(command.id):
        raise Malformed("no command: its id needs 1 to 64 visible characters")
    if not _SOURCE.fullmatch(command.source):
        raise Malformed("no command: its source is no name", command.id)
    shown = "".join(sign for sign in command.args.reason if sign.isprintable())
    args = msgspec.structs.replace(command.args, reason=shown[:_REASON].strip())
    return msgspec.structs.replace(command, args=args)


def judged(command: Command, standing: Standing, machine_now: Instant) -> Answer | None:
    """Why the command is not obeyed; None when it is. Whether it was there before is `Once`'s business."""
    age = machine_now - command.sent_at
    if not -AHEAD <= age <= FRESH:
        when = f"{age // SECOND} s old" if age > 0 else f"from {-age // SECOND} s in the future"
        return answer(command, "stale", f"nothing was done: the command is {when}; send it again")
    reason = _refusal(command, standing)
    return None if reason is None else answer(command, "refused", reason)


def answer(command: Command, state: State, text: str) -> Answer:
    """The answer to this command."""
    return Answer(ack=command.id, state=state, text=text)


def event_of(command: Command, at: Instant) -> CommandEvent:
    """The command as the engine takes it."""
    return _EVENTS[command.verb](at, source=command.source, reason=command.reason, command=command.id)


def changes_nothing(command: Command, standing: Standing) -> str | None:
    """Why there is nothing to do, in words; None when there is."""
    if command.verb == "resume" and standing.paused is None and not standing.streak:
        return "nothing was paused"
    if command.verb == "unlock" and standing.halted is None:
        return "nothing was halted"
    return None


class Once:
    """Remembers which commands were obeyed, so that none is obeyed twice.

    `known` are those of the journal: a restart forgets none of them.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._answers: dict[str, str] = dict.fromkeys(known, "it was taken before a restart")

    def add(self, known: Iterable[str]) -> None:
        """Remember these too, of a day that was taken up again."""
        for command in known:
            self._answers.setdefault(command, "it was taken before a restart")

    def repeated(self, command: Command) -> Answer | None:
        """The answer to a command that was here before; None for a new one."""
        before = self._answers.get(command.id)
        return None if before is None else answer(command, "repeated", f"nothing was done again: {before}")

    def told(self, given: Answer) -> None:
        """Remember how a command that was obeyed has been answered last."""
        if given.ack is not None:
            self._answers[given.ack] = given.text


def command_of(event: Event) -> str:
    """The id of the command that this event is; "" when it is none."""
    return event.command if isinstance(event, Halted | Paused | Resumed | Flattened | Unlocked) else ""


def is_settled(state: EngineState) -> bool:
    """Whether a halt or flatten has come to its end: what we bought is sold, and the engine has proved it."""
    return not state.proofs and is_quiet(state)


def is_quiet(state: EngineState) -> bool:
    """Whether, by our own book, nothing of ours is held and no order of ours can still fill."""
    held = any(run.position is not None and run.position.net for run in state.runs)
    return not held and not state.orders.living()


def closed_words(state: EngineState, since: Instant) -> str:
    """What was sold from that instant on, in plain words."""
    trades = [run.trade for run in state.runs if run.trade is not None]
    sold = [trade for trade in trades if trade.exit_at is not None and trade.exit_at >= since]
    if not sold:
        return "nothing of the bot's was held"
    return "; ".join(
        f"sold {trade.quantity} {trade.instrument.name} at Rs {rupees(trade.exit)}"
        f" (bought at {rupees(trade.entry)}, Rs {rupees(trade.gross)} before charges)"
        for trade in sold
    )


def _refusal(command: Command, standing: Standing) -> str | None:
    """Why this role may not, or why it makes no sense now; None when the command is fine."""
    verb, rank = command.verb, ROLES.index(command.role)
    if rank < ROLES.index("admin" if verb == "unlock" else "operator"):
        return f"{command.role} may not {verb}"
    until, day = command.args.until, standing.day
    if verb == "pause" and until is not None and day is not None and until <= day:
        return f"a pause until {until} has no day: it is {day}"
    if verb == "unlock" and standing.halted is not None and not command.args.confirmed:
        return "unlock adds risk: it has to be confirmed"
    return _refused_resume(command, standing) if verb == "resume" else None


def _refused_resume(command: Command, standing: Standing) -> str | None:
    admin = command.role == "admin"
    if standing.halted is not None:
        return f"halted ({standing.halted}): resume does not lift a halt, unlock does"
    if standing.streak and not (admin and command.args.confirmed):
        return f"{standing.streak} losing trades in a row stopped it: only the second factor resumes"
    if standing.paused_by not in ("", command.source) and not admin:
        return f"paused by {standing.paused_by}: only who paused it, or admin, resumes"
    return None


def _id_of(line: bytes) -> str | None:
    """The id of something that is no command, so that its sender can tell which; None without one."""
    try:
        found = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    given = found.get("id") if isinstance(found, dict) else None
    return given if isinstance(given, str) and _ID.fullmatch(given) else None
