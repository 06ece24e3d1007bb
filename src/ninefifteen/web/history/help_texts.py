"""The help page and the emergency card's texts, from data files beside this module."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from ninefifteen.web.models.help import Help


@cache
def help_page() -> Help:
    """The glossary and the error translator."""
    return Help.model_validate(read_texts("help.yaml"))


@cache
def read_texts(name: str) -> dict[str, Any]:
    """One of the data files."""
    text = (files("ninefifteen.web.history") / name).read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found
