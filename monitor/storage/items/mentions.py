"""Reading mentions: rows to Mentions, their revisions, the days; and judging them again."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.core.errors import NotFoundError
from monitor.core.mention import Day, FlagState, Mention, Revision, Source, StoredFlag, TextFrom
from monitor.core.model import Availability, DateConfidence, Kind, Network
from monitor.storage import search_index as index
from monitor.storage.database import CHUNK
from monitor.storage.items import aliases as names
from monitor.storage.items.flags import judge_anew, stored_flag
from monitor.storage.items.writer import judged, text_hash, write_drafts
from monitor.storage.tables import flags, mentions, revisions, sources

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from monitor.core.digests.coverage import Coverage
    from monitor.core.items.stories import StoryRelation
    from monitor.core.judgement import Assessment
    from monitor.core.mention import MentionDraft
    from monitor.storage.database import Database

#: What moments are stored as counts from: whole microseconds since 1970.
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_SOURCE = [
    sources.c.key,
    sources.c.name,
    sources.c.weight,
    sources.c.followers,
    sources.c.contact,
    sources.c.language,
]


class MentionRows:
    """Store: mention, revisions, import_mentions, judged_otherwise, save_assessment, daily."""

    _db: Database

    def mention(self, mention_id: int) -> Mention:
        with self._db.read() as conn:
            found = load(conn, [names.standing(conn, mention_id)], closed=True)
        if not found:
            raise _unknown(mention_id)
        return found[0]

    def revisions(self, mention_id: int) -> Sequence[Revision]:
        """Oldest first; the last one is the text as it is now."""
        with self._db.read() as conn:
            mention_id = names.standing(conn, mention_id)
            now = conn.execute(sa.select(mentions).where(mentions.c.id == mention_id)).one_or_none()
            if now is None:
                raise _unknown(mention_id)
            old = conn.execute(
                sa.select(revisions).where(revisions.c.mention_id == mention_id).order_by(revisions.c.number)
            ).all()
        return (
            *(_revision(row.number, row.at, row) for row in old),
            _revision(now.revision, now.revised_at, now),
        )

    def import_mentions(
        self, drafts: Sequence[MentionDraft], relation: StoryRelation, *, now: datetime
    ) -> tuple[int, ...]:
        with self._db.write() as conn:
            return write_drafts(self._db, conn, drafts, relation, now=now).ids

    def identities_of(self, ids: Sequence[int]) -> Collection[str]:
        with self._db.read() as conn:
            return set(conn.scalars(sa.select(mentions.c.identity).where(mentions.c.id.in_(self._db.among(ids)))))

    def judged_otherwise(
        self, study_id: str, ruleset: str, limit: int = 500, *, seen_from: datetime | None = None
    ) -> Sequence[int]:
        m = mentions.c
        # Two ranges of the index (study_id, ruleset) instead of "not equal", which would read all.
        statement = (
            sa.select(m.id)
            .where(m.study_id == study_id, sa.or_(m.ruleset < ruleset, m.ruleset > ruleset))
            .order_by(m.id.desc())
            .limit(limit)
        )
        if seen_from is not None:
            statement = statement.where(m.first_seen >= seen_from)
        with self._db.read() as conn:
            return tuple(conn.scalars(statement))

    def save_assessment(self, mention_id: int, assessment: Assessment, *, now: datetime) -> None:
        with self._db.write() as conn:
            self._db.one_writer(conn)
            statement = sa.update(mentions).where(mentions.c.id == mention_id).values(judged(assessment))
            revision = conn.scalar(statement.returning(mentions.c.revision))
            if revision is None:
                raise _unknown(mention_id)
            judge_anew(conn, mention_id, assessment, now=now, revision=revision, closed_as=FlagState.WITHDRAWN)
            index.put(self._db, conn, [mention_id])

    def daily(self, now: datetime, *, study_id: str | None = None, days: int = 30) -> Sequence[Day]:
        with self._db.read() as conn:
            return days_until(conn, now, study_id=study_id, days=days)


def days_until(
    conn: sa.Connection, now: datetime, *, study_id: str | None, days: int, coverage: Coverage | None = None
) -> tuple[Day, ...]:
    """The last `days` times 24 hours, oldest first; the last ends now. A mention counts once, where it was first seen, if it is of
    the `coverage` that is wanted (None: all).
    """
    today = now.astimezone(UTC).date()
    start = now - timedelta(days=days)
    m = mentions.c
    # Whole days since the start. Moments are integers, and both databases divide integers to integers.
    since = sa.type_coerce(m.first_seen, sa.BigInteger) - sa.literal_column(str((start - EPOCH) // MICROSECOND))
    day = since.op("/", precedence=8)(sa.literal_column("86400000000")).label("day")
    raised = too_far(coverage)
    statement = (
        sa.select(day, sa.func.count(), sa.func.sum(sa.case((raised, 1), else_=0)))
        .where(index.read_since(start))
        .group_by(day)
    )
    if study_id is not None:
        statement = statement.where(m.study_id == study_id)
    if coverage is not None:
        statement = statement.where(*wanted(coverage))
    counts = [[0, 0] for _ in range(days)]
    for at, count, flagged in conn.execute(statement):
        last = min(int(at), days - 1)  # what is read in this very moment is of the last day
        counts[last][0] += count
        counts[last][1] += int(flagged)
    return tuple(
        Day(date=today - timedelta(days=days - 1 - at), all=count, flagged=flagged)
        for at, (count, flagged) in enumerate(counts)
    )


def too_far(coverage: Coverage | None) -> sa.ColumnElement[bool]:
    """A mention that has a standing flag that is mailed, of a kind that is wanted."""
    raised = index.too_far()
    if coverage is not None and coverage.drifts:
        raised = raised.where(flags.c.drift.in_([drift.value for drift in coverage.drifts]))
    return raised


def wanted(coverage: Coverage) -> list[sa.ColumnElement[bool]]:
    """What `Coverage.holds` says, of rows."""
    m = mentions.c
    wanted: list[sa.ColumnElement[bool]] = []
    if coverage.networks:
        wanted.append(m.network.in_([network.value for network in coverage.networks]))
    if coverage.languages:
        wanted.append(
            sa.or_(*(sa.func.lower(m.lang).op("||")("-").startswith(f"{tag}-") for tag in coverage.languages))
        )
    return wanted


def _unknown(mention_id: int) -> NotFoundError:
    return NotFoundError(
        f"There is no mention {mention_id}.", command="`hypewatch mentions` lists them with their numbers."
    )


def load(conn: sa.Connection, ids: Sequence[int], *, closed: bool = False) -> list[Mention]:
    """Mentions in the order of `ids`, with their active flags, or with all of them."""
    found: dict[int, Mention] = {}
    for at in range(0, len(ids), CHUNK):
        chunk = ids[at : at + CHUNK]
        raised: dict[int, list[StoredFlag]] = defaultdict(list)
        chosen = sa.select(flags).where(flags.c.mention_id.in_(chunk))
        if not closed:
            chosen = chosen.where(flags.c.state == FlagState.ACTIVE)
        for row in conn.execute(chosen.order_by(flags.c.start, flags.c.id)).mappings():
            raised[row["mention_id"]].append(stored_flag(row))
        joined = sa.select(mentions, *(column.label(f"source_{column.name}") for column in _SOURCE)).join_from(
            mentions, sources, sources.c.id == mentions.c.source_id
        )
        for row in conn.execute(joined.where(mentions.c.id.in_(chunk))).mappings():
            found[row["id"]] = _mention(row, tuple(raised[row["id"]]))
    return [found[key] for key in ids if key in found]


def _mention(row: sa.RowMapping, raised: tuple[StoredFlag, ...]) -> Mention:
    network = Network(row["network"])
    return Mention(
        id=row["id"],
        study_id=row["study_id"],
        identity=row["identity"],
        kind=Kind(row["kind"]),
        network=network,
        source=Source(
            id=row["source_id"],
            key=row["source_key"],
            name=row["source_name"],
            network=network,
            weight=row["source_weight"],
            followers=row["source_followers"],
            contact=row["source_contact"],
            language=row["source_language"],
        ),
        url=row["url"],
        title=row["title"],
        text=row["text"],
        author=row["author"],
        lang=row["lang"],
        published=row["published"],
        date_confidence=DateConfidence(row["date_confidence"]),
        first_seen=row["first_seen"],
        text_from=TextFrom(row["text_from"]),
        revision=row["revision"],
        because=tuple(row["because"]),
        score=row["score"],
        caveats_present=tuple(row["caveats_present"]),
        caveats_missing=tuple(row["caveats_missing"]),
        score_parts=row["score_parts"],
        ruleset=row["ruleset"],
        story_id=row["story_id"],
        found_on_id=row["found_on_id"],
        reposts=row["reposts"],
        likes=row["likes"],
        flags=raised,
        partial=row["partial"],
        availability=Availability(row["availability"]),
        availability_since=row["availability_since"],
    )


def _revision(number: int, at: datetime, row: Any) -> Revision:
    return Revision(
        number=number,
        at=at,
        title=row.title,
        text=row.text,
        text_hash=text_hash(row.title, row.text),
        text_from=TextFrom(row.text_from),
    )
