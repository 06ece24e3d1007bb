"""The description of the interface from which the page's types are generated."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from .models.live import MESSAGES

_PLACE = "#/components/schemas/{model}"


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document with the messages of the WebSocket among its schemas.

    Raises ValueError when a message and a body have the same name and differ.
    """
    document: dict[str, Any] = app.openapi()
    modes = [(message, "serialization") for message in MESSAGES]
    _, found = models_json_schema(modes, ref_template=_PLACE)  # type: ignore[arg-type]
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in found.get("$defs", {}).items():
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two different schemas are called {name}: rename one")
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def openapi_text(app: FastAPI) -> str:
    """The same as the text that is committed as `frontend/openapi.json`."""
    return msgspec.json.format(msgspec.json.encode(openapi_document(app)), indent=1).decode() + "\n"
