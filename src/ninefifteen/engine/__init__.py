"""Decisions: `Engine.step(event) -> effects`. No I/O, no clock, no await; imports domain only."""

from .core import Engine

__all__ = ["Engine"]
