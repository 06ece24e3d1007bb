"""Getting the exchange's ban list over the network. What is not today's list is not kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from ninefifteen import __version__
from ninefifteen.errors import BadInput

from .ban_list import BanList, parse_ban_list
from .texts import MOST_BYTES, decoded, write_whole

BAN_LIST_URL: Final = "https://nsearchives.nseindia.com/content/fo/fo_secban.csv"
"""The exchange's address of the current list. Source: NSE, All Reports - Derivatives, "F&O - Security in
ban period"; the same address on 2 Sep 2026 in public readers of the file."""

_HEADERS = {"User-Agent": f"ninefifteen/{__version__}", "Accept": "text/csv,text/plain,*/*"}
_OK = 200


class Fetched(msgspec.Struct, frozen=True):
    """What became of it: the file that was written, None when none was, and one line about it."""

    path: Path | None
    note: str


async def fetch_ban_list(url: str, target_dir: Path, day: date, *, timeout_s: float = 10.0) -> Fetched:
    """Get the list from `url` and keep it as `ban-DATE.csv` in `target_dir` if it is that of `day`.

    Every failure is a note, for the list stays unknown and no more: no answer in `timeout_s` seconds of
    this machine, a status other than 200, a page instead of a list, another day's list, a full disk.
    """
    try:
        text = await _get(url, timeout_s)
        found = parse_ban_list(text, "the exchange's ban list")
    except BadInput as refusal:
        return Fetched(None, f"{refusal}; it is not used")
    except TimeoutError:
        return Fetched(None, f"the exchange's ban list did not arrive in {timeout_s:g} s")
    except (aiohttp.ClientError, OSError) as error:
        return Fetched(None, f"the exchange's ban list cannot be had ({type(error).__name__})")
    if found.day != day:
        return Fetched(None, f"the exchange's ban list is that of {found.day}, not of {day}; it is not used")
    return _keep(found, text, target_dir)


async def _get(url: str, timeout_s: float) -> str:
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    async with (
        aiohttp.ClientSession(timeout=timeout, headers=_HEADERS) as session,
        session.get(url, allow_redirects=False) as reply,
    ):
        if reply.status != _OK:
            raise BadInput(f"the exchange answered {reply.status} instead of its ban list")
        data = bytearray()
        async for piece in reply.content.iter_chunked(1 << 16):
            data += piece
            if len(data) > MOST_BYTES:
                break
    return decoded(bytes(data), "the exchange's ban list")


def _keep(found: BanList, text: str, target_dir: Path) -> Fetched:
    path = target_dir / f"ban-{found.day}.csv"
    try:
        target_dir.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        return Fetched(None, f"rules/{path.name} cannot be written: {error.strerror}")
    return Fetched(path, f"ban list of {found.day}: {', '.join(found.symbols) or 'nobody'}")
