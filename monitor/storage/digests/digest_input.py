"""What a subscription has not been told yet: everything that its next digest is composed from."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from monitor.core.digests.compose import tells_fixed
from monitor.core.digests.digest import DigestInput, FixedFlag, StoryLine
from monitor.core.digests.sources_read import WENT_WELL, sources_read
from monitor.core.digests.subscribers import DigestKind, DigestState
from monitor.core.feeds.health import LOOK_BACK_DAYS
from monitor.core.mention import FlagState
from monitor.core.model import Network
from monitor.storage.database import CHUNK
from monitor.storage.editions import told_to
from monitor.storage.feeds.feeds import daily_entries, stored_feed
from monitor.storage.items.flags import stored_flag
from monitor.storage.items.mentions import days_until, load
from monitor.storage.proposals import open_proposals
from monitor.storage.proposals import untold as untold_proposals
from monitor.storage.tables import (
    digest_flags,
    digests,
    feeds,
    flags,
    letter_flags,
    letters,
    mentions,
    polls,
    sources,
    stories,
)
from monitor.storage.usage import spent_this_month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from monitor.core.digests.coverage import Coverage
    from monitor.core.digests.digest import FeedHealth
    from monitor.core.digests.subscribers import Subscription
    from monitor.core.feeds.health import HostFault
    from monitor.core.mention import Day, Mention
    from monitor.storage.database import Database

T = TypeVar("T")

#: Mentions in one digest; what is beyond (after a large import) is told by the next.
MENTIONS_MAX = 5000
#: A digest's usual day is the median of so many.
DAYS = 28


class Reading:
    """What digests are composed from, read for one subscription after the other at one moment (`now`): what several are to be told
    is read once, and is one object. A look at the database of its own tells what each has not been told yet.

    Mentions are assigned by row, not by clock: whatever was not told yet is told now.
    """

    def __init__(self, db: Database, now: datetime) -> None:
        self._db, self._now = db, now
        self._untold: dict[tuple[str, frozenset[int]], _Untold] = {}
        self._mentions: dict[int, Mention] = {}
        self._news: dict[tuple[int, ...], tuple[tuple[Mention, ...], Mapping[int, StoryLine]]] = {}
        self._made: dict[tuple[object, ...], DigestInput] = {}
        self._shared: dict[object, Any] = {}

    def input_of(self, subscription: Subscription) -> DigestInput:
        """All that the next digest of this subscription is composed from."""
        with self._db.read() as conn:
            return self._input_of(conn, subscription)

    def _input_of(self, conn: sa.Connection, subscription: Subscription) -> DigestInput:
        study_id, coverage, now = subscription.study_id, subscription.wishes.coverage, self._now
        begun = subscription.created_at - timedelta(days=1)
        last, sent, editions = _history(conn, subscription.id)
        since = (last or begun).replace(second=0, microsecond=0)  # as it is told: those who were told together share it
        ids = self._untold_to(conn, subscription, editions, begun)
        closed = self._once(("fixed", study_id), lambda: closed_flags(conn, study_id, now))
        fixed = _fixed(conn, subscription.id, [one for one, closed_at in closed if closed_at >= begun])
        opened = self._once(("proposals", study_id), lambda: open_proposals(conn, study_id, now))
        proposals = untold_proposals(conn, subscription.id, opened)
        told = (*(one.flag.id for one in fixed), None, *(proposal.id for proposal in proposals))
        # By the identity of `ids`: the same object is given out for the same, and 5,000 numbers take 0.3 ms to hash.
        key = (study_id, id(ids), since, sent, told, coverage)
        made = self._made.get(key)
        if made is None:
            found, lines = self._news_of(conn, ids)
            health, faults = self._once(("feeds", since), lambda: sources_health(conn, since, now))
            days = self._once(("days", study_id, coverage), lambda: _days(conn, study_id, coverage, now))
            made = self._made[key] = DigestInput(
                mentions=found,
                stories=lines,
                fixed=fixed,
                feeds=health,
                host_faults=faults,
                since=since,
                daily=tuple(day.all for day in days),
                daily_flagged=tuple(day.flagged for day in days),
                spent=self._once("spent", lambda: spent_this_month(conn, now)),
                first=not sent,
                proposals=proposals,
            )
        return made

    def _once(self, key: object, read: Callable[[], T]) -> T:
        """What is the same for several is read for the first of them."""
        if key not in self._shared:
            self._shared[key] = read()
        found: T = self._shared[key]
        return found

    def _untold_to(
        self, conn: sa.Connection, subscription: Subscription, editions: frozenset[int], begun: datetime
    ) -> tuple[int, ...]:
        """The mentions of its study that came since it began and stand in no digest of it, oldest first. Those who got the same
        editions were told the same, so that what one of them was not told is asked for all.
        """
        key = (subscription.study_id, editions)
        known = self._untold.get(key)
        if known is None or not known.answers(begun):
            known = self._untold[key] = _ask(conn, subscription, begun, self._now)
        return known.from_(begun)

    def _news_of(
        self, conn: sa.Connection, ids: tuple[int, ...]
    ) -> tuple[tuple[Mention, ...], Mapping[int, StoryLine]]:
        """The mentions, newest number first, and their stories."""
        news = self._news.get(ids)
        if news is None:
            missing = sorted((key for key in ids if key not in self._mentions), reverse=True)
            self._mentions |= {mention.id: mention for mention in load(conn, missing)}
            found = tuple(self._mentions[key] for key in sorted(ids, reverse=True) if key in self._mentions)
            news = self._news[ids] = (found, _stories(conn, found))
        return news


@dataclass(frozen=True, slots=True)
class _Untold:
    """Mentions and when each was first seen, oldest first, of those since a moment."""

    since: datetime
    ids: tuple[int, ...]
    seen: tuple[datetime, ...]
    cuts: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def answers(self, begun: datetime) -> bool:
        """Are those since another moment among these? If a digest cannot hold more, later ones may be missing."""
        whole = len(self.ids) < MENTIONS_MAX or not self.seen or begun <= self.seen[0]
        return whole and begun >= self.since

    def from_(self, begun: datetime) -> tuple[int, ...]:
        """Those since a later moment; the same object for those who are to be told the same."""
        first = bisect_left(self.seen, begun)
        return self.cuts.setdefault(first, self.ids[first:])


def _ask(conn: sa.Connection, subscription: Subscription, begun: datetime, now: datetime) -> _Untold:
    m = mentions.c
    statement = (
        sa.select(m.id, m.first_seen)
        .where(
            m.study_id == subscription.study_id,
            m.first_seen >= begun,
            m.first_seen <= now,
            ~told_to(subscription.id, m.id),
        )
        .order_by(m.first_seen, m.id)
        .limit(MENTIONS_MAX)
    )
    rows = conn.execute(statement).all()
    return _Untold(begun, tuple(row[0] for row in rows), tuple(row[1] for row in rows))


_HISTORY = sa.select(digests.c.created_at, digests.c.state, digests.c.edition_id).where(
    digests.c.subscription_id == sa.bindparam("subscription_id"), digests.c.kind == DigestKind.DAILY
)


def _history(conn: sa.Connection, subscription_id: int) -> tuple[datetime | None, bool, frozenset[int]]:
    """When the last daily digest was cut, whether one was sent, and the editions that were told."""
    rows = conn.execute(_HISTORY, {"subscription_id": subscription_id}).all()
    return (
        max((row.created_at for row in rows), default=None),
        any(row.state == DigestState.SENT for row in rows),
        frozenset(row.edition_id for row in rows if row.edition_id is not None),
    )


def _days(conn: sa.Connection, study_id: str, coverage: Coverage, now: datetime) -> Sequence[Day]:
    return days_until(conn, now, study_id=study_id, days=DAYS + 1, coverage=coverage)[:-1]


def _stories(conn: sa.Connection, found: Iterable[Mention]) -> Mapping[int, StoryLine]:
    new: dict[int, int] = {}
    for mention in found:
        if mention.story_id is not None:
            new[mention.story_id] = new.get(mention.story_id, 0) + 1
    ids = sorted(new)
    lines = {}
    for at in range(0, len(ids), CHUNK):
        statement = (
            sa.select(stories, sources.c.name.label("first_source"), sources.c.key.label("first_key"))
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
                first_key=row.first_key,
                first_at=row.first_at,
            )
    return lines


def _fixed(conn: sa.Connection, subscription_id: int, closed: Sequence[FixedFlag]) -> tuple[FixedFlag, ...]:
    """Those that no digest of this subscription told."""
    told: set[int] = set()
    for at in range(0, len(closed), CHUNK):
        flag_ids = [one.flag.id for one in closed[at : at + CHUNK]]
        t = digest_flags.c
        told |= set(
            conn.scalars(sa.select(t.flag_id).where(t.subscription_id == subscription_id, t.flag_id.in_(flag_ids)))
        )
    return tuple(one for one in closed if one.flag.id not in told)


def closed_flags(conn: sa.Connection, study_id: str, now: datetime) -> tuple[tuple[FixedFlag, datetime], ...]:
    """Flags closed because the text was corrected, and when; only such as a digest would have told of."""
    asked = (
        sa.select(sa.func.max(letters.c.asked_at, type_=letters.c.asked_at.type))
        .join_from(letters, letter_flags, letter_flags.c.letter_id == letters.c.id)
        .where(letter_flags.c.flag_id == flags.c.id)
        .correlate(flags)
        .scalar_subquery()
    )
    statement = (
        sa.select(
            flags,
            mentions.c.title.label("m_title"),
            mentions.c.url.label("m_url"),
            mentions.c.lang.label("m_lang"),
            sources.c.name.label("s_name"),
            sources.c.network.label("s_network"),
            sources.c.key.label("s_key"),
            asked.label("asked_at"),
        )
        .join_from(flags, mentions, mentions.c.id == flags.c.mention_id)
        .join(sources, sources.c.id == mentions.c.source_id)
        .where(
            mentions.c.study_id == study_id,
            flags.c.state == FlagState.FIXED,
            flags.c.closed_at <= now,
        )
        .order_by(flags.c.closed_at.desc(), flags.c.id)
    )
    closed = []
    for row in conn.execute(statement).mappings():
        stored = stored_flag(row)
        if tells_fixed(stored):
            fixed = FixedFlag(
                flag=stored,
                mention_id=row["mention_id"],
                source=row["s_name"],
                source_key=row["s_key"],
                title=row["m_title"],
                url=row["m_url"],
                network=Network(row["s_network"]),
                lang=row["m_lang"],
                asked_at=row["asked_at"],
            )
            closed.append((fixed, row["closed_at"]))
    return tuple(closed)


def sources_health(
    conn: sa.Connection, since: datetime, now: datetime
) -> tuple[tuple[FeedHealth, ...], tuple[HostFault, ...]]:
    """How reading went since a moment, source by source, and the hosts that fail as a whole."""
    counted = (
        sa.select(polls.c.feed_id, sa.func.count().label("reads"))
        .where(polls.c.at >= since, polls.c.at <= now, polls.c.outcome.in_(sorted(WENT_WELL)))
        .group_by(polls.c.feed_id)
    )
    reads = {row.feed_id: row.reads for row in conn.execute(counted)}
    rows = conn.execute(sa.select(feeds).where(sa.not_(feeds.c.removed)).order_by(feeds.c.id)).mappings()
    stored = [stored_feed({**row, "entries": 0}) for row in rows]
    return sources_read(stored, reads, daily_entries(conn, now, LOOK_BACK_DAYS), now)
