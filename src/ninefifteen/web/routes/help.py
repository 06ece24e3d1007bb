"""`/api/help`: the glossary and the error translator."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from ninefifteen.web.access import viewer
from ninefifteen.web.history.help_texts import help_page
from ninefifteen.web.models.help import Help

router = APIRouter(tags=["help"], dependencies=[Depends(viewer)])


@router.get("/api/help")
def help_() -> Help:
    """The words of the field, and what brokers' messages mean."""
    return help_page()
