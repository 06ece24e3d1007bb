"""Preview and save."""

from __future__ import annotations

from ninefifteen.home import Home
from ninefifteen.web.models.settings import Changes, SettingsPreview, SettingsSaved


def preview_changes(home: Home, changes: Changes) -> SettingsPreview:
    """The preview."""
    raise NotImplementedError


def save_changes(
    home: Home, changes: Changes, *, version: str | None, who: str, proved: bool
) -> SettingsSaved:
    """The save."""
    raise NotImplementedError
