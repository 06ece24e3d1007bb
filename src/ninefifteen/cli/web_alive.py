"""Whether a dashboard still answers: its `/healthz` is asked now and then, past every proxy."""

from __future__ import annotations

import http.client
import ssl
from urllib.parse import urlsplit

from ninefifteen.adapters.clocks.wall import steady
from ninefifteen.domain.instants import SECOND, Instant

ASK_S = 5.0
"""Seconds between two questions, and how long an answer may take."""
PATIENCE_S = 20.0
"""Seconds without an answer after which a dashboard is called hung."""
START_S = 120.0
"""The same for one that has not said yet where it is found: a small machine needs its time to start."""


class Silence:
    """For how long one dashboard has not answered, as far as it was asked."""

    def __init__(
        self, patience_s: float = PATIENCE_S, ask_s: float = ASK_S, start_s: float = START_S
    ) -> None:
        self._patience_s, self._ask_s, self._start_s = patience_s, ask_s, start_s
        self._since: Instant | None = None
        self._began = steady()

    def hung(self, url: str | None) -> str | None:
        """Ask it, and wait a little for the answer; why it has to be ended, None while it may live.

        `url` is None until it has said where it is found. Time in which nobody asked, because this machine
        slept, is no silence: it counts from the first question that had no answer.
        """
        if url is None:
            return self._told(self._began, self._start_s, "has not come")
        began = steady()
        if answers(url, self._ask_s):
            self._since = None
            return None
        self._since = began if self._since is None else self._since
        return self._told(self._since, self._patience_s, "has not answered")

    def _told(self, since: Instant, patience_s: float, what: str) -> str | None:
        silent_s = (steady() - since) / SECOND
        return f"it {what} for {silent_s:.0f} s" if silent_s >= patience_s else None


def answers(url: str, seconds: float) -> bool:
    """Whether the dashboard at this address does anything at all within these seconds.

    One that ends the connection lives: it turns people away while there are too many. One that hangs leaves
    the connection to the system, which takes it and is silent.
    """
    parts = urlsplit(url)
    try:
        line = _line(parts.scheme, parts.hostname or "", parts.port, seconds)
    except ValueError:  # no address; a port that is no number
        return False
    try:
        line.request("GET", "/healthz", headers={"host": parts.netloc})
        line.getresponse().read()
    except (ConnectionResetError, BrokenPipeError, ssl.SSLError, http.client.HTTPException):
        return True
    except OSError:  # no answer in time; nobody listens
        return False
    finally:
        line.close()
    return True


def _line(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    if scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=seconds)
    trust = ssl.create_default_context()
    # It is our own child on this machine, nothing secret is sent, and its certificate has another name.
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=trust)
