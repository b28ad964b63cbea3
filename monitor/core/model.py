"""The nouns of the glossary that travel between rooms. Pure data: no I/O, no clock.

Types are named for their step: `FeedForPoll` (what we know) -> `ParsedFeed` (what it said) -> `PollPlan` (what to
write) -> `PollOutcome` (what happened). Every datetime is aware and UTC unless its name says local. What judging adds
(Flag, Assessment) is in `judgement.py`, the study in `study.py`, what a person gets in `digest.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import EnumType, StrEnum
from typing import TYPE_CHECKING, Any, Self

from monitor.core.bounds import (
    MOST_DATE,
    MOST_LANG,
    MOST_LINK,
    MOST_LINKS,
    MOST_TEXT,
    id_within,
    link_within,
    name_within,
    title_within,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from monitor.core.papers import Paper


class FeedKind(StrEnum):
    """How a Feed is read, and the table of all that is read by a class of its own: one line each.

    A line is the kind as it is stored, what a person calls it, its class ("file:Class") in `monitor/sources/networks/`, of a watch in `papers/`, and where
    it is asked; from these follow the networks, the names in commands, the settings for addresses, and the objects in
    use. The kind's ending says what it is: a saved search on a network; a stream, words that all posts of a network are
    filtered by; or a watch, an index of papers or a registry's page, asked about the study itself.
    """

    label: str
    connector: str
    address: str

    def __new__(cls, value: str, label: str = "", connector: str = "", address: str = "") -> Self:
        """A line of the table; `FeedKind("x-search")` finds it again."""
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.label, kind.connector, kind.address = label, connector, address
        return kind

    FEED = "feed"  # RSS, Atom or JSON by its address: of no network, and read by the door itself
    X_SEARCH = "x-search", "X", "x:XSearch", "https://api.x.com"
    BLUESKY_SEARCH = "bluesky-search", "Bluesky", "bluesky:BlueskySearch", "https://bsky.social"
    BLUESKY_STREAM = "bluesky-stream", "Bluesky", "jetstream:BlueskyStream", "wss://jetstream2.us-east.bsky.network"
    MASTODON_SEARCH = "mastodon-search", "Mastodon", "mastodon:MastodonSearch"
    HACKERNEWS_SEARCH = "hackernews-search", "Hacker News", "hackernews:HackerNewsSearch", "https://hn.algolia.com"
    PUBMED_WATCH = "pubmed-watch", "PubMed", "pubmed:PubMedWatch", "https://eutils.ncbi.nlm.nih.gov"
    EUROPEPMC_WATCH = "europepmc-watch", "Europe PMC", "europepmc:EuropePmcWatch", "https://www.ebi.ac.uk"
    CROSSREF_WATCH = "crossref-watch", "Crossref", "crossref:CrossrefWatch", "https://api.crossref.org"
    OPENALEX_WATCH = "openalex-watch", "OpenAlex", "openalex:OpenAlexWatch", "https://api.openalex.org"
    REGISTRY_WATCH = "registry-watch", "Registry page", "registry:RegistryWatch"

    @property
    def slug(self) -> str:
        """The kind without its ending: the network's name, or the index's; "" for a feed."""
        return self.value.rpartition("-")[0]

    @property
    def searches(self) -> bool:
        """Is it a saved search on a network? Then `url` is the query."""
        return self.value.endswith("-search")

    @property
    def watches(self) -> bool:
        """Does it watch the study itself? Then `url` is the study's id, and what it brings are proposals, not mentions."""
        return self.value.endswith("-watch")

    @property
    def streams(self) -> bool:
        """Does it follow all that is posted? Then `url` holds the words that it is filtered by, in the search's language."""
        return self.value.endswith("-stream")

    @property
    def network(self) -> Network:
        """The network a search or a stream is on; the open web for a feed or a watch."""
        return Network.WEB if not self.slug or self.watches else Network(self.slug)


class _FromTable(EnumType):
    """Tells the type checker that `Network.X` is a Network: it cannot see members that come from a table."""

    if TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Network: ...


class Network(StrEnum, metaclass=_FromTable):
    """Where an item was said: the open web, or a network.

    `WEB` is any page or feed; those that are read by a class of their own come from the lines of FeedKind; Reddit's and
    YouTube's feeds are told by their address. `label` is what a reader calls it.
    """

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """A network as it is stored; `Network("x")` finds it again."""
        network = str.__new__(cls, value)
        network._value_, network.label = value, label
        return network

    WEB = "web", "web"
    vars().update({kind.slug.upper(): (kind.slug, kind.label) for kind in FeedKind if kind.slug and not kind.watches})
    REDDIT = "reddit", "Reddit"
    YOUTUBE = "youtube", "YouTube"


class Kind(StrEnum):
    """An article has a page of its own to read; a post is all there is of it. A post is never flagged for omission."""

    ARTICLE = "article"
    POST = "post"


class DateConfidence(StrEnum):
    """`EXACT` has a time and zone (or a zone we may assume is UTC), `DAY` only a date, `NONE`: first-seen time stands in.

    `CLAIMED`: exact, but its network heard of the post more than a day later, so only its author says so.
    """

    EXACT = "exact"
    DAY = "day"
    CLAIMED = "claimed"
    NONE = "none"


def told_on(published: datetime | None, confidence: DateConfidence) -> date | None:
    """The day as of which a text is judged (UTC): the one on which it was told. None where only its author says so, or nobody.

    A date that nobody checked must not decide what a text may be held to.
    """
    sure = confidence in {DateConfidence.EXACT, DateConfidence.DAY}
    return published.date() if published is not None and sure else None


class Availability(StrEnum):
    """How much of its item's text can be read where it stands. The stored text is the fullest that was ever read."""

    WHOLE = "whole"
    CUT = "cut"  # a post of which its network gave the beginning only
    PAYWALL = "paywall"  # behind a wall that wants a subscription or a login
    CONSENT = "consent"  # behind a question about cookies
    STUB = "stub"  # its beginning, or another text in its place
    MISSING = "missing"  # nothing is at its address any more

    @property
    def words(self) -> str:
        """What a person is told, as the beginning of "... since 24 March"; "" for WHOLE."""
        return {
            Availability.CUT: "its network gives the beginning of its words only",
            Availability.PAYWALL: "behind a paywall",
            Availability.CONSENT: "behind a question about cookies",
            Availability.STUB: "only its beginning, or another text, is shown at its address",
            Availability.MISSING: "not found at its address any more",
        }.get(self, "")


class Outcome(StrEnum):
    """How one request ended. The last four are failures; `WEIGHT` says how much each counts against a feed's health."""

    FETCHED = "fetched"
    NOT_MODIFIED = "not-modified"
    RATE_LIMITED = "rate-limited"  # 429, 503 with Retry-After, or a budget used up: we were asked to come later
    TEMPORARY = "temporary"  # no connection, timeout, 5xx
    SOFT = "soft"  # an answer that is no feed: HTML, empty, broken
    HARD = "hard"  # 401, 403, 404, a refused address
    GONE = "gone"  # 410: the publisher says it will not come back

    @property
    def failed(self) -> bool:
        return self in WEIGHT

    @property
    def went_well(self) -> bool:
        return self in {Outcome.FETCHED, Outcome.NOT_MODIFIED}


#: After Media Cloud's vocabulary for 180,000 feeds: how much one failure counts against a feed's health.
WEIGHT: Mapping[Outcome, float] = {
    Outcome.TEMPORARY: 0.25,
    Outcome.SOFT: 0.5,
    Outcome.HARD: 1.0,
    Outcome.GONE: 1.0,
}


# --- collecting ------------------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class ItemNames:
    """What else than its identity an item is known by; made once, where the item is met (`core/items/aliases.py`).

    Whoever has a `certain` name is the item; a `candidate` only brings two items together to be compared.
    """

    certain: tuple[str, ...] = ()
    candidate: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        """All of them, the certain ones first."""
        yield from self.certain
        yield from self.candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as fetched from a feed (Entry) or built from a Post: text only, links http(s) only, nothing stored yet.

    `guid` is the feed's own id for it, `text` the plain text the feed or network gave (a summary, or the whole post).
    `source` is who speaks: a domain ("example.org") or a handle ("@name"). `published` is None when the feed gave no
    date we trust; `raw_date` keeps what it gave. `also` are further addresses of the very same item; they are not stored.
    """

    guid: str | None
    url: str | None
    title: str
    text: str
    source: str
    source_name: str = ""
    author: str = ""
    kind: Kind = Kind.ARTICLE
    network: Network = Network.WEB
    published: datetime | None = None
    date_confidence: DateConfidence = DateConfidence.NONE
    raw_date: str = ""
    lang: str = ""  # what the feed says (BCP 47), "" if nothing
    links: tuple[str, ...] = ()
    reposts: int | None = None
    likes: int | None = None
    followers: int | None = None
    deleted: bool = False
    also: tuple[str, ...] = ()
    cut: bool = False  # its network gave the beginning of its words only; not stored of the entry

    @property
    def told_on(self) -> date | None:
        """See `told_on`."""
        return told_on(self.published, self.date_confidence)

    def __post_init__(self) -> None:
        """No field is longer than core/bounds.py allows, whoever made the entry."""
        for name, within in _WITHIN.items():
            given = getattr(self, name)
            if given and (kept := within(given)) is not given:
                object.__setattr__(self, name, kept)


def _links_within(links: tuple[str, ...]) -> tuple[str, ...]:
    if len(links) <= MOST_LINKS and all(len(link) <= MOST_LINK for link in links):
        return links
    return tuple(link for link in links if len(link) <= MOST_LINK)[:MOST_LINKS]


def _cut(most: int) -> Callable[[str], str]:
    return lambda text: text if len(text) <= most else text[:most]


_WITHIN: Mapping[str, Callable[[Any], Any]] = {
    "guid": id_within,
    "url": lambda url: link_within(url) or None,
    "title": title_within,
    "text": _cut(MOST_TEXT),
    "source": name_within,
    "source_name": name_within,
    "author": name_within,
    "raw_date": _cut(MOST_DATE),
    "lang": _cut(MOST_LANG),
    "links": _links_within,
    "also": _links_within,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One item as fetched from a network, in the network's own terms (`id` as the network writes it).

    `date_confidence` is DAY if `published` tells the day alone, as a page that quotes it does. `also`: see Entry.
    `beside` is what its author wrote outside `text`, each part plain text: a content warning, the answers of a poll, the
    descriptions of pictures; and the title of the card that a link is shown as. `cut`: the network gave the beginning of
    its words only.
    """

    network: Network
    id: str
    author: str  # the handle without "@", or "id:123" until the handle is known
    text: str
    published: datetime | None
    url: str | None
    links: tuple[str, ...] = ()
    lang: str = ""
    reposts: int | None = None
    likes: int | None = None
    followers: int | None = None
    author_name: str = ""
    deleted: bool = False
    edit_of: str | None = None  # the first id of an edited post: its identity
    date_confidence: DateConfidence = DateConfidence.EXACT
    also: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    cut: bool = False

    @property
    def _unnamed(self) -> str:
        """A name for an account of which only the number is known; X charges for telling more."""
        if not self.author.startswith("id:"):
            return ""
        return f"{self.network.label} account {self.author.removeprefix('id:')}"

    def as_entry(self) -> Entry:
        """The same item as the walk takes it. Its guid is the first id of its edit history, so an edit is a revision.

        What stands beside its text is judged as well, on lines of its own below it.
        """
        return Entry(
            guid=f"{self.network}:{self.edit_of or self.id}",
            url=self.url,
            title="",
            text="\n".join(part for part in (self.text, *self.beside) if part),
            source=f"@{self.author}" if self.author and not self.author.startswith("id:") else self.author,
            source_name=self.author_name or self._unnamed,
            author=self.author,
            kind=Kind.POST,
            network=self.network,
            published=self.published,
            date_confidence=self.date_confidence if self.published else DateConfidence.NONE,
            lang=self.lang,
            links=self.links,
            reposts=self.reposts,
            likes=self.likes,
            followers=self.followers,
            deleted=self.deleted,
            also=self.also,
            cut=self.cut,
        )


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
    """An entry as stored: enough to see whether it came again or was changed. `same_feed`: it came from this feed before."""

    id: int
    guid: str | None
    identity: str
    content_hash: str
    same_feed: bool = True


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


class Work(StrEnum):
    """The kinds of work that are rows."""

    POLL = "poll"  # a Feed is due
    PAGE = "page"  # an Entry's article page is due
    COMPOSE = "compose"  # a Subscription's local hour has come
    SEND = "send"  # a FrozenDigest is to be handed to the mail server
    BACKTEST = "back-test"  # a back-test that was begun goes on


#: Work that is due for longer waits for somebody who does not come: two ticks of 30 s, and a slow task. Shorter than an
#: operator's 10 minutes, longer than what a restart takes.
LATE = timedelta(minutes=2)


# --- pages -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An article page as read: the article's own text, with the posts it quotes taken out as Posts of their own."""

    url: str
    canonical_url: str | None
    title: str
    text: str
    author: str
    site: str
    published: datetime | None
    date_confidence: DateConfidence
    lang: str
    quoted: tuple[Post, ...] = ()
    availability: Availability = Availability.WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class PageForReading:
    """An entry whose article page is due, its lease claimed."""

    entry_id: int
    lease: str
    url: str
    entry: Entry
    identity: str
    attempts: int
    reads: int  # how often the page was read before
