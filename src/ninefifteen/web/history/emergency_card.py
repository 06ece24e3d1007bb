"""The emergency card."""

from __future__ import annotations

from ninefifteen.home import Home
from ninefifteen.web.models.help import Emergency


def emergency_card(home: Home) -> Emergency:
    """The card."""
    raise NotImplementedError
