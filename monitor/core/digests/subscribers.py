"""The people who get mail, and what they get: subscribers, subscriptions, frozen digests, deliveries. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypedDict

from monitor.core.digests.coverage import Coverage
from monitor.core.digests.schedule import Due, next_due, schedule_words
from monitor.core.judgement import Severity
from monitor.core.wording import ENGLISH

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.core.judgement import Drift
    from monitor.core.model import Network, Work
    from monitor.core.wording import Wording


class SubscriberState(StrEnum):
    """Is this address known to be theirs?"""

    PENDING = "pending"  # the address is not confirmed yet (double opt-in)
    ACTIVE = "active"


class DigestKind(StrEnum):
    """What a mail tells: the day's news, a look back over a week or a month, one claim that spreads right now, or what a saved search
    found.
    """

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    URGENT = "urgent"
    SEARCH = "search"


class DigestState(StrEnum):
    """Where a frozen digest stands."""

    READY = "ready"  # to be handed over
    SENDING = "sending"  # being handed over
    SENT = "sent"
    UNKNOWN = "unknown"  # nobody saw how two attempts ended: it may have arrived
    FAILED = "failed"  # refused for good, or tried too often
    SKIPPED = "skipped"  # not wanted, for the reason that stands beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """A mail that was made for a subscriber, as they are told of it: no text. `at` is aware UTC; `day` the date it was for."""

    at: datetime
    day: str
    kind: str
    subject: str
    state: DigestState
    message_id: str
    recipient: str


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
    """A person who gets mail. `pending` until the address is confirmed (double opt-in).

    `suppressed_at`: since when nothing is sent there, because mail came back; `suppressed_why` is the sentence.
    """

    id: int
    email: str
    name: str
    state: SubscriberState
    created_at: datetime
    suppressed_at: datetime | None = None
    suppressed_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person asked for: when mail comes, and what it tells.

    The hour is local: `at` in `zone` on `weekdays` (0 = Monday). `threshold` is the lowest severity told in full. `quiet`
    says whether a day without news still sends two lines. `language` is that of the mail's frame and corrections
    (core.wording); quotes stay as they were said. `drifts`, `networks` and `languages` (primary tags of BCP 47) say which
    coverage is told; empty: all.

    An urgent mail comes when `urgent_from` mentions make one claim within a day (None: never), at most `urgent_most` a local
    date, and none between `hush_from` and `hush_until` (local; the same hour twice: no such time).
    """

    at: time = time(7)
    zone: str = "UTC"
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    threshold: Severity = Severity.LOW
    quiet: bool = True
    language: str = "en"
    drifts: tuple[Drift, ...] = ()
    networks: tuple[Network, ...] = ()
    languages: tuple[str, ...] = ()
    weekly: bool = False
    monthly: bool = False
    urgent_from: int | None = None
    urgent_most: int = 2
    hush_from: time = time(21)
    hush_until: time = time(7)

    def next_due(self, now: datetime) -> Due:
        """The first daily mail that is due after `now`."""
        return next_due(self.at, self.zone, self.weekdays, now)

    def first_from(self, moment: datetime) -> Due:
        """The first daily mail at or after `moment`: a pause until midnight does not cost the mail of midnight."""
        return self.next_due(moment - timedelta(microseconds=1))

    def schedule(self, wording: Wording = ENGLISH) -> str:
        """When it comes, as a person says it."""
        return schedule_words(self.at, self.zone, self.weekdays, wording)

    @property
    def coverage(self) -> Coverage:
        """Which coverage is told."""
        return Coverage(drifts=self.drifts, networks=self.networks, languages=self.languages)


class WishChanges(TypedDict, total=False):
    """Some of a person's wishes; what is not named stays as it is."""

    at: time
    zone: str
    weekdays: tuple[int, ...]
    threshold: Severity
    quiet: bool
    language: str
    drifts: tuple[Drift, ...]
    networks: tuple[Network, ...]
    languages: tuple[str, ...]
    weekly: bool
    monthly: bool
    urgent_from: int | None
    urgent_most: int
    hush_from: time
    hush_until: time


class Standing(StrEnum):
    """Does a subscription bring mail, and if not, why not?"""

    ACTIVE = "active"
    PENDING = "pending"  # the person was asked and has not answered yet
    PAUSED = "paused"
    LEFT = "left"
    SUPPRESSED = "suppressed"  # mail to this address came back


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Person x Study x wishes.

    `due_at` is the next instant (UTC) and `due_date` the local date that the digest is for then, however late it is made.
    `left_at`: the person ended it then. `asked_at`: the person was asked to confirm, and has not answered yet.
    """

    id: int
    subscriber: Subscriber
    study_id: str
    wishes: Wishes = field(default_factory=Wishes)
    paused_until: datetime | None = None
    left_at: datetime | None = None
    asked_at: datetime | None = None
    created_at: datetime
    due_at: datetime | None = None
    due_date: str = ""
    attempts: int = 0  # how often composing was begun since it last went well
    lease: str = ""

    def is_due(self, now: datetime) -> bool:
        """Has its hour come, without its digest having been composed?"""
        return self.due_at is not None and self.due_at <= now

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now

    @property
    def is_asked(self) -> bool:
        """Is the person's answer awaited? Who left and was asked again later may come back by it."""
        if self.left_at is None:
            return self.subscriber.state is SubscriberState.PENDING
        return self.asked_at is not None and self.asked_at > self.left_at

    def standing(self, now: datetime) -> Standing:
        """Does it bring mail now? Of several reasons why not, the one that must end first."""
        if self.is_asked:
            return Standing.PENDING
        if self.left_at is not None:
            return Standing.LEFT
        if self.subscriber.suppressed_at is not None:
            return Standing.SUPPRESSED
        return Standing.PAUSED if self.is_paused(now) else Standing.ACTIVE

    def next_mail(self, now: datetime) -> datetime | None:
        """When the next digest comes, as far as is known; None for who gets none."""
        standing = self.standing(now)
        if self.due_at is None or standing not in {Standing.ACTIVE, Standing.PAUSED}:
            return None
        if self.paused_until is not None and standing is Standing.PAUSED:
            return max(self.due_at, self.wishes.first_from(self.paused_until).at)
        return self.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenDigest:
    """A digest whose bytes and Message-ID no longer change.

    `local_date` is the date (ISO, in the subscription's zone) that it was due for; a catch-up after days without work
    speaks for all dates until `through_date`. A report's is its ISO week or month ("2026-W12", "2026-03"), an urgent mail's its
    local minute ("2026-03-24T14:05"). `about` is the claim that an urgent mail tells of. `withdrawn`: something it told of was
    withdrawn, and its text was removed.
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
    kind: DigestKind = DigestKind.DAILY
    about: str = ""
    attempts: int = 0
    unknowns: int = 0  # attempts whose ending nobody saw
    not_before: datetime | None = None
    sentence: str = ""  # why it was skipped or how the last attempt ended
    withdrawn: bool = False
    lease: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDigest:
    """What a person got last, or was to get."""

    id: int
    local_date: str
    subject: str
    state: DigestState
    created_at: datetime


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
