"""Collecting: what the outside gives (a page, a feed, a network's posts), and the rows of feeds and pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from monitor.core.backlog import FeedCounts
    from monitor.core.entry import Entry, ItemNames, Page, PageForReading
    from monitor.core.feed import (
        Feed,
        FeedForPoll,
        Fetched,
        KnownEntry,
        ParsedFeed,
        PollOutcome,
        PollPlan,
        PollRecord,
        Validators,
    )
    from monitor.core.items.revision import Told
    from monitor.core.items.stories import StoryRelation
    from monitor.core.mention import LinkTarget, MentionDraft
    from monitor.core.model import Availability, FeedKind
    from monitor.core.papers import Paper
    from monitor.core.study import Study


class Fetcher(Protocol):
    """The one door to the network.

    Laws: never raises for what the outside does, every ending is a `Fetched`; the body is never longer than the cap;
    the whole call ends within the deadline; can be called from many threads.
    """

    def fetch(
        self, url: str, validators: Validators | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Fetched: ...


class RateLimit(Protocol):
    """Turns at hosts, shared by all processes: one request in flight to a host, and a gap after it.

    Laws: never raises, never waits. A turn that is not given back (its process was killed) ends by itself.
    """

    def acquire(self, host: str, seconds: float) -> bool:
        """Our turn at `host:port` for at most so many seconds; False while another process has it, or its gap lasts."""
        ...

    def release(self, host: str, gap: float) -> None:
        """The request has ended: others may come after `gap` seconds."""
        ...


class PostSource(Protocol):
    """A saved search on a network. Laws: never raises for what the network does; reads no more rows than `rows_left`."""

    def read(self, feed: FeedForPoll, *, rows_left: int) -> ParsedFeed: ...


@runtime_checkable
class StudyWatch(Protocol):
    """What a source that watches the study itself says beforehand."""

    def lacking(self, study: Study) -> str:
        """Why this study cannot be watched, as a sentence; "" if it can."""
        ...


class PageReader(Protocol):
    """Article pages. Laws: `read` obeys robots.txt; returns None and a sentence in `Fetched` if there is no article."""

    def read(self, url: str) -> tuple[Page | None, Fetched]: ...


class PaperLookup(Protocol):
    """Indexes of papers, asked for one. Laws: `find` never raises for what they do."""

    def find(self, doi: str) -> tuple[Paper | None, str]:
        """The paper of a DOI, with its abstract where an index has it, or None; and a sentence on what could not be asked."""
        ...


class FeedReader(Protocol):
    """`sources.feeds.parse.parse_feed`: bytes to entries. Laws: never raises; what cannot be read is a `problem`."""

    def __call__(self, fetched: Fetched, *, now: datetime, feed_lang: str = "") -> ParsedFeed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many paid rows may be read from a network in a day and in a month (UTC)."""

    per_day: int
    per_month: int


class Feeds(Protocol):
    """The sources that are read, and what a poll writes. Laws: see Store."""

    def add_feed(
        self,
        kind: FeedKind,
        url: str,
        *,
        title: str = "",
        lang: str = "",
        weight: int | None = None,
        now: datetime,
        interval: timedelta | None = None,
    ) -> Feed:
        """Add a feed, due at once; the same address again returns the stored one unchanged."""
        ...

    def feed(self, feed_id: int) -> Feed: ...
    def feeds(self) -> Sequence[Feed]: ...
    def feed_counts(self) -> FeedCounts:
        """How many feeds are well, fail, were never polled, or are paused."""
        ...

    def set_feed(
        self,
        feed_id: int,
        *,
        paused: bool | None = None,
        due_at: datetime | None = None,
        title: str | None = None,
        lang: str | None = None,
        weight: int | None = None,
    ) -> None:
        """None leaves a value as it is; a reach of 0 takes it away. `due_at` also ends every wait, and being left alone."""
        ...

    def remove_feed(self, feed_id: int) -> None:
        """Stop reading it. What it brought stays."""
        ...

    def claim_feed(
        self, feed_id: int, owner: str, now: datetime, ttl: timedelta, *, force: bool = False
    ) -> FeedForPoll | None:
        """Take the lease; None if it is held, not due (unless `force`), paused or gone."""
        ...

    def known_entries(self, feed_id: int, guids: Sequence[str], identities: Sequence[str]) -> Sequence[KnownEntry]:
        """Stored entries that share a guid (in this feed) or an identity (in any feed) with the given ones. One that is
        stored under another name of its item is given under the identity it was asked by, as of another feed.
        """
        ...

    def stored_identities(self, identities: Sequence[str], prefixes: Sequence[str] = ()) -> frozenset[str]:
        """Those of the given identities under which anything is stored (an entry or a mention, by any of its names), and
        all stored ones that begin with one of the prefixes. Made for a stream's deletions: most are of posts that nobody here ever stored.
        """
        ...

    def studies_of(self, posts: Sequence[tuple[str, Entry, ItemNames]]) -> Mapping[str, Sequence[str]]:
        """Of posts with their identities: the studies that each is stored as a mention of, under whichever of its names (a
        page may quote it without its link). Those that are no mention are left out.
        """
        ...

    def told_at(self, names: Sequence[str]) -> Mapping[str, Sequence[LinkTarget]]:
        """Of names that items surely have (`aliases.link_names`): the mentions stored under them. Names of nothing stored are left
        out, and so are mentions that a person called not about the study, and pages of which a passage alone is kept
        (TextFrom.PASSAGE): they are about other things as well, and who links to one may mean any of these.
        """
        ...

    def save_poll(
        self,
        plan: PollPlan,
        drafts: Mapping[str, Sequence[MentionDraft]],
        relation: StoryRelation,
        pages: Iterable[str] = (),
    ) -> PollOutcome:
        """Write one poll in one transaction: entries, mentions with flags and stories, feed state, the outcome's row.

        `drafts` holds the mentions found in each planned entry, by its identity; `pages` the identities whose article
        page is to be read. `relation` is asked inside the transaction. A text that came from a page is not overwritten
        by a feed's summary; the page becomes due again instead. Returns the outcome with the ids that were written.
        """
        ...

    def entries_since(self, since: datetime, *, after: int = 0, limit: int = 500) -> Sequence[tuple[int, str, Entry]]:
        """Entries first seen at that moment or later, with their ids and identities: those with a higher id than `after`, in
        the order of their ids.
        """
        ...

    def save_entry_mentions(
        self, entry_id: int, drafts: Sequence[MentionDraft], relation: StoryRelation, *, now: datetime, page_due: bool
    ) -> tuple[int, ...]:
        """Write mentions of an entry that is stored already; `page_due`: its article page is to be read now. A repeat writes
        nothing. Returns the ids that are new or changed.
        """
        ...

    def neighbours(self, feed_id: int, host: str, *, since: datetime) -> Sequence[int | None]:
        """The HTTP status each other feed at `host` was last answered with, if that was at or after `since`; None: none."""
        ...

    def daily_entries(self, now: datetime, days: int) -> Mapping[int, Sequence[int]]:
        """Entries first seen by each feed on each of the last `days` UTC days, oldest first, today last; feeds without any
        are left out.
        """
        ...

    def poll_outcomes(self, feed_id: int, limit: int = 30) -> Sequence[PollRecord]: ...


class Pages(Protocol):
    """Article pages to be read. Laws: see Store."""

    def claim_page(self, entry_id: int, owner: str, now: datetime, ttl: timedelta) -> PageForReading | None: ...
    def save_page(
        self,
        page: PageForReading,
        drafts: Sequence[MentionDraft],
        relation: StoryRelation,
        *,
        now: datetime,
        next_due: datetime | None,
        sentence: str,
        shown: Told | None = None,
        gone: Availability | None = None,
    ) -> tuple[int, ...]:
        """Write what a page said (its own mention, and the posts it quotes, linked to it); returns mention ids written.

        `shown` is what the page shows, for a stored mention that no draft is of: a wall may not name the study. `gone`
        says why there was no page to read, None if that says nothing of the article.
        """
        ...
