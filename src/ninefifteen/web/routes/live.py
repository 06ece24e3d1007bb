"""`/api/live`: the WebSocket. Host and Origin have been looked at before."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, WebSocket

from ninefifteen.web.fanout import LOG_IN_AGAIN
from ninefifteen.web.site import Site

router = APIRouter(tags=["live"])


@router.websocket("/api/live")
async def live(socket: WebSocket) -> None:
    """The state, its patches, beats, events and answers, until the page or the session ends."""
    site = cast("Site", socket.app.state.site)
    who = site.people.who(site.token_of(socket))
    await socket.accept()
    if who is None:
        await socket.close(LOG_IN_AGAIN)
        return
    await site.fanout.serve(socket, who)
