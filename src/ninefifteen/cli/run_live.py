"""`ninefifteen run --production` in a rehearsal home: real orders to our own exchange, day after day."""

from __future__ import annotations

from ninefifteen.adapters.rules import RuleBook
from ninefifteen.cli import VERBS
from ninefifteen.cli.control_beside import ControlBeside
from ninefifteen.cli.control_desk import ControlDesk
from ninefifteen.cli.run_paper import DayAfterDay, to_the_end
from ninefifteen.cli.stopping import StopAsked
from ninefifteen.cli.watchdog_child import WatchdogChild
from ninefifteen.cli.web_beside import WebBeside
from ninefifteen.cli.web_child import WebChild
from ninefifteen.config import LoadedConfig
from ninefifteen.errors import HomeLocked
from ninefifteen.home import Home
from ninefifteen.reports.documents import Document
from ninefifteen.runtime.fencing import Fenced
from ninefifteen.wiring.live_run import LiveDesk


def run_live(
    home: Home,
    loaded: LoadedConfig,
    rules: RuleBook,
    stop: StopAsked,
    control: ControlDesk,
    documents: list[Document],
    web: WebChild | None = None,
    *,
    once: bool,
) -> None:
    """Run days at the broker; each finished one is added to `documents`.

    Raises as `run_paper`, and HomeLocked when somebody has taken over: nothing has left here since.
    """
    days = DayAfterDay(home, loaded, rules, stop, documents, LiveDesk, once=once)
    days.beside += [ControlBeside(control, days.tell), WebBeside(web, days.tell, days.invite)]
    days.log.forgiving = True
    watchdog = WatchdogChild(home, days.tell)
    if "watchdog" in VERBS:
        days.beside.append(watchdog)
    try:
        to_the_end(days)
    except Fenced as fenced:
        raise HomeLocked(f"{home.path}: {fenced}") from None
    finally:
        watchdog.close()
