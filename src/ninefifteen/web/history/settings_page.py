"""The settings page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ninefifteen.home import Home
from ninefifteen.web.models.settings import SettingsPage

from .records import Records


def settings_page(home: Home, records: Records, engine: Mapping[str, Any] | None) -> SettingsPage:
    """The page."""
    raise NotImplementedError
