"""The risk page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ninefifteen.home import Home
from ninefifteen.web.models.risk import Risk

from .records import Records


def risk_page(home: Home, records: Records, engine: Mapping[str, Any] | None) -> Risk:
    """The page."""
    raise NotImplementedError
