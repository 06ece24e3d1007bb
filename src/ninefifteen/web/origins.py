"""Where this dashboard is, what browsers may call it, and whether it may be there at all."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from ninefifteen.domain.settings import Dashboard
from ninefifteen.errors import BadInput

_USUAL = {"http": 80, "https": 443}
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Origins(msgspec.Struct, frozen=True, kw_only=True):
    """`by_host` has for every Host header that may come the one Origin that fits it."""

    url: str
    by_host: dict[str, str]
    local: frozenset[str]
    """Those hosts that mean this machine."""
    only_here: bool
    """Whether they are taken from this machine only: others could come past the proxy, without TLS."""

    def fitting(self, host: str, *, here: bool) -> str | None:
        """The Origin of pages of that host; None for one that is not ours. `here`: this machine asks."""
        name = host.lower()
        if self.only_here and not here and name in self.local:
            return None
        return self.by_host.get(name)

    def secure(self, host: str) -> bool:
        """Whether browsers reach that host over TLS."""
        return self.by_host.get(host.lower(), "").startswith("https:")


def is_loopback(host: str) -> bool:
    """Whether this address is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_address(dashboard: Dashboard, *, first_run: bool) -> None:
    """Raises BadInput where the dashboard may not listen at its address as it is set up."""
    if (dashboard.tls_cert is None) != (dashboard.tls_key is None):
        raise BadInput("dashboard.tls_cert and dashboard.tls_key belong together: give both, or neither")
    for name in ("tls_cert", "tls_key"):
        file = getattr(dashboard, name)
        if file is not None and not Path(file).expanduser().is_file():
            raise BadInput(f"dashboard.{name}: there is no file {file}")
    _check_public(dashboard)
    if is_loopback(dashboard.host):
        return
    where = f"dashboard.host is {dashboard.host}, which others can reach"
    if dashboard.tls_cert is None and not dashboard.behind_proxy:
        raise BadInput(
            f"{where}: it needs dashboard.tls_cert and dashboard.tls_key, or dashboard.behind_proxy: true"
            " with dashboard.public_url; 127.0.0.1 and an SSH tunnel need neither"
        )
    if _is_everywhere(dashboard.host) and dashboard.public_url is None:
        raise BadInput(f"{where} by many names: give the one that is used, dashboard.public_url")
    if first_run:
        raise BadInput(f"{where}: start it at 127.0.0.1 first and make the first user there")


def origins_of(dashboard: Dashboard, port: int) -> Origins:
    """What may be called what, with the port that is really listened on."""
    scheme = "https" if dashboard.tls_cert is not None else "http"
    past_proxy = dashboard.behind_proxy and not is_loopback(dashboard.host)
    local = {_named(host, port, scheme) for host in _LOOPBACK}
    hosts = set(local)
    own = f"[{dashboard.host}]" if ":" in dashboard.host else dashboard.host
    if not _is_everywhere(dashboard.host) and not past_proxy:
        hosts.add(_named(own.lower(), port, scheme))
    by_host = {host: f"{scheme}://{host}" for host in hosts}
    shown = _named("127.0.0.1" if _is_everywhere(dashboard.host) else own, port, scheme)
    if dashboard.public_url is not None:
        public = _host_of(dashboard.public_url)
        by_host[public] = f"https://{public}"
        local.discard(public)
    return Origins(url=f"{scheme}://{shown}", by_host=by_host, local=frozenset(local), only_here=past_proxy)


def _check_public(dashboard: Dashboard) -> None:
    public = dashboard.public_url
    if public is None:
        if dashboard.behind_proxy:
            raise BadInput("dashboard.behind_proxy needs dashboard.public_url: what browsers call it")
        return
    try:
        parts = urlsplit(public)
        fine = parts.scheme == "https" and bool(parts.hostname) and parts.path in ("", "/")
        fine = fine and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise BadInput(
            f"dashboard.public_url is {public!r}: it must be https:// and a name, with no path, e.g."
            " https://desk.example.org"
        )


def _host_of(public: str) -> str:
    """The Host that browsers send for that address: the usual port is left out."""
    parts = urlsplit(public.lower())
    name = parts.hostname or ""
    return _named(f"[{name}]" if ":" in name else name, parts.port or _USUAL["https"], "https")


def _is_everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _named(host: str, port: int, scheme: str) -> str:
    return host if port == _USUAL[scheme] else f"{host}:{port}"
