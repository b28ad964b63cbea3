"""The digest: what one person gets for one local day. `compose` is pure; what it is given is all it knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from monitor.core.model import Mention, StoredFlag


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """One line of "what was read". `problem` is None if its last poll went well."""

    title: str
    last_success_at: datetime | None
    problem: str | None
    network: str = "web"
    read: int = 0  # polls that went well since the last digest


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """A story as a digest needs it. `members` counts all its mentions, `new` those not told before to this subscription."""

    id: int
    title: str
    members: int
    new: int
    first_source: str
    first_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedFlag:
    """A flag that was closed because the text was corrected, with the mention it stood in."""

    flag: StoredFlag
    mention_id: int
    source: str
    title: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestInput:
    """All that a digest is composed from, read in one go. `mentions` have not been told to this subscription before."""

    mentions: tuple[Mention, ...]
    stories: Mapping[int, StoryLine]
    fixed: tuple[FixedFlag, ...]
    feeds: tuple[FeedHealth, ...]
    since: datetime  # when the last digest was cut, or a day before the subscription began
    daily: tuple[int, ...]  # mentions first seen on each of the last 28 UTC days, oldest first, today excluded
    daily_flagged: tuple[int, ...]
    spent: Mapping[str, int] = field(default_factory=dict)  # paid rows this month by network
    first: bool = False  # no digest was sent to this subscription before
