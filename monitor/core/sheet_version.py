"""Versions of fact sheets that were saved on the pages. Pure data; `library/load.py` reads their text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetVersion:
    """One saved version of a fact sheet: `text` is its YAML; "" takes it back to what ships, or lies in the folder."""

    id: int
    study_id: str
    text: str
    author: str
    at: datetime  # aware UTC
    note: str = ""
