"""What a weekly or monthly report is composed from, and freezing mails that tell again what was told: reports and urgent mails."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from monitor.core.digests.digest import StoryLine
from monitor.core.digests.report_input import Count, LetterStep, ReportInput, Tally
from monitor.core.digests.schedule import midnight
from monitor.core.digests.subscribers import DigestKind
from monitor.core.letters.letter import LetterState
from monitor.core.model import Network, Work
from monitor.storage.database import CHUNK
from monitor.storage.digests.digest_input import closed_flags, sources_health
from monitor.storage.digests.digests import frozen_digest, values_of
from monitor.storage.digests.subscribers import subscriptions_where
from monitor.storage.items.mentions import load, too_far, wanted
from monitor.storage.tables import (
    digest_quotes,
    digests,
    letter_steps,
    letters,
    mentions,
    sources,
    stories,
    subscriptions,
)
from monitor.storage.work import standing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from monitor.core.digests.coverage import Coverage
    from monitor.core.digests.digest import FixedFlag
    from monitor.core.digests.periods import Period
    from monitor.core.digests.subscribers import FrozenDigest, Subscription
    from monitor.core.mention import Mention
    from monitor.storage.database import Database

#: Mentions that go too far of which a report tells the claims, those of the highest scores; all of them are counted.
FLAGGED_MAX = 2000
#: How many weeks and months make the usual one.
EARLIER = {DigestKind.WEEKLY: 8, DigestKind.MONTHLY: 6}
#: Stories that are looked at.
GREW_MAX = 10
#: A report of letters tells of these.
TOLD_STEPS = (LetterState.ASKED, LetterState.REMINDED, LetterState.CORRECTED, LetterState.REFUSED)


class ReportRows:
    """Store: reports, and mails that quote what was told before."""

    _db: Database

    def report_subscriptions(self, now: datetime) -> Sequence[Subscription]:
        s = subscriptions.c
        with self._db.read() as conn:
            return subscriptions_where(conn, *standing(Work.COMPOSE, now), sa.or_(s.weekly, s.monthly))

    def reports_made(self, keys: Collection[str]) -> frozenset[tuple[int, str]]:
        d = digests.c
        chosen = sa.select(d.subscription_id, d.local_date).where(d.local_date.in_(sorted(keys)))
        with self._db.read() as conn:
            return frozenset((row.subscription_id, row.local_date) for row in conn.execute(chosen))

    def report_input(self, subscription: Subscription, period: Period, now: datetime) -> ReportInput:
        study_id, coverage = subscription.study_id, subscription.wishes.coverage
        with self._db.read() as conn:
            seen = _Seen(conn, study_id, coverage)
            fixed, feeds = _unasked(conn, study_id, period, coverage), sources_health(conn, period.begin, now)
            return ReportInput(
                tallies=seen.tallies(period.begin, period.end),
                parts=seen.parts(period),
                earlier=seen.earlier(period),
                flagged=coverage.of(seen.flagged(period.begin, period.end)),
                grew=seen.grew(period.begin, period.end),
                steps=_steps(conn, study_id, period, coverage),
                fixed=fixed,
                feeds=feeds[0],
                host_faults=feeds[1],
            )

    def freeze_telling(
        self, digest: FrozenDigest, quoted: Collection[int], *, newest: int, now: datetime
    ) -> FrozenDigest | None:
        s, d = subscriptions.c, digests.c
        with self._db.write() as conn:
            # Held, so that of two who decided by the same mails only the first writes.
            mine = sa.select(s.id).where(s.id == digest.subscription_id, *standing(Work.COMPOSE, now)).with_for_update()
            if conn.execute(mine).first() is None:
                return None
            last = sa.select(sa.func.max(d.id)).where(
                d.subscription_id == digest.subscription_id, d.kind == digest.kind
            )
            if (conn.scalar(last) or 0) != newest:
                return None
            if _missing(conn, quoted):
                return None
            made = self._db.insert(digests).values(values_of(digest)).on_conflict_do_nothing().returning(*d)
            row = conn.execute(made).mappings().one_or_none()
            if row is None:
                return None
            told = sorted(set(quoted))
            for at in range(0, len(told), CHUNK):
                rows = [{"digest_id": row["id"], "mention_id": key} for key in told[at : at + CHUNK]]
                conn.execute(sa.insert(digest_quotes), rows)
            return frozen_digest(row)

    def newest_digest(self, subscription_id: int, kind: DigestKind) -> int:
        d = digests.c
        chosen = sa.select(sa.func.max(d.id)).where(d.subscription_id == subscription_id, d.kind == kind)
        with self._db.read() as conn:
            return int(conn.scalar(chosen) or 0)


def _missing(conn: sa.Connection, mention_ids: Collection[int]) -> bool:
    """Was one of these withdrawn, or did it go into another, since it was read?"""
    told, there = sorted(set(mention_ids)), 0
    for at in range(0, len(told), CHUNK):
        chosen = sa.select(sa.func.count()).where(mentions.c.id.in_(told[at : at + CHUNK]))
        there += int(conn.scalar(chosen) or 0)
    return there != len(told)


class _Seen:
    """What was first seen of a study in a time, of the coverage that is wanted."""

    def __init__(self, conn: sa.Connection, study_id: str, coverage: Coverage) -> None:
        self._conn, self._study_id = conn, study_id
        self._wanted, self._too_far = wanted(coverage), too_far(coverage)
        self._flagged = sa.func.coalesce(sa.func.sum(sa.case((self._too_far, 1), else_=0)), 0)

    def _within(self, begin: datetime, end: datetime) -> list[sa.ColumnElement[bool]]:
        m = mentions.c
        return [m.study_id == self._study_id, m.first_seen >= begin, m.first_seen < end, *self._wanted]

    def tallies(self, begin: datetime, end: datetime) -> tuple[Tally, ...]:
        """By outlet or account, and language."""
        m = mentions.c
        key = (m.network, m.lang, m.source_id, sources.c.name)
        statement = (
            sa.select(*key, sa.func.count().label("mentions"), self._flagged.label("flagged"))
            .join_from(mentions, sources, sources.c.id == m.source_id)
            .where(*self._within(begin, end))
            .group_by(*key)
            .order_by(m.source_id, m.lang, m.network)
        )
        return tuple(
            Tally(
                network=Network(row.network),
                lang=row.lang,
                source_id=row.source_id,
                source=row.name,
                mentions=int(row.mentions),
                flagged=int(row.flagged),
            )
            for row in self._conn.execute(statement)
        )

    def count(self, begin: datetime, end: datetime) -> Count:
        statement = sa.select(sa.func.count(), self._flagged).select_from(mentions).where(*self._within(begin, end))
        row = self._conn.execute(statement).one()
        return Count(int(row[0]), int(row[1]))

    def parts(self, period: Period) -> tuple[Count, ...]:
        """For the bars."""
        return tuple(
            self.count(midnight(first, period.zone), midnight(last + timedelta(days=1), period.zone))
            for first, last in period.parts()
        )

    def earlier(self, period: Period) -> tuple[Count, ...]:
        """The periods before, from the first that had a mention, oldest first."""
        m = mentions.c
        first = self._conn.scalar(
            sa.select(sa.func.min(m.first_seen, type_=m.first_seen.type)).where(m.study_id == self._study_id)
        )
        counts: list[Count] = []
        for _ in range(EARLIER[period.kind]):
            period = period.before
            if first is None or period.end <= first:
                break
            counts.append(self.count(period.begin, period.end))
        return tuple(reversed(counts))

    def flagged(self, begin: datetime, end: datetime) -> tuple[Mention, ...]:
        """Those that go too far, the highest scores first."""
        m = mentions.c
        chosen = (
            sa.select(m.id)
            .where(*self._within(begin, end), self._too_far)
            .order_by(m.score.desc(), m.id.desc())
            .limit(FLAGGED_MAX)
        )
        return tuple(load(self._conn, self._conn.scalars(chosen).all()))

    def grew(self, begin: datetime, end: datetime) -> tuple[StoryLine, ...]:
        """The stories that most of the mentions belong to."""
        m = mentions.c
        new = sa.func.count().label("new")
        most = (
            sa.select(m.story_id, new)
            .where(*self._within(begin, end), m.story_id.is_not(None))
            .group_by(m.story_id)
            .order_by(new.desc(), m.story_id.desc())
            .limit(GREW_MAX)
            .subquery()
        )
        statement = (
            sa.select(stories, most.c.new, sources.c.name.label("first_source"), sources.c.key.label("first_key"))
            .join_from(most, stories, stories.c.id == most.c.story_id)
            .join(mentions, m.id == stories.c.first_mention_id)
            .join(sources, sources.c.id == m.source_id)
            .order_by(most.c.new.desc(), stories.c.id.desc())
        )
        return tuple(
            StoryLine(
                id=row.id,
                title=row.title,
                members=row.size,
                new=row.new,
                first_source=row.first_source,
                first_key=row.first_key,
                first_at=row.first_at,
                first_id=row.first_mention_id,
            )
            for row in self._conn.execute(statement)
        )


def _steps(conn: sa.Connection, study_id: str, period: Period, coverage: Coverage) -> tuple[LetterStep, ...]:
    """What was done with letters in the period and not taken back, in its order."""
    step = letter_steps.c
    statement = (
        sa.select(step.state, letters.c.mention_id, sources.c.name)
        .join_from(letter_steps, letters, letters.c.id == step.letter_id)
        .outerjoin(sources, sources.c.id == letters.c.source_id)
        .outerjoin(mentions, mentions.c.id == letters.c.mention_id)
        .where(
            letters.c.study_id == study_id,
            step.state.in_([state.value for state in TOLD_STEPS]),
            step.undone_at.is_(None),
            step.at >= period.begin,
            step.at < period.end,
            *wanted(coverage),
        )
        .order_by(step.at, step.letter_id, step.number)
    )
    return tuple(
        LetterStep(to=LetterState(row.state), source=row.name or "", mention_id=row.mention_id)
        for row in conn.execute(statement)
    )


def _unasked(conn: sa.Connection, study_id: str, period: Period, coverage: Coverage) -> tuple[FixedFlag, ...]:
    """Texts that were corrected in the period though no letter had asked for it."""
    closed = [one for one, at in closed_flags(conn, study_id, period.end) if period.begin <= at < period.end]
    about = sorted({one.mention_id for one in closed})
    asked: set[int] = set()
    for at in range(0, len(about), CHUNK):
        theirs = letters.c.mention_id.in_(about[at : at + CHUNK]), letters.c.state != LetterState.DRAFT.value
        asked |= set(conn.scalars(sa.select(letters.c.mention_id).where(*theirs)))
    return tuple(
        one for one in closed if one.mention_id not in asked and coverage.holds(one) and coverage.tells(one.flag)
    )
