"""Today's login at the broker: found, or asked for and waited for; and noticed when it dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from ninefifteen.adapters.zerodha.callback import log_in_by_callback
from ninefifteen.adapters.zerodha.client import KiteClient
from ninefifteen.adapters.zerodha.errors import BrokerProblem, LoggedOut
from ninefifteen.adapters.zerodha.login import exchange_token, login_url
from ninefifteen.adapters.zerodha.session import (
    Session,
    forget_session,
    load_session,
    save_session,
    session_from_token,
    session_of_today,
    watch_session,
)
from ninefifteen.adapters.zerodha.session_file import SESSION_FILE
from ninefifteen.config.dotenv import Secrets
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.secret import SecretText
from ninefifteen.errors import BadInput
from ninefifteen.home import Home

_LOOK_S = 1.0
_LONGEST_S = 7 * 24 * 3600.0
_PAGE_READY_S = 0.2
_VISIT_AGAIN_S = 3.0
_VISIT = aiohttp.ClientTimeout(total=30)


class _Seen:
    """What the probe found last; a change is told once."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.problem: BrokerProblem | None = None
        self._tell = tell

    def __call__(self, _: Instant, problem: BrokerProblem | None) -> None:
        ended = isinstance(problem, LoggedOut)  # an answer, and told with what is done about it
        if (problem is None) != (self.problem is None) and not ended:
            self._tell(f"the broker does not answer: {problem}" if problem else "the broker answers again")
        self.problem = problem


class Keeper:
    """Keeps one home logged in. `tell` takes plain lines for the user, the address to log in at among them.

    `plays_the_user`: in a rehearsal the login page of the simulated exchange is opened by the program.
    A day under way never ends over the file of its session: where it cannot be written or removed, that
    is told once, and the login lives on in this process. Whoever logs in first is whose home this is until
    the process ends: a later login of somebody else is not taken.
    """

    def __init__(
        self,
        home: Home,
        *,
        client: KiteClient,
        secrets: Secrets,
        redirect_url: str,
        tell: Callable[[str], None],
        plays_the_user: bool = False,
    ) -> None:
        self._home, self._client, self._secrets = home, client, secrets
        self._redirect_url, self._tell = redirect_url, tell
        self._plays_the_user = plays_the_user
        self._taken = ExitStack()
        self._was_in = False
        self._in_hand: SecretText | None = None
        self._file_told = False
        self._file = home.path / SESSION_FILE
        user = secrets.broker_user_id
        self._user_id = user.reveal() if user is not None else None

    @property
    def user_id(self) -> str | None:
        """Whose login this is, as configured or as logged in; None while nobody is known."""
        return self._user_id

    async def session(self) -> Session:
        """Today's session, alive just now; waits for a login where there is none.

        Raises Refused or Down when the broker cannot be asked, BadInput when no login is possible.
        """
        try:
            session = await self._todays()
        except LoggedOut as gone:
            session = await self._log_in(str(gone))
        self._was_in = True
        self._user_id = session.user_id
        return session

    async def watched(self, session: Session, renewed: Callable[[Session], None]) -> None:
        """Ask every minute, and at once where it is doubted (`client.doubted`), whether the session lives.

        When it was killed, ask for a login and go on.
        """
        while True:
            seen = _Seen(self._tell)
            await watch_session(self._client, session.user_id, seen)
            self._forget()
            session = await self._log_in(f"the login has been ended elsewhere: {seen.problem}")
            self._client.doubted.clear()  # it was about the session before
            renewed(session)

    async def _todays(self) -> Session:
        written = self._in_hand or self._secrets.broker_access_token
        try:
            return await session_of_today(self._client, self._file, self._user_id, written)
        except LoggedOut:
            if written is None:
                raise
            return await session_from_token(self._client, written, self._user_id)

    async def _log_in(self, why: str) -> Session:
        if self._secrets.broker_api_secret is None and not self._was_in:
            raise BadInput(f"{why}; and BROKER_API_SECRET is missing in {self._home.env_file}")
        self._tell(why)
        waits = [asyncio.create_task(self._by_callback()), asyncio.create_task(self._made_elsewhere())]
        if self._plays_the_user:
            self._tell("rehearsal: the login of the account holder is played by this program")
            waits.append(asyncio.create_task(self._visit()))
        try:
            return await self._first_of(waits)
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
            self._taken.close()

    async def _first_of(self, waits: list[asyncio.Task[Session | None]]) -> Session:
        while True:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                session = task.result()
                if session is not None:
                    self._tell(f"logged in as {session.user_id}")
                    return session
                waits.remove(task)

    async def _by_callback(self) -> Session | None:
        """The login by the page on this machine; None where that page cannot be served."""
        if self._secrets.broker_api_secret is None:
            self._tell(f"BROKER_API_SECRET is missing in {self._home.env_file}: no login is possible here")
            return None
        address = login_url(self._client.endpoint, self._client.api_key)
        while True:
            try:
                session = await log_in_by_callback(
                    self._redirect_url,
                    self._finish,
                    lambda _: self._tell(f"log in here: {address}"),
                    _LONGEST_S,
                )
            except BadInput as problem:
                self._tell(f"{problem}; or run `ninefifteen login` in another terminal")
                return None
            except BrokerProblem as problem:
                self._tell(f"that login was not taken: {problem}")
            else:
                return session

    async def _finish(self, request_token: str) -> Session:
        secret = self._secrets.broker_api_secret
        if secret is None:
            raise BadInput("BROKER_API_SECRET is missing")
        session = await exchange_token(self._client, secret, request_token, self._user_id)
        self._keep(session)
        # Taking the page down is this machine's time: a clock in lockstep must not leap meanwhile.
        self._taken.enter_context(self._client.clock.working())
        return session

    def _keep(self, session: Session) -> None:
        """Write the session down, or at least hold it until this process ends."""
        try:
            save_session(self._file, session)
        except OSError as error:
            self._in_hand = session.access_token
            self._tell_of_file(f"cannot be written ({error.strerror}): a new start will need a new login")
        else:
            self._in_hand = None

    def _forget(self) -> None:
        """The session is dead."""
        self._in_hand = None
        try:
            forget_session(self._file)
        except OSError as error:
            self._tell_of_file(f"cannot be removed ({error.strerror}): the login goes on without it")

    def _tell_of_file(self, fault: str) -> None:
        if not self._file_told:
            self._file_told = True
            self._tell(f"{self._file} {fault}; make room for it in the home")

    async def _made_elsewhere(self) -> Session | None:
        """The login that `ninefifteen login` leaves in the home."""
        refused = told = ""
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                session = load_session(self._file, self._client.clock.now(), self._user_id)
            except LoggedOut:
                continue
            if session.access_token.reveal() == refused:
                continue
            try:
                return await session_from_token(self._client, session.access_token, self._user_id)
            except LoggedOut:
                refused = session.access_token.reveal()
            except BrokerProblem as problem:
                if str(problem) != told:
                    told = str(problem)
                    self._tell(told)

    async def _visit(self) -> Session | None:
        """Open the login page as the account holder's browser would; it ends at the page on this machine."""
        address = login_url(self._client.endpoint, self._client.api_key)
        if (urlsplit(address).hostname or "") not in ("127.0.0.1", "localhost", "::1"):
            return None
        told = ""
        while True:
            with self._client.clock.working():
                trouble = await self._open_page(address)
            if trouble and trouble != told:
                self._tell(f"rehearsal: the login page {trouble}")
            told = trouble
            await asyncio.sleep(_VISIT_AGAIN_S)

    async def _open_page(self, address: str) -> str:
        """Open it once; what was wrong with it, empty for nothing."""
        await asyncio.sleep(_PAGE_READY_S)
        async with aiohttp.ClientSession(timeout=_VISIT, trust_env=False) as browser:
            try:
                async with browser.get(address) as page:
                    await page.read()
                    refused = page.status >= HTTPStatus.BAD_REQUEST
                    if refused and page.url.path == urlsplit(address).path:
                        why = f"HTTP {page.status}: is BROKER_API_KEY that of the exchange?"
                        return f"does not know this app ({why})"
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                return f"did not open ({type(error).__name__})"
        return ""
