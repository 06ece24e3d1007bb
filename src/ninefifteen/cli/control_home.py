"""What commands leave in the home: the HALT file and the pause that outlives its day."""

from __future__ import annotations

from ninefifteen.adapters.control import machine_now
from ninefifteen.domain.instants import iso_ms
from ninefifteen.home import Home, Latch, PauseNote
from ninefifteen.runtime.control import Answer, Command, Standing, answer

NO_DAY = "no day is open"
_NOT_KNOWN = f"{NO_DAY}, nothing was closed, and what is at the broker is not known here"


def standing_in_home(home: Home) -> Standing:
    """How things stand where no day is open: by the files of the home."""
    latch, note = home.latched(), home.pause_note()
    return Standing(
        halted=None if latch is None else latch.words,
        paused=None if note is None else f"{note.source}: {note.reason}",
    )


def keep(home: Home, command: Command) -> None:
    """Write down or remove what the command means for starts to come. Raises OSError.

    A pause without a date is kept, too: it holds until somebody resumes.
    """
    at = iso_ms(machine_now())
    if command.verb == "halt":
        home.latch(Latch(at=at, source=command.source, reason=command.reason))
    elif command.verb == "unlock":
        home.lift()
    elif command.verb == "pause":
        home.keep_pause(
            PauseNote(at=at, source=command.source, reason=command.reason, until=command.args.until)
        )
    elif command.verb == "resume":
        home.forget_pause()


def obey_in_home(home: Home, command: Command) -> str:
    """The same beside a step of the engine, which is what counts; returns what went wrong, "" for nothing."""
    if command.verb == "halt":
        return ""  # the desk latches every halt, whoever asked for it
    try:
        keep(home, command)
    except OSError as error:
        return f"{command.verb} was taken, and cannot be written in the home ({error.strerror})"
    return ""


def without_day(home: Home, command: Command) -> Answer:
    """Obey a command while no day is open: nothing is held by this process then.

    That says nothing about the broker: somebody else, or an earlier run, may have left something there.
    """
    if command.verb == "flatten":
        return answer(command, "refused", _NOT_KNOWN)
    try:
        keep(home, command)
    except OSError as error:
        return answer(command, "refused", f"{NO_DAY}, and the home cannot be written ({error.strerror})")
    until = command.args.until
    words = {
        "halt": f"latched: {_NOT_KNOWN}; nothing enters until `ninefifteen unlock`",
        "unlock": f"{NO_DAY}: unlocked",
        "pause": f"{NO_DAY}: no new entries until {until or 'somebody resumes'}",
        "resume": f"{NO_DAY}: resumed",
    }
    return answer(command, "done", words[command.verb])
