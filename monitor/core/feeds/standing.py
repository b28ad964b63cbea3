"""How a source stands, in words: its kind, its health as one sentence with what to do, and how much it brings. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.feeds.health import HISTORY_DAYS, host_faults, silence
from monitor.core.feeds.remedies import for_page, remedy
from monitor.core.items.urls import domain_of
from monitor.core.model import FeedKind, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from monitor.core.feed import Feed
    from monitor.core.feeds.health import HostFault, Silence

#: What a reading that went well says of its counts.
_COUNTS = re.compile(r"(?<![\d,])[\d,]+ new, [\d,]+ changed, [\d,]+ as before\.|Read; nothing has changed\.|^Read\.$")
#: A source that brought its first item less than a week ago tells of a week.
_WEEK = 7


class State(StrEnum):
    """How a source stands, what needs somebody first. The value is what a person is told."""

    LEFT_ALONE = "left alone"
    ENDED = "ended by the outlet"
    FAILING = "not read"
    SILENT = "silent"
    WITH_HOST = "its site fails"
    WAITS = "asked to wait"
    NEW = "not read yet"
    WELL = "well"
    PAUSED = "paused"

    @property
    def troubled(self) -> bool:
        return self in {State.LEFT_ALONE, State.ENDED, State.FAILING, State.SILENT, State.WITH_HOST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A source and how it stands. `weekly`: items a week of late, None before it brought any."""

    feed: Feed
    state: State
    silent: Silence | None = None
    fault: HostFault | None = None
    weekly: float | None = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.feed.title or self.feed.url

    @property
    def next_reading(self) -> datetime | None:
        """When it is read next; None if only a person has it read again."""
        return None if self.state in {State.PAUSED, State.LEFT_ALONE, State.ENDED} else self.feed.due_at

    @property
    def sentence(self) -> str:
        """Its health as one sentence, for a page."""
        told = {
            State.PAUSED: "It is paused, and not read until somebody resumes it.",
            State.LEFT_ALONE: "It is left alone: reading it ended the process three times.",
            State.SILENT: f"It is read, but silent. {self.silent}",
            State.WITH_HOST: f"Most sources of {self.fault.host if self.fault else ''} fail alike: it is not this source’s fault.",
            State.NEW: "It was not read yet.",
        }
        if self.state in told:
            return told[self.state]
        said = for_page(self.feed.last_sentence)
        return f"{self._brings} {_COUNTS.sub('', said)}".strip() if self.state is State.WELL else said

    @property
    def _brings(self) -> str:
        if self.weekly is None:
            return "It has brought nothing yet." if not self.feed.entries else "It has brought nothing for weeks."
        if self.weekly < 1:
            return "It brings less than one item a week."
        many = round(self.weekly)
        return f"It brings about {many:,} {'item' if many == 1 else 'items'} a week."

    @property
    def remedy(self) -> str:
        """What to do about it; "" if nothing is to be done."""
        match self.state:
            case State.PAUSED | State.NEW | State.WELL:
                return ""
            case State.LEFT_ALONE:
                return "Read it again. If it ends so once more, remove it and tell the outlet: its feed is broken."
            case State.SILENT:
                return "Look at the site in a browser. If it has news, they are in another feed: add that, and remove this one."
            case State.WITH_HOST:
                return "Nothing: all are asked again by themselves. If it lasts for days, tell whoever runs the site."
            case _:
                return remedy(self.feed.last_outcome, self.feed.last_reason, feed=self.feed.kind is FeedKind.FEED)


def standings(feeds: Sequence[Feed], counts: Mapping[int, Sequence[int]]) -> tuple[Standing, ...]:
    """All sources in their order; `counts` are their new items by day (ports.Feeds.daily_entries, health.LOOK_BACK_DAYS)."""
    faults = {feed_id: fault for fault in host_faults(feeds) for feed_id in fault.failing}
    return tuple(_standing(feed, counts.get(feed.id, ()), faults.get(feed.id)) for feed in feeds)


def trouble_first(found: Iterable[Standing]) -> list[Standing]:
    """By what needs somebody, then by name."""
    order = list(State)
    return sorted(found, key=lambda one: (order.index(one.state), one.name.casefold(), one.feed.id))


def _standing(feed: Feed, counts: Sequence[int], fault: HostFault | None) -> Standing:
    well = feed.kind is FeedKind.FEED and not feed.paused and feed.last_outcome and feed.last_outcome.went_well
    silent = silence(counts) if well else None
    return Standing(feed=feed, state=_state(feed, silent, fault), silent=silent, fault=fault, weekly=weekly(counts))


def _state(feed: Feed, silent: Silence | None, fault: HostFault | None) -> State:
    stands = (
        (feed.quarantined, State.LEFT_ALONE),
        (feed.paused, State.PAUSED),
        (silent, State.SILENT),
        (fault, State.WITH_HOST),
        (feed.last_outcome is None, State.NEW),
        (feed.last_outcome is Outcome.GONE, State.ENDED),
        (feed.last_outcome is Outcome.RATE_LIMITED, State.WAITS),
        (feed.last_outcome and feed.last_outcome.failed, State.FAILING),
    )
    return next((state for holds, state in stands if holds), State.WELL)


def weekly(counts: Sequence[int]) -> float | None:
    """Items a week over the last four weeks, or since the first item if that is less long ago; None if none ever came."""
    first = next((day for day, count in enumerate(counts) if count), None)
    if first is None:
        return None
    days = min(HISTORY_DAYS, max(_WEEK, len(counts) - first))
    return sum(counts[-days:]) * _WEEK / days


def kind_words(feed: Feed, studies: Mapping[str, str] | None = None) -> str:
    """What kind of source it is: "feed", "search on X", "hashtag on Mastodon", "live posts on Bluesky", "PubMed on STUDY", of
    which `studies` holds the names by their ids.
    """
    kind = feed.kind
    if kind.watches:
        return f"{kind.label} on {(studies or {}).get(feed.url, feed.url)}"
    if kind.streams:
        return f"live posts on {kind.label}"
    if kind.searches:
        what = "hashtag" if feed.url.startswith("#") and kind is FeedKind.MASTODON_SEARCH else "search"
        return f"{what} on {kind.label}"
    host = domain_of(feed.url) or ""
    return _FEEDS.get(host, "feed")


_FEEDS: Mapping[str, str] = {
    "news.google.com": "search in Google News",
    "youtube.com": "channel on YouTube",
    "reddit.com": "posts on Reddit",
    "bsky.app": "account on Bluesky",
}
