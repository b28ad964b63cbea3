"""A Feed and its polls, named for their step: `FeedForPoll` (what we know) -> `ParsedFeed` (what it said) -> `PollPlan` (what
to write) -> `PollOutcome` (what happened). Every datetime is aware and UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.core.model import FeedKind, Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.entry import Entry, ItemNames
    from monitor.core.papers import Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the server gave us to ask "has it changed?" with; sent back unread."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The answer to one request through the one door. Never an exception: `sentence` tells a person how it ended."""

    url: str
    final_url: str
    outcome: Outcome
    status: int | None
    headers: Mapping[str, str]  # names in lower case
    body: bytes  # decoded, never more than the cap
    sentence: str
    validators: Validators = Validators()
    retry_after: timedelta | None = None  # already capped at 24 h
    moved_to: str | None = None  # where a permanent redirect (301, 308) led, its address checked
    seconds: float = 0.0
    busy: bool = False  # it was not asked: our other requests to its host were not done in time
    wants_login: bool = False  # it answered with a form for a password in place of what was asked for
    reason: Reason | None = None  # why it did not go well; None: it did, or nobody can say


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """What a feed said. `problem` is None, or one sentence on why nothing (or not all) could be read from it.

    `outcome` is FETCHED even with a problem as long as the thing is a feed; SOFT if it is none.
    `cursor` is where the next reading of a search starts (X: since_id). `rows_paid` counts what a paid API charges for.
    `more`: the reading ended before it had caught up with now, and the next tick shall go on. `papers` are what a watch
    brings.
    """

    format: str  # rss20 rss10 rss09 atom10 atom03 json html unknown, or the network's name
    title: str
    entries: tuple[Entry, ...]
    outcome: Outcome = Outcome.FETCHED
    link: str | None = None
    lang: str = ""
    problem: str | None = None
    discovered: tuple[str, ...] = ()  # feed links offered by an HTML page
    cursor: str | None = None
    rows_paid: int = 0
    retry_after: timedelta | None = None
    more: bool = False
    papers: tuple[Paper, ...] = ()
    reason: Reason | None = None  # as in Fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedForPoll:
    """What we know of a Feed when its lease is claimed. `url` is the address, or the query of a saved search."""

    id: int
    kind: FeedKind
    url: str
    title: str = ""
    lang: str = ""
    paused: bool = False
    validators: Validators = Validators()
    body_hash: str | None = None
    polls_since_full: int = 0  # conditional requests since the body was last read whole
    cursor: str | None = None
    interval: timedelta = timedelta(minutes=15)  # how often it is asked
    failing: float = 0.0  # the sum of WEIGHTs since the last success
    due_at: datetime | None = None
    not_before: datetime | None = None
    last_success_at: datetime | None = None
    last_outcome: Outcome | None = None
    last_sentence: str = ""
    weight: int | None = None  # the outlet's reach 1-5 as the user set it; None: not set
    lease: str = ""  # our token; a finish with another token changes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """An entry as stored: enough to see whether it came again or was changed. `same_feed`: it came from this feed before.
    `unnamed`: it is a post, and of its account at most the number is known.
    """

    id: int
    guid: str | None
    identity: str
    content_hash: str
    same_feed: bool = True
    unnamed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEntry:
    """An entry to write: `known_id` is None if it is new, else the id of the stored entry whose text changed."""

    entry: Entry
    identity: str  # see identity.py
    content_hash: str
    names: ItemNames  # what else it is known by, from what its feed gave of it
    known_id: int | None = None
    own_page: bool = (
        True  # False: its feed gives the same address to several items, so what stands there is not its text
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPlan:
    """What one poll shall write, decided by `plan.plan_poll`, carried out by `Store.save_poll`. Nothing here was done yet."""

    feed_id: int
    lease: str
    at: datetime
    outcome: Outcome
    sentence: str
    entries: tuple[PlannedEntry, ...] = ()
    same: int = 0
    deleted: tuple[str, ...] = ()  # identities the network says were removed
    validators: Validators = Validators()
    body_hash: str | None = None
    polls_since_full: int = 0
    cursor: str | None = None
    failing: float = 0.0
    due_at: datetime
    not_before: datetime | None = None
    interval: timedelta = timedelta(minutes=15)
    title: str = ""
    moved_to: str | None = None
    rows_paid: int = 0
    seconds: float = 0.0
    status: int | None = None  # HTTP status of the answer, None if there was none
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What one poll did. `changed_mentions` are the ids (new or revised) that were written; only ids are ever queued."""

    feed_id: int
    outcome: Outcome
    sentence: str
    new: int = 0
    changed: int = 0
    same: int = 0
    changed_mentions: tuple[int, ...] = ()
    pages_due: tuple[int, ...] = ()  # entry ids whose article page is to be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One address we poll, as stored: what a person sees of it. `last_sentence` tells how the last poll ended."""

    id: int
    kind: FeedKind
    url: str
    title: str
    lang: str
    weight: int | None
    paused: bool
    interval: timedelta
    failing: float
    due_at: datetime
    not_before: datetime | None
    last_polled_at: datetime | None
    last_success_at: datetime | None
    last_outcome: Outcome | None
    last_sentence: str
    entries: int
    quarantined: bool = False
    last_status: int | None = None  # HTTP status of the last answer; None: there was none, or it is not known
    last_reason: Reason | None = None  # why the last poll did not go well


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord:
    """One line of a feed's history (the last 30 are kept)."""

    at: datetime
    outcome: Outcome
    sentence: str
    new: int
    changed: int
    same: int
    seconds: float
    reason: Reason | None = None
