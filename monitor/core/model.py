"""The words of the glossary that travel between all rooms, each a closed list: how a feed is read, where an item was said, how a
request ended. The nouns have modules of their own: `entry.py`, `feed.py`, `mention.py`, `judgement.py`, `study.py`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import EnumType, StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


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


class Reason(StrEnum):
    """Why a reading did not go well, as far as a person can do something about it. `core/feeds/remedies.py` says what."""

    # What is missing here, or said by a network that is searched.
    NO_KEY = "no-key"
    KEY_UNKNOWN = "key-unknown"
    KEY_TOO_WEAK = "key-too-weak"
    QUERY = "query"  # it cannot read the search
    CREDIT = "credit"
    BUDGET = "budget"
    DAY_SPENT = "day-spent"  # it has given what it gives in a day
    FACT_SHEET = "fact-sheet"
    OTHER_FORM = "other-form"  # its answer is in a form that is not its own
    # What a host says.
    LOGIN = "login"
    PAYMENT = "payment"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    GONE = "gone"
    LEGAL = "legal"
    TOO_OFTEN = "too-often"
    LATER = "later"
    OWN_FAULT = "own-fault"
    ROBOTS = "robots"
    # What became of the way there.
    PRIVATE = "private"
    ADDRESS = "address"  # none that can be asked
    NAME = "name"  # no host of this name
    CONNECTION = "connection"  # it takes none, or its certificate is not valid
    ASTRAY = "astray"  # sent on, to nowhere
    SLOW = "slow"
    BROKE_OFF = "broke-off"
    # What came, and is no feed.
    LEADS_ON = "leads-on"  # a page that offers feeds
    PAGE = "page"
    LIST = "list"  # OPML
    UNREADABLE = "unreadable"


class Work(StrEnum):
    """The kinds of work that are rows."""

    POLL = "poll"  # a Feed is due
    PAGE = "page"  # an Entry's article page is due
    COMPOSE = "compose"  # a Subscription's local hour has come
    SEND = "send"  # a FrozenDigest is to be handed to the mail server
    CALL = "webhook"  # another program is to be told
    BACKTEST = "back-test"  # a back-test that was begun goes on


#: Work that is due for longer waits for somebody who does not come: two ticks of 30 s, and a slow task. Shorter than an
#: operator's 10 minutes, longer than what a restart takes.
LATE = timedelta(minutes=2)
