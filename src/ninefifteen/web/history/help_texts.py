"""The help texts."""

from __future__ import annotations

from ninefifteen.web.models.help import Help


def help_page() -> Help:
    """The page."""
    raise NotImplementedError
