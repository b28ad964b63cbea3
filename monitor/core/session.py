"""A browser that may read the pages, and what it may do: first a sign-in link that works once, then a cookie that is another
secret. Pure.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

#: How long a sign-in link waits, and how long a browser stays signed in.
LINK_FOR = timedelta(hours=1)
SIGNED_IN_FOR = timedelta(days=30)
#: Tries that fail, for an address and from a place, and then a wait. A whole office may come from one place, so that has more.
TRIES_OF_ADDRESS, TRIES_OF_PLACE = 5, 20


class SessionState(StrEnum):
    OFFERED = "offered"  # its link was printed and nobody opened it
    OPEN = "open"
    ENDED = "ended"


class Role(StrEnum):
    """What a person may do; each may what those before it may."""

    READER = "reader"  # reads, searches, exports
    EDITOR = "editor"  # decides about flags, tunes rules
    OWNER = "owner"  # signs browsers in and out

    def may(self, needed: Role) -> bool:
        return _ROLES.index(self) >= _ROLES.index(needed)


_ROLES = tuple(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser. All times are aware UTC; `browser` is what it calls itself, `name` whom its link was made for. Of a person with an
    account, name and role are as they are now.
    """

    id: int
    state: SessionState
    made_at: datetime
    expires_at: datetime
    opened_at: datetime | None = None
    browser: str = ""
    name: str = ""
    role: Role = Role.OWNER
    person_id: int | None = None  # whose it is; None for a link that was made without an account


def secret_hash(secret: str) -> str:
    """What is stored of a link's or a cookie's secret: whoever reads the database cannot sign in with it (SHA-256)."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
