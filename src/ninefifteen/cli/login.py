"""`ninefifteen login`: the broker's session of today, kept in the home for the other verbs.

It takes no lock of the home: a running bot waits for exactly this file.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ninefifteen.cli.common import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    open_configured_home,
    print_json,
    say,
)
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.instants import clock_of, day_of, iso_ms
from ninefifteen.domain.secret import SecretText
from ninefifteen.domain.settings import Settings
from ninefifteen.errors import BadInput, Unreachable
from ninefifteen.home import Home

if TYPE_CHECKING:
    from ninefifteen.adapters.zerodha.client import Endpoint, KiteClient
    from ninefifteen.adapters.zerodha.session import Session

LONGEST_LOGIN_S = 300.0
"""Seconds of this machine that a person gets to log in."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("login")(login)


def login(
    home: HomeOption = DEFAULT_HOME,
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="URL", help="The address at which the browser ended."),
    ] = None,
    paste: Annotated[
        bool, typer.Option("--paste", help="Ask for that address and read it as one line from stdin.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Log in at the broker for today, with a page on this machine or a pasted address."""
    from ninefifteen.adapters.zerodha.errors import BrokerProblem
    from ninefifteen.adapters.zerodha.login import request_token_of

    if paste and address is not None:
        raise BadInput("--paste and --address exclude each other: give one of them")
    opened, loaded = open_configured_home(home)
    job = _Login(opened, loaded)
    if paste:
        address = job.ask_for_address()
    request_token = request_token_of(address) if address is not None else None
    try:
        session = asyncio.run(job.run(request_token))
    except BrokerProblem as problem:
        raise Unreachable(str(problem)) from None
    until = session.valid_until
    say(f"Logged in as {session.user_id} until {day_of(until)} {clock_of(until):%H:%M} IST.")
    if session.date != day_of(session.logged_in_at):
        say("The broker ends every login at 06:00: log in again after that for today's trading.")
    if as_json:
        print_json({"user_id": session.user_id, "date": session.date, "valid_until": iso_ms(until)})


class _Login:
    """One login of one home; raises BadInput for settings and secrets that do not allow it."""

    def __init__(self, home: Home, loaded: LoadedConfig) -> None:
        self._settings = loaded.settings
        self._file = _session_file(home)
        self._key, self._secret = _credentials(home, loaded)
        self._endpoint = _endpoint(home, loaded.settings)
        user = loaded.secrets.broker_user_id
        self._user_id = user.reveal() if user is not None else None

    async def run(self, request_token: str | None) -> Session:
        """The new session, kept in the home; with None the browser brings the token to a page of ours.

        Raises BadInput and BrokerProblem.
        """
        from ninefifteen.adapters.clocks.exchange import NotThere
        from ninefifteen.adapters.zerodha.client import KiteClient
        from ninefifteen.adapters.zerodha.errors import BrokerProblem
        from ninefifteen.wiring.clocks import home_clock

        try:
            async with home_clock(self._settings) as clock:
                client = KiteClient(self._endpoint, self._key, clock.wall)
                try:
                    if request_token is None:
                        session = await self._by_callback(client)
                    else:
                        session = await self._finish(client, request_token)
                    await _tell_what_is_missing(client)
                finally:
                    await client.close()
                return session
        except NotThere as nobody:
            raise BrokerProblem(str(nobody)) from None

    def ask_for_address(self) -> str:
        """One line from stdin: the address at which the browser ended."""
        self._tell_address("Open this address on any device and log in:")
        say("Then paste the whole address at which the browser ended, and press Enter:")
        return sys.stdin.readline()

    async def _by_callback(self, client: KiteClient) -> Session:
        from ninefifteen.adapters.zerodha.callback import log_in_by_callback

        async def finish(request_token: str) -> Session:
            return await self._finish(client, request_token)

        def ready(_port: int) -> None:
            self._tell_address("Open this address and log in; this program waits for the browser:")

        url = self._settings.login.redirect_url
        return await log_in_by_callback(url, finish, ready, LONGEST_LOGIN_S)

    async def _finish(self, client: KiteClient, request_token: str) -> Session:
        from ninefifteen.adapters.zerodha.login import exchange_token
        from ninefifteen.adapters.zerodha.session import save_session

        session = await exchange_token(client, self._secret, request_token, self._user_id)
        save_session(self._file, session)
        return session

    def _tell_address(self, words: str) -> None:
        from ninefifteen.adapters.zerodha.login import login_url

        if self._user_id is None:
            say("BROKER_USER_ID is not in .env: whoever logs in now is taken.")
        say(words)
        say(login_url(self._endpoint, self._key))


async def _tell_what_is_missing(client: KiteClient) -> None:
    """What the account cannot do, for people; the login itself has succeeded whatever comes of this."""
    from ninefifteen.adapters.zerodha.account import profile
    from ninefifteen.adapters.zerodha.errors import BrokerProblem

    try:
        missing = (await profile(client)).missing
    except BrokerProblem as problem:
        missing = (str(problem),)
    for line in missing:
        say(f"warning: {line}")


def _session_file(home: Home) -> Path:
    from ninefifteen.adapters.zerodha.session_file import SESSION_FILE

    return home.path / SESSION_FILE


def _credentials(home: Home, loaded: LoadedConfig) -> tuple[SecretText, SecretText]:
    broker, secrets = loaded.settings.trading.broker, loaded.secrets
    if broker != "zerodha":
        raise BadInput(f"login: trading.broker is {broker}, and only zerodha can log in so far")
    key, secret = secrets.broker_api_key, secrets.broker_api_secret
    if key is None or secret is None:
        given = {"BROKER_API_KEY": key, "BROKER_API_SECRET": secret}
        missing = " and ".join(name for name, value in given.items() if value is None)
        source = (
            "the exchange's first lines show" if home.rehearsal else "the broker's developer console shows"
        )
        raise BadInput(
            f"login: {home.env_file} lacks {missing} (another home? --home DIR): copy what {source}"
        )
    return key, secret


def _endpoint(home: Home, settings: Settings) -> Endpoint:
    from ninefifteen.adapters.zerodha.client import REAL, simulated

    if settings.broker_endpoint is not None:
        return simulated(settings.broker_endpoint.rest, settings.broker_endpoint.ws)
    if home.rehearsal:
        raise BadInput(
            f"{home.config_file}: a rehearsal home needs broker_endpoint: rest and ws of our own exchange"
        )
    return REAL
