"""The emergency core: from one look at the broker to what has to be done next, and whether it is over.

It knows nothing but what the broker shows: no journal, no ledger, no feed. It cancels the bot's own open
buys, turns the bot's own living sell into a marketable limit and follows the price with it, sends a sell
only where none is living or in doubt, and calls the account flat only after two looks two seconds apart
(`reference/reliability.md` 4a.7 to 4a.13, 4c). An order of ours is known by its tag.

What is sold is never more than the smaller of what the broker says is held and what our own orders
bought and have not sold. Orders and positions of others are looked at and told of, never touched;
with `everything` (`halt --all-nfo`, confirmed twice) they are closed like our own.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ninefifteen.domain.instants import SECOND, Instant
from ninefifteen.domain.money import Paise
from ninefifteen.domain.order import Side
from ninefifteen.domain.order_limits import OrderLimits

from .emergency_acts import Act, Answer, Held, Key, Line, Move, Pull, Reading, Send, Stake
from .emergency_prices import FAST_STEPS, Shown, leaving_price

BUDGET = 23
"""Modifications of one order that are ours; two of the broker's 25 are left to the human (I17)."""
PROOF: Instant = 2 * SECOND
"""Between two looks that both show nothing held and nothing open: only then it is proved."""

_LEAST_LOOKS = 20
"""However long a look takes: a clock of an exchange that runs fast gives no fewer."""
_SLOW: Instant = 10 * SECOND
_SENT_AT_ONCE = 3
"""New orders for one contract a second apart; the others come ten seconds apart (I17)."""
_REFUSED_MOVES = 2
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


class _Leg:
    """How far the leaving of one contract has come."""

    def __init__(self) -> None:
        self.step = 0
        self.due_at: Instant = 0
        self.bare_since: Instant | None = None
        self.sent = 0
        self.refused = 0
        self.replace = ""


class Emergency:
    """The state of one emergency. `look` at each reading, perform what it answers, tell what came of it.

    `epoch` and `day_number` make the tags; `everything` closes what others hold and ordered as well;
    `expected` says that the engine last believed to hold something, so that an empty book proves nothing.
    It is over at `proved`, or when `over` says that `longest` has passed (and some looks were made).
    """

    def __init__(
        self,
        limits: OrderLimits,
        *,
        day_number: int,
        epoch: int,
        longest: Instant,
        everything: bool = False,
        expected: bool = False,
    ) -> None:
        self.proved = False
        self.next_at: Instant = 0
        self.everything = everything
        self.doubt = ""
        """Why the last reading proves nothing, in one line; empty when it was whole."""
        self.sent: dict[str, Send] = {}
        """Orders sent and not yet seen in the book, by tag: they live, whatever was answered."""
        self.held: tuple[Held, ...] = ()
        self.last: Reading | None = None
        self._limits = limits
        self._prefix = (day_number % 32**4, epoch % 100)
        self._longest = longest
        self._expected = expected
        self._started: Instant | None = None
        self._clean_since: Instant | None = None
        self._count = self._looks = 0
        self._tags: set[str] = set()
        self._known: set[str] = set()
        self._moves: dict[str, int] = {}
        self._pulled: dict[str, tuple[int, Instant]] = {}
        self._legs: dict[Key, _Leg] = {}

    # ------------------------------------------------------------------------------------------- the looks

    def look(self, reading: Reading) -> tuple[Act, ...]:
        """What this reading asks for; nothing where it cannot be trusted."""
        self.doubt = self._doubt_of(reading)
        if self.doubt:
            self.failed(reading.at, self.doubt)
            return ()
        self._begin(reading.at)
        self.last = reading
        own = [line for line in reading.lines if line.tag]
        self._known.update(line.order_id for line in own)
        self._tags.update(line.tag for line in own)
        for line in own:
            self.sent.pop(line.tag, None)
        nets = {stake.key: stake.net for stake in reading.stakes}
        keys = self._keys(reading)
        self.held = tuple(self._holding(key, own, nets.get(key, 0)) for key in keys)
        acts: list[Act] = []
        for held in self.held:
            lines = [line for line in reading.lines if line.key == (held.name, held.product)]
            acts += self._work(reading, held, lines)
        self._judge(reading)
        return tuple(acts)

    def failed(self, at: Instant, why: str) -> None:
        """A reading came to nothing: what was believed before stays, and the proof begins anew."""
        self._begin(at)
        self.doubt = why
        self._clean_since = None

    def answered(self, act: Act, answer: Answer) -> None:
        """What became of an act. A lost answer of a sending is looked up by its tag, never sent again."""
        if isinstance(act, Send):
            if answer in ("refused", "not_sent"):
                leg = self._legs[act.key]
                del self.sent[act.tag]
                leg.step = 0
                leg.sent -= answer == "not_sent"
        elif isinstance(act, Move) and answer == "refused":
            leg = self._legs[act.name, act.product]
            leg.step = 0  # perhaps for its price: the next one stays near
            leg.refused += 1
            if leg.refused >= _REFUSED_MOVES:
                leg.replace, leg.refused = act.order_id, 0

    def over(self, at: Instant) -> bool:
        """Whether there is nothing more to do, or no more time to do it in."""
        late = self._started is not None and at - self._started >= self._longest
        return self.proved or (late and self._looks >= _LEAST_LOOKS)

    @property
    def short(self) -> tuple[Held, ...]:
        """Contracts of ours that are held short: never touched without `everything`, always told."""
        return tuple(held for held in self.held if held.net < 0 and (held.bought or held.sold))

    @property
    def foreign(self) -> tuple[Stake, ...]:
        """What the account holds beside our own, as the last reading showed it."""
        ours = {(held.name, held.product): held.ours for held in self.held}
        stakes = self.last.stakes if self.last is not None else ()
        others = (msgspec.structs.replace(stake, net=stake.net - ours.get(stake.key, 0)) for stake in stakes)
        return tuple(stake for stake in others if stake.net)

    @property
    def foreign_orders(self) -> tuple[Line, ...]:
        """Living orders of others, as the last reading showed them."""
        lines = self.last.lines if self.last is not None else ()
        return tuple(line for line in lines if line.living and not line.tag)

    # ------------------------------------------------------------------------------------------ one reading

    def _begin(self, at: Instant) -> None:
        if self._started is None:
            self._started = at
        self._looks += 1
        self.next_at = at + SECOND

    def _doubt_of(self, reading: Reading) -> str:
        """Why a reading that came whole still proves nothing (I12); empty when it can be believed."""
        own = [line for line in reading.lines if line.tag]
        missing = self._known - {line.order_id for line in own}
        if missing:
            return f"the order book lacks order {min(missing)}, which it has shown before"
        if self._expected and not own:
            return "the engine last told that it holds something, and the order book has no order of ours"
        there = {stake.key for stake in reading.stakes}
        lost = sorted({line.name for line in own if line.filled and line.key not in there})
        return f"the positions lack {lost[0]}, which our orders have traded today" if lost else ""

    def _keys(self, reading: Reading) -> list[Key]:
        """The contracts to look after, in a fixed order."""
        keys = {line.key for line in reading.lines if line.tag or (self.everything and line.living)}
        if self.everything:
            keys |= {stake.key for stake in reading.stakes if stake.net}
        return sorted(keys | {send.key for send in self.sent.values()})

    def _holding(self, key: Key, own: Iterable[Line], net: int) -> Held:
        lines = [line for line in own if line.key == key]
        bought = sum(line.filled for line in lines if line.side == "BUY")
        sold = sum(line.filled for line in lines if line.side == "SELL")
        ours = max(0, min(net, bought - sold))
        return Held(name=key[0], product=key[1], net=net, ours=ours, bought=bought, sold=sold)

    def _work(self, reading: Reading, held: Held, lines: list[Line]) -> list[Act]:
        """What one contract needs now."""
        leg = self._legs.setdefault((held.name, held.product), _Leg())
        size = abs(held.net) if self.everything else held.ours
        side: Side = "BUY" if self.everything and held.net < 0 else "SELL"
        touched = [line for line in lines if line.living and (line.tag or self.everything)]
        leaving = [line for line in touched if line.tag and line.side == side and size]
        worker = max(leaving, key=lambda line: (line.open, line.order_id), default=None)
        pulled = [line for line in touched if line is not worker]
        if worker is not None and self._worn_out(worker, leg):
            pulled.append(worker)
        acts: list[Act] = [pull for line in pulled for pull in self._pull(reading.at, line)]
        room = size - self._in_the_way(held, lines, pulled, side)
        if worker is None:
            acts += self._send(reading, held, leg, side, room)
        elif worker not in pulled and not any(line.side == side for line in pulled):
            leg.bare_since = None
            acts += self._move(reading, worker, leg, room)
        return acts

    def _in_the_way(self, held: Held, lines: list[Line], pulled: list[Line], side: Side) -> int:
        """Units that other living orders may still sell of what is to be sold here."""
        if self.everything:
            return sum(line.open for line in pulled if line.side == side)
        others = sum(line.open for line in lines if not line.tag and line.side == "SELL")
        return max(0, others - (held.net - held.ours)) if others else 0

    def _worn_out(self, worker: Line, leg: _Leg) -> bool:
        """Whether the order takes no more changes: then it is cancelled, and another follows its end."""
        used = worker.modifications + self._moves.get(worker.order_id, 0)
        return used >= BUDGET or leg.replace == worker.order_id

    def _pull(self, at: Instant, line: Line) -> list[Act]:
        """Ask for the cancelling again every second, after some times every ten."""
        times, due_at = self._pulled.get(line.order_id, (0, 0))
        if at < due_at:
            return []
        self._pulled[line.order_id] = (times + 1, at + (SECOND if times < FAST_STEPS else _SLOW))
        return [Pull(order_id=line.order_id, name=line.name)]

    def _move(self, reading: Reading, worker: Line, leg: _Leg, room: int) -> list[Act]:
        """The one order that leaves gets the units that are left and the next price."""
        at, shrinks = reading.at, worker.open > room
        if room <= 0 or (at < leg.due_at and not shrinks):
            return []
        price = self._price(reading, worker.key, worker.side, leg.step)
        if not price:
            return []
        self._stepped(leg, at)
        quantity = worker.filled + room
        near = worker.limit <= price if worker.side == "SELL" else worker.limit >= price
        if quantity == worker.quantity and near and not worker.stop:
            return []  # it is as far as it would be sent: a modification less
        self._moves[worker.order_id] = self._moves.get(worker.order_id, 0) + 1
        return [
            Move(
                order_id=worker.order_id,
                name=worker.name,
                product=worker.product,
                quantity=quantity,
                limit=price,
            )
        ]

    def _send(self, reading: Reading, held: Held, leg: _Leg, side: Side, room: int) -> list[Act]:
        """A new order, where for a second none has been living, none is in doubt, and few were sent."""
        key, at = (held.name, held.product), reading.at
        if room <= 0 or any(send.key == key for send in self.sent.values()):
            leg.bare_since = None
            return []
        if leg.bare_since is None:
            leg.bare_since = at  # one that was sent just before we came may show itself yet
        if at - leg.bare_since < SECOND or at < leg.due_at:
            return []
        price = self._price(reading, key, side, leg.step)
        if not price:
            return []
        self._stepped(leg, at)
        leg.sent += 1
        if leg.sent >= _SENT_AT_ONCE:
            leg.due_at = at + _SLOW
        send = Send(tag=self._tag(), name=key[0], product=key[1], side=side, quantity=room, limit=price)
        self.sent[send.tag] = send
        return [send]

    def _stepped(self, leg: _Leg, at: Instant) -> None:
        leg.step += 1
        leg.due_at = at + (SECOND if leg.step <= FAST_STEPS else _SLOW)

    def _price(self, reading: Reading, key: Key, side: Side, step: int) -> Paise:
        shown = reading.shown.get(key[0], Shown())
        ours = [line.limit for line in reading.lines if line.key == key and line.limit]
        last = next((stake.last for stake in reading.stakes if stake.key == key), 0)
        shown = msgspec.structs.replace(shown, prices=(*shown.prices, *ours))
        return leaving_price(side, step, shown, last or (max(ours) if ours else 0), self._limits)

    def _tag(self) -> str:
        """x, epoch (2), day and count in base 32 (7), r; never one that the book has shown."""
        day, epoch = self._prefix
        while True:
            self._count += 1
            number = day * 32**3 + self._count
            digits = "".join(_BASE32[number >> 5 * place & 31] for place in range(6, -1, -1))
            tag = f"x{epoch:02d}{digits}r"
            if tag not in self._tags and tag not in self.sent:
                self._tags.add(tag)
                return tag

    def _judge(self, reading: Reading) -> None:
        """Flat is proved by two looks that far apart, with nothing living, in doubt or held between."""
        living = any(line.living and (line.tag or self.everything) for line in reading.lines)
        held = any(held.net if self.everything else held.ours for held in self.held)
        if living or held or self.sent or self.short:
            self._clean_since = None
            return
        if self._clean_since is None:
            self._clean_since = reading.at
        self.proved = reading.at - self._clean_since >= PROOF
        self.next_at = self._clean_since + PROOF
