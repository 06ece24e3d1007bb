"""The records of a home, read with a cache."""

from __future__ import annotations

from ninefifteen.home import Home


class Records:
    """The journals, ledger and logs of one home."""

    def __init__(self, home: Home) -> None:
        self.home = home
