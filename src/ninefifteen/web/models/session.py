"""Who is logged in, and how somebody comes in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .common import Reply, Request, Role

Name = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z0-9][a-z0-9_.-]{0,31}$")]
"""Small letters, digits and `_.-`: it is part of the source of commands."""
GivenName = Annotated[str, Field(max_length=200)]
"""A name as somebody types it at the login: anything may come."""
Password = Annotated[str, Field(max_length=1000)]
Code = Annotated[str, Field(max_length=20)]
"""A code of the second factor: six digits; blanks are forgiven."""


class User(Reply):
    """The person of this session. `totp`: a second factor is set up."""

    name: str
    role: Role
    demo: bool
    totp: bool


class OpenSession(Reply):
    """Where else this person is logged in: kind of browser and address, and since when (ISO 8601)."""

    where: str
    since: str
    current: bool


class Session(Reply):
    """Who asks, and what every POST has to carry in `x-ninefifteen-csrf`.

    `first_run`: no user exists yet. `mode_hint`: "demo", "paper", "live", as the settings say; what really
    runs is in the engine's state.
    """

    user: User | None
    csrf: str
    first_run: bool
    mode_hint: str
    rehearsal: bool
    sessions: list[OpenSession]


class Login(Request):
    """A login; `totp` is needed by whoever has set up a second factor."""

    name: GivenName
    password: Password
    totp: Code | None = None


class FirstUser(Request):
    """The first user, an admin; `code` is the set-up code that the terminal shows at the first start."""

    code: Annotated[str, Field(max_length=40)]
    name: Name
    password: Password


class NewPassword(Request):
    """Another password for oneself; every other session of this person ends."""

    old: Password
    new: Password


class TotpBegin(Request):
    """Begin to set up the second factor; `totp` is a code of the one that is to be replaced."""

    password: Password
    totp: Code | None = None


class TotpBegun(Reply):
    """What an authenticator app needs: the secret as text, as `otpauth:` address, and as a QR code.

    `qr_path` is the path of an SVG whose `viewBox` is "0 0 `qr_size` `qr_size`".
    """

    secret: str
    otpauth: str
    qr_path: str
    qr_size: int


class TotpConfirm(Request):
    """A code of the app that proves it has the secret."""

    code: Code


class UserEntry(Reply):
    """One user as an admin sees it; `since` is ISO 8601."""

    name: str
    role: Role
    totp: bool
    since: str


class Users(Reply):
    """Everybody who may log in."""

    users: list[UserEntry]


class NewUser(Request):
    """Somebody new; `totp` is the admin's own code."""

    name: Name
    role: Role
    password: Password
    totp: Code | None = None


class RemoveUser(Request):
    """Confirms that a user goes; `totp` is the admin's own code."""

    totp: Code | None = None
