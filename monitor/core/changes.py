"""Who changed what of an installation: sources, people, subscribers, fact sheets, keys. Pure.

Decisions about flags, versions of rules and letters keep their own histories; this list holds the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Area(StrEnum):
    """What was changed."""

    STUDIES = "studies"
    SOURCES = "sources"
    SUBSCRIBERS = "subscribers"
    PEOPLE = "people"  # who may come in, and with what
    KEYS = "keys"  # of programs
    WEBHOOKS = "webhooks"
    SEARCHES = "searches"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that somebody did. `did` follows the name of who did it: "paused the source Harbour Wire"; `at` is aware UTC;
    `link` is a path of the pages, "" for none. It holds no secret, and no address of a person but of those who sign in.
    """

    id: int
    at: datetime
    by: str
    area: Area
    did: str
    link: str = ""
