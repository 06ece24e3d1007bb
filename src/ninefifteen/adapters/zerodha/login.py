"""The daily login: Zerodha's own page, a request token that works once, and a session for it.

The user logs in with password and TOTP on Zerodha's page (there is no supported way without a
person); the browser is then sent to the app's redirect URL with `request_token` in its query, and
that token with a checksum of key and secret buys the access token (documentation, "user").
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from ninefifteen.domain.secret import SecretText
from ninefifteen.errors import BadInput

from .client import Endpoint, KiteClient
from .errors import LoggedOut
from .session import Session, check_user, session_of

_REQUEST_TOKEN = re.compile(r"[A-Za-z0-9]{6,128}")


class _Granted(msgspec.Struct):
    """What we use of the answer to a login."""

    user_id: str
    access_token: str


def login_url(endpoint: Endpoint, api_key: SecretText) -> str:
    """The page on which the user logs in. Kite wants the API key in it; alone, the key opens nothing."""
    return f"{endpoint.login}?{urlencode({'v': '3', 'api_key': api_key.reveal()})}"


def request_token_of(address: str) -> str:
    """The request token in the address at which the browser ended.

    Raises BadInput, without repeating the address, when the login did not succeed or there is none.
    """
    try:
        query = parse_qsl(urlsplit(address.strip()).query, max_num_fields=50)
    except ValueError:
        query = []
    tokens = [value for name, value in query if name == "request_token"]
    states = [value for name, value in query if name == "status"]
    if not tokens:
        raise BadInput("the address holds no request_token: paste the whole address the browser ended at")
    if states not in ([], ["success"]):
        raise BadInput("the broker says that the login did not succeed: log in once more")
    if len(tokens) > 1 or not _REQUEST_TOKEN.fullmatch(tokens[0]):
        raise BadInput("the request_token in the address is damaged: paste the address once more, whole")
    return tokens[0]


def checksum(api_key: SecretText, request_token: str, api_secret: SecretText) -> str:
    """SHA-256 (hex) of key, request token and secret, one after the other (documentation, "user")."""
    whole = api_key.reveal() + request_token + api_secret.reveal()
    return hashlib.sha256(whole.encode()).hexdigest()


async def exchange_token(
    client: KiteClient, api_secret: SecretText, request_token: str, user_id: str | None = None
) -> Session:
    """The session for a request token; the client uses it from then on.

    Raises LoggedOut when key, secret or token are wrong, or somebody else than `user_id` has logged
    in; Refused or Down as any read.
    """
    form = {
        "api_key": client.api_key.reveal(),
        "request_token": request_token,
        "checksum": checksum(client.api_key, request_token, api_secret),
    }
    try:
        granted = await client.open_session(form, _Granted)
    except LoggedOut as no:
        hint = "a request token works once, and BROKER_API_SECRET has to be of the same app as BROKER_API_KEY"
        raise LoggedOut(f"{no}; {hint}") from None
    check_user(granted.user_id, user_id)
    session = session_of(granted.user_id, granted.access_token, client.clock.now())
    client.use(session.access_token)
    return session
