"""What a digest says of its sources: which were read, which were not and why, which fell silent. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.core.digests.digest import FeedHealth
from monitor.core.feeds.health import host_faults, silence
from monitor.core.model import FeedKind, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from monitor.core.feed import Feed
    from monitor.core.feeds.health import HostFault

#: A poll that ended so went well.
WENT_WELL = frozenset({Outcome.FETCHED, Outcome.NOT_MODIFIED})
PAUSED, NOT_YET = "You paused it.", "It has not been read yet."
#: A reading that is late by so much was not made: nobody collected. The ticks make it within a minute where somebody does.
LATE = timedelta(hours=6)
STOOD_STILL = "It was due and nobody asked it: collecting stood still."


def sources_read(
    feeds: Sequence[Feed], reads: Mapping[int, int], entries: Mapping[int, Sequence[int]], now: datetime
) -> tuple[tuple[FeedHealth, ...], tuple[HostFault, ...]]:
    """The health of each feed in its order, and the hosts that fail as a whole.

    `reads`: polls that went well since the last digest, by feed; `entries`: what each brought on each UTC day, oldest
    first, today last. Silence is told of feeds alone: a search may rightly find nothing for weeks.
    """
    faults = host_faults(feeds)
    with_host = {feed_id for fault in faults for feed_id in fault.failing}
    health = tuple(
        FeedHealth(
            title=feed.title or feed.url,
            last_success_at=feed.last_success_at,
            problem=_problem(feed, now),
            network=feed.kind.network.value,
            read=reads.get(feed.id, 0),
            with_host=feed.id in with_host,
            silence=silence(entries.get(feed.id, ()))
            if feed.kind is FeedKind.FEED and feed.last_outcome in WENT_WELL
            else None,
        )
        for feed in feeds
    )
    return health, faults


def _problem(feed: Feed, now: datetime) -> str | None:
    """Why it is not counted as read, a sentence; None if its last poll went well and the next is not long overdue."""
    if feed.paused:
        return PAUSED
    if feed.last_outcome in WENT_WELL:
        waits = [moment for moment in (feed.due_at, feed.not_before) if moment is not None]
        return STOOD_STILL if waits and max(waits) < now - LATE else None
    return feed.last_sentence or NOT_YET
