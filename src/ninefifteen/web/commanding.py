"""A command on its way to the engine: who may, how fresh it is, and what is true when nobody answers."""

from __future__ import annotations

import asyncio
from typing import cast

from fastapi import Response

from ninefifteen.domain.instants import Instant, from_datetime, iso_ms
from ninefifteen.domain.order import FINAL
from ninefifteen.home import Latch
from ninefifteen.runtime.control import AHEAD, FRESH

from .accounts.people import Who
from .engine_link import Busy, Document, NoAnswer, NotSent
from .errors import Refused
from .models.commands import AnswerState, CommandAnswer, CommandRequest, Verb
from .models.common import Role
from .site import Site

_STOPS: tuple[Verb, ...] = ("halt", "flatten", "pause")
_MOST, _MOST_HALTS = 10, 30
"""Commands of one person within ten seconds; a halt is counted more kindly."""
_TAKEN = 202
_OBEYED = ("taken", "done", "repeated")
"""Answers to a command the engine has. `repeated`: it had it before, and its words say what became of it."""


async def obey(
    site: Site, who: Who, verb: Verb, request: CommandRequest, response: Response
) -> CommandAnswer:
    """Pass a command on and tell what became of it within three seconds. Raises Refused."""
    now = site.clock()
    most = _MOST_HALTS if verb == "halt" else _MOST
    if site.pace.too_fast(who.name, most, now):
        raise _told(site, who, verb, Refused(429, "wait", "too many commands: wait a few seconds"))
    document = _document(site, who, verb, request, now)
    try:
        said = await site.engine.command(document)
    except Busy as busy:
        return await _unheard(site, document, 429, "busy", str(busy))
    except NotSent as missing:
        return await _unheard(site, document, 503, "no_engine", str(missing))
    except NoAnswer as silent:
        return await _unheard(site, document, 504, "no_answer", str(silent))
    state, text = str(said.get("state")), str(said.get("text"))
    if state not in _OBEYED:
        raise Refused(409, state, text)
    response.status_code = _TAKEN if state == "taken" else 200
    return CommandAnswer(id=request.id, state=cast("AnswerState", state), text=text)


def _document(site: Site, who: Who, verb: Verb, request: CommandRequest, now: Instant) -> Document:
    """The command as the engine reads it. Raises Refused where it may not go there."""
    sent = from_datetime(request.sent_at)
    if verb in _STOPS:
        sent = min(sent, now)  # a browser's clock that is ahead stops no stop
    if not -AHEAD <= now - sent <= FRESH:
        text = "nothing was done: the command is too old, or this clock is wrong; press again"
        raise _told(site, who, verb, Refused(409, "stale", text))
    role = _role(site, who, verb, request)
    args: Document = {"reason": request.reason, "confirmed": request.confirmed}
    if request.until is not None:
        args["until"] = request.until.isoformat()
    return {
        "id": request.id,
        "verb": verb,
        "sent_at": sent,
        "source": who.source,
        "role": role,
        "args": args,
    }


def _role(site: Site, who: Who, verb: Verb, request: CommandRequest) -> Role:
    """`admin` only for an admin who has just proved the second factor."""
    if verb == "unlock" and not request.confirmed:
        raise Refused(409, "confirm", "unlock adds risk: it has to be confirmed")
    needs = verb == "unlock" or (verb == "resume" and _adds_risk(site, who))
    if not needs and not (verb == "resume" and request.totp):
        return "operator"
    if who.role != "admin":
        text = f"{who.role} may not do this: resuming after losses or another's pause needs admin"
        fix = "do it at the terminal: the person of a demo is no admin" if who.demo else None
        raise _told(site, who, verb, Refused(403, "role", text, fix))
    site.door.prove(who, request.totp)
    return "admin"


def _adds_risk(site: Site, who: Who) -> bool:
    """Whether only an admin may resume now; the engine judges again."""
    state = site.engine.state or {}
    paused_by = str(state.get("paused") or "").partition(": ")[0]
    return bool(state.get("losing_streak")) or paused_by not in ("", who.source)


async def _unheard(site: Site, document: Document, status: int, code: str, why: str) -> CommandAnswer:
    """Nobody has answered: a halt makes its file, and everything says what is not known."""
    verb, sent = str(document["verb"]), code == "no_answer"
    if verb == "halt":
        problem = await asyncio.to_thread(_latch, site, document)
        made = problem or "the HALT file stands: nothing enters until it is unlocked"
        unsure = "an engine that lives obeys the file; nothing is proved" if code != "no_engine" else ""
        text = f"{why}; {made}; {unsure or 'nothing was closed by this'}. {_last_seen(site)}"
        site.audit.command(document, "refused" if problem else "latched", text)
        if problem or code != "no_engine":
            raise Refused(503 if problem else status, "not_latched" if problem else code, text, _doors(site))
        return CommandAnswer(id=str(document["id"]), state="latched", text=text)
    more = "it was sent, and may still be obeyed: look before you press again" if sent else "nothing was done"
    text = f"{why}: {more}"
    site.audit.command(document, "taken" if sent else "refused", text)
    raise Refused(status, code, text, _doors(site) if verb != "resume" else None)


def _latch(site: Site, document: Document) -> str:
    """Make the HALT file; returns why it could not be made, "" when it was."""
    reason = str(document["args"]["reason"]) or "halt asked for"
    shown = "".join(sign for sign in reason if sign.isprintable())
    try:
        site.home.latch(Latch(at=iso_ms(site.clock()), source=str(document["source"]), reason=shown))
    except OSError as error:
        return f"NOT halted: {site.home.halt_file} cannot be made ({error.strerror})"
    return ""


def _last_seen(site: Site) -> str:
    """What the engine held when it was heard last."""
    state = site.engine.state
    if state is None:
        return "What is held is not known here: look in the broker's app"
    held = [f"{one.get('quantity')} {one.get('contract')}" for one in state.get("positions") or []]
    orders = [one for one in state.get("orders") or [] if one.get("state") not in FINAL]
    when = str(state.get("at") or state.get("clock") or "")[11:19]
    words = "held " + ", ".join(held) if held else "held nothing"
    if orders:
        words += f" and had {len(orders)} open orders"
    last = f"When it was heard last ({when}) it {words}"
    if _simulated(site):
        return f"{last}; its orders are simulated, and the next start goes on there"
    return f"{last}: look in the broker's app for what is held now"


def _doors(site: Site) -> str:
    """The other ways to stop."""
    home = site.home.path
    if _simulated(site):
        return f"other doors: `ninefifteen halt --home {home}`, a file named HALT in {home}"
    return (
        f"other doors: `ninefifteen halt --home {home}` (with --direct where orders go to a broker), a file"
        f" named HALT in {home}, the broker's app"
    )


def _simulated(site: Site) -> bool:
    """Whether the engine that was heard last had no broker but a simulated exchange of its own."""
    broker = (site.engine.state or {}).get("broker") or {}
    return broker.get("reconciled") is False


def _told(site: Site, who: Who, verb: Verb, refused: Refused) -> Refused:
    site.audit.tell("refused", who, f"{verb}: {refused.text}")
    return refused
