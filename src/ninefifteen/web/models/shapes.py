"""What the models of the read side share: the words for money and time in them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Rupees = Annotated[str, Field(pattern=r"^-?\d+(\.\d{1,6})?$", examples=["-1905.83"])]
"""An amount or price in rupees as a decimal string: exact, and the page only formats it."""

When = Annotated[str, Field(examples=["2026-12-04T09:15:00.317+05:30"])]
"""An instant in ISO 8601 with +05:30 and milliseconds."""

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-12-04"])]
"""A date of the exchange."""
