"""What a subscription has not been told yet: everything that its next digest is composed from."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.digests.compose import tells_fixed
from monitor.core.digests.digest import DigestInput, FixedFlag, StoryLine
from monitor.core.digests.sources_read import WENT_WELL, sources_read
from monitor.core.digests.subscribers import DigestKind, DigestState
from monitor.core.feeds.health import LOOK_BACK_DAYS
from monitor.core.mention import FlagState
from monitor.storage.database import CHUNK
from monitor.storage.editions import told_to
from monitor.storage.feeds.feeds import daily_entries, stored_feed
from monitor.storage.items.flags import stored_flag
from monitor.storage.items.mentions import days_until, load
from monitor.storage.proposals import untold as untold_proposals
from monitor.storage.tables import (
    digest_flags,
    digests,
    feeds,
    flags,
    mentions,
    polls,
    sources,
    stories,
)
from monitor.storage.usage import spent_this_month

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from monitor.core.digests.digest import FeedHealth
    from monitor.core.digests.subscribers import Subscription
    from monitor.core.feeds.health import HostFault
    from monitor.core.mention import Mention

#: Mentions in one digest; what is beyond (after a large import) is told by the next.
MENTIONS_MAX = 5000
#: A digest's usual day is the median of so many.
DAYS = 28


def gather(conn: sa.Connection, subscription: Subscription, now: datetime) -> DigestInput:
    """Read it all in one look. Mentions are assigned by row, not by clock: whatever was not told yet is told now."""
    begun = subscription.created_at - timedelta(days=1)
    last = conn.scalar(
        sa.select(sa.func.max(digests.c.created_at, type_=digests.c.created_at.type)).where(
            digests.c.subscription_id == subscription.id, digests.c.kind == DigestKind.DAILY
        )
    )
    since = last or begun
    m = mentions.c
    untold = (
        sa.select(m.id)
        .where(
            m.study_id == subscription.study_id,
            m.first_seen >= begun,
            m.first_seen <= now,
            ~told_to(subscription.id, m.id),
        )
        .order_by(m.first_seen, m.id)
        .limit(MENTIONS_MAX)
    )
    found = load(conn, sorted(conn.scalars(untold), reverse=True))
    health, faults = _feeds(conn, since, now)
    days = days_until(conn, now, study_id=subscription.study_id, days=DAYS + 1)[:-1]
    return DigestInput(
        mentions=tuple(found),
        stories=_stories(conn, found),
        fixed=_fixed(conn, subscription, begun, now),
        feeds=health,
        host_faults=faults,
        since=since,
        daily=tuple(day.all for day in days),
        daily_flagged=tuple(day.flagged for day in days),
        spent=spent_this_month(conn, now),
        first=conn.scalar(
            sa.select(sa.func.count()).where(
                digests.c.subscription_id == subscription.id,
                digests.c.kind == DigestKind.DAILY,
                digests.c.state == DigestState.SENT,
            )
        )
        == 0,
        proposals=untold_proposals(conn, subscription, now),
    )


def _stories(conn: sa.Connection, found: Iterable[Mention]) -> Mapping[int, StoryLine]:
    new: dict[int, int] = {}
    for mention in found:
        if mention.story_id is not None:
            new[mention.story_id] = new.get(mention.story_id, 0) + 1
    ids = sorted(new)
    lines = {}
    for at in range(0, len(ids), CHUNK):
        statement = (
            sa.select(stories, sources.c.name.label("first_source"))
            .join_from(stories, mentions, mentions.c.id == stories.c.first_mention_id)
            .join(sources, sources.c.id == mentions.c.source_id)
            .where(stories.c.id.in_(ids[at : at + CHUNK]))
        )
        for row in conn.execute(statement):
            lines[row.id] = StoryLine(
                id=row.id,
                title=row.title,
                members=row.size,
                new=new[row.id],
                first_source=row.first_source,
                first_at=row.first_at,
            )
    return lines


def _fixed(conn: sa.Connection, subscription: Subscription, begun: datetime, now: datetime) -> tuple[FixedFlag, ...]:
    """Flags closed because the text was corrected, not told yet; only such as a digest would have told of."""
    told = sa.select(digest_flags.c.flag_id).where(digest_flags.c.subscription_id == subscription.id)
    statement = (
        sa.select(
            flags, mentions.c.title.label("m_title"), mentions.c.url.label("m_url"), sources.c.name.label("s_name")
        )
        .join_from(flags, mentions, mentions.c.id == flags.c.mention_id)
        .join(sources, sources.c.id == mentions.c.source_id)
        .where(
            mentions.c.study_id == subscription.study_id,
            flags.c.state == FlagState.FIXED,
            flags.c.closed_at >= begun,
            flags.c.closed_at <= now,
            flags.c.id.not_in(told),
        )
        .order_by(flags.c.closed_at.desc(), flags.c.id)
    )
    closed = [(stored_flag(row), row) for row in conn.execute(statement).mappings()]
    return tuple(
        FixedFlag(
            flag=stored, mention_id=row["mention_id"], source=row["s_name"], title=row["m_title"], url=row["m_url"]
        )
        for stored, row in closed
        if tells_fixed(stored)
    )


def _feeds(conn: sa.Connection, since: datetime, now: datetime) -> tuple[tuple[FeedHealth, ...], tuple[HostFault, ...]]:
    counted = (
        sa.select(polls.c.feed_id, sa.func.count().label("reads"))
        .where(polls.c.at >= since, polls.c.at <= now, polls.c.outcome.in_(sorted(WENT_WELL)))
        .group_by(polls.c.feed_id)
    )
    reads = {row.feed_id: row.reads for row in conn.execute(counted)}
    rows = conn.execute(sa.select(feeds).where(sa.not_(feeds.c.removed)).order_by(feeds.c.id)).mappings()
    stored = [stored_feed({**row, "entries": 0}) for row in rows]
    return sources_read(stored, reads, daily_entries(conn, now, LOOK_BACK_DAYS))
