"""The scale by which two sentences are compared: the word classes of the shipped pack `strength`, read once."""

from __future__ import annotations

from functools import cache

from monitor.core.drift.strength import Scale
from monitor.library.load import shipped_classes


@cache
def shipped_scale() -> Scale:
    """The scale; raises LibraryError if its classes cannot be read."""
    return Scale(shipped_classes("strength"))
