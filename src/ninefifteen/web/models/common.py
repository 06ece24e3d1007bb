"""Shapes that every part of the interface shares."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Role = Literal["viewer", "operator", "admin"]
"""Each may do what the ones before it may."""


class Request(BaseModel):
    """A body that is sent to us: what it does not know, or has of another type, is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Reply(BaseModel):
    """Something we say."""

    model_config = ConfigDict(extra="forbid")


class Problem(Reply):
    """Why nothing was done: `code` for programs, `text` for people, `fix`: what to do about it."""

    code: str
    text: str
    fix: str | None = None


class Refusal(Reply):
    """The body of every answer that is no success."""

    error: Problem


class Done(Reply):
    """It was done."""

    text: str
