"""The people who get mail, and what they get: subscribers, subscriptions, frozen digests, deliveries. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.digests.schedule import Due, next_due
from monitor.core.judgement import Severity

if TYPE_CHECKING:
    from datetime import datetime, time

    from monitor.core.model import Work


class SubscriberState(StrEnum):
    """Does this person want mail?"""

    PENDING = "pending"  # the address is not confirmed yet (double opt-in)
    ACTIVE = "active"
    REMOVED = "removed"


class DigestState(StrEnum):
    """Where a frozen digest stands."""

    READY = "ready"  # to be handed over
    SENDING = "sending"  # being handed over
    SENT = "sent"
    UNKNOWN = "unknown"  # nobody saw how two attempts ended: it may have arrived
    FAILED = "failed"  # refused for good, or tried too often
    SKIPPED = "skipped"  # not wanted, for the reason that stands beside it


class DeliveryOutcome(StrEnum):
    """How one attempt to hand a digest over ended."""

    SENDING = "sending"  # it goes on
    SENT = "sent"
    TEMPORARY = "temporary"  # trying later can help
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


#: States in which nothing more is done with a digest.
ENDED = frozenset({DigestState.SENT, DigestState.UNKNOWN, DigestState.FAILED, DigestState.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person who gets mail. `pending` until the address is confirmed (double opt-in)."""

    id: int
    email: str
    name: str
    state: SubscriberState
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Person x Study x schedule x threshold. The hour is local: `at` in `zone` on `weekdays` (0 = Monday).

    `threshold` is the lowest severity told in full. `quiet` says whether a day without news still sends two lines.
    `language` is that of the mail's frame and corrections (core.wording); quotes stay as they were said.
    `due_at` is the next instant (UTC) and `due_date` the local date that the digest is for then, however late it is made.
    """

    id: int
    subscriber: Subscriber
    study_id: str
    at: time
    zone: str
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    threshold: Severity = Severity.LOW
    quiet: bool = True
    language: str = "en"
    paused_until: datetime | None = None
    created_at: datetime
    due_at: datetime | None = None
    due_date: str = ""
    attempts: int = 0  # how often composing was begun since it last went well
    lease: str = ""

    def next_due(self, now: datetime) -> Due:
        """The first that is due after `now`."""
        return next_due(self.at, self.zone, self.weekdays, now)

    def is_due(self, now: datetime) -> bool:
        """Has its hour come, without its digest having been composed?"""
        return self.due_at is not None and self.due_at <= now

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now

    def next_mail(self, now: datetime) -> datetime | None:
        """When the next digest comes, as far as is known; None for who gets none."""
        if self.subscriber.state is not SubscriberState.ACTIVE or self.due_at is None:
            return None
        if self.paused_until is not None and self.is_paused(now):
            return max(self.due_at, self.next_due(self.paused_until).at)
        return self.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenDigest:
    """A digest whose bytes and Message-ID no longer change.

    `local_date` is the date (ISO, in the subscription's zone) that it was due for; a catch-up after days without work
    speaks for all dates until `through_date`. `withdrawn`: something it told of was withdrawn, and its text was removed.
    """

    id: int
    subscription_id: int
    local_date: str
    through_date: str
    subject: str
    message_id: str
    recipient: str
    mime: bytes
    text: str
    html: str
    state: DigestState
    created_at: datetime
    attempts: int = 0
    unknowns: int = 0  # attempts whose ending nobody saw
    not_before: datetime | None = None
    sentence: str = ""  # why it was skipped or how the last attempt ended
    withdrawn: bool = False
    lease: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingDigest:
    """A digest that should be there and is not: it could not be composed, or not be handed over.

    `next_try` is None if nothing is tried any more until a person does something.
    """

    step: Work  # COMPOSE or SEND
    subscription_id: int
    digest_id: int | None
    recipient: str
    study_id: str
    local_date: str
    since: datetime
    attempts: int
    next_try: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to send a digest, with its outcome and the server's words."""

    digest_id: int
    attempt: int
    started_at: datetime
    ended_at: datetime | None
    outcome: DeliveryOutcome
    reply: str
