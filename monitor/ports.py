"""What the inside needs from the outside. Use cases (pipeline/) see these Protocols and `core`, nothing else.

Shipped implementations double as test fakes: the outbox is a Mailer, replay from files is a Fetcher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from monitor.core.digests.subscribers import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, time, timedelta

    from monitor.core.digests.compose import Digest, DigestInput
    from monitor.core.digests.schedule import Due
    from monitor.core.digests.subscribers import (
        Delivery,
        DeliveryOutcome,
        DigestState,
        FailingDigest,
        FrozenDigest,
        Subscriber,
        Subscription,
    )
    from monitor.core.drift.difference import NearChange
    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.entry import Entry, ItemNames, Page, PageForReading
    from monitor.core.errors import Problem
    from monitor.core.evaluation.backtest import Backtest
    from monitor.core.evaluation.backtest import Change as FlagChange
    from monitor.core.evaluation.candidates import Candidates
    from monitor.core.evaluation.examples import LabelledSentence
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
    from monitor.core.judgement import Assessment, Severity
    from monitor.core.mention import (
        Day,
        Mention,
        MentionDraft,
        Review,
        ReviewedFlag,
        Revision,
        RuleSetVersion,
        StoredFlag,
        StoredText,
        Story,
        StoryMember,
        Verdict,
    )
    from monitor.core.model import Availability, FeedKind, Work
    from monitor.core.proposals import Proposal, ProposalDraft, ProposalState
    from monitor.core.reviews import RuleRecord
    from monitor.core.rules.change import Change, Written
    from monitor.core.rules.rule import Rule
    from monitor.core.rules.statistics import RuleHits
    from monitor.core.search.query import Query
    from monitor.core.session import Role, Session
    from monitor.core.study import Study

#: The setting `retain-days:NETWORK` holds how many days what comes from a network is kept; housekeeping obeys it.
RETAIN = "retain-days:"


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


class PageReader(Protocol):
    """Article pages. Laws: `read` obeys robots.txt; returns None and a sentence in `Fetched` if there is no article."""

    def read(self, url: str) -> tuple[Page | None, Fetched]: ...


class Mailer(Protocol):
    """Hands one finished message to one recipient. Laws: the bytes go out as they are; returns the server's reply;
    raises MailTemporaryError or MailPermanentError, nothing else.
    """

    def send(self, *, mime: bytes, sender: str, recipient: str) -> str: ...


class Library(Protocol):
    """Fact sheets and rules. Laws: `ruleset` and `study` return equal values until the files or stored versions change;
    raises LibraryError with every problem at once, NotFoundError for an unknown study.
    """

    def studies(self) -> Sequence[Study]:
        """Those that can be used: a broken fact sheet stops its own study, not the others."""
        ...

    def default(self) -> Study:
        """The study that is meant where none is named; raises LibraryError while any fact sheet is broken."""
        ...

    def broken(self) -> Mapping[str, tuple[Problem, ...]]:
        """Studies whose fact sheet cannot be used, with what is wrong in it."""
        ...

    def study(self, study_id: str) -> Study: ...
    def ruleset(self, study_id: str) -> RuleSet: ...
    def current(self) -> Library:
        """The library as it is now, for many texts in a row: it does not look again whether something was saved."""
        ...


class RuleLibrary(Library, Protocol):
    """A Library that shows its rules, for tuning."""

    def rules(self) -> Sequence[Rule]:
        """Every rule of every pack, also retired and draft ones; raises LibraryError with every problem."""
        ...

    def labelled(self, study_id: str) -> Sequence[LabelledSentence]:
        """Sentences on the study that people labelled, to measure rules with; none for most studies."""
        ...

    def changes(self) -> Sequence[Change]:
        """Your changes of rules, in the order of their files; raises LibraryError with every problem."""
        ...

    def refused(self, rules: Iterable[Rule]) -> Iterator[Problem]:
        """What rules that load are refused for when they are checked or saved, with its place: something of a template is still
        to be written, or there is no such language, finding or placeholder.
        """
        ...

    def phrases(self) -> Iterator[tuple[str, Written]]:
        """(path, phrase) of every phrase in your files, also in those that do not load."""
        ...


class WorkQueue(Protocol):
    """Work: every kind of it is a row with due_at, lease_until, lease_owner, attempts, last_error, not_before. Laws: see Store."""

    def due(self, work: Work, now: datetime, limit: int = 500) -> Sequence[int]:
        """Ids whose time has come and whose lease is free, oldest first."""
        ...

    def postpone(
        self, work: Work, work_id: int, lease: str, *, until: datetime, error: str, attempts_max: int | None = None
    ) -> bool:
        """Give the lease back after a failure: not before `until`. Reaching `attempts_max` quarantines the row."""
        ...

    def release(self, work: Work, work_id: int, lease: str, *, until: datetime) -> bool:
        """Give the lease back though nothing was tried: no failure and no attempt; due again, not before `until`."""
        ...

    def oldest_due(self, work: Work, now: datetime) -> timedelta | None:
        """How late the oldest due row is; None if nothing is due."""
        ...

    def lock(self, name: str, owner: str, now: datetime, ttl: timedelta) -> bool:
        """A named lease for ticks: True if it is ours until now + ttl. Two beats cannot hold it together."""
        ...


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
    def set_feed(self, feed_id: int, *, paused: bool | None = None, due_at: datetime | None = None) -> None: ...
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

    def save_poll(
        self,
        plan: PollPlan,
        drafts: Mapping[str, Sequence[MentionDraft]],
        assign: AssignStory,
        pages: Iterable[str] = (),
    ) -> PollOutcome:
        """Write one poll in one transaction: entries, mentions with flags and stories, feed state, the outcome's row.

        `drafts` holds the mentions found in each planned entry, by its identity; `pages` the identities whose article
        page is to be read. `assign` is called inside the transaction. A text that came from a page is not overwritten
        by a feed's summary; the page becomes due again instead. Returns the outcome with the ids that were written.
        """
        ...

    def entries_since(self, since: datetime, *, after: int = 0, limit: int = 500) -> Sequence[tuple[int, str, Entry]]:
        """Entries first seen at that moment or later, with their ids and identities: those with a higher id than `after`, in
        the order of their ids.
        """
        ...

    def save_entry_mentions(
        self, entry_id: int, drafts: Sequence[MentionDraft], assign: AssignStory, *, now: datetime, page_due: bool
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
        assign: AssignStory,
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


class Items(Protocol):
    """What was said: mentions with their flags, stories, search and withdrawal. Laws: see Store."""

    def mention(self, mention_id: int) -> Mention:
        """One mention with all its flags, closed ones too. The number of one that went into another leads to that."""
        ...

    def search(self, query: Query, *, limit: int = 50, before: int | None = None) -> Sequence[Mention]:
        """Newest first, with active flags. `before` continues after the mention with that id."""
        ...

    def count(self, query: Query) -> int: ...
    def facets(self, query: Query) -> Mapping[str, Mapping[str, int]]:
        """Counts by source, network, lang, drift, severity over all that the query finds."""
        ...

    def flag(self, flag_id: int, *, as_of: datetime | None = None) -> StoredFlag:
        """The flag with this number; if its mention went into another, the flag there on the same words.

        `as_of`: the flag that had this number then. Raises NotFoundError if it is gone.
        """
        ...

    def daily(self, now: datetime, *, study_id: str | None = None, days: int = 30) -> Sequence[Day]:
        """The last `days` UTC days, oldest first, today last; days without mentions are there with zeros."""
        ...

    def revisions(self, mention_id: int) -> Sequence[Revision]: ...
    def import_mentions(self, drafts: Sequence[MentionDraft], assign: AssignStory, *, now: datetime) -> tuple[int, ...]:
        """Write mentions that came without a feed; returns the ids that are new or changed."""
        ...

    def judged_otherwise(
        self, study_id: str, ruleset: str, limit: int = 500, *, seen_from: datetime | None = None
    ) -> Sequence[int]:
        """Ids of mentions judged with another ruleset than this digest, newest first; `seen_from`: only those first seen then or
        later.
        """
        ...

    def save_assessment(self, mention_id: int, assessment: Assessment, *, now: datetime) -> None:
        """Judge again, same text: flags that no longer hold are closed as withdrawn, new ones are raised."""
        ...

    def stories(self, query: Query, *, limit: int = 50) -> Sequence[Story]: ...
    def story_members(self, story_id: int) -> Sequence[Mention]:
        """Oldest first: the first one said it first."""
        ...

    def purge(self, mention_id: int, *, now: datetime) -> None:
        """Take text, author and index away for good; tombstones keep hashes of its names so it cannot come back."""
        ...

    def older(self, network: str, before: datetime) -> tuple[int, int]:
        """How many mentions of a network were first seen before, and how many other items of it that were read."""
        ...

    def purge_older(self, network: str, before: datetime, *, now: datetime, limit: int = 500) -> int:
        """Purge at most `limit` items of a network that were first seen before; to be called until it returns 0."""
        ...


class Reviews(Protocol):
    """What people decide about flags. A verdict is in force at once: for the score, the search, the digest, and for the same
    words elsewhere in the mention and in its copies. Laws: see Store.
    """

    def review(self, review: Review, *, imported: bool = False) -> tuple[int, ...]:
        """Decide about a flag; returns the flags that it holds for, the one that was asked about first.

        `not-about` holds for every flag of the mention. Of several decisions about a flag the one with the latest `at` is in
        force. Whoever says again what they said, and is in force, decides nothing new; a reason that they give is kept.
        A decision is in force at once, also over one that is dated later, which is taken back; unless it is `imported`,
        and takes its place in time.
        """
        ...

    def undo_review(self, flag_id: int, *, by: str, now: datetime) -> Review:
        """Take back the newest decision about a flag, wherever it holds: the one before is in force again. Returns it.

        Raises UsageError if there is none.
        """
        ...

    def reviews(self, flag_id: int) -> Sequence[Review]:
        """Newest first, those that were taken back too."""
        ...

    def reviews_of(self, flag_ids: Sequence[int]) -> Mapping[int, Sequence[Review]]:
        """`reviews` of several flags; those without any are left out."""
        ...

    def decisions(
        self,
        *,
        rule: str | None = None,
        verdict: Verdict | None = None,
        by: str | None = None,
        since: datetime | None = None,
        undone: bool = False,
        limit: int | None = 100,
        before: int | None = None,
    ) -> Sequence[ReviewedFlag]:
        """What was decided, newest first, each once; with `undone` also what was taken back. `before` continues after the
        review with that id.
        """
        ...

    def rule_records(self, rule: str | None = None) -> Mapping[str, RuleRecord]:
        """By rule, what was decided about its flags and is in force; rules without any are left out."""
        ...

    def flags_of(self, identity: str) -> Sequence[StoredFlag]:
        """Every flag of the mentions of an item, closed ones too; empty if it is not stored."""
        ...


class Rules(Protocol):
    """The versions of the user's own rules. Laws: see Store."""

    def save_rules(self, version: RuleSetVersion) -> RuleSetVersion:
        """Store a version of the user's own pack. Its `parent` must be the newest id (None for the first), else StorageError:
        somebody saved in between.
        """
        ...

    def rules_history(self, limit: int | None = 50) -> Sequence[RuleSetVersion]:
        """Newest first, with their files; None: all of them."""
        ...

    def candidates(
        self, wanted: Candidates, *, since: datetime | None = None, before: int | None = None, limit: int = 200
    ) -> Sequence[StoredText]:
        """Mentions that a change of the rules can reach, newest first, published at `since` or later. `before` continues after
        the mention with that id.
        """
        ...

    def count_candidates(self, wanted: Candidates, *, since: datetime | None = None) -> int: ...
    def texts_of(self, ids: Sequence[int], near: NearChange | None = None) -> Sequence[StoredText]:
        """The texts of mentions, newest first; those that are gone are left out."""
        ...

    def mentions_of(self, ids: Sequence[int]) -> Sequence[Mention]:
        """Mentions with all their flags, closed ones too, in the order of `ids`; those that are gone are left out."""
        ...

    def stamp_others(self, wanted: Candidates, *, old: str, new: str) -> int:
        """Give the digest `new` to every mention of the study that was judged with `old` and that the change cannot reach, and to
        its flags: both judge it alike. Returns how many.
        """
        ...

    def stamp(self, ids: Collection[int], *, old: str, new: str) -> None:
        """Give the digest `new` to those of these mentions that are judged with `old`: both judge them alike."""
        ...

    def judged_by(self, study_id: str) -> Mapping[str, int]:
        """How many mentions of a study are judged with which ruleset's digest."""
        ...

    def rule_hits(self, now: datetime, *, study_id: str | None = None, days: int = 30) -> Mapping[str, RuleHits]:
        """By rule, its active flags on mentions published in the last `days` UTC days; rules without any are left out.
        `study_id`: None for all studies.
        """
        ...

    def standing_of(self, study_id: str, rules: Collection[str], since: datetime | None) -> tuple[int, int, int]:
        """Of the active flags of these rules on mentions published since then: how many there are (the same words of a mention
        count once), how many of them are upheld, and how many dismissed.
        """
        ...


class Backtests(Protocol):
    """Back-tests. Laws: see Store; a back-test that was stopped or whose lease was lost is not written any more."""

    def add_backtest(self, found: Backtest) -> Backtest:
        """Store a new one, due at once; returns it with its id."""
        ...

    def backtest(self, backtest_id: int) -> Backtest: ...
    def backtests(self, limit: int = 20) -> Sequence[Backtest]:
        """Newest first."""
        ...

    def claim_backtest(self, backtest_id: int, owner: str, now: datetime, ttl: timedelta) -> Backtest | None:
        """Take the lease; None if it is held, or the back-test does not run any more."""
        ...

    def save_backtest(
        self, found: Backtest, more: Sequence[FlagChange], *, now: datetime, until: datetime | None
    ) -> bool:
        """Keep how far it is, with the changes found since it was saved last. The lease stays until then; None: it is given back,
        due again `now` if it still runs. False if it was stopped or the lease was lost.
        """
        ...

    def stop_backtest(self, backtest_id: int) -> Backtest:
        """End it where it is; one that has ended stays as it is."""
        ...


class Proposals(Protocol):
    """What may have happened to the study itself. Laws: see Store."""

    def propose(self, drafts: Sequence[ProposalDraft], *, now: datetime) -> tuple[int, ...]:
        """Open the proposals that are new, and note of the others who told them too; returns the ids that were opened."""
        ...

    def proposals(self, study_id: str | None = None, *, state: ProposalState | None = None) -> Sequence[Proposal]:
        """Newest first."""
        ...

    def decide_proposal(self, proposal_id: int, state: ProposalState, *, by: str, why: str, now: datetime) -> Proposal:
        """Decide a proposal, or open it again. It can be decided anew."""
        ...


class Digests(Protocol):
    """Who gets mail, what it says, and what became of it. Laws: see Store."""

    def add_subscriber(
        self, email: str, name: str, *, now: datetime, state: SubscriberState = SubscriberState.PENDING
    ) -> Subscriber: ...
    def subscriber(self, subscriber_id: int) -> Subscriber: ...
    def set_subscriber(self, subscriber_id: int, state: SubscriberState) -> None: ...
    def subscribe(
        self,
        subscriber_id: int,
        study_id: str,
        *,
        at: time,
        zone: str,
        weekdays: Sequence[int],
        threshold: Severity,
        quiet: bool,
        paused_until: datetime | None = None,
        now: datetime,
        due: Due,
    ) -> Subscription: ...
    def subscription(self, subscription_id: int) -> Subscription: ...
    def subscriptions(self) -> Sequence[Subscription]: ...
    def set_subscription(
        self, subscription_id: int, *, paused_until: datetime | None = None, due: Due | None = None
    ) -> None:
        """None leaves a value as it is; `due` ends what was tried for the one before."""
        ...

    def claim_subscription(
        self, subscription_id: int, owner: str, now: datetime, ttl: timedelta, *, force: bool = False
    ) -> Subscription | None:
        """Take the lease for composing one digest; None if it is held, not due (unless `force`), paused, removed or not
        confirmed.
        """
        ...

    def digest_input(self, subscription: Subscription, now: datetime) -> DigestInput:
        """All that the next digest of this subscription is composed from: mentions not in any of its digests yet ..."""
        ...

    def freeze_digest(
        self,
        digest: FrozenDigest,
        mention_ids: Sequence[int],
        fixed_flag_ids: Sequence[int],
        *,
        lease: str,
        next_due: Due | None,
        proposal_ids: Sequence[int] = (),
    ) -> FrozenDigest:
        """Store a digest and which mentions and proposals it tells, once per subscription and local date: if there is one already,
        that one is returned and nothing changes.
        """
        ...

    def digest(self, digest_id: int) -> FrozenDigest: ...
    def digest_for(self, subscription_id: int, local_date: str) -> FrozenDigest | None:
        """The digest that speaks for this local date: its own, or one that caught up on several."""
        ...

    def digests(self, limit: int = 50) -> Sequence[FrozenDigest]: ...
    def withdrawn_digests(self) -> Sequence[FrozenDigest]:
        """Those that told of something which was withdrawn later."""
        ...

    def failing_digests(self, now: datetime) -> Sequence[FailingDigest]:
        """Digests that should be there and are not, with the reason: due and not composed, or not handed over."""
        ...

    def digest_mentions(self, digest_id: int) -> Sequence[Mention]: ...
    def claim_digest(self, digest_id: int, owner: str, now: datetime, ttl: timedelta) -> FrozenDigest | None:
        """Ready -> sending. One found `sending` past its lease is `unknown`: claimed once more with the same bytes,
        and never a third time.
        """
        ...

    def finish_digest(
        self,
        digest: FrozenDigest,
        *,
        outcome: DeliveryOutcome,
        state: DigestState,
        reply: str,
        now: datetime,
        retry_at: datetime | None,
    ) -> bool:
        """Record one attempt, and where the digest stands after it; False if the lease was lost."""
        ...

    def deliveries(self, digest_id: int | None = None, limit: int = 100) -> Sequence[Delivery]: ...


class Sessions(Protocol):
    """Browsers that are signed in. Secrets come as hashes. Laws: see Store."""

    def offer_session(self, link: str, *, role: Role, name: str, now: datetime, expires_at: datetime) -> None:
        """Keep a sign-in link until it is used or `expires_at`: for whom, and what that person may do."""
        ...

    def session_offered(self, link: str, now: datetime) -> bool: ...
    def open_session(self, link: str, cookie: str, *, now: datetime, expires_at: datetime, browser: str) -> bool:
        """Use a link up: from now on `cookie` is what the session is known by. False if it was used, ended or is too old."""
        ...

    def session(self, cookie: str, now: datetime) -> Session | None: ...
    def sessions(self, now: datetime) -> Sequence[Session]:
        """Those that are open or offered, newest first."""
        ...

    def end_session(self, session_id: int) -> None: ...


class Installation(Protocol):
    """The meter, what the installation keeps for itself, and keeping it in order. Laws: see Store."""

    def rows_left(self, network: str, now: datetime, *, per_day: int, per_month: int) -> int:
        """How many paid rows may still be read today and this month (UTC)."""
        ...

    def spend(self, network: str, rows: int, now: datetime) -> None: ...
    def housekeeping(self, now: datetime) -> None:
        """Drop what is only history: outcomes beyond the last 30 of a feed, leases long past, back-tests of 30 days ago; and what has been kept
        for the days that the setting `retain-days:NETWORK` allows.
        """
        ...

    def setting(self, name: str, default: str | None = None) -> str | None:
        """A value the installation keeps for itself (its signing key, the newsroom's epoch)."""
        ...

    def set_setting(self, name: str, value: str, *, only_if_absent: bool = False) -> str:
        """Returns the value that is stored afterwards."""
        ...

    def upgrade(self) -> None:
        """Bring the schema to this version; harmless to repeat, safe when two processes do it at once."""
        ...

    def close(self) -> None: ...


class Store(
    WorkQueue,
    Feeds,
    Pages,
    Items,
    Reviews,
    Rules,
    Backtests,
    Proposals,
    Digests,
    Sessions,
    Installation,
    Protocol,
):
    """The database: all topics. A use case that needs one of them asks for that one.

    Laws: every method can be called from many threads and processes; each is one transaction, and a repeat is
    harmless; no network happens inside; all datetimes are aware UTC; unknown ids raise NotFoundError; a database that
    is held, full or read-only raises a StorageError with a sentence. Finishing work whose lease was lost changes nothing.
    """


class AssignStory(Protocol):
    """`stories.assign`: the story this text belongs to, or None for a new one. Pure; members are newest first."""

    def __call__(self, draft: MentionDraft, members: Sequence[StoryMember]) -> int | None: ...


class FeedReader(Protocol):
    """`sources.feeds.parse.parse_feed`: bytes to entries. Laws: never raises; what cannot be read is a `problem`."""

    def __call__(self, fetched: Fetched, *, now: datetime, feed_lang: str = "") -> ParsedFeed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A digest ready to freeze."""

    subject: str
    message_id: str
    mime: bytes
    text: str
    html: str


class MailPrinter(Protocol):
    """From what is to be said to the bytes of a mail, with links signed for this person.

    Laws: the same digest gives the same bytes; exactly one recipient; nothing said in a headline becomes a header.
    """

    def digest(
        self, digest: Digest, subscription: Subscription, *, now: datetime, flag_ids: Sequence[int]
    ) -> Printed: ...

    def confirmation(self, subscriber: Subscriber, study_name: str, *, now: datetime) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many paid rows may be read from a network in a day and in a month (UTC)."""

    per_day: int
    per_month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """Everything a use case may touch, put together by `service.open_world`. `owner` names this process in leases."""

    store: Store
    library: Library
    rules_with: Callable[[Mapping[str, str]], RuleLibrary]  # the library as it would be with these files as your pack
    fetcher: Fetcher
    read_feed: FeedReader
    networks: Mapping[FeedKind, PostSource]
    pages: PageReader
    mailer: Mailer
    printer: MailPrinter
    budgets: Mapping[str, Budget]
    clock: Callable[[], datetime]
    owner: str
    mail_from: str
