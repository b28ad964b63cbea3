"""Sources: how they stand, and how they are added and changed. Looks and lists have modules of their own beside this one.

Pages and commands go this one way. What a pasted thing is tells `core/feeds/recognise.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.core.errors import UsageError
from monitor.core.feeds.addresses import MOST_WORDS
from monitor.core.feeds.by_address import GOOGLE_NEWS_NOTICE
from monitor.core.feeds.choice import is_google_news_search
from monitor.core.feeds.health import LOOK_BACK_DAYS
from monitor.core.feeds.plan import STREAM_EVERY
from monitor.core.feeds.recognise import MOST
from monitor.core.feeds.remedies import for_page, remedy
from monitor.core.feeds.standing import Standing, standings
from monitor.core.items.urls import check_feed_address
from monitor.core.model import FeedKind, Network, Outcome, Reason
from monitor.core.search.matching import Matcher
from monitor.core.search.query import parse_query
from monitor.core.text.lang import is_language
from monitor.ports import StudyWatch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from monitor.core.feed import Feed, PollRecord
    from monitor.core.study import Study
    from monitor.ports import Deps, Feeds

#: Papers appear once in a study's life: once a day is soon enough, and what these services ask for.
WATCH_EVERY = timedelta(days=1)
#: Letters of a name.
MOST_TITLE = 200
LEAST_WEIGHT, MOST_WEIGHT = 1, 5


# --- how they stand --------------------------------------------------------------------------------------------------


def overview(store: Feeds, now: datetime) -> tuple[Standing, ...]:
    """All sources in the order in which they were added, each with how it stands."""
    return standings(store.feeds(), store.daily_entries(now, LOOK_BACK_DAYS))


def standing_of(store: Feeds, feed_id: int, now: datetime) -> Standing:
    """One of them; raises NotFoundError. Its neighbours tell whether its whole site fails."""
    feed = store.feed(feed_id)
    return next((one for one in overview(store, now) if one.feed.id == feed_id), standings([feed], {})[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A reading that went wrong, and what to do."""

    at: datetime
    sentence: str
    remedy: str


def went_wrong(kind: FeedKind, records: Iterable[PollRecord], most: int = 3) -> list[Wrong]:
    """The last readings that went wrong, newest first; the same thing many times in a row is told once, as of its last time."""
    found: list[Wrong] = []
    before: tuple[Outcome, Reason | None] | None = None
    for record in records:
        failed = record.outcome.failed or record.outcome is Outcome.RATE_LIMITED
        if failed and (record.outcome, record.reason) != before and len(found) < most:
            found.append(
                Wrong(
                    at=record.at,
                    sentence=for_page(record.sentence),
                    remedy=remedy(record.outcome, record.reason, feed=kind is FeedKind.FEED),
                )
            )
        before = (record.outcome, record.reason) if failed else None
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What was read of a network that charges, against what may be."""

    network: Network
    today: int
    per_day: int
    month: int
    per_month: int


def meters(deps: Deps, followed: Collection[Network]) -> list[Meter]:
    """The meter of each network that charges and is followed, or was this month."""
    now = deps.clock()
    found = []
    for name, budget in deps.budgets.items():
        today, month = deps.store.spent(name, now)
        if Network(name) in followed or month:
            found.append(
                Meter(
                    network=Network(name), today=today, per_day=budget.per_day, month=month, per_month=budget.per_month
                )
            )
    return found


# --- added and changed -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A source that is read from now on; `known`: it was before."""

    feed: Feed
    known: bool = False


def checked(deps: Deps, kind: FeedKind, url: str) -> str:
    """The address, query or study's id as it is stored; raises UsageError with a sentence for what cannot be read."""
    url = url.strip()
    if not url:
        raise UsageError("Nothing was named to be read.", "Write an address, or the words to search for.")
    if not url.isprintable() or len(url) > (MOST if kind is FeedKind.FEED else MOST_WORDS):
        raise UsageError("This is no address and no search that can be read.", "Paste it again.")
    if kind is FeedKind.FEED:
        return check_feed_address(url)
    if kind.streams:
        Matcher(parse_query(url, deps.clock()))  # refuses what no stream can be asked
    if kind.watches:
        study = deps.library.study(url)
        if lacking := lacking_for(deps, kind, study):
            raise UsageError(lacking, "Add it to the fact sheet.", command="(`hypewatch help rules`)")
    return url


def lacking_for(deps: Deps, kind: FeedKind, study: Study) -> str:
    """Why a study cannot be watched so, as a sentence; "" if it can."""
    source = deps.networks.get(kind)
    return source.lacking(study) if isinstance(source, StudyWatch) else ""


def save(
    deps: Deps,
    kind: FeedKind,
    url: str,
    *,
    title: str = "",
    lang: str = "",
    weight: int | None = None,
    terms: bool = False,
) -> Saved:
    """Add a source, due at once; one that is known stays as it is. `terms`: Google's were read and fit.

    Raises UsageError with a sentence for what cannot be read, or not without the terms.
    """
    url = checked(deps, kind, url)
    if kind is FeedKind.FEED and is_google_news_search(url) and not terms:
        raise UsageError(GOOGLE_NEWS_NOTICE, "If it is, say so.")
    known = any(feed.kind is kind and feed.url == url for feed in deps.store.feeds())
    return Saved(feed=put(deps, kind, url, title=check_title(title), lang=lang, weight=weight), known=known)


def put(deps: Deps, kind: FeedKind, url: str, *, title: str, lang: str, weight: int | None) -> Feed:
    """Store a source whose address was `checked`; it is asked as often as its kind is."""
    return deps.store.add_feed(
        kind,
        url,
        title=title or ("" if kind is FeedKind.FEED else title_of(kind, url)),
        lang=lang.partition("-")[0],
        weight=weight,
        now=deps.clock(),
        interval=STREAM_EVERY if kind.streams else WATCH_EVERY if kind.watches else None,
    )


def title_of(kind: FeedKind, url: str) -> str:
    """What a source is called if nobody says otherwise."""
    if kind.watches:
        return f"{kind.label} on {url}"
    return f"{kind.label}{' live' if kind.streams else ''}: {url}"


def check_title(title: str) -> str:
    """A name on one line; raises UsageError if it is too long."""
    title = " ".join("".join(letter if letter.isprintable() else " " for letter in title).split())
    if len(title) > MOST_TITLE:
        raise UsageError(f"A name has at most {MOST_TITLE} letters.", "Choose a shorter one.")
    return title


def check_weight(text: str) -> int | None:
    """A reach from a form: 1 to 5, None for "not set"; raises UsageError."""
    if not text:
        return None
    if text not in {str(number) for number in range(LEAST_WEIGHT, MOST_WEIGHT + 1)}:
        raise UsageError("A reach is a number from 1 to 5.", "5 is a national paper or broadcaster, 1 a small blog.")
    return int(text)


def check_lang(text: str) -> str:
    """The primary tag of a language that has a name, "" for what the source says itself; raises UsageError."""
    if text and not is_language(text):
        raise UsageError("No language of this name is known.", "Choose one of those that stand there.")
    return text


def change(store: Feeds, feed_id: int, *, title: str, lang: str, weight: int | None) -> Feed:
    """Set a source's name, language and reach; without a name it is called as it calls itself, no reach takes it away."""
    feed = store.feed(feed_id)
    own = "" if feed.kind is FeedKind.FEED else title_of(feed.kind, feed.url)
    lang = lang if lang == feed.lang else check_lang(lang)
    store.set_feed(feed_id, title=check_title(title) or own, lang=lang, weight=weight or 0)
    return store.feed(feed_id)


def resume(store: Feeds, feed_id: int, now: datetime) -> None:
    """Read a source again, at the next tick, whatever kept it from being read."""
    store.set_feed(feed_id, paused=False, due_at=now)
