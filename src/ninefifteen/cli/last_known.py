"""What a home knows while no engine runs: the newest day's journal, and what it does not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from ninefifteen.adapters.journal import journals, read_journal
from ninefifteen.cli.replay import Replayed, step_again
from ninefifteen.domain.instants import Instant, clock_of, iso_ms
from ninefifteen.domain.money import rupees
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.reports.state_document import flat, state_document
from ninefifteen.runtime.control import is_quiet
from ninefifteen.runtime.views import view_of
from ninefifteen.wiring.proved import FlatNote, flat_since

Document = dict[str, Any]
NO_ENGINE = "no engine is running"


class LastKnown(msgspec.Struct, frozen=True, kw_only=True):
    """The newest day as its journal tells it. `problem`: why it tells nothing; `until`: where it ends."""

    replayed: Replayed | None = None
    until: Instant | None = None
    problem: str = ""
    proved: FlatNote | None = None
    """Who has proved flat at the broker since the journal ended."""

    @property
    def finished(self) -> bool:
        """The day has ended and its record was written."""
        return self.replayed is not None and self.replayed.record is not None

    @property
    def safe(self) -> bool:
        """Nothing of the bot's was held or open where the journal ends, as far as it says."""
        if self.problem:
            return False
        return self.proved is not None or self.replayed is None or is_quiet(self.replayed.engine.state)


def last_known(home: Home) -> LastKnown:
    """Read the newest day, whatever can be read of it; nothing is changed."""
    found = journals(home.journal_dir)
    if not found:
        return LastKnown()
    try:
        newest = max(found, key=lambda path: path.stat().st_mtime_ns)
        return msgspec.structs.replace(_read(newest), proved=flat_since(home, newest))
    except BadInput as problem:
        return LastKnown(problem=str(problem))


def last_words(known: LastKnown) -> str:
    """What is known, in plain words; never that the account is flat: nobody has looked since."""
    if known.problem:
        return f"{NO_ENGINE}, and what it held last cannot be read: {known.problem}"
    replayed = known.replayed
    if replayed is None or known.until is None:
        return f"{NO_ENGINE}, and no day has been run in this home"
    header, state = replayed.header, replayed.engine.state
    when = f"{clock_of(known.until):%H:%M:%S} of the {'synthetic ' * header.synthetic}day {header.date}"
    if known.finished and known.safe:
        return f"{NO_ENGINE}; the {when} was its end: the bot held nothing then"
    view = view_of(state)
    held = [run.position for run in view.runs if run.position is not None] if view is not None else []
    was = "; ".join(
        f"was holding {one.quantity} {one.name} bought at Rs {rupees(one.average)},"
        f" {'its stop' if one.stop_resting else 'no stop'} at Rs {rupees(one.stop)} resting"
        for one in held
    )
    if not was:
        was = "held nothing" if is_quiet(state) else "held nothing and had an order in the market"
    since = "look in the broker's app for what is held now"
    if known.proved is not None:
        since = known.proved.words
    elif not state.careful:
        since = "its orders were simulated, and the next start goes on there"
    return f"{NO_ENGINE}; at {when} the bot {was}: {since}"


def last_document(known: LastKnown, home: Home) -> Document:
    """The same for scripts: the last state, marked as such; `flat` is null, for nobody has looked since."""
    document: Document = {"engine": "none", "as_of": None, "text": last_words(known)}
    latch = home.latched()
    replayed = known.replayed
    if replayed is None or known.until is None:
        nothing: Document = dict.fromkeys(("date", "flat", "flat_then", "finished"))
        halted = None if latch is None else latch.words
        return document | nothing | {"halted": halted, "positions": [], "orders": []}
    state, header = replayed.engine.state, replayed.header
    told = state_document(state, known.until, wiring="", rehearsal=header.rehearsal, speed="")
    told |= {"mode": None, "flat": None, "flat_then": flat(state), "finished": known.finished}
    if latch is not None:
        told["halted"] = latch.words
    return document | told | {"as_of": iso_ms(known.until)}


def _read(path: Path) -> LastKnown:
    replayed = step_again(read_journal(path))
    if replayed.engine.state.facts is None:
        return LastKnown(problem=f"{path} holds no step of its day")
    return LastKnown(replayed=replayed, until=replayed.until)
