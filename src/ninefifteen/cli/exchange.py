"""`ninefifteen exchange`: our simulated exchange as a server that a broker's clients can talk to."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from ninefifteen.adapters.rules import RuleBook, load_rules
from ninefifteen.adapters.system_clock import SystemClock
from ninefifteen.cli.common import DEFAULT_HOME, LARGEST_SEED, HomeOption, parse_date, said, say
from ninefifteen.config import LoadedConfig, load_config
from ninefifteen.domain.instants import at
from ninefifteen.domain.money import Paise
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from ninefifteen.simulator.synthetic import demo_date
from ninefifteen.wiring import UNKNOWN, require_rules
from ninefifteen.wiring.demo import DEMO_SEED

if TYPE_CHECKING:
    from ninefifteen.simulator.kite import Faults, KiteServer

PROTOCOLS = ("kite",)
_LATER = ("upstox", "angelone")
_CLOCK = re.compile(r"\d{2}:\d{2}:\d{2}")
_FASTEST = 1000.0
_MOST_RUPEES = 10**12

_SpeedOption = Annotated[
    str,
    typer.Option(
        "--speed", metavar="N|max", help="Exchange seconds a second; max: the client turns the clock."
    ),
]
_CashOption = Annotated[
    str | None,
    typer.Option(
        "--cash", "--capital", metavar="RUPEES", help="The account's cash; else trading.paper_capital."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("exchange")(exchange)


def exchange(
    protocol: Annotated[str, typer.Option("--protocol", metavar="NAME", help="kite.")] = "kite",
    day: Annotated[str | None, typer.Option("--date", metavar="DATE", help="On this trading day.")] = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Which synthetic days.")
    ] = DEMO_SEED,
    start: Annotated[
        str, typer.Option("--start", metavar="HH:MM:SS", help="The exchange's clock at the start.")
    ] = "08:30:00",
    speed: _SpeedOption = "1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any free one.")] = 0,
    redirect: Annotated[
        str, typer.Option("--redirect", metavar="URL", help="Where the login page sends the browser back to.")
    ] = "http://127.0.0.1:9151/",
    cash: _CashOption = None,
    no_static_ip: Annotated[
        bool, typer.Option("--no-static-ip", help="Refuse every order as from an unregistered address.")
    ] = False,
    faults: Annotated[
        Path | None, typer.Option("--faults", metavar="FILE", help="What goes wrong, and when (YAML).")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: Annotated[bool, typer.Option("--json", help="The ready line is JSON anyway.")] = False,
) -> None:
    """Serve synthetic days, one after the other, until SIGTERM or Ctrl-C. Nothing is written."""
    del as_json  # stdout carries exactly one JSON document with or without it
    _known(protocol)
    opened = Home.look(home)
    loaded, rules = load_config(opened), load_rules(opened.rules_dir)
    server = _server(
        loaded,
        rules,
        first=_first_day(rules, loaded, seed, day),
        seed=seed,
        start=_start(start),
        speed=_speed(speed),
        redirect=_redirect(redirect),
        cash=_cash(cash, loaded),
        static_ip=not no_static_ip,
        faults=_faults(faults, seed),
    )
    asyncio.run(_serve(server, port))


def _known(protocol: str) -> None:
    if protocol not in PROTOCOLS:
        known = "does not exist yet" if protocol in _LATER else "is not known"
        raise BadInput(f"--protocol {protocol} {known}: this version has {', '.join(PROTOCOLS)}")


def _server(
    loaded: LoadedConfig,
    rules: RuleBook,
    *,
    first: date,
    seed: int,
    start: time,
    speed: float | None,
    redirect: str,
    cash: Paise,
    static_ip: bool,
    faults: Faults,
) -> KiteServer:
    from ninefifteen.simulator.kite import ExchangeClock, KiteServer
    from ninefifteen.wiring.exchange import synthetic_days

    return KiteServer(
        clock=ExchangeClock(at(first, start), speed, SystemClock().seconds),
        seed=seed,
        first=first,
        make_day=synthetic_days(loaded.settings, rules, seed),
        cash=cash,
        redirect_url=redirect,
        static_ip=static_ip,
        faults=faults,
    )


async def _serve(server: KiteServer, port: int) -> None:
    """Serve until somebody asks to stop, or the exchange itself cannot go on (BadInput)."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    with suppress(NotImplementedError):  # where the system has no such signals, Ctrl-C just ends it
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, asked.set)
    try:
        await server.start(port)
    except OSError as error:
        raise BadInput(f"--port {port}: cannot be listened on ({error.strerror or error})") from None
    said.json = True
    ready = server.ready()
    print(msgspec.json.encode(ready).decode(), flush=True)
    say("SYNTHETIC REHEARSAL EXCHANGE: invented prices and accounts. Ctrl-C ends it.")
    for line in _to_copy(ready):
        say(line)
    stopped, broken = asyncio.ensure_future(asked.wait()), asyncio.ensure_future(server.run())
    try:
        await asyncio.wait((stopped, broken), return_when=asyncio.FIRST_COMPLETED)
        if broken.done():
            broken.result()
    finally:
        stopped.cancel()
        broken.cancel()
        await asyncio.gather(stopped, broken, return_exceptions=True)
        await server.stop()


def _to_copy(ready: Mapping[str, Any]) -> Iterator[str]:
    """What a rehearsal home needs to talk to this exchange, as its two files spell it; invented like all."""
    yield "The same --seed and --port bring the same values. In the rehearsal home, once:"
    yield "config.yaml, in place of its last line:"
    yield "broker_endpoint:"
    yield f'  rest: "{ready["rest"]}"'
    yield f'  ws: "{ready["ws"]}"'
    yield ".env:"
    for name in ("api_key", "api_secret", "user_id"):
        yield f"BROKER_{name.upper()}={ready[name]}"


def _first_day(rules: RuleBook, loaded: LoadedConfig, seed: int, day: str | None) -> date:
    try:
        chosen = demo_date(seed, load_rules().calendar) if day is None else parse_date(day)
        if not rules.calendar.is_trading_day(chosen):
            raise BadInput(f"--date {chosen} is not a trading day (calendar show --date {chosen} says why)")
        session = rules.calendar.session(chosen)
        if session is not None and session.special:
            raise BadInput(f"--date {chosen} is a special session, which this exchange does not hold")
        require_rules(rules, chosen, loaded.settings.strategy.roll_days)
    except UNKNOWN as error:
        raise BadInput(str(error)) from error
    return chosen


def _start(text: str) -> time:
    from ninefifteen.simulator.kite.venue import DAY_OVER

    try:
        start = time.fromisoformat(text if _CLOCK.fullmatch(text) else "")
    except ValueError:
        raise BadInput(f"--start {text}: needs a time of day like 09:13:00") from None
    if start >= DAY_OVER:
        raise BadInput(f"--start {text}: the exchange's day is over at {DAY_OVER:%H:%M}")
    return start


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= _FASTEST:
        raise BadInput(f"--speed {text}: needs max or a number above 0 and up to {_FASTEST:.0f}, like 60")
    return speed


def _redirect(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise BadInput(f"--redirect {text}: needs an address like http://127.0.0.1:9151/")
    return text


def _faults(file: Path | None, seed: int) -> Faults:
    from ninefifteen.simulator.kite import Faults, PlannedFaults, read_faults

    if file is None:
        return Faults()
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"--faults {file}: is not a text in UTF-8") from None
    except OSError as error:
        raise BadInput(f"--faults {file}: cannot be read ({error.strerror or error})") from None
    return PlannedFaults(read_faults(text, f"--faults {file}"), seed)


def _cash(text: str | None, loaded: LoadedConfig) -> Paise:
    if text is None:
        return int(loaded.settings.trading.paper_capital * 100)
    try:
        rupees = Decimal(text)
    except InvalidOperation:
        rupees = Decimal(0)
    if not rupees.is_finite() or not 0 < rupees <= _MOST_RUPEES or rupees * 100 % 1:
        raise BadInput(f"--cash {text}: needs an amount of rupees above 0, like 100000")
    return int(rupees * 100)
