"""Looks at what a fresh Python process has loaded after running a line of code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping

HEAVY = frozenset(
    {
        "aiogram",
        "alembic",
        "dask",
        "fastapi",
        "matplotlib",
        "numba",
        "pandas",
        "polars",
        "psycopg",
        "scipy",
        "sqlalchemy",
        "telegram",
    }
)
"""Libraries that cost the engine process tens of megabytes, or a second, for nothing."""
WEB = frozenset(
    {
        "argon2",
        "fastapi",
        "jinja2",
        "pyotp",
        "segno",
        "starlette",
        "uvicorn",
        "websockets",
    }
)
"""What the dashboard's own process is made of: the process that trades has none of it.

Pydantic is not among them: typer reads the words of a command line with it.
"""

_REPORT = "\nimport json, sys\nprint(json.dumps(sorted(name for name in sys.modules)))"


def loaded_after(code: str, environment: Mapping[str, str] | None = None) -> set[str]:
    """Top-level packages that a new interpreter holds once it has run `code`; raises when it fails."""
    return {name.partition(".")[0] for name in modules_after(code, environment)}


def modules_after(code: str, environment: Mapping[str, str] | None = None) -> set[str]:
    """Every module that a new interpreter holds once it has run `code`; raises when it fails."""
    done = subprocess.run(
        [sys.executable, "-c", code + _REPORT],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the new interpreter failed:\n{done.stderr}")
    return set(json.loads(done.stdout.splitlines()[-1]))
