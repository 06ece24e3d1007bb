"""Errors that end a command with one clear line instead of a traceback."""


class BadInput(Exception):
    """What the user gave cannot be used: the text says what, where and what to do (exit code 2)."""


class HomeLocked(Exception):
    """Another instance works in this home folder (exit code 5)."""


class Unreachable(Exception):
    """The broker or the network does not do what was asked of it (exit code 3)."""
