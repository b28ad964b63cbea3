"""Is a feed well? Judged by its own history, and by its neighbours on the same host. Pure.

A feed that is read well can still be dead: a newsroom moves its news and leaves an empty feed behind. And a feed that
fails can be in order: whole platforms answer 404 for a day and recover (YouTube, spring 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median_low
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.core.model import FeedKind, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from monitor.core.feed import Feed

#: What a feed usually brings is the (lower) median of the 28 days up to its last entry; one a day or more says that
#: it brought something on most days, so a weekly newsletter is never missed.
HISTORY_DAYS = 28
#: Silent for more than three days, and for more than twice its longest pause in those 28 days (weekends, holidays).
SILENT_DAYS, SILENT_PAUSES = 3, 2
#: Days to look back. A silence of more than four weeks is no longer told: it has become what the feed usually does.
LOOK_BACK_DAYS = 2 * HISTORY_DAYS
#: A host with fewer feeds than this tells nothing of itself: two feeds can be wrong at once.
HOST_LEAST = 3
#: Feeds that were asked in these hours tell how their host is now.
HOST_LATELY = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A feed that has gone silent: entries a day it used to bring, and days since it brought the last."""

    usual: int
    days: int

    def __str__(self) -> str:
        """The sentence for a person, without the feed's name."""
        return f"It used to bring {self.usual:,} a day and has brought nothing for {self.days} days."


def silence(counts: Sequence[int]) -> Silence | None:
    """Has a feed gone silent against its own history? `counts` are its new entries on each UTC day, oldest first, today last."""
    last = max((day for day, count in enumerate(counts) if count), default=-1)
    if last < HISTORY_DAYS - 1:
        return None  # too short a history to say what is usual
    history = counts[last - HISTORY_DAYS + 1 : last + 1]
    usual = median_low(history)
    if usual < 1:
        return None
    busy = [day for day, count in enumerate(history) if count]
    pause = max((later - earlier for earlier, later in pairwise(busy)), default=1)
    days = len(counts) - 1 - last
    return Silence(usual=usual, days=days) if days > max(SILENT_DAYS, SILENT_PAUSES * pause) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFault:
    """A host that fails for most of its feeds alike: it is not the feeds' fault. `since`: when one was last read well."""

    host: str
    failing: frozenset[int]  # feed ids
    asked: int
    since: datetime | None
    sentence: str  # how each of them failed

    def words(self, since: str) -> str:
        """The sentence for a person; `since` is the moment as they write it."""
        when = f"since {since}" if self.since else "and was never read well"
        return (
            f"{self.host} fails for {len(self.failing)} of {self.asked} feeds {when}: not your feeds. {self.sentence}"
        )


def fails_as_a_whole(failing: int, asked: int) -> bool:
    """Do so many feeds of a host that fail alike, of so many that were asked, mean that the host fails?"""
    return failing >= HOST_LEAST and 2 * failing > asked


def host_of(url: str) -> str:
    """Host and port of a feed's address, as feeds of one host share it; "" if it is no address."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def host_faults(feeds: Iterable[Feed]) -> tuple[HostFault, ...]:
    """The hosts that fail as a whole, by name."""
    hosts: dict[str, list[Feed]] = {}
    for feed in feeds:
        if feed.kind is FeedKind.FEED and not feed.paused and feed.last_polled_at:
            hosts.setdefault(host_of(feed.url), []).append(feed)
    faults = []
    for host, members in sorted(hosts.items()):
        alike: dict[int, list[Feed]] = {}
        for feed in members:
            if feed.last_outcome in {Outcome.HARD, Outcome.TEMPORARY} and feed.last_status is not None:
                alike.setdefault(feed.last_status, []).append(feed)
        failing = max(alike.values(), key=len, default=[])
        if fails_as_a_whole(len(failing), len(members)):
            faults.append(
                HostFault(
                    host=host.removeprefix("www."),
                    failing=frozenset(feed.id for feed in failing),
                    asked=len(members),
                    since=max((feed.last_success_at for feed in failing if feed.last_success_at), default=None),
                    sentence=failing[0].last_sentence,
                )
            )
    return tuple(faults)
