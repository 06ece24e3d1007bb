"""The settings of a home as a page shows them, and changes of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from .common import Reply, Request
from .shapes import Day, When


class PendingChange(Reply):
    """A dangerous change that waits for its day."""

    value: JsonValue
    effective: Day
    who: str
    at: When


class SettingRow(Reply):
    """One setting. `value` is as JSON; `written` is how config.yaml would have it.

    `changed` says that the running engine works with another value (`running`); null: no engine to compare.
    """

    key: str
    group: str
    value: JsonValue
    written: str
    default: JsonValue
    is_default: bool
    source: str = Field(description="config.yaml:12, .env:3, environment ..., --set or default")
    meaning: str
    unit: str
    kind: Literal["text", "number", "whole", "time", "truth", "choice", "list"]
    choices: list[str]
    optional: bool = Field(description="null is allowed")
    low: float | None
    above: float | None
    high: float | None
    editable: bool
    why_not: str | None = Field(description="why this page cannot change it")
    dangerous: Literal["no", "always", "raise", "lower"]
    danger: str | None = Field(description="why a change is dangerous")
    applies: str
    changed: bool | None
    running: JsonValue
    pending: PendingChange | None


class SettingGroup(Reply):
    """A section of config.yaml."""

    name: str
    text: str


class SecretRow(Reply):
    """A name of .env: set or not, never its value. `text` says where it was looked for."""

    name: str
    set: bool
    text: str
    source: str | None
    meaning: str


class HistoryChange(Reply):
    """One key of a saved change."""

    key: str
    before: str
    after: str


class HistoryLine(Reply):
    """A saved change: who, when, what, and the day from which it counts."""

    at: When
    who: str
    changes: list[HistoryChange]
    effective: str


class SettingsPage(Reply):
    """Every setting. `problems`: why the file cannot be used as it is; values are then missing."""

    settings: list[SettingRow]
    groups: list[SettingGroup]
    secrets: list[SecretRow]
    contradictions: list[str]
    problems: list[str]
    history: list[HistoryLine]
    file: str
    version: str = Field(description="names the file as read; a save says it, so that no edit is overrun")
    next_trading_day: Day | None
    running_settings_hash: str | None
    file_settings_hash: str | None


ChangeValue = (
    Annotated[str, Field(max_length=200)]
    | bool
    | int
    | float
    | None
    | Annotated[list[Annotated[str, Field(max_length=40)] | int], Field(max_length=50)]
)
"""A new value. Numbers may come as text ("2000.50"), so that no digit is lost on the way."""
Changes = Annotated[
    dict[Annotated[str, Field(max_length=80)], ChangeValue], Field(min_length=1, max_length=40)
]


class PreviewRequest(Request):
    """Changes to look at: key to new value."""

    changes: Changes


class DangerousChange(Reply):
    """A change that needs the second factor and waits for the next trading day."""

    key: str
    reason: str
    effective: Day | None


class SettingsPreview(Reply):
    """What a save would do. `diff` is of config.yaml as it would be once everything counts."""

    valid: bool
    problems: list[str]
    diff: list[str]
    changed: list[HistoryChange]
    dangerous: list[DangerousChange]
    contradictions_now: list[str]
    contradictions_then: list[str]
    applies: str
    needs_second_factor: bool
    version: str


class SaveRequest(Request):
    """Changes to save; `version` is the one the preview was made of."""

    changes: Changes
    version: Annotated[str, Field(max_length=80)] | None = None
    totp: Annotated[str, Field(max_length=12)] | None = None


class SettingsSaved(Reply):
    """What was written: keys at once into config.yaml, and keys that wait for their day."""

    written: list[str]
    pending: list[DangerousChange]
    cancelled: list[str] = Field(description="keys whose waiting change was taken back")
    applies: str
    version: str
