"""The terminal screen of a running day (`docs/screen.md`): one small file for each panel."""

from .screen import Screen

__all__ = ["Screen"]
