"""What to say to Kite's ticker so that it streams what is wanted: subscriptions as pure data.

Source: Kite Connect 3, "WebSocket streaming": 3 connections of an app, 3,000 instruments on each; a
new subscription is in mode "quote" until told otherwise; tokens are JSON numbers, strings are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from ninefifteen.errors import BadInput

from .packets import MODES, Mode

CONNECTIONS = 3
PER_CONNECTION = 3000
PER_MESSAGE = 200
"""Tokens in one message: a few kilobytes each, as the field does it."""
_LARGEST_TOKEN = 2**32 - 1

Wanted = Mapping[int, Mode]


def shares(wanted: Wanted, held: Sequence[Wanted]) -> tuple[dict[int, Mode], ...]:
    """The wanted instruments dealt out to the connections; whatever one holds already stays there.

    `held` has what each connection holds now. Raises BadInput for more instruments than the
    connections can carry, ValueError for a token or mode that does not exist.
    """
    _check(wanted)
    parts = tuple({token: wanted[token] for token in part if token in wanted} for part in held)
    placed = {token for part in parts for token in part}
    homeless = iter([token for token in wanted if token not in placed])
    for part in parts:
        while len(part) < PER_CONNECTION and (token := next(homeless, None)) is not None:
            part[token] = wanted[token]
    return parts


def _check(wanted: Wanted) -> None:
    most = CONNECTIONS * PER_CONNECTION
    if len(wanted) > most:
        raise BadInput(
            f"{len(wanted):,} instruments are wanted on the live feed, and Kite streams {most:,} at most"
            f" ({CONNECTIONS} connections of {PER_CONNECTION:,}): watch fewer"
        )
    for token, mode in wanted.items():
        if mode not in MODES or type(token) is not int or not 0 < token <= _LARGEST_TOKEN:
            raise ValueError(f"no such subscription: instrument token {token!r}, mode {mode!r}")


def messages(held: Wanted, wanted: Wanted) -> Iterator[str]:
    """The messages that turn what a connection holds into what is wanted; what leaves makes room first."""
    for chunk in _chunks([token for token in held if token not in wanted]):
        yield _message("unsubscribe", chunk)
    for mode in MODES:
        new = [token for token, its in wanted.items() if its == mode and token not in held]
        for chunk in _chunks(new):
            yield _message("subscribe", chunk)
            yield _message("mode", [mode, chunk])
        other = [token for token, its in wanted.items() if its == mode and held.get(token, mode) != mode]
        for chunk in _chunks(other):
            yield _message("mode", [mode, chunk])


def _chunks(tokens: list[int]) -> Iterator[list[int]]:
    return (tokens[at : at + PER_MESSAGE] for at in range(0, len(tokens), PER_MESSAGE))


def _message(action: str, value: object) -> str:
    return msgspec.json.encode({"a": action, "v": value}).decode()
