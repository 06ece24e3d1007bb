"""The terms of one day at work: what is hit, when something was disturbed last, what the world has seen."""

from __future__ import annotations

from ninefifteen.domain.instants import Instant

from .faults import KINDS, Fault, Term


class Troubles:
    """All terms of a plan by kind.

    `last` is the last instant at which something was in fact disturbed (it may lie ahead, where something
    lost is told later); `facts` what the world has seen; `over` when the last window has closed.
    """

    def __init__(self, seed: int, terms: tuple[Fault, ...], open_at: Instant, end: Instant) -> None:
        self.last: Instant = 0
        self.facts: set[str] = set()
        self._terms: dict[str, list[Term]] = {}
        for fault in terms:
            if fault.kind not in KINDS:
                raise ValueError(f"no kind of fault is called {fault.kind!r}")
            self._terms.setdefault(fault.kind, []).append(Term(seed, fault, open_at, end))

    def hit(self, kind: str, at: Instant) -> Term | None:
        """The term of this kind that hits what happens now; None mostly."""
        terms = self._terms.get(kind)
        if terms is None:
            return None
        for term in terms:
            if term.hits(at):
                self.facts.add(kind)
                return term
        return None

    def of(self, kind: str) -> list[Term]:
        """The terms of this kind."""
        return self._terms.get(kind, [])

    def one(self, kind: str) -> Term | None:
        """The first term of this kind; None where the day has none."""
        terms = self._terms.get(kind)
        return terms[0] if terms else None

    def note(self, fact: str) -> None:
        """The world has seen this."""
        self.facts.add(fact)

    def trouble(self, at: Instant) -> None:
        """Something was disturbed, with its effect felt until `at`."""
        self.last = max(self.last, at)
