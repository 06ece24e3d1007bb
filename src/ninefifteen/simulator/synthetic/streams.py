"""Chance, cut into named streams: what is asked for, and when, changes nothing else."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]
"""An array of floats."""


def stream(seed: int, *names: object) -> np.random.Generator:
    """A generator of its own for (seed, names); equal arguments give equal draws."""
    return np.random.Generator(np.random.PCG64(number(seed, *names)))


def number(seed: int, *names: object) -> int:
    """A whole number below 2**64 that looks random and depends on all the arguments only."""
    text = "|".join(str(part) for part in (seed, *names))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def fat(draws: np.random.Generator, freedom: int) -> float:
    """One draw of Student's t with `freedom` > 2 degrees, scaled to a standard deviation of 1."""
    return float(draws.standard_t(freedom)) * float(np.sqrt((freedom - 2) / freedom))


def wandering(draws: np.random.Generator, steps: int, memory: float) -> Figures:
    """A stationary series with standard deviation 1 that forgets within about `memory` steps.

    Drawn as a moving average of normals over twice the memory: the same on every machine, whatever
    the order in which it adds, because sums are cumulative.
    """
    width = max(1, round(2 * memory))
    sums = np.cumsum(draws.standard_normal(steps + width))
    return np.asarray((sums[width:] - sums[:-width]) / np.sqrt(width), dtype=np.float64)
