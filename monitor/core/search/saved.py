"""Searches that are kept under a name, for everybody of an installation. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

#: Characters of a name.
NAME_MAX = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A search under a name. `query` is as it was typed: `since:7d` counts from the moment it is asked. `by` saved it last, at
    `saved_at` (aware UTC).
    """

    id: int
    name: str
    query: str
    by: str
    saved_at: datetime


def check_search_name(name: str) -> str:
    """The name without spaces around and doubled within; raises UsageError for one that is empty, long, or holds no letter."""
    plain = " ".join(name.split())
    if not any(char.isalnum() for char in plain) or not plain.isprintable():
        raise UsageError("A saved search needs a name.", "Write a few words by which you know it again.")
    if len(plain) > NAME_MAX:
        raise UsageError(
            f"A name has at most {NAME_MAX} characters; this one has {len(plain)}.", "Write a shorter one."
        )
    return plain
