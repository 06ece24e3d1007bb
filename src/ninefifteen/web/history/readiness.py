"""The readiness board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ninefifteen.home import Home
from ninefifteen.web.models.readiness import Readiness

from .records import Records


def readiness_page(home: Home, records: Records, engine: Mapping[str, Any] | None) -> Readiness:
    """The board."""
    raise NotImplementedError
