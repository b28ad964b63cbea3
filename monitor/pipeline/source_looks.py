"""A source read without storing anything: before it is added, and as a test of one that is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.feed import FeedForPoll
from monitor.core.feeds.needs import CHARGES
from monitor.core.feeds.remedies import for_page, remedy
from monitor.core.items.urls import http_link
from monitor.core.model import FeedKind, Outcome, Reason
from monitor.core.text.lang import is_language
from monitor.pipeline.discover import read_once
from monitor.pipeline.sources import MOST_TITLE

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.core.entry import Entry
    from monitor.core.feed import ParsedFeed
    from monitor.ports import Deps

#: Posts that are read to show what a search brings; of a network that charges, the fewest that it gives out at once.
LOOKED_AT, PAID_LOOK = 20, 10
#: Items and feeds that a look shows.
SHOWN, OFFERED = 10, 12
#: For so long a try of what charges keeps others from spending the same rest of a budget.
_TRY = timedelta(seconds=80)


class Ended(NamedTuple):
    """How a reading that brought nothing ended."""

    outcome: Outcome
    sentence: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a look."""

    title: str
    published: datetime | None
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a source brings, read without storing anything.

    `url` is the address that would be added. `offered` are the feeds of a page that has several: one is to be chosen.
    `trouble` says in one sentence why nothing came, with what to do; `passing`: it may go by, so adding is no mistake.
    """

    kind: FeedKind
    url: str
    title: str = ""
    lang: str = ""
    items: tuple[Item, ...] = ()
    total: int = 0
    offered: tuple[str, ...] = ()
    trouble: str = ""
    remedy: str = ""
    passing: bool = False
    note: str = ""

    @property
    def addable(self) -> bool:
        return not self.offered and (not self.trouble or self.passing)


def look(deps: Deps, kind: FeedKind, url: str, *, lang: str = "") -> Look:
    """Read what would be added. What charges, or only ever tells what comes, is not asked: then there are no items."""
    if kind is FeedKind.FEED:
        return _look_at_feed(deps, url, lang, added=False)
    if kind.slug in CHARGES:
        note = f"{kind.label} charges for each post that is read, so nothing was read before it is added."
        return Look(kind=kind, url=url, note=note)
    if kind.streams:
        return Look(kind=kind, url=url, note="It brings what is said from the moment on at which it is added.")
    return _asked(deps, _unsaved(kind, url, lang), added=False)


def try_source(deps: Deps, feed_id: int) -> Look:
    """Read a source now without storing what it brings. What a network charges for it is entered in the meter."""
    feed = deps.store.feed(feed_id)
    if feed.kind is FeedKind.FEED:
        return _look_at_feed(deps, feed.url, feed.lang, added=True)
    asked = _unsaved(feed.kind, feed.url, feed.lang)
    name = feed.kind.network.value
    if name not in deps.budgets:
        return _asked(deps, asked, added=True)
    now, budget = deps.clock(), deps.budgets[name]
    owner = f"{deps.owner}:try"
    if not deps.store.lock(f"paid:{name}", owner, now, _TRY):
        return _in_trouble(
            feed.kind,
            feed.url,
            Ended(
                Outcome.RATE_LIMITED,
                "Another reading of this network goes on; try it again in a minute.",
            ),
            added=True,
        )
    try:
        left = deps.store.rows_left(name, now, per_day=budget.per_day, per_month=budget.per_month)
        found = _read(deps, asked, min(PAID_LOOK, left))
        if found.rows_paid:
            deps.store.spend(name, found.rows_paid, now)
    finally:
        deps.store.lock(f"paid:{name}", owner, deps.clock(), timedelta(0))
    return _seen(feed.kind, feed.url, found, added=True)


def _unsaved(kind: FeedKind, url: str, lang: str) -> FeedForPoll:
    return FeedForPoll(id=0, kind=kind, url=url, lang=lang)


def _read(deps: Deps, asked: FeedForPoll, rows: int) -> ParsedFeed:
    return deps.networks[asked.kind].read(asked, rows_left=rows)


def _asked(deps: Deps, asked: FeedForPoll, *, added: bool) -> Look:
    return _seen(asked.kind, asked.url, _read(deps, asked, LOOKED_AT), added=added)


def _look_at_feed(deps: Deps, url: str, lang: str, *, added: bool, follow: bool = True) -> Look:
    """A feed; of a page that offers one alone, that one."""
    fetched, parsed = read_once(deps, url, lang)
    if parsed is None:
        return _in_trouble(FeedKind.FEED, url, Ended(fetched.outcome, fetched.sentence, fetched.reason), added=added)
    offered = tuple(link for link in dict.fromkeys(parsed.discovered) if link != url)[:OFFERED]
    if parsed.outcome.failed and offered and follow and not added:
        if len(offered) == 1:
            return _look_at_feed(deps, offered[0], lang, added=added, follow=False)
        return Look(kind=FeedKind.FEED, url=url, offered=offered)
    return _seen(FeedKind.FEED, fetched.moved_to or url, parsed, added=added)


def _seen(kind: FeedKind, url: str, parsed: ParsedFeed, *, added: bool) -> Look:
    if parsed.outcome is not Outcome.FETCHED:
        return _in_trouble(kind, url, Ended(parsed.outcome, parsed.problem or "", parsed.reason), added=added)
    papers = [
        Item(
            title=f"{one.title} ({one.published})" if one.published else one.title,
            published=None,
            link=http_link(one.url),
        )
        for one in parsed.papers
    ]
    entries = [_item(entry) for entry in parsed.entries if not entry.deleted]
    items = (*papers, *entries)
    return Look(
        kind=kind,
        url=url,
        title=parsed.title[:MOST_TITLE],
        lang=parsed.lang.partition("-")[0].lower() if is_language(parsed.lang.partition("-")[0].lower()) else "",
        items=items[:SHOWN],
        total=len(items),
        note=for_page(parsed.problem) if parsed.problem else "",
    )


def _item(entry: Entry) -> Item:
    return Item(title=entry.title or entry.text[:200], published=entry.published, link=http_link(entry.url))


def _in_trouble(kind: FeedKind, url: str, how: Ended, *, added: bool) -> Look:
    return Look(
        kind=kind,
        url=url,
        trouble=for_page(how.sentence),
        remedy=remedy(how.outcome, how.reason, feed=kind is FeedKind.FEED, first=not added),
        passing=how.outcome in {Outcome.TEMPORARY, Outcome.RATE_LIMITED},
    )
