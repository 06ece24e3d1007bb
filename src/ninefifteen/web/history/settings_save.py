"""Preview and save of settings: the file whole or not at all, dangerous changes kept for their day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from ninefifteen.adapters.control import machine_now
from ninefifteen.config.changing import Plan, plan_change, write_plan
from ninefifteen.config.dangerous import dangers
from ninefifteen.config.pending import version_of
from ninefifteen.domain.instants import iso_ms
from ninefifteen.web.errors import Refused
from ninefifteen.web.models.settings import (
    DangerousChange,
    HistoryChange,
    SettingsPreview,
    SettingsSaved,
)

from .records import Records

_SAVING = Lock()


def preview_changes(records: Records, changes: Mapping[str, Any]) -> SettingsPreview:
    """What a save would do. Nothing is written."""
    plan = _plan(records, changes)
    return SettingsPreview(
        valid=not plan.problems,
        problems=plan.problems,
        diff=plan.diff,
        changed=[HistoryChange(key=one.key, before=one.before, after=one.after) for one in plan.changed],
        dangerous=_dangerous(plan),
        contradictions_now=plan.contradictions_now,
        contradictions_then=plan.contradictions_then,
        applies=plan.applies,
        needs_second_factor=bool(plan.later),
        version=plan.version,
    )


def save_changes(
    records: Records, changes: Mapping[str, Any], *, version: str | None, who: str, prove: Callable[[], None]
) -> SettingsSaved:
    """Write the changes; `prove` is called when they need the second factor, and refuses by raising.

    Raises Refused: 409 when the file is no longer the one of the preview, 422 for values that cannot be
    used, 500 when the disk does not take it.
    """
    with _SAVING:
        plan = _plan(records, changes)
        if version is not None and version != plan.version:
            text = "config.yaml was changed by somebody meanwhile: nothing was written"
            raise Refused(409, "changed", text, "look at the settings again")
        if plan.problems:
            raise Refused(422, "settings", "; ".join(plan.problems), "nothing was written")
        if plan.later:
            prove()
        try:
            write_plan(records.home, plan, who, iso_ms(machine_now()))
        except OSError as error:
            text = f"the settings could not be written: {error.strerror or type(error).__name__}"
            raise Refused(503, "disk", text, "look at the disk of this machine") from None
    return SettingsSaved(
        written=list(plan.now),
        pending=_dangerous(plan),
        cancelled=plan.cancelled,
        applies=plan.applies,
        version=version_of(plan.text),
    )


def _plan(records: Records, changes: Mapping[str, Any]) -> Plan:
    return plan_change(records.home, changes, records.next_trading_day(), records.environment)


def _dangerous(plan: Plan) -> list[DangerousChange]:
    day = None if plan.effective is None else plan.effective.isoformat()
    return [DangerousChange(key=key, reason=dangers()[key].why, effective=day) for key in plan.later]
