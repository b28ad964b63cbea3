"""The people who get mail, and what they get: subscribers, subscriptions, frozen digests, deliveries. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, time


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person who gets mail. `pending` until the address is confirmed (double opt-in)."""

    id: int
    email: str
    name: str
    state: str  # pending | active | removed
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Person x Study x schedule x threshold. The hour is local: `at` in `zone` on `weekdays` (0 = Monday).

    `threshold` is the lowest severity told in full. `quiet` says whether a day without news still sends two lines.
    """

    id: int
    subscriber: Subscriber
    study_id: str
    at: time
    zone: str
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    threshold: str = "low"
    quiet: bool = True
    paused_until: datetime | None = None
    created_at: datetime
    due_at: datetime | None = None
    lease: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenDigest:
    """A digest whose bytes and Message-ID no longer change. `state`: ready | sending | sent | unknown | failed | skipped."""

    id: int
    subscription_id: int
    local_date: str  # ISO date in the subscription's zone
    subject: str
    message_id: str
    recipient: str
    mime: bytes
    text: str
    html: str
    state: str
    created_at: datetime
    attempts: int = 0
    not_before: datetime | None = None
    sentence: str = ""  # why it was skipped or how the last attempt ended
    lease: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to send a digest, with its outcome (sent | temporary | permanent | unknown) and the server's words."""

    digest_id: int
    attempt: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    reply: str
