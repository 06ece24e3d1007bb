"""The smallest set of faults that still breaks the same invariant, and its document.

A day is `seed + FaultPlan` and each fault has its own generator, so faults can be taken out one at a
time and the rest stays what it was (`reference/reliability.md` section 3c.8). What is left is written as
JSON, kept in the tests for ever, and lived again with each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from .faults import Fault, FaultPlan
from .outcome import Outcome

Live = Callable[[int, FaultPlan], Outcome]
"""One day lived through: seed and plan. Which pieces it is made of is the caller's business."""


class NothingBroken(ValueError):
    """The day breaks no invariant, or not the one that was named."""


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """One day that broke an invariant, small enough to be understood.

    `detail` is what the checker said, `cause` what was wrong and how it was mended, in a person's words.
    """

    seed: int
    invariant: str
    faults: FaultPlan
    detail: str = ""
    cause: str = ""


def shrink(seed: int, faults: FaultPlan, invariant: str, live: Live) -> Case:
    """Take faults out while the same invariant fails: terms, then crashes, then how long they last.

    Greedy until nothing more can go, so no single fault of the result is superfluous. Raises
    NothingBroken when the day as given does not break `invariant`.
    """
    detail = _broken(live(seed, faults), invariant)
    if detail is None:
        raise NothingBroken(f"seed {seed} does not break {invariant}")
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(faults):
            found = _broken(live(seed, candidate), invariant)
            if found is not None:
                faults, detail, smaller = candidate, found, True
                break
    return Case(seed, invariant, faults, detail)


def _broken(outcome: Outcome, invariant: str) -> str | None:
    """What the checker of this invariant said, None when it holds."""
    return next((v.detail for v in outcome.violations if v.invariant == invariant), None)


def _smaller(plan: FaultPlan) -> Iterator[FaultPlan]:
    """Every plan that is one step smaller: the boldest steps first."""
    terms, crashes = plan.terms, plan.crashes
    if len(terms) > 1:
        for half in (terms[: len(terms) // 2], terms[len(terms) // 2 :]):
            yield msgspec.structs.replace(plan, terms=half)
    for n in range(len(terms)):
        yield msgspec.structs.replace(plan, terms=terms[:n] + terms[n + 1 :])
    for n in range(len(crashes)):
        yield msgspec.structs.replace(plan, crashes=crashes[:n] + crashes[n + 1 :])
    for n, term in enumerate(terms):
        for shorter in _shorter(term):
            yield msgspec.structs.replace(plan, terms=(*terms[:n], shorter, *terms[n + 1 :]))


_SHORTEST = 1_000_000_000
"""A fault that lasts a second is not made shorter."""


def _shorter(term: Fault) -> Iterator[Fault]:
    """The same fault for half as long; a second is short enough."""
    if term.lasts >= 2 * _SHORTEST:
        yield msgspec.structs.replace(term, lasts=term.lasts // 2)


def written(case: Case) -> str:
    """The case as JSON for people and for `read`, one line per fault."""
    return msgspec.json.format(msgspec.json.encode(case), indent=2).decode() + "\n"


def read(text: str | bytes) -> Case:
    """A case from its document; raises msgspec.ValidationError with the place of what is wrong."""
    return msgspec.json.decode(text, type=Case)
