"""Whose ledger it is: one home's, and with it one broker account's."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Self

from sqlalchemy import Connection, insert, select, update

from ninefifteen.errors import BadInput

from .database import place_of
from .schema import days, identity

_KINDS = {True: "a rehearsal home", False: "a real home"}


class Owner(NamedTuple):
    """The kind of home and a digest of its account at the broker; None where it is not known."""

    rehearsal: bool | None = None
    account: str | None = None

    @classmethod
    def of_home(cls, home: Path, user_id: str) -> Self:
        """As the marker of the home says (`home.json`); the user id only ever leaves here as a digest."""
        try:
            rehearsal = json.loads((home / "home.json").read_bytes())["rehearsal"] is True
        except (OSError, ValueError, KeyError, TypeError):
            rehearsal = None  # no home yet, or none that `run` would take: its journals will tell
        digest = sha256(f"ninefifteen {user_id.strip().upper()}".encode()).hexdigest()[:16]
        return cls(rehearsal, digest if user_id.strip() else None)


NOBODY = Owner()
"""An owner of whom nothing is known: the journals will tell."""


def claim(connection: Connection, owner: Owner) -> None:
    """Take a ledger that is nobody's yet; raises BadInput when it is somebody else's.

    What the ledger or the owner does not know is not held against it, and is learned.
    """
    place = place_of(connection.engine.url)
    known = connection.execute(select(identity)).first()
    kinds = {known.rehearsal} if known else set(connection.execute(select(days.c.rehearsal)).scalars())
    if owner.rehearsal is not None and not kinds <= {owner.rehearsal}:
        raise BadInput(
            f"the ledger {place} belongs to {_KINDS[not owner.rehearsal]} and this is "
            f"{_KINDS[owner.rehearsal]}: give each home a database of its own (DATABASE_URL)"
        )
    if known is None:
        if owner.rehearsal is not None:
            connection.execute(insert(identity).values(**owner._asdict()))
    elif known.account is None:
        connection.execute(update(identity).values(account=owner.account))
    elif owner.account not in (None, known.account):
        raise BadInput(
            f"the ledger {place} belongs to another account than BROKER_USER_ID: "
            "give each account a home and a database of its own (DATABASE_URL)"
        )
