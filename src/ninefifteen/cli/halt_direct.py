"""`ninefifteen halt --direct`: the stop that needs nothing but the broker, told to people and scripts."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from ninefifteen.cli.common import print_json, say
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import BadInput, Unreachable
from ninefifteen.home import Home

if TYPE_CHECKING:
    from ninefifteen.engine.emergency_acts import Line, Stake
    from ninefifteen.wiring.emergency import Outcome
    from ninefifteen.wiring.emergency_halt import Halted

WORDS = "CLOSE EVERYTHING"
"""What has to be typed before anything of others is closed."""
_UNREACHED = ("unreachable", "logged_out")
_PROVED, _NOT_PROVED, _BROKER = 0, 1, 3
_BY_HAND = "NOT PROVED FLAT: open the broker's app now, cancel the bot's order, then sell what it holds"

Document = dict[str, Any]


def halt_direct(home: Home, loaded: LoadedConfig, *, all_nfo: bool, yes: bool, as_json: bool) -> int:
    """Latch HALT and see the bot's own orders and positions gone at the broker, whatever the engine does.

    `all_nfo` lists what else the account holds and, confirmed a second time (`yes`, or words typed at a
    terminal), closes that as well. Returns 0 where flat is proved, 1 where it is not, 3 where the broker
    could not be asked. Raises BadInput and Unreachable.
    """
    from ninefifteen.wiring.emergency_halt import DirectHalt

    with DirectHalt(home, loaded, say, "halt --direct") as halt:
        try:
            ours = asyncio.run(halt.ours("asked for at the command line"))
        except (BadInput, Unreachable):
            say(_BY_HAND)
            raise
        rest: Halted | None = None
        if all_nfo and _may_close_rest(ours, yes=yes):
            rest = asyncio.run(halt.rest())
    document = _document(home, ours, rest, all_nfo=all_nfo)
    if as_json:
        print_json(document)
    _tell(document)
    ended = ours.outcome.ended
    if ended in _UNREACHED:
        raise Unreachable(f"{ours.outcome.problem}; HALT is latched. {_BY_HAND}")
    return _PROVED if document["proved_flat"] else _NOT_PROVED


def _may_close_rest(ours: Halted, *, yes: bool) -> bool:
    """Show what is not the bot's, and ask; the bot's own is dealt with by now."""
    outcome = ours.outcome
    if outcome.ended in _UNREACHED:
        return False
    say("Not the bot's, and so not touched yet:")
    for line in _others(outcome):
        say(f"  {line}")
    if not outcome.others and not outcome.other_orders:
        say("  nothing: no other NFO position and no other open order")
        return False
    if ours.engine == "living":
        say("An engine works in this home: stop it before the rest is closed. Nothing else was touched.")
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        say("Not confirmed: give --yes-close-everything. Nothing else was touched.")
        return False
    say(f"To close all of this at prices the market gives now, type {WORDS} and press Enter:")
    return sys.stdin.readline().strip() == WORDS


def _others(outcome: Outcome) -> list[str]:
    stakes = [f"{one.name} {one.product}: {one.net} units" for one in outcome.others]
    return stakes + [
        f"order {line.order_id}: {line.side} {line.open} {line.name}" for line in outcome.other_orders
    ]


def _document(home: Home, ours: Halted, rest: Halted | None, *, all_nfo: bool) -> Document:
    outcome = ours.outcome
    proved = outcome.proved and (rest is None or rest.outcome.proved)
    left = outcome.others or outcome.other_orders
    return {
        "proved_flat": proved and not (all_nfo and rest is None and bool(left)),
        "ended": outcome.ended,
        "rehearsal": home.rehearsal,
        "engine": ours.engine,
        "latched": ours.latched,
        "fence": ours.fence,
        "bot": [
            {
                "contract": one.name,
                "product": one.product,
                "bought": one.bought,
                "sold": one.sold,
                "held": one.ours,
                "account_net": one.net,
            }
            for one in outcome.held
        ],
        "bot_open_orders": [_order(line) for line in outcome.living],
        "in_doubt": list(outcome.in_doubt),
        "others": [_other(stake, rest) for stake in outcome.others],
        "others_open_orders": [_other_order(line, rest) for line in outcome.other_orders],
        "others_closed": rest.outcome.proved if rest is not None else None,
        "requests": ours.requests + (rest.requests if rest is not None else 0),
        "problem": outcome.problem or (rest.outcome.problem if rest is not None else "") or None,
        "took_s": round((outcome.took + (rest.outcome.took if rest is not None else 0)) / SECOND, 3),
    }


def _order(line: Line) -> Document:
    return {
        "order_id": line.order_id,
        "contract": line.name,
        "side": line.side,
        "open": line.open,
        "tag": line.tag,
    }


def _other_order(line: Line, rest: Halted | None) -> Document:
    """An open order of others, and whether it is gone (None where nobody looked again)."""
    left = {one.order_id for one in rest.outcome.other_orders} if rest is not None else set()
    return {**_order(line), "cancelled": line.order_id not in left if rest is not None else None}


def _other(stake: Stake, rest: Halted | None) -> Document:
    """A position of others: what it was, and what is left of it (None where nobody looked again)."""
    after = None
    if rest is not None:
        after = sum(one.net for one in rest.outcome.held if (one.name, one.product) == stake.key)
    return {"contract": stake.name, "product": stake.product, "net": stake.net, "net_after": after}


def _tell(document: Document) -> None:
    """The answer for people, the bot's own first."""
    verdict = "FLAT, proved by two looks" if document["ended"] == "proved" else "NOT PROVED FLAT"
    say(f"The bot: {verdict} ({document['took_s']:.1f} s, {document['requests']} requests).")
    for one in document["bot"]:
        say(f"  {one['contract']}: bought {one['bought']}, sold {one['sold']}, still held {one['held']}")
    for one in document["bot_open_orders"]:
        say(f"  order {one['order_id']} still open: {one['side']} {one['open']} {one['contract']}")
    for tag in document["in_doubt"]:
        say(f"  order {tag} was sent and is not seen: look for it in the broker's app before you halt again")
    if document["problem"]:
        say(f"  {document['problem']}")
    for one in document["others"]:
        what = "not touched" if one["net_after"] is None else f"{one['net_after']} left"
        say(f"Not the bot's: {one['contract']} {one['product']}, {one['net']} units: {what}.")
    for one in document["others_open_orders"]:
        what = {None: "not touched", True: "cancelled", False: "still open"}[one["cancelled"]]
        say(f"Not the bot's: order {one['order_id']}, {one['side']} {one['open']} {one['contract']}: {what}.")
    if document["ended"] != "proved":
        say("Sell what is held in the broker's app, or halt again. Never press twice for the same order.")
