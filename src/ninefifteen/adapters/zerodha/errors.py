"""What can go wrong with the broker, by what it means for the caller.

The text of each is one clear line without any secret, safe to print and to log.
"""

from __future__ import annotations


class BrokerProblem(Exception):
    """The broker did not do or say what was asked; `args[0]` is one clear line."""


class Refused(BrokerProblem):
    """The broker's definite no, known by the list of definite refusals. Nothing happened at the broker.

    `kind` is one of "token", "permission", "ip", "margin", "input", "order", "rate", "market_closed".
    """

    def __init__(self, text: str, kind: str) -> None:
        super().__init__(text)
        self.kind = kind


class LoggedOut(Refused):
    """The session is dead, missing, or somebody else's: only a new login helps."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "token")


class Unknown(BrokerProblem):
    """A write may have left this machine, and there is no trustworthy answer: look it up, never resend."""


class Down(BrokerProblem):
    """Nothing was sent, or a read got no trustworthy answer: the state at the broker is as it was."""
