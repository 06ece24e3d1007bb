"""The second factor: codes of an authenticator app, each good once."""

from __future__ import annotations

import hmac

import pyotp
import segno

from ninefifteen.domain.instants import SECOND, Instant

STEP_S = 30
_AROUND = (-1, 0, 1)
_BORDER = 4


def new_secret() -> str:
    """A new secret, 160 bits in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, name: str, home: str) -> str:
    """The `otpauth:` address an app reads; it names the home, so that two are told apart."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"ninefifteen {home}".strip())


def step_of(secret: str, code: str, now: Instant) -> int | None:
    """The time step whose code this is, one step of leeway either way; None when it is none."""
    given = code.replace(" ", "").replace("-", "")
    made = pyotp.TOTP(secret)
    current = now // (STEP_S * SECOND)
    found = None
    for around in _AROUND:
        right = made.generate_otp(current + around)
        if hmac.compare_digest(right.encode(), given.encode("utf-8", "replace")):
            found = current + around
    return found


def qr_path(text: str) -> tuple[str, int]:
    """The QR code of a text as the path of an SVG, and the size of its square with a quiet border."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    runs = []
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                runs.append(f"M{x + _BORDER} {y + _BORDER}h1v1h-1z")
    return "".join(runs), len(rows) + 2 * _BORDER
