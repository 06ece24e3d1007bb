"""`/api/settings`: every setting with its source, a diff before a save, and the save itself."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from ninefifteen.web.access import Admin, TheSite, viewer
from ninefifteen.web.history.settings_page import settings_page
from ninefifteen.web.history.settings_save import preview_changes, save_changes
from ninefifteen.web.models.settings import (
    PreviewRequest,
    SaveRequest,
    SettingsPage,
    SettingsPreview,
    SettingsSaved,
)

router = APIRouter(tags=["settings"], dependencies=[Depends(viewer)])


@router.get("/api/settings")
def settings(site: TheSite) -> SettingsPage:
    """Every setting: value, source, meaning, range, and whether a change of it is dangerous."""
    return settings_page(site.records, site.engine_state)


@router.post("/api/settings/preview")
def preview(site: TheSite, _: Admin, request: PreviewRequest) -> SettingsPreview:
    """What a save would do: the diff of the file, the problems, the contradictions. Nothing is written."""
    return preview_changes(site.records, request.changes)


@router.post("/api/settings")
def save(site: TheSite, who: Admin, request: SaveRequest) -> SettingsSaved:
    """Write the file; dangerous keys need the second factor and wait for the next trading day."""
    saved = save_changes(
        site.records,
        request.changes,
        version=request.version,
        who=who.source,
        prove=lambda: site.door.prove(who, request.totp),
    )
    waiting = [one.key for one in saved.pending]
    told = [f"{name} {', '.join(keys)}" for name, keys in (("changed", saved.written), ("waits:", waiting))]
    site.audit.tell("settings", who, "settings: " + "; ".join(told), changed=saved.written, waiting=waiting)
    return saved
