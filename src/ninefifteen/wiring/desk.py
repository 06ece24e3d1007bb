"""What all days of one home at Zerodha share: the connection, the login, the clock, where days are kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from pathlib import Path

from ninefifteen.adapters.rules import RuleBook
from ninefifteen.adapters.zerodha.client import REAL, KiteClient, simulated
from ninefifteen.config import LoadedConfig
from ninefifteen.domain.instants import Instant
from ninefifteen.domain.secret import SecretText
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.runtime.live import LiveLine

from .broker_session import Keeper
from .clocks import HomeClock
from .market_day import MarketDay, MarketDays, Tell, Trading
from .sessions import Account


def missing_keys(home: Home, config: LoadedConfig) -> str:
    """Everything that is missing for a login, in words; "" where nothing is."""
    secrets = config.secrets
    given = {
        "BROKER_API_KEY": secrets.broker_api_key,
        "BROKER_API_SECRET": secrets.broker_api_secret or secrets.broker_access_token,
    }
    missing = " and ".join(name for name, value in given.items() if value is None)
    verb = "are" if " and " in missing else "is"
    return f"{home.env_file}: {missing} {verb} missing" if missing else ""


def require_key(home: Home, config: LoadedConfig) -> SecretText:
    """The key of the app; raises BadInput, naming everything that is missing for a login."""
    if config.secrets.broker_api_key is None:
        missing = missing_keys(home, config)
        raise BadInput(f"{missing}: `ninefifteen setup` asks for what your app shows and writes it there")
    return config.secrets.broker_api_key


class Companion:
    """What goes on beside one day because of where its orders go. This one: nothing."""

    async def beside(self, line: LiveLine) -> None:
        """Work as long as the day lasts; it is cancelled at the day's end."""

    def on_order(self, data: object) -> None:
        """The ticker has told of an order of the account."""

    def on_ticker(self, *, live: bool) -> None:
        """The ticker has been connected, or has gone."""

    def logged_in(self) -> None:
        """The client speaks for a session of today, maybe for the first time."""

    def woken(self) -> None:
        """This machine slept, or this process was stopped, for a while."""

    def look(self, now: Instant) -> None:
        """Called about ten times a second."""

    async def settle(self) -> None:
        """The day has its record: what can be asked only now."""

    async def end(self) -> None:
        """The day is over, or was stopped: let go of what was held."""


class Desk(ABC):
    """What all days of one home share, whichever way their orders go."""

    trading: Trading

    def __init__(
        self, home: Home, config: LoadedConfig, rules: RuleBook, clock: HomeClock, tell: Tell
    ) -> None:
        self.home, self.config, self.rules, self.clock, self.tell = home, config, rules, clock, tell
        secrets, endpoint = config.secrets, config.settings.broker_endpoint
        if secrets.broker_api_key is None:
            raise BadInput(f"{home.env_file}: BROKER_API_KEY is missing: write the key of your app there")
        place = REAL if endpoint is None else simulated(endpoint.rest, endpoint.ws)
        self.client = KiteClient(place, secrets.broker_api_key, clock.wall)
        self.keeper = Keeper(
            home,
            client=self.client,
            secrets=secrets,
            redirect_url=config.settings.login.redirect_url,
            tell=lambda text: tell("login", text),
            plays_the_user=home.rehearsal and clock.told is not None,
        )

    @property
    def days(self) -> MarketDays:
        """Where this home's days of this kind are kept."""
        return MarketDays(self.home, self.config, self.trading)

    @abstractmethod
    def account(self, day: date) -> Account:
        """What the day begins with. Raises BadInput where an earlier day cannot be read."""

    @abstractmethod
    async def open_day(self, day: date) -> MarketDay:
        """Open the day's journal, new or where it ends. Raises BadInput."""

    def companion(self, market: MarketDay) -> Companion:  # noqa: ARG002 - others need the day
        """What goes on beside the day."""
        return Companion()

    def journal_path(self, day: date) -> Path:
        """Where the day is, or would be, written."""
        return self.days.journal(day, self.clock.seed)
