"""The page itself: files that were built from `frontend/`, and an honest word where they were not."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, Request, Response

from ninefifteen.web.errors import Refused

router = APIRouter(tags=["page"], include_in_schema=False)

BUILT = Path(__file__).parent.parent / "static"
"""Where the build puts the page."""
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}")
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_A_DAY = "public, max-age=86400"
_NOT_BUILT = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>ninefifteen: the page is not built</title>
<h1>The page is not built</h1>
<p>The dashboard runs, and this installation lacks its page. In a checkout, <code>make page</code> builds it;
a released package brings it with it.</p>
<p>The engine is not touched by this. At the terminal: <code>ninefifteen status</code>,
<code>ninefifteen halt</code>.</p>
</html>
"""


@router.get("/", response_model=None)
async def index(request: Request) -> Response:
    """The page."""
    found = _file(request, BUILT / "index.html", "no-store")
    return found or Response(_NOT_BUILT, 503, media_type=_KINDS[".html"])


@router.get("/assets/{name}", response_model=None)
async def asset(request: Request, name: str) -> Response:
    """A part of the page whose name changes with its content."""
    return _named(request, BUILT / "assets", name, _FOR_EVER)


@router.get("/favicon.svg", response_model=None)
async def favicon(request: Request) -> Response:
    """The sign of the page."""
    return _named(request, BUILT, "favicon.svg", _FOR_A_DAY)


@router.get("/manifest.webmanifest", response_model=None)
async def manifest(request: Request) -> Response:
    """What a phone needs to install the page."""
    return _named(request, BUILT, "manifest.webmanifest", _FOR_A_DAY)


@router.get("/licences.txt", response_model=None)
async def licences(request: Request) -> Response:
    """The notices of what the page is made of."""
    return _named(request, BUILT, "licences.txt", _FOR_A_DAY)


def _named(request: Request, folder: Path, name: str, keep: str) -> Response:
    found = _file(request, folder / name, keep) if _NAME.fullmatch(name) else None
    if found is None:
        raise Refused(404, "not_found", "there is no such file")
    return found


def _file(request: Request, file: Path, keep: str) -> Response | None:
    """The file as it was built, compressed where the browser takes that; None when there is none."""
    kind = _KINDS.get(file.suffix)
    if kind is None:
        return None
    headers = {"cache-control": keep, "vary": "accept-encoding"}
    packed = file.with_name(file.name + ".gz")
    if _takes_gzip(request) and packed.is_file():
        headers["content-encoding"] = "gzip"
        file = packed
    try:
        return Response(file.read_bytes(), media_type=kind, headers=headers)
    except OSError:
        return None


def _takes_gzip(request: Request) -> bool:
    for part in request.headers.get("accept-encoding", "").split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip().lower() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0")
    return False
